//! Empty objects where the specification wants them.
//!
//! The executor makes an object null when nothing of its selection applies: fields that are skipped, fragments on other
//! types. The specification wants an empty object there. So a selection to which that can happen asks for the name of
//! the type too, under a key that is no name, so that no document can have it;
//! [`order_fields`](super::Prepared::order_fields) takes it out of the answer. What is added counts for no limit.

use std::collections::HashMap;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, FragmentDefinition, OperationDefinition,
    OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Pos, Positioned};

use super::schema::SchemaIndex;

/// The key of what was added to a selection.
pub(super) const KEY: &str = "{}";

/// What is known of the selections of a document.
pub(super) struct Selections<'a> {
    schema: &'a SchemaIndex,
    /// The fragments that select a field of every object of their type, each with that type.
    fragments: HashMap<Name, Name>,
}

impl<'a> Selections<'a> {
    /// Reads the fragments of a document, each after those that it spreads.
    pub(super) fn new(
        schema: &'a SchemaIndex,
        fragments: &[(&Name, &Positioned<FragmentDefinition>)],
    ) -> Self {
        let mut selections = Self {
            schema,
            fragments: HashMap::new(),
        };
        for (name, fragment) in fragments {
            let on = &fragment.node.type_condition.node.on.node;
            if selections.always_apply(&fragment.node.selection_set.node, Some(on)) {
                selections.fragments.insert((*name).clone(), on.clone());
            }
        }
        selections
    }

    /// Adds to each selection of the document of which it may be that nothing applies.
    pub(super) fn complete(&self, document: &mut ExecutableDocument) {
        for fragment in document.fragments.values_mut() {
            let fragment = &mut fragment.node;
            let on = &fragment.type_condition.node.on.node;
            self.complete_below(&mut fragment.selection_set.node, Some(on));
        }
        match &mut document.operations {
            DocumentOperations::Single(operation) => self.complete_operation(&mut operation.node),
            DocumentOperations::Multiple(operations) => {
                for operation in operations.values_mut() {
                    self.complete_operation(&mut operation.node);
                }
            }
        }
    }

    fn complete_operation(&self, operation: &mut OperationDefinition) {
        let root = self.schema.root(operation.ty);
        if operation.ty == OperationType::Subscription {
            // It selects what is subscribed to, of which the name of its type is no part.
            self.complete_below(&mut operation.selection_set.node, root);
        } else {
            self.complete_set(&mut operation.selection_set, root);
        }
    }

    /// Completes what is selected of an object, and of the objects in it.
    fn complete_set(&self, set: &mut Positioned<SelectionSet>, parent: Option<&Name>) {
        self.complete_below(&mut set.node, parent);
        // What has no fields has no name of its type either, and its selection is at fault as it was written.
        let has_fields = parent.is_some_and(|parent| self.schema.is_composite(parent));
        if has_fields && !set.node.items.is_empty() && !self.always_apply(&set.node, parent) {
            let added = type_name(set.pos);
            set.node.items.push(added);
        }
    }

    /// Recurses as deep as selections nest in the text, which the scan and the parser bound.
    fn complete_below(&self, set: &mut SelectionSet, parent: Option<&Name>) {
        for selection in &mut set.items {
            match &mut selection.node {
                Selection::Field(field) => {
                    let field = &mut field.node;
                    let info =
                        parent.and_then(|parent| self.schema.field(parent, &field.name.node));
                    self.complete_set(&mut field.selection_set, info.map(|info| &info.answers));
                }
                Selection::FragmentSpread(_) => {}
                Selection::InlineFragment(inline) => {
                    let inline = &mut inline.node;
                    let condition = inline
                        .type_condition
                        .as_ref()
                        .map(|condition| &condition.node.on.node);
                    self.complete_below(&mut inline.selection_set.node, condition.or(parent));
                }
            }
        }
    }

    /// Whether the selections have a field for every object of a type, whatever the variables are.
    fn always_apply(&self, set: &SelectionSet, parent: Option<&Name>) -> bool {
        set.items.iter().any(|selection| {
            selection.node.directives().is_empty()
                && match &selection.node {
                    Selection::Field(_) => true,
                    Selection::FragmentSpread(spread) => {
                        let on = self.fragments.get(&spread.node.fragment_name.node);
                        on.is_some() && on == parent
                    }
                    Selection::InlineFragment(inline) => {
                        let on = inline
                            .node
                            .type_condition
                            .as_ref()
                            .map(|condition| &condition.node.on.node);
                        (on.is_none() || on == parent)
                            && self.always_apply(&inline.node.selection_set.node, parent)
                    }
                }
        })
    }
}

/// The selection of the type's name, which every object has.
fn type_name(at: Pos) -> Positioned<Selection> {
    let field = Field {
        alias: Some(Positioned::new(Name::new(KEY), at)),
        name: Positioned::new(Name::new("__typename"), at),
        arguments: Vec::new(),
        directives: Vec::new(),
        selection_set: Positioned::new(SelectionSet::default(), at),
    };
    Positioned::new(Selection::Field(Positioned::new(field, at)), at)
}

#[cfg(test)]
mod tests;

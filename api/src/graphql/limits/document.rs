//! One pass over a parsed document, linear in its length: fragments are measured once each, in an order in which the
//! fragments that they use come first, and looked up wherever they are spread.

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, FragmentDefinition, OperationType, Selection,
    SelectionSet, VariableDefinition,
};
use async_graphql::{Name, Positioned, ServerError, Value, Variables};

use super::cost::{Cost, Environment, Page, Sum, whole_number};
use super::empty::Selections;
use super::error::coded;
use super::measure::Measure;
use super::schema::SchemaIndex;
use super::shape::Shape;
use super::{Limits, shape};
use crate::graphql::codes;

/// A document with everything about it that does not change from request to request.
pub(super) struct Analysis {
    /// As it is executed: completed, so that no object is null of whose selection nothing applies.
    pub(super) document: ExecutableDocument,
    /// By name; the only operation of a document may have none.
    operations: HashMap<Option<Name>, Operation>,
    fragments: Vec<Cost>,
    page_variables: Vec<Name>,
    /// Whether it was found to fit the schema.
    pub(super) is_valid: AtomicBool,
}

struct Operation {
    kind: OperationType,
    cost: Sum,
    introspection: u64,
}

/// An operation of an analysed document.
pub(super) struct Chosen<'a> {
    analysis: &'a Analysis,
    operation: &'a Operation,
    pub(super) definition: &'a Positioned<async_graphql::parser::types::OperationDefinition>,
}

impl Analysis {
    /// Measures a document, refuses one that passes a limit, and completes it.
    pub(super) fn build(
        mut document: ExecutableDocument,
        schema: &SchemaIndex,
        limits: &Limits,
    ) -> Result<Self, Vec<ServerError>> {
        let order = order_of_fragments(&document)?;
        let selections = Selections::new(schema, &order);
        let mut measure = Measure::new(schema, limits, order.len());
        let mut definitions = Shape::default();
        for (name, fragment) in order {
            definitions.add(&measure.fragment(name, fragment));
        }
        let mut operations = HashMap::new();
        let mut shapes = Vec::new();
        for (name, operation) in document.operations.iter() {
            let root = schema.root(operation.node.ty);
            let mut part = measure.selections(&operation.node.selection_set.node, root);
            let directives = operation.node.directives.len() as u64;
            part.shape.directives = part.shape.directives.saturating_add(directives);
            definitions.add(&part.shape);
            shapes.push((operation.pos, part.shape));
            let cost = part
                .cost
                .with_page(Page::Literal(u64::from(limits.default_page_size)));
            let operation = Operation {
                kind: operation.node.ty,
                cost,
                introspection: part.shape.introspection,
            };
            operations.insert(name.cloned(), operation);
        }
        shape::check(&shapes, &definitions, limits)?;
        let (fragments, page_variables) = measure.finish()?;
        selections.complete(&mut document);
        Ok(Self {
            document,
            operations,
            fragments,
            page_variables,
            is_valid: AtomicBool::new(false),
        })
    }

    /// The operation that a request means.
    pub(super) fn choose(&self, name: Option<&str>) -> Result<Chosen<'_>, ServerError> {
        let refuse = |message| Err(coded(codes::BAD_USER_INPUT, message, None));
        let found = match (&self.document.operations, name) {
            (DocumentOperations::Single(definition), None) => Some((None, definition)),
            (DocumentOperations::Single(_), Some(_)) => None,
            (DocumentOperations::Multiple(map), None) if map.len() == 1 => map
                .iter()
                .next()
                .map(|(name, definition)| (Some(name.clone()), definition)),
            (DocumentOperations::Multiple(_), None) => {
                return refuse(
                    "The document has several operations; say by `operationName` which one is meant.",
                );
            }
            (DocumentOperations::Multiple(map), Some(name)) => map
                .get_key_value(name)
                .map(|(name, definition)| (Some(name.clone()), definition)),
        };
        let found =
            found.and_then(|(name, definition)| Some((self.operations.get(&name)?, definition)));
        match found {
            Some((operation, definition)) => Ok(Chosen {
                analysis: self,
                operation,
                definition,
            }),
            None => refuse("The document has no operation of the name that `operationName` gives."),
        }
    }
}

impl Chosen<'_> {
    pub(super) fn kind(&self) -> OperationType {
        self.operation.kind
    }

    /// Points of introspection, which have a budget of their own.
    pub(super) fn introspection(&self) -> u64 {
        self.operation.introspection
    }

    /// Points under the variables of a request.
    pub(super) fn cost(&self, variables: &Variables) -> u64 {
        let definitions = &self.definition.node.variable_definitions;
        let value = |name: &Name| {
            whole_number(variables, name).or_else(|| {
                let is_given = variables.contains_key(name);
                let definition = definitions
                    .iter()
                    .find(|definition| definition.node.name.node == *name);
                definition
                    .filter(|_| !is_given)
                    .and_then(|definition| default_number(&definition.node))
            })
        };
        let variables = self.analysis.page_variables.iter().map(value).collect();
        let mut environment = Environment {
            variables,
            fragments: Vec::with_capacity(self.analysis.fragments.len()),
        };
        for fragment in &self.analysis.fragments {
            let value = (
                fragment.base.evaluate(&environment),
                fragment.per_item.evaluate(&environment),
            );
            environment.fragments.push(value);
        }
        self.operation.cost.evaluate(&environment)
    }
}

fn default_number(definition: &VariableDefinition) -> Option<i64> {
    match &definition.default_value.as_ref()?.node {
        Value::Number(number) => number.as_i64(),
        _ => None,
    }
}

/// Fragments, each after those that it spreads. A ring of fragments is refused, used or not: the library's walks would
/// not end, or end deep.
fn order_of_fragments(
    document: &ExecutableDocument,
) -> Result<Vec<(&Name, &Positioned<FragmentDefinition>)>, Vec<ServerError>> {
    let mut waiting: HashMap<&Name, usize> = HashMap::with_capacity(document.fragments.len());
    let mut used_by: HashMap<&Name, Vec<&Name>> = HashMap::new();
    for (name, fragment) in &document.fragments {
        let mut spreads = Vec::new();
        collect_spreads(&fragment.node.selection_set.node, &mut spreads);
        spreads.retain(|spread| document.fragments.contains_key(*spread));
        waiting.insert(name, spreads.len());
        for spread in spreads {
            used_by.entry(spread).or_default().push(name);
        }
    }
    let mut ready: Vec<&Name> = waiting
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(name, _)| *name)
        .collect();
    let mut order = Vec::with_capacity(waiting.len());
    while let Some(name) = ready.pop() {
        for user in used_by.remove(name).unwrap_or_default() {
            if let Some(count) = waiting.get_mut(user) {
                *count -= 1;
                if *count == 0 {
                    ready.push(user);
                }
            }
        }
        order.extend(document.fragments.get_key_value(name));
    }
    if order.len() == document.fragments.len() {
        return Ok(order);
    }
    let at = waiting
        .iter()
        .filter(|(_, count)| **count > 0)
        .filter_map(|(name, _)| document.fragments.get(*name))
        .map(|fragment| fragment.pos)
        .min();
    let message = "A fragment spreads itself, directly or through others.";
    Err(vec![coded(codes::GRAPHQL_VALIDATION_FAILED, message, at)])
}

fn collect_spreads<'a>(set: &'a SelectionSet, spreads: &mut Vec<&'a Name>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => collect_spreads(&field.node.selection_set.node, spreads),
            Selection::FragmentSpread(spread) => spreads.push(&spread.node.fragment_name.node),
            Selection::InlineFragment(inline) => {
                collect_spreads(&inline.node.selection_set.node, spreads);
            }
        }
    }
}

//! Fields in the order of the selection.
//!
//! The executor answers the fields of an object in the order in which they were ready; the specification wants the
//! order in which they were asked for, and nothing else.

use async_graphql::parser::types::{Selection, SelectionSet};
use async_graphql::{Name, Value};

use super::document::Analysis;
use super::{Prepared, empty};

/// The response names of an object in their order, each with what is selected below it.
type Fields<'a> = Vec<(&'a Name, Vec<&'a SelectionSet>)>;

impl Prepared {
    /// Puts the fields of every object of the data into the order of the document, and takes out what the limits added to
    /// the document.
    pub fn order_fields(&self, data: &mut Value) {
        if let Ok(chosen) = self.analysis.choose(self.operation_name.as_deref()) {
            order(
                &self.analysis,
                data,
                &[&chosen.definition.node.selection_set.node],
            );
        }
    }
}

fn order<'a>(analysis: &'a Analysis, value: &mut Value, sets: &[&'a SelectionSet]) {
    if has_fields(sets) && matches!(value, Value::Object(_) | Value::List(_)) {
        let mut fields = Vec::new();
        for set in sets {
            collect(analysis, set, &mut fields);
        }
        apply(analysis, value, &fields);
    }
}

/// Whether fields are selected of a value; an open scalar has what it has.
fn has_fields(sets: &[&SelectionSet]) -> bool {
    sets.iter().any(|set| !set.items.is_empty())
}

/// The fields of a selection, fragments included. Fragments form no ring, and their nesting is bounded.
fn collect<'a>(analysis: &'a Analysis, set: &'a SelectionSet, fields: &mut Fields<'a>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) if field.node.response_key().node == empty::KEY => {}
            Selection::Field(field) => {
                let key = &field.node.response_key().node;
                let below = &field.node.selection_set.node;
                match fields.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, sets)) => sets.push(below),
                    None => fields.push((key, vec![below])),
                }
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = analysis
                    .document
                    .fragments
                    .get(&spread.node.fragment_name.node)
                {
                    collect(analysis, &fragment.node.selection_set.node, fields);
                }
            }
            Selection::InlineFragment(inline) => {
                collect(analysis, &inline.node.selection_set.node, fields);
            }
        }
    }
}

/// Orders one value, or every value of a list, by the same fields.
fn apply<'a>(analysis: &'a Analysis, value: &mut Value, fields: &Fields<'a>) {
    match value {
        Value::List(items) => {
            // The fields below are collected once for the whole list.
            let mut below = Vec::new();
            for item in &mut *items {
                sort(item, fields);
            }
            for (key, sets) in fields {
                if has_fields(sets) {
                    below.push((*key, sets));
                }
            }
            for (key, sets) in below {
                let mut fields = Vec::new();
                for set in sets {
                    collect(analysis, set, &mut fields);
                }
                for item in &mut *items {
                    descend(analysis, item, key, &fields);
                }
            }
        }
        Value::Object(_) => {
            sort(value, fields);
            for (key, sets) in fields {
                if let Value::Object(object) = value
                    && let Some(inner) = object.get_mut(*key)
                {
                    order(analysis, inner, sets);
                }
            }
        }
        _ => {}
    }
}

fn descend<'a>(analysis: &'a Analysis, value: &mut Value, key: &Name, fields: &Fields<'a>) {
    match value {
        Value::List(items) => items
            .iter_mut()
            .for_each(|item| descend(analysis, item, key, fields)),
        Value::Object(object) => {
            if let Some(inner) = object.get_mut(key) {
                apply(analysis, inner, fields);
            }
        }
        _ => {}
    }
}

fn sort(value: &mut Value, fields: &Fields<'_>) {
    match value {
        Value::List(items) => items.iter_mut().for_each(|item| sort(item, fields)),
        Value::Object(object) => {
            let mut place = 0;
            for (key, _) in fields {
                if object
                    .get_index(place)
                    .is_some_and(|(known, _)| known == *key)
                {
                    place += 1;
                } else if let Some(found) = object.get_index_of(*key) {
                    if found != place {
                        object.move_index(found, place);
                    }
                    place += 1;
                }
            }
            if place < object.len() {
                object.shift_remove(empty::KEY);
            }
        }
        _ => {}
    }
}

//! Nulls where the specification wants them.
//!
//! The executor leaves a field that failed out of its object, and makes an object whose fields all failed null. The
//! specification wants null in the field's place, or, where the field's type allows none, in the place of the nearest
//! parent whose type does. Fields of one response name have one nullability whatever fragment they stand in.

use async_graphql::parser::types::{BaseType, Field, Selection, SelectionSet, Type};
use async_graphql::{Name, PathSegment, ServerError, Value};

use super::Prepared;
use super::document::Analysis;
use super::schema::SchemaIndex;

impl Prepared {
    /// Completes the data of an answer for the errors that it has; in time linear in the number of errors.
    pub fn complete_nulls(&self, data: &mut Value, errors: &[ServerError]) {
        let Ok(chosen) = self.analysis.choose(self.operation_name.as_deref()) else {
            return;
        };
        let schema = &self.guard.schema;
        let Some(root) = schema.root(self.operation) else {
            return;
        };
        let walk = Walk {
            analysis: &self.analysis,
            schema,
        };
        let set = &chosen.definition.node.selection_set.node;
        let places: Vec<(&[PathSegment], usize)> = errors
            .iter()
            .filter(|error| !error.path.is_empty())
            .filter_map(|error| Some((error.path.as_slice(), walk.place(&error.path, set, root)?)))
            .collect();
        // Fields first, then parents: what is inside of a parent that becomes null goes with it.
        let (fields, parents): (Vec<_>, Vec<_>) = places
            .into_iter()
            .partition(|(path, place)| path.len() == *place);
        for (path, place) in fields.into_iter().chain(parents) {
            set_null(data, &path[..place]);
        }
    }
}

struct Walk<'a> {
    analysis: &'a Analysis,
    schema: &'a SchemaIndex,
}

impl<'a> Walk<'a> {
    /// How many segments of a path lead to the place that becomes null; 0 stands for the data as a whole. None when the
    /// path does not follow the document.
    fn place(&self, path: &[PathSegment], set: &'a SelectionSet, root: &'a Name) -> Option<usize> {
        let mut sets = vec![(set, root)];
        let mut types: Vec<&Type> = Vec::with_capacity(path.len());
        for segment in path {
            let ty = match segment {
                PathSegment::Field(key) => {
                    let mut fields = Vec::new();
                    for (set, parent) in sets {
                        self.fields(key, set, parent, &mut fields);
                    }
                    let known: Vec<_> = fields
                        .into_iter()
                        .filter_map(|(field, parent)| {
                            Some((field, self.schema.field(parent, &field.name.node)?))
                        })
                        .collect();
                    sets = known
                        .iter()
                        .map(|(field, info)| (&field.selection_set.node, &info.answers))
                        .collect();
                    &known.first()?.1.ty
                }
                PathSegment::Index(_) => match &types.last()?.base {
                    BaseType::List(item) => &**item,
                    BaseType::Named(_) => return None,
                },
            };
            types.push(ty);
        }
        Some(
            types
                .iter()
                .rposition(|ty| ty.nullable)
                .map_or(0, |index| index + 1),
        )
    }

    /// The fields of a response name, fragments included. Fragments form no ring, and their nesting is bounded.
    fn fields(
        &self,
        key: &str,
        set: &'a SelectionSet,
        parent: &'a Name,
        found: &mut Vec<(&'a Field, &'a Name)>,
    ) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if field.node.response_key().node == key => {
                    found.push((&field.node, parent));
                }
                Selection::Field(_) => {}
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self
                        .analysis
                        .document
                        .fragments
                        .get(&spread.node.fragment_name.node)
                    {
                        let condition = &fragment.node.type_condition.node.on.node;
                        self.fields(key, &fragment.node.selection_set.node, condition, found);
                    }
                }
                Selection::InlineFragment(inline) => {
                    let condition = inline
                        .node
                        .type_condition
                        .as_ref()
                        .map(|condition| &condition.node.on.node);
                    self.fields(
                        key,
                        &inline.node.selection_set.node,
                        condition.unwrap_or(parent),
                        found,
                    );
                }
            }
        }
    }
}

/// Sets null at a place, and makes the objects on the way to it that the executor left out.
fn set_null(data: &mut Value, path: &[PathSegment]) {
    let mut value = data;
    for segment in path {
        let next = match segment {
            PathSegment::Field(key) => {
                if *value == Value::Null {
                    *value = async_graphql::value!({});
                }
                let Value::Object(object) = value else { return };
                object.entry(Name::new(key)).or_insert(Value::Null)
            }
            PathSegment::Index(index) => {
                let Value::List(items) = value else { return };
                let Some(item) = items.get_mut(*index) else {
                    return;
                };
                item
            }
        };
        value = next;
    }
    *value = Value::Null;
}

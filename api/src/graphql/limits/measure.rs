//! Shape and cost of selection sets.

use std::collections::HashMap;

use async_graphql::parser::types::{Field, FragmentDefinition, Selection, SelectionSet};
use async_graphql::{Name, Pos, Positioned, ServerError, Value};

use super::Limits;
use super::cost::{Cost, Environment, Page, Sum};
use super::error::coded;
use super::schema::{FieldInfo, Many, SchemaIndex};
use super::shape::Shape;
use crate::graphql::codes;

/// What a selection set comes to.
#[derive(Default)]
pub(super) struct Part {
    pub(super) shape: Shape,
    pub(super) cost: Cost,
}

struct Fragment {
    part: Part,
    condition: Name,
}

pub(super) struct Measure<'a> {
    schema: &'a SchemaIndex,
    limits: &'a Limits,
    indices: HashMap<Name, usize>,
    fragments: Vec<Fragment>,
    /// Costs of the fragments without variables: all that introspection needs.
    without_variables: Environment,
    page_variables: Vec<Name>,
    /// The first unknown fields and arguments, and how many there are.
    unknown: Vec<ServerError>,
    unknown_count: usize,
}

impl<'a> Measure<'a> {
    pub(super) fn new(schema: &'a SchemaIndex, limits: &'a Limits, fragments: usize) -> Self {
        Self {
            schema,
            limits,
            indices: HashMap::with_capacity(fragments),
            fragments: Vec::with_capacity(fragments),
            without_variables: Environment {
                variables: Vec::new(),
                fragments: Vec::with_capacity(fragments),
            },
            page_variables: Vec::new(),
            unknown: Vec::new(),
            unknown_count: 0,
        }
    }

    /// The costs of the fragments, and the variables that set pages.
    pub(super) fn finish(self) -> Result<(Vec<Cost>, Vec<Name>), Vec<ServerError>> {
        if self.unknown_count > self.limits.errors {
            // The library's own validation would look for similar names for each of them.
            return Err(self.unknown);
        }
        let costs = self
            .fragments
            .into_iter()
            .map(|fragment| fragment.part.cost)
            .collect();
        Ok((costs, self.page_variables))
    }

    /// Measures a fragment whose own fragments have been measured.
    pub(super) fn fragment(
        &mut self,
        name: &Name,
        fragment: &Positioned<FragmentDefinition>,
    ) -> Shape {
        let condition = fragment.node.type_condition.node.on.node.clone();
        let mut part = self.selections(&fragment.node.selection_set.node, Some(&condition));
        part.shape.directives = part
            .shape
            .directives
            .saturating_add(fragment.node.directives.len() as u64);
        let environment = &self.without_variables;
        let constant = (
            part.cost.base.evaluate(environment),
            part.cost.per_item.evaluate(environment),
        );
        let shape = part.shape;
        self.without_variables.fragments.push(constant);
        self.indices.insert(name.clone(), self.fragments.len());
        self.fragments.push(Fragment { part, condition });
        shape
    }

    /// Recurses as deep as selections nest in the text, which the scan and the parser bound.
    pub(super) fn selections(&mut self, set: &SelectionSet, parent: Option<&Name>) -> Part {
        let mut sum = Part::default();
        // Of fragments on different object types in an interface or union only one type's can apply to an object.
        let mut alternatives: HashMap<Name, Cost> = HashMap::new();
        let parent_is_object = parent.is_some_and(|name| self.schema.is_object(name));
        for selection in &set.items {
            let directives = selection.node.directives().len() as u64;
            let (part, condition) = match &selection.node {
                Selection::Field(field) => (self.field(field, parent), None),
                Selection::FragmentSpread(spread) => self.spread(&spread.node.fragment_name.node),
                Selection::InlineFragment(inline) => {
                    let condition = inline
                        .node
                        .type_condition
                        .as_ref()
                        .map(|condition| &condition.node.on.node);
                    let mut part =
                        self.selections(&inline.node.selection_set.node, condition.or(parent));
                    part.shape.enclose_in_fragment();
                    (part, condition.cloned())
                }
            };
            sum.shape.add(&part.shape);
            sum.shape.directives = sum.shape.directives.saturating_add(directives);
            match condition {
                Some(condition) if !parent_is_object && self.schema.is_object(&condition) => {
                    alternatives.entry(condition).or_default().add(part.cost);
                }
                _ => sum.cost.add(part.cost),
            }
        }
        if !alternatives.is_empty() {
            sum.cost
                .add(Cost::greatest(alternatives.into_values().collect()));
        }
        sum
    }

    fn spread(&mut self, name: &Name) -> (Part, Option<Name>) {
        let Some(&index) = self.indices.get(name) else {
            // Validation names the fragment that is missing.
            return (
                Part {
                    shape: Shape::leaf(),
                    cost: Cost::default(),
                },
                None,
            );
        };
        let Fragment { part, condition } = &self.fragments[index];
        let mut shape = part.shape;
        shape.enclose_in_fragment();
        (
            Part {
                shape,
                cost: part.cost.of_fragment(index),
            },
            Some(condition.clone()),
        )
    }

    fn field(&mut self, field: &Positioned<Field>, parent: Option<&Name>) -> Part {
        let node = &field.node;
        let name = &node.name.node;
        let is_typename = name == "__typename";
        let schema = self.schema;
        let info = parent.and_then(|parent| schema.field(parent, name));
        if let Some(parent) =
            parent.filter(|parent| !is_typename && self.schema.get(parent).is_some())
        {
            self.note_unknown(field, parent, info);
        }
        let inner = if node.selection_set.node.items.is_empty() {
            Part::default()
        } else {
            self.selections(&node.selection_set.node, info.map(|info| &info.answers))
        };
        let mut shape = inner.shape;
        shape.enclose_in_field(
            node.alias.is_some(),
            !node.selection_set.node.items.is_empty(),
        );
        let weight = if is_typename {
            0
        } else {
            info.map_or(1, |info| info.weight)
        };
        let mut cost = Cost::default();
        cost.base.add(Sum::constant(weight));
        if name == "__schema" || name == "__type" {
            let points = inner
                .cost
                .with_page(Page::Literal(1))
                .evaluate(&self.without_variables);
            shape.introspection = shape.introspection.saturating_add(points).saturating_add(1);
            shape.depth = 1;
            return Part { shape, cost };
        }
        let default_page = Page::Literal(u64::from(self.limits.default_page_size));
        match info.map_or(Many::One, |info| info.many) {
            Many::One => cost.base.add(inner.cost.with_page(default_page)),
            Many::Bounded(bound) => {
                cost.base.add(
                    inner
                        .cost
                        .with_page(default_page)
                        .times(Page::Literal(bound)),
                );
            }
            Many::OfConnection => cost.per_item.add(inner.cost.with_page(default_page)),
            Many::Page { maximum, default } => {
                let page = self.page(node, maximum, default);
                // A list is multiplied as a whole, a connection by what it has per item.
                if info.is_some_and(|info| self.schema.is_connection(&info.answers)) {
                    cost.base.add(inner.cost.with_page(page));
                } else {
                    cost.base
                        .add(inner.cost.with_page(default_page).times(page));
                }
            }
        }
        Part { shape, cost }
    }

    /// The page size that a field asks for: by `first`, else by `last`, else the default.
    fn page(&mut self, field: &Field, maximum: u64, default: u64) -> Page {
        let argument = field
            .get_argument("first")
            .or_else(|| field.get_argument("last"));
        match argument.map(|argument| argument.node.clone().into_const_with(Err)) {
            Some(Ok(Value::Number(number))) => {
                let size = number.as_i64().unwrap_or(i64::MAX);
                Page::Literal(u64::try_from(size).unwrap_or(0).min(maximum))
            }
            Some(Err(variable)) => {
                let known = self
                    .page_variables
                    .iter()
                    .position(|known| *known == variable);
                let index = known.unwrap_or_else(|| {
                    self.page_variables.push(variable);
                    self.page_variables.len() - 1
                });
                Page::Variable {
                    index,
                    maximum,
                    default,
                }
            }
            _ => Page::Literal(default.min(maximum)),
        }
    }

    fn note_unknown(&mut self, field: &Positioned<Field>, parent: &Name, info: Option<&FieldInfo>) {
        let mut note = |message: String, at: Pos| {
            self.unknown_count += 1;
            if self.unknown.len() <= self.limits.errors {
                self.unknown
                    .push(coded(codes::GRAPHQL_VALIDATION_FAILED, message, Some(at)));
            }
        };
        let name = &field.node.name.node;
        match info {
            None => note(
                format!("Unknown field \"{name}\" on type \"{parent}\"."),
                field.pos,
            ),
            Some(info) => {
                for (argument, _) in &field.node.arguments {
                    if !info.arguments.contains(&argument.node) {
                        let argument_name = &argument.node;
                        let message = format!(
                            "Unknown argument \"{argument_name}\" on field \"{name}\" of type \"{parent}\"."
                        );
                        note(message, argument.pos);
                    }
                }
            }
        }
    }
}

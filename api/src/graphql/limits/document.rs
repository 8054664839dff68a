//! One pass over a parsed document, linear in its length: fragments are measured once each, in an order in which the
//! fragments that they use come first, and looked up wherever they are spread.

use std::collections::HashMap;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, FragmentDefinition, OperationType, Selection, SelectionSet,
    VariableDefinition,
};
use async_graphql::{Name, Pos, Positioned, ServerError, Value, Variables};

use super::cost::{Cost, Environment, Page, Sum, whole_number};
use super::error::coded;
use super::schema::{FieldInfo, Many, SchemaIndex};
use super::shape::Shape;
use super::{Limits, shape};
use crate::graphql::codes;

/// A document with everything about it that does not change from request to request.
pub(super) struct Analysis {
    pub(super) document: ExecutableDocument,
    /// By name; the only operation of a document may have none.
    operations: HashMap<Option<Name>, Operation>,
    fragments: Vec<Cost>,
    page_variables: Vec<Name>,
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
    /// Measures a document and refuses one that passes a limit.
    pub(super) fn build(
        document: ExecutableDocument,
        schema: &SchemaIndex,
        limits: &Limits,
    ) -> Result<Self, Vec<ServerError>> {
        let order = order_of_fragments(&document)?;
        let mut analyzer = Analyzer {
            schema,
            limits,
            indices: HashMap::with_capacity(order.len()),
            fragments: Vec::with_capacity(order.len()),
            without_variables: Environment {
                variables: Vec::new(),
                default_page: 1,
                fragments: Vec::with_capacity(order.len()),
            },
            page_variables: Vec::new(),
            unknown: Vec::new(),
            unknown_count: 0,
        };
        let mut definitions = Shape::default();
        for (name, fragment) in order {
            definitions.add(&analyzer.fragment(name, fragment));
        }
        let mut operations = HashMap::new();
        let mut shapes = Vec::new();
        for (name, operation) in document.operations.iter() {
            let root = match operation.node.ty {
                OperationType::Query => Some(&schema.query),
                OperationType::Mutation => schema.mutation.as_ref(),
                OperationType::Subscription => schema.subscription.as_ref(),
            };
            let mut part = analyzer.selections(&operation.node.selection_set.node, root);
            let directives = operation.node.directives.len() as u64;
            part.shape.directives = part.shape.directives.saturating_add(directives);
            definitions.add(&part.shape);
            shapes.push((operation.pos, part.shape));
            let cost = part.cost.with_page(Page::Literal(u64::from(limits.default_page_size)));
            let operation =
                Operation { kind: operation.node.ty, cost, introspection: part.shape.introspection };
            operations.insert(name.cloned(), operation);
        }
        shape::check(&shapes, &definitions, limits)?;
        if analyzer.unknown_count > limits.errors {
            // The library's own validation would look for similar names for each of them.
            return Err(analyzer.unknown);
        }
        let Analyzer { fragments, page_variables, .. } = analyzer;
        let fragments = fragments.into_iter().map(|fragment| fragment.part.cost).collect();
        Ok(Self { document, operations, fragments, page_variables })
    }

    /// The operation that a request means.
    pub(super) fn choose(&self, name: Option<&str>) -> Result<Chosen<'_>, ServerError> {
        let refuse = |message| Err(coded(codes::BAD_USER_INPUT, message, None));
        let found = match (&self.document.operations, name) {
            (DocumentOperations::Single(definition), None) => Some((None, definition)),
            (DocumentOperations::Single(_), Some(_)) => None,
            (DocumentOperations::Multiple(map), None) if map.len() == 1 => {
                map.iter().next().map(|(name, definition)| (Some(name.clone()), definition))
            }
            (DocumentOperations::Multiple(_), None) => {
                return refuse("The document has several operations; say by `operationName` which one is meant.");
            }
            (DocumentOperations::Multiple(map), Some(name)) => {
                map.get_key_value(name).map(|(name, definition)| (Some(name.clone()), definition))
            }
        };
        let found = found.and_then(|(name, definition)| Some((self.operations.get(&name)?, definition)));
        match found {
            Some((operation, definition)) => Ok(Chosen { analysis: self, operation, definition }),
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
    pub(super) fn cost(&self, variables: &Variables, limits: &Limits) -> u64 {
        let definitions = &self.definition.node.variable_definitions;
        let value = |name: &Name| {
            whole_number(variables, name).or_else(|| {
                let is_given = variables.contains_key(name);
                let definition = definitions.iter().find(|definition| definition.node.name.node == *name);
                definition.filter(|_| !is_given).and_then(|definition| default_number(&definition.node))
            })
        };
        let variables = self.analysis.page_variables.iter().map(value).collect();
        let mut environment = Environment {
            variables,
            default_page: u64::from(limits.default_page_size),
            fragments: Vec::with_capacity(self.analysis.fragments.len()),
        };
        for fragment in &self.analysis.fragments {
            let value = (fragment.base.evaluate(&environment), fragment.per_item.evaluate(&environment));
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
    let mut ready: Vec<&Name> = waiting.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
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
            Selection::InlineFragment(inline) => collect_spreads(&inline.node.selection_set.node, spreads),
        }
    }
}

/// What a selection set comes to.
#[derive(Default)]
struct Part {
    shape: Shape,
    cost: Cost,
}

struct Fragment {
    part: Part,
    condition: Name,
}

struct Analyzer<'a> {
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

impl Analyzer<'_> {
    fn fragment(&mut self, name: &Name, fragment: &Positioned<FragmentDefinition>) -> Shape {
        let condition = fragment.node.type_condition.node.on.node.clone();
        let mut part = self.selections(&fragment.node.selection_set.node, Some(&condition));
        part.shape.directives = part.shape.directives.saturating_add(fragment.node.directives.len() as u64);
        let environment = &self.without_variables;
        let constant = (part.cost.base.evaluate(environment), part.cost.per_item.evaluate(environment));
        let shape = part.shape;
        self.without_variables.fragments.push(constant);
        self.indices.insert(name.clone(), self.fragments.len());
        self.fragments.push(Fragment { part, condition });
        shape
    }

    /// Recurses as deep as selections nest in the text, which the scan and the parser bound.
    fn selections(&mut self, set: &SelectionSet, parent: Option<&Name>) -> Part {
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
                    let condition = inline.node.type_condition.as_ref().map(|condition| &condition.node.on.node);
                    let mut part = self.selections(&inline.node.selection_set.node, condition.or(parent));
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
            sum.cost.add(Cost::greatest(alternatives.into_values().collect()));
        }
        sum
    }

    fn spread(&mut self, name: &Name) -> (Part, Option<Name>) {
        let Some(&index) = self.indices.get(name) else {
            // Validation names the fragment that is missing.
            return (Part { shape: Shape::leaf(), cost: Cost::default() }, None);
        };
        let Fragment { part, condition } = &self.fragments[index];
        let mut shape = part.shape;
        shape.enclose_in_fragment();
        (Part { shape, cost: part.cost.of_fragment(index) }, Some(condition.clone()))
    }

    fn field(&mut self, field: &Positioned<Field>, parent: Option<&Name>) -> Part {
        let node = &field.node;
        let name = &node.name.node;
        let is_typename = name == "__typename";
        let schema = self.schema;
        let info = parent.and_then(|parent| schema.field(parent, name));
        if let Some(parent) = parent.filter(|parent| !is_typename && self.schema.get(parent).is_some()) {
            self.note_unknown(field, parent, info);
        }
        let inner = if node.selection_set.node.items.is_empty() {
            Part::default()
        } else {
            self.selections(&node.selection_set.node, info.map(|info| &info.answers))
        };
        let mut shape = inner.shape;
        shape.enclose_in_field(node.alias.is_some(), !node.selection_set.node.items.is_empty());
        let weight = if is_typename { 0 } else { info.map_or(1, |info| info.weight) };
        let mut cost = Cost::default();
        cost.base.add(Sum::constant(weight));
        if name == "__schema" || name == "__type" {
            let points = inner.cost.with_page(Page::Literal(1)).evaluate(&self.without_variables);
            shape.introspection = shape.introspection.saturating_add(points).saturating_add(1);
            shape.depth = 1;
            return Part { shape, cost };
        }
        let default_page = Page::Literal(u64::from(self.limits.default_page_size));
        match info.map_or(Many::One, |info| info.many) {
            Many::One => cost.base.add(inner.cost.with_page(default_page)),
            Many::Bounded(bound) => {
                cost.base.add(inner.cost.with_page(default_page).times(Page::Literal(bound)));
            }
            Many::OfConnection => cost.per_item.add(inner.cost.with_page(default_page)),
            Many::Page { maximum } => {
                let page = self.page(node, maximum);
                // A list is multiplied as a whole, a connection by what it has per item.
                if info.is_some_and(|info| self.schema.is_connection(&info.answers)) {
                    cost.base.add(inner.cost.with_page(page));
                } else {
                    cost.base.add(inner.cost.with_page(default_page).times(page));
                }
            }
        }
        Part { shape, cost }
    }

    /// The page size that a field asks for: by `first`, else by `last`, else the default.
    fn page(&mut self, field: &Field, maximum: u64) -> Page {
        let argument = field.get_argument("first").or_else(|| field.get_argument("last"));
        match argument.map(|argument| argument.node.clone().into_const_with(Err)) {
            Some(Ok(Value::Number(number))) => {
                let size = number.as_i64().unwrap_or(i64::MAX);
                Page::Literal(u64::try_from(size).unwrap_or(0).min(maximum))
            }
            Some(Err(variable)) => {
                let known = self.page_variables.iter().position(|known| *known == variable);
                let index = known.unwrap_or_else(|| {
                    self.page_variables.push(variable);
                    self.page_variables.len() - 1
                });
                Page::Variable { index, maximum }
            }
            _ => Page::Literal(u64::from(self.limits.default_page_size).min(maximum)),
        }
    }

    fn note_unknown(&mut self, field: &Positioned<Field>, parent: &Name, info: Option<&FieldInfo>) {
        let mut note = |message: String, at: Pos| {
            self.unknown_count += 1;
            if self.unknown.len() <= self.limits.errors {
                self.unknown.push(coded(codes::GRAPHQL_VALIDATION_FAILED, message, Some(at)));
            }
        };
        let name = &field.node.name.node;
        match info {
            None => note(format!("Unknown field \"{name}\" on type \"{parent}\"."), field.pos),
            Some(info) => {
                for (argument, _) in &field.node.arguments {
                    if !info.arguments.contains(&argument.node) {
                        let argument_name = &argument.node;
                        let message =
                            format!("Unknown argument \"{argument_name}\" on field \"{name}\" of type \"{parent}\".");
                        note(message, argument.pos);
                    }
                }
            }
        }
    }
}

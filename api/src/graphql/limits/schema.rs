//! What the limits need to know of the schema: which field answers what, which lists are pages, which inputs exist.
//! Built once at start from the schema's own SDL.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    BaseType, ConstDirective, FieldDefinition, InputValueDefinition, OperationType,
    ServiceDocument, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::parser::{Error, parse_schema};
use async_graphql::{Name, Positioned};

use super::{Costs, Limits};

/// The types of introspection, which no SDL prints.
const INTROSPECTION: &str = r"
type __Schema { description: String types: [__Type!]! queryType: __Type! mutationType: __Type subscriptionType: __Type
  directives: [__Directive!]! }
type __Type { kind: __TypeKind! name: String description: String specifiedByURL: String isOneOf: Boolean
  fields(includeDeprecated: Boolean): [__Field!] interfaces: [__Type!] possibleTypes: [__Type!]
  enumValues(includeDeprecated: Boolean): [__EnumValue!] inputFields(includeDeprecated: Boolean): [__InputValue!]
  ofType: __Type }
type __Field { name: String! description: String args(includeDeprecated: Boolean): [__InputValue!]! type: __Type!
  isDeprecated: Boolean! deprecationReason: String }
type __InputValue { name: String! description: String type: __Type! defaultValue: String isDeprecated: Boolean!
  deprecationReason: String }
type __EnumValue { name: String! description: String isDeprecated: Boolean! deprecationReason: String }
enum __TypeKind { SCALAR OBJECT INTERFACE UNION ENUM INPUT_OBJECT LIST NON_NULL }
type __Directive { name: String! description: String locations: [__DirectiveLocation!]!
  args(includeDeprecated: Boolean): [__InputValue!]! isRepeatable: Boolean! }
enum __DirectiveLocation { QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION FRAGMENT_SPREAD INLINE_FRAGMENT
  VARIABLE_DEFINITION SCHEMA SCALAR OBJECT FIELD_DEFINITION ARGUMENT_DEFINITION INTERFACE UNION ENUM ENUM_VALUE
  INPUT_OBJECT INPUT_FIELD_DEFINITION }
type __Root { __schema: __Schema! __type(name: String!): __Type }
";

/// The name under which the two introspection fields of the query root are kept.
const INTROSPECTION_ROOT: &str = "__Root";

/// A field of an object or interface.
#[derive(Debug, Clone)]
pub(super) struct FieldInfo {
    /// The named type answered, lists and nullability taken off.
    pub(super) answers: Name,
    pub(super) ty: Type,
    /// Points of the field itself.
    pub(super) weight: u64,
    /// How many values of `answers` there may be.
    pub(super) many: Many,
    pub(super) arguments: HashSet<Name>,
}

/// How many values a field answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Many {
    One,
    /// A list without paging.
    Bounded(u64),
    /// A list, or a connection, as long as `first` or `last` ask, up to the maximum.
    Page {
        maximum: u64,
        /// Where neither is given.
        default: u64,
    },
    /// What a connection lists: as long as the connection's page.
    OfConnection,
}

/// An input field.
#[derive(Debug)]
pub(super) struct InputInfo {
    pub(super) ty: Type,
    pub(super) required: bool,
}

#[derive(Debug)]
pub(super) enum TypeInfo {
    Scalar,
    Enum(HashSet<Name>),
    Object(HashMap<Name, FieldInfo>),
    Interface(HashMap<Name, FieldInfo>),
    Union,
    Input {
        fields: HashMap<Name, InputInfo>,
        one_of: bool,
    },
}

/// The schema by type name.
#[derive(Debug)]
pub(super) struct SchemaIndex {
    types: HashMap<Name, TypeInfo>,
    connections: HashSet<Name>,
    query: Name,
    mutation: Option<Name>,
    subscription: Option<Name>,
}

impl SchemaIndex {
    /// Reads SDL. Fails when it is none, or has no query root.
    pub(super) fn build(sdl: &str, limits: &Limits) -> Result<Self, Error> {
        let document = parse_schema(sdl)?;
        let introspection = parse_schema(INTROSPECTION)?;
        let mut index = Self {
            types: HashMap::new(),
            connections: connections(&document),
            query: Name::new("Query"),
            mutation: None,
            subscription: None,
        };
        for definition in &document.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => {
                    if let Some(query) = &schema.node.query {
                        index.query = query.node.clone();
                    }
                    index.mutation = schema.node.mutation.as_ref().map(|name| name.node.clone());
                    index.subscription = schema
                        .node
                        .subscription
                        .as_ref()
                        .map(|name| name.node.clone());
                }
                // Roots under their usual names need no schema definition.
                TypeSystemDefinition::Type(definition)
                    if definition.node.name.node == "Mutation" =>
                {
                    index.mutation.get_or_insert_with(|| Name::new("Mutation"));
                }
                TypeSystemDefinition::Type(definition)
                    if definition.node.name.node == "Subscription" =>
                {
                    index
                        .subscription
                        .get_or_insert_with(|| Name::new("Subscription"));
                }
                _ => {}
            }
        }
        let types = document
            .definitions
            .iter()
            .filter(|item| matches!(item, TypeSystemDefinition::Type(_)))
            .count();
        let introspection_costs = Costs {
            list: 10,
            lists: [
                ("args".to_owned(), 3),
                (
                    "__Schema.types".to_owned(),
                    u32::try_from(types).unwrap_or(u32::MAX),
                ),
            ]
            .into(),
            fields: std::collections::BTreeMap::new(),
            ..limits.costs.clone()
        };
        index.add(&document, &limits.costs, limits);
        index.add(&introspection, &introspection_costs, limits);
        for scalar in ["Int", "Float", "String", "Boolean", "ID"] {
            index
                .types
                .entry(Name::new(scalar))
                .or_insert(TypeInfo::Scalar);
        }
        if !index.types.contains_key(&index.query) {
            return Err(Error::MissingQueryRoot {
                pos: async_graphql::Pos { line: 1, column: 1 },
            });
        }
        Ok(index)
    }

    fn add(&mut self, document: &ServiceDocument, costs: &Costs, limits: &Limits) {
        for definition in &document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let name = &definition.node.name.node;
            let fields = |fields: &[Positioned<FieldDefinition>]| {
                let entry = |field: &Positioned<FieldDefinition>| {
                    let root_weight = if Some(name) == self.mutation.as_ref() {
                        costs.mutation
                    } else {
                        1
                    };
                    let info = field_info(
                        name,
                        &field.node,
                        costs,
                        limits,
                        &self.connections,
                        root_weight,
                    );
                    (field.node.name.node.clone(), info)
                };
                fields.iter().map(entry).collect::<HashMap<_, _>>()
            };
            let info = match &definition.node.kind {
                TypeKind::Scalar => TypeInfo::Scalar,
                TypeKind::Enum(values) => TypeInfo::Enum(
                    values
                        .values
                        .iter()
                        .map(|value| value.node.value.node.clone())
                        .collect(),
                ),
                TypeKind::Object(object) => TypeInfo::Object(fields(&object.fields)),
                TypeKind::Interface(interface) => TypeInfo::Interface(fields(&interface.fields)),
                TypeKind::Union(_) => TypeInfo::Union,
                TypeKind::InputObject(input) => TypeInfo::Input {
                    fields: input
                        .fields
                        .iter()
                        .map(|field| input_info(&field.node))
                        .collect(),
                    one_of: has_directive(&definition.node.directives, "oneOf"),
                },
            };
            // Extensions of a type add to it.
            match (self.types.get_mut(name), info) {
                (
                    Some(TypeInfo::Object(known) | TypeInfo::Interface(known)),
                    TypeInfo::Object(more),
                ) => {
                    known.extend(more);
                }
                (_, info) => {
                    self.types.insert(name.clone(), info);
                }
            }
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&TypeInfo> {
        self.types.get(name)
    }

    /// The type at the root of an operation.
    pub(super) fn root(&self, operation: OperationType) -> Option<&Name> {
        match operation {
            OperationType::Query => Some(&self.query),
            OperationType::Mutation => self.mutation.as_ref(),
            OperationType::Subscription => self.subscription.as_ref(),
        }
    }

    /// The field of an object or interface type; at the query root, introspection too.
    pub(super) fn field(&self, parent: &str, name: &str) -> Option<&FieldInfo> {
        let own = |parent: &str| match self.types.get(parent) {
            Some(TypeInfo::Object(fields) | TypeInfo::Interface(fields)) => fields.get(name),
            _ => None,
        };
        own(parent).or_else(|| {
            if parent == self.query.as_str() {
                own(INTROSPECTION_ROOT)
            } else {
                None
            }
        })
    }

    /// Whether a paged field answers this type as one object.
    pub(super) fn is_connection(&self, name: &Name) -> bool {
        self.connections.contains(name)
    }

    /// Whether things of the type are asked for by what is selected of them.
    pub(super) fn is_composite(&self, name: &str) -> bool {
        matches!(
            self.types.get(name),
            Some(TypeInfo::Object(_) | TypeInfo::Interface(_) | TypeInfo::Union)
        )
    }

    pub(super) fn is_object(&self, name: &str) -> bool {
        matches!(self.types.get(name), Some(TypeInfo::Object(_)))
    }
}

fn input_info(field: &InputValueDefinition) -> (Name, InputInfo) {
    let required = !field.ty.node.nullable && field.default_value.is_none();
    (
        field.name.node.clone(),
        InputInfo {
            ty: field.ty.node.clone(),
            required,
        },
    )
}

fn has_directive(directives: &[Positioned<ConstDirective>], name: &str) -> bool {
    directives
        .iter()
        .any(|directive| directive.node.name.node == name)
}

fn is_paged(field: &FieldDefinition) -> bool {
    field
        .arguments
        .iter()
        .any(|argument| matches!(argument.node.name.node.as_str(), "first" | "last"))
}

/// The named type, and whether a list stands between it and the field.
fn unwrap(ty: &Type) -> (&Name, bool) {
    match &ty.base {
        BaseType::Named(name) => (name, false),
        BaseType::List(item) => (unwrap(item).0, true),
    }
}

/// The types that a paged field answers as one object: what they list is as long as the page.
fn connections(document: &ServiceDocument) -> HashSet<Name> {
    let mut connections = HashSet::new();
    for definition in &document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else {
            continue;
        };
        let (TypeKind::Object(async_graphql::parser::types::ObjectType { fields, .. })
        | TypeKind::Interface(async_graphql::parser::types::InterfaceType { fields, .. })) =
            &definition.node.kind
        else {
            continue;
        };
        for field in fields.iter().filter(|field| is_paged(&field.node)) {
            let (name, list) = unwrap(&field.node.ty.node);
            if !list {
                connections.insert(name.clone());
            }
        }
    }
    connections
}

fn field_info(
    parent: &Name,
    field: &FieldDefinition,
    costs: &Costs,
    limits: &Limits,
    connections: &HashSet<Name>,
    root_weight: u32,
) -> FieldInfo {
    let name = &field.name.node;
    let coordinate = format!("{parent}.{name}");
    let look_up = |table: &std::collections::BTreeMap<String, u32>| {
        table
            .get(&coordinate)
            .or_else(|| table.get(name.as_str()))
            .copied()
    };
    let (answers, list) = unwrap(&field.ty.node);
    let many = if is_paged(field) {
        Many::Page {
            maximum: u64::from(look_up(&costs.pages).unwrap_or(limits.page_size)),
            default: u64::from(look_up(&costs.default_pages).unwrap_or(limits.default_page_size)),
        }
    } else if !list {
        Many::One
    } else if connections.contains(parent) && matches!(name.as_str(), "edges" | "nodes" | "changes")
    {
        Many::OfConnection
    } else {
        Many::Bounded(u64::from(look_up(&costs.lists).unwrap_or(costs.list)))
    };
    FieldInfo {
        answers: answers.clone(),
        ty: field.ty.node.clone(),
        weight: u64::from(look_up(&costs.fields).unwrap_or(root_weight)),
        many,
        arguments: field
            .arguments
            .iter()
            .map(|argument| argument.node.name.node.clone())
            .collect(),
    }
}

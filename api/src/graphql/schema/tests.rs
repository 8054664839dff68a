use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Name, Positioned};

use super::sdl;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn types(sdl: &str) -> Vec<TypeDefinition> {
    let document = parse_schema(sdl).unwrap();
    let definitions = document.definitions.into_iter();
    definitions
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some(definition.node),
            _ => None,
        })
        .collect()
}

/// Every element of a schema by its coordinate, such as `Query.node(id:)`, with what is fixed of it.
#[derive(Default)]
struct Elements {
    fixed: BTreeMap<String, String>,
    /// Arguments and input fields that a client has to give.
    required: BTreeSet<String>,
    undescribed: Vec<String>,
}

impl Elements {
    fn of(sdl: &str) -> Self {
        let mut elements = Self::default();
        for definition in types(sdl) {
            elements.add_type(&definition);
        }
        elements
    }

    fn add(&mut self, coordinate: String, what: String, description: Option<&Positioned<String>>) {
        if description.is_none_or(|text| text.node.trim().is_empty()) {
            self.undescribed.push(coordinate.clone());
        }
        self.fixed.insert(coordinate, what);
    }

    fn add_type(&mut self, definition: &TypeDefinition) {
        let name = &definition.name.node;
        let kind = match &definition.kind {
            TypeKind::Scalar => "scalar",
            TypeKind::Object(_) => "type",
            TypeKind::Interface(_) => "interface",
            TypeKind::Union(_) => "union",
            TypeKind::Enum(_) => "enum",
            TypeKind::InputObject(_) => "input",
        };
        let description = definition.description.as_ref();
        self.add(name.to_string(), kind.to_owned(), description);
        match &definition.kind {
            TypeKind::Scalar => {}
            TypeKind::Object(object) => {
                self.add_names(name, "implements", &object.implements);
                self.add_fields(name, &object.fields);
            }
            TypeKind::Interface(interface) => self.add_fields(name, &interface.fields),
            TypeKind::Union(union) => self.add_names(name, "has", &union.members),
            TypeKind::Enum(values) => {
                for value in &values.values {
                    let coordinate = format!("{name}.{}", value.node.value);
                    let description = value.node.description.as_ref();
                    self.add(coordinate, "value".to_owned(), description);
                }
            }
            TypeKind::InputObject(input) => {
                for field in &input.fields {
                    self.add_input(format!("{name}.{}", field.node.name), &field.node);
                }
            }
        }
    }

    fn add_names(&mut self, name: &Name, how: &str, names: &[Positioned<Name>]) {
        for other in names {
            let coordinate = format!("{name} {how} {}", other.node);
            self.fixed.insert(coordinate, String::new());
        }
    }

    fn add_fields(&mut self, name: &Name, fields: &[Positioned<FieldDefinition>]) {
        for field in fields {
            let field = &field.node;
            let coordinate = format!("{name}.{}", field.name);
            for argument in &field.arguments {
                let argument = &argument.node;
                self.add_input(format!("{coordinate}({}:)", argument.name), argument);
            }
            self.add(coordinate, field.ty.to_string(), field.description.as_ref());
        }
    }

    fn add_input(&mut self, coordinate: String, input: &InputValueDefinition) {
        if !input.ty.node.nullable && input.default_value.is_none() {
            self.required.insert(coordinate.clone());
        }
        self.add(coordinate, input.ty.to_string(), input.description.as_ref());
    }
}

/// What the schema lacks of a contract, or has otherwise.
fn faults(contract: &Elements, schema: &Elements) -> Vec<String> {
    let mut faults = Vec::new();
    for (coordinate, wanted) in &contract.fixed {
        match schema.fixed.get(coordinate) {
            None => faults.push(format!("{coordinate} is missing")),
            Some(found) if found != wanted => {
                faults.push(format!("{coordinate} is {found} and must be {wanted}"));
            }
            Some(_) => {}
        }
    }
    for coordinate in schema.required.difference(&contract.required) {
        let owner = coordinate
            .split_once('(')
            .or_else(|| coordinate.rsplit_once('.'))
            .map(|(owner, _)| owner);
        if owner.is_some_and(|owner| contract.fixed.contains_key(owner)) {
            faults.push(format!("{coordinate} must be optional"));
        }
    }
    faults
}

#[test]
fn the_published_schema_is_the_schema() {
    let path = root().join("schema.graphql");
    let sdl = sdl();
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &sdl).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap();
    assert!(
        published == sdl,
        "schema.graphql is not what the code says; run: cargo run -- schema > schema.graphql"
    );
}

/// The parts of the contract, in `tests/contract`, that the schema holds whole.
const HELD: [&str; 5] = [
    "1-core.graphql",
    "2-community-life.graphql",
    "3-evidence.graphql",
    "4-search.graphql",
    "5-sync.graphql",
];

#[test]
fn the_schema_holds_every_contract() {
    let schema = Elements::of(&sdl());
    // Each part extends those before it.
    let contract: String = HELD
        .iter()
        .map(|part| std::fs::read_to_string(root().join("tests/contract").join(part)).unwrap())
        .collect();
    let faults = faults(&Elements::of(&contract), &schema);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_element_is_described() {
    let undescribed = Elements::of(&sdl()).undescribed;
    assert!(undescribed.is_empty(), "{}", undescribed.join("\n"));
}

#[test]
fn what_a_contract_fixes_is_told_apart() {
    let contract = Elements::of(
        "interface Node { id: ID! } enum E { A B } union U = T input I { a: Int }
         type T implements Node { id: ID! list(first: Int, in: I!): [T!]! }",
    );
    let same =
        "interface Node { id: ID! } enum E { A B C } union U = T | V input I { a: Int b: Int = 1 }
         type V { x: Int }
         type T implements Node { id: ID! more: Int list(first: Int, in: I!, last: Int): [T!]! }";
    assert_eq!(faults(&contract, &Elements::of(same)), [""; 0]);
    for (from, to, fault) in [
        ("[T!]!", "[T!]", "T.list is [T!] and must be [T!]!"),
        ("A B C", "A C", "E.B is missing"),
        ("T | V", "V", "U has T is missing"),
        ("implements Node ", "", "T implements Node is missing"),
        ("first: Int,", "", "T.list(first:) is missing"),
        ("last: Int", "last: Int!", "T.list(last:) must be optional"),
        ("b: Int = 1", "b: Int!", "I.b must be optional"),
        ("in: I!", "in: I", "T.list(in:) is I and must be I!"),
        (
            "input I { a: Int ",
            "input I { a: Int! ",
            "I.a is Int! and must be Int",
        ),
    ] {
        let found = faults(&contract, &Elements::of(&same.replace(from, to)));
        assert!(found.contains(&fault.to_owned()), "{from}: {found:?}");
    }
}

//! Each mutation that the schema has, with arguments that are made up from it.

use std::collections::BTreeMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, InputValueDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Name, Positioned};
use serde_json::json;
use support::{App, on_both_databases};

use super::replayed;

on_both_databases! {
    async fn every_mutation_takes_a_key(app: App) {
        let administrator = app.administrator().await;
        let schema = SchemaTypes::read();
        let mutations = schema.object("Mutation");
        assert!(mutations.len() > 100);
        for mutation in mutations {
            let name = &mutation.name;
            let arguments: Vec<String> = mutation.arguments.iter().map(|argument| schema.argument(&argument.node)).collect();
            let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
            let query = format!("mutation {{ {name}{arguments} {{ __typename userErrors {{ code field message }} }} }}");
            let keyed = administrator.keyed(&format!("key-of-{name}"));
            let first = keyed.send(&query, json!({})).await;
            let again = keyed.send(&query, json!({})).await;
            let payload = &first.body["data"][name.as_str()];
            if payload.is_object() {
                assert_eq!(again.body, first.body, "{query}");
                assert!(replayed(&again), "{query}");
            } else {
                // What is no answer is not kept: mail is not configured, say.
                assert!(!replayed(&again), "{query}: {}", again.body);
                assert_eq!(again.codes(), first.codes(), "{query}: {}", again.body);
                assert!(["SERVICE_UNAVAILABLE", "FORBIDDEN", "RATE_LIMITED"].contains(&first.codes()[0]), "{query}: {}", first.body);
            }
        }
    }
}

/// The types of the schema, to write a document of every mutation.
struct SchemaTypes(BTreeMap<String, TypeDefinition>);

impl SchemaTypes {
    fn read() -> Self {
        let document = parse_schema(api::graphql::sdl()).unwrap();
        let types = document.definitions.into_iter();
        Self(
            types
                .filter_map(|definition| match definition {
                    TypeSystemDefinition::Type(definition) => {
                        Some((definition.node.name.node.to_string(), definition.node))
                    }
                    _ => None,
                })
                .collect(),
        )
    }

    fn object(&self, name: &str) -> Vec<Field> {
        let TypeKind::Object(object) = &self.0[name].kind else {
            panic!("{name} is an object")
        };
        let fields = object.fields.iter().map(|field| Field {
            name: field.node.name.node.clone(),
            arguments: field.node.arguments.clone(),
        });
        fields.collect()
    }

    fn argument(&self, argument: &InputValueDefinition) -> String {
        let value = self.value(&argument.ty.node);
        format!("{}: {value}", argument.name.node)
    }

    /// A value of a type, and for many a wrong one: what is refused is answered again too.
    fn value(&self, of: &Type) -> String {
        let name = match &of.base {
            BaseType::List(inner) => {
                return format!("[{}]", self.value(inner));
            }
            BaseType::Named(name) => name.as_str(),
        };
        match name {
            "ID" => "\"resource_01h455vb4pex5vsknk084sn02q\"".to_owned(),
            "Int" => "1".to_owned(),
            "Float" => "0.5".to_owned(),
            "Boolean" => "true".to_owned(),
            _ => match self.0.get(name).map(|definition| &definition.kind) {
                Some(TypeKind::Enum(values)) => values.values[0].node.value.node.to_string(),
                Some(TypeKind::InputObject(input)) => {
                    let required = input.fields.iter().map(|field| &field.node);
                    let fields: Vec<String> = required
                        .filter(|field| !field.ty.node.nullable)
                        .map(|field| self.argument(field))
                        .collect();
                    format!("{{ {} }}", fields.join(", "))
                }
                _ => "\"some text\"".to_owned(),
            },
        }
    }
}

struct Field {
    name: Name,
    arguments: Vec<Positioned<InputValueDefinition>>,
}

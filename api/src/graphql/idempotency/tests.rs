use async_graphql::OutputType;
use async_graphql::registry::{MetaType, Registry};

use super::Idempotent;
use super::replay::{Again, again, payload_of};
use crate::graphql::ids::NodeType;
use crate::graphql::schema::{Mutation, Query};

fn registry() -> Registry {
    let mut registry = Registry::default();
    Query::create_type_info(&mut registry);
    Idempotent::<Mutation>::create_type_info(&mut registry);
    registry.mutation_type = Some(Mutation::type_name().into_owned());
    registry
}

#[test]
fn every_mutation_says_how_its_payload_is_answered_again() {
    let registry = registry();
    let MetaType::Object { fields, .. } = &registry.types["Mutation"] else {
        panic!("the root is an object")
    };
    assert!(fields.len() > 100);
    let mut unknown = Vec::new();
    for mutation in fields.values() {
        assert!(!mutation.ty.ends_with('!'), "{} is nullable", mutation.name);
        let payload = payload_of(&registry, &mutation.name).unwrap();
        let MetaType::Object { name, fields, .. } = payload else {
            panic!("the payload of {} is an object", mutation.name)
        };
        for field in fields.values() {
            match again(&registry, name, field) {
                None => unknown.push(format!("{name}.{}: {}", field.name, field.ty)),
                Some(Again::Named) => assert!(
                    mutation.args.contains_key("id"),
                    "{} answers the id that it is given",
                    mutation.name
                ),
                Some(Again::Conflicts) => assert!(mutation.args.contains_key("kind")),
                Some(Again::Secret | Again::Thing | Again::Detail) => {
                    assert!(
                        !field.ty.ends_with('!'),
                        "{name}.{} can be null",
                        field.name
                    );
                }
                Some(Again::UserErrors | Again::Position | Again::Synchronized) => {}
            }
        }
    }
    unknown.sort();
    unknown.dedup();
    assert!(
        unknown.is_empty(),
        "a retry does not know how to answer these; say so in replay.rs:\n{}",
        unknown.join("\n")
    );
}

#[test]
fn every_type_of_node_has_the_name_that_the_schema_gives_it() {
    let registry = registry();
    let node = &registry.types["Node"];
    for node_type in NodeType::ALL {
        assert!(
            node.is_possible_type(node_type.type_name()),
            "{node_type:?}"
        );
    }
    let possible = node.possible_types().unwrap();
    assert_eq!(possible.len(), NodeType::ALL.len());
}

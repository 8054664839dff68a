use async_graphql::parser::parse_query;
use async_graphql::parser::types::{Selection, SelectionSet};
use async_graphql::{Request, Value};
use proptest::prelude::*;
use serde_json::json;

use super::KEY;
use crate::graphql::limits::document::Analysis;
use crate::graphql::limits::schema::SchemaIndex;
use crate::graphql::limits::{Guard, Limits, STANDARD_INTROSPECTION};

const SDL: &str = "
type Query { resource: Resource resources: [Resource!]! node: Node hit: Hit }
type Mutation { create: CreatePayload }
type Subscription { changed: Node! }
interface Node { id: ID! }
union Hit = Resource | User
scalar JSON
type Resource implements Node { id: ID! title: String! content: JSON author: User }
type User implements Node { id: ID! name: String! }
type CreatePayload { resource: Resource position: String }
schema { query: Query mutation: Mutation subscription: Subscription }
";

/// The selections of a document to which something was added: each by the field or fragment that it belongs to, `root`
/// being that of an operation.
fn completed(query: &str) -> Vec<String> {
    let limits = Limits::default();
    let schema = SchemaIndex::build(SDL, &limits).unwrap();
    let document = parse_query(query).unwrap();
    let analysis = Analysis::build(document, &schema, &limits)
        .unwrap_or_else(|errors| panic!("{query}: {errors:?}"));
    let mut found = Vec::new();
    for (_, operation) in analysis.document.operations.iter() {
        collect(&operation.node.selection_set.node, "root", &mut found);
    }
    for (name, fragment) in &analysis.document.fragments {
        collect(&fragment.node.selection_set.node, name, &mut found);
    }
    found.sort();
    found
}

fn collect(set: &SelectionSet, owner: &str, found: &mut Vec<String>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                let key = &field.node.response_key().node;
                if *key == KEY {
                    found.push(owner.to_owned());
                }
                collect(&field.node.selection_set.node, key, found);
            }
            Selection::FragmentSpread(_) => {}
            Selection::InlineFragment(inline) => {
                collect(&inline.node.selection_set.node, owner, found);
            }
        }
    }
}

#[test]
fn a_selection_that_always_has_a_field_is_left_as_it_is() {
    for query in [
        "{ resource { id author { name @skip(if: true) id } } }",
        "{ resource { title @skip(if: true) id } }",
        "{ resource { ...f } } fragment f on Resource { id }",
        "{ resource { ...f } } fragment f on Resource { ...g } fragment g on Resource { id }",
        "{ resource { ... { id } } node { ... on Node { id } } }",
        "{ hit { ... on Hit { __typename } } node { ... on User { name } id } }",
        "{ ... on Query { resources { id } } }",
        "mutation { create { position } }",
        // Not valid: a scalar has no selection.
        "{ resource { title { __typename @skip(if: true) } id } }",
        STANDARD_INTROSPECTION,
    ] {
        assert_eq!(completed(query), [""; 0], "{query}");
    }
}

#[test]
fn a_selection_of_which_nothing_may_apply_is_completed() {
    for (query, expected) in [
        ("{ resource { id @skip(if: true) } }", "resource"),
        ("{ resource @include(if: false) { id } }", "root"),
        (
            "query($v: Boolean!) { a: resource { ... @include(if: $v) { id } } }",
            "a",
        ),
        ("{ node { ... on Resource { id } } }", "node"),
        (
            "{ hit { ... on Resource { id } ... on User { id } } }",
            "hit",
        ),
        (
            "{ node { ...f } resource { ...f } } fragment f on Resource { id }",
            "node",
        ),
        (
            "{ resource { ...f } } fragment f on Resource { id @skip(if: true) }",
            "resource",
        ),
        (
            "{ resources { ...f } } fragment f on Resource { ...g } fragment g on Node { ... on User { id } }",
            "resources",
        ),
        // The fragment itself has a field; what that field selects may have none.
        (
            "{ resource { ...f } } fragment f on Resource { author { ... on Node @skip(if: true) { id } } }",
            "author",
        ),
        (
            "{ node { ... on Resource { author { ...f @skip(if: true) } } } } fragment f on User { id }",
            "author node",
        ),
        (
            "query a { resource { id @skip(if: true) } } query b { node { ... on User { id } } }",
            "node resource",
        ),
        (
            "mutation { create { resource { id @skip(if: true) } } }",
            "resource",
        ),
        (
            "subscription { changed @skip(if: true) { ... on User { id } } }",
            "changed",
        ),
        (
            "{ __type(name: \"Resource\") { name @skip(if: true) } }",
            "__type",
        ),
    ] {
        assert_eq!(completed(query).join(" "), expected, "{query}");
    }
}

#[test]
fn no_document_can_have_the_key() {
    assert!(parse_query(format!("{{ {KEY}: node {{ id }} }}")).is_err());
}

#[test]
fn what_is_added_counts_for_no_limit() {
    let limits = Limits {
        aliases: 0,
        fields: 2,
        root_fields: 1,
        cost: 2,
        ..Limits::default()
    };
    let guard = Guard::new(SDL, limits).unwrap();
    let query = "{ resource @skip(if: true) { id @skip(if: true) } }";
    // The second time the document is known.
    for _ in 0..2 {
        let prepared = guard.prepare(&mut Request::new(query));
        let prepared = prepared.unwrap_or_else(|errors| panic!("{errors:?}"));
        assert_eq!(prepared.cost.0, 2);
    }
}

#[test]
fn what_was_added_is_taken_out_of_objects_and_of_nothing_else() {
    let guard = Guard::new(SDL, Limits::default()).unwrap();
    let query = "{ resources { content ...f } resource { content author { name @skip(if: true) } } node { id } } \
                 fragment f on Resource { author { id @skip(if: true) } }";
    let prepared = guard.prepare(&mut Request::new(query));
    let prepared = prepared.unwrap_or_else(|errors| panic!("{errors:?}"));
    let open = json!({ "{}": "theirs", "z": 1, "a": { "{}": null } });
    let mut data = Value::from_json(json!({
        "{}": "Query",
        "resource": { "author": { "{}": "User" }, "{}": "Resource", "content": open },
        "resources": [
            { "{}": "Resource", "author": { "{}": "User" }, "content": open },
            { "author": null, "content": [open] },
        ],
        "node": null,
    }))
    .unwrap();
    prepared.order_fields(&mut data);
    let expected = json!({
        "resources": [
            { "content": open, "author": {} },
            { "content": [open], "author": null },
        ],
        "resource": { "content": open, "author": {} },
        "node": null,
    });
    assert_eq!(data.into_json().unwrap(), expected);
}

/// Random selections of a node, as text.
fn selection() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        Just("id".to_owned()),
        Just("id @skip(if: true)".to_owned()),
        Just("...f".to_owned()),
        Just("...g @include(if: false)".to_owned()),
    ];
    leaf.prop_recursive(4, 16, 3, |inner| {
        let sets = prop::collection::vec(inner, 1..3).prop_map(|items| items.join(" "));
        let places = prop_oneof![
            Just("... on Node"),
            Just("... on Resource"),
            Just("... @skip(if: false)"),
            Just("..."),
            Just("... on Resource { author"),
        ];
        (places, sets).prop_map(|(place, set)| {
            let end = if place.ends_with("author") { "}" } else { "" };
            format!("{place} {{ {set} }} {end}")
        })
    })
    .boxed()
}

proptest! {
    /// Reading what was made of a document once more finds nothing to add.
    #[test]
    fn a_completed_document_is_complete(selected in selection()) {
        let limits = Limits { depth: 100, nesting: 100, ..Limits::default() };
        let schema = SchemaIndex::build(SDL, &limits).unwrap();
        let query = format!("{{ node {{ {selected} }} }} fragment f on Resource {{ id }} fragment g on Node {{ id }}");
        let analysis = Analysis::build(parse_query(&query).unwrap(), &schema, &limits).unwrap();
        let once = format!("{:?}", analysis.document.operations);
        let again = Analysis::build(analysis.document, &schema, &limits).unwrap();
        prop_assert_eq!(once, format!("{:?}", again.document.operations));
    }
}

//! The cost model and the cache, over a schema in the definition language.

use async_graphql::{Name, Request, Value, Variables};
use proptest::prelude::*;

use super::{Costs, Guard, Limits, STANDARD_INTROSPECTION};

const SDL: &str = r#"
"A root."
type Query {
  resource(id: ID!): Resource
  resources(first: Int, after: String, last: Int, before: String): ResourceConnection!
  search(query: String!, first: Int): SearchConnection
  suggest(prefix: String!, first: Int): [Resource!]
  node(id: ID!): Node
}
type Mutation { create(title: String!): Resource }
interface Node { id: ID! }
union Hit = Resource | User
type Resource implements Node {
  id: ID! title: String! tags: [String!]! authors: [User!]! domains: [Domain!]! community: Community!
}
type User implements Node { id: ID! name: String! }
type Domain { id: ID! name: String! }
type Community { id: ID! name: String! resources(first: Int): ResourceConnection! }
type ResourceConnection { edges: [ResourceEdge!]! nodes: [Resource!]! pageInfo: PageInfo! totalCount: Int! }
type ResourceEdge { cursor: String! node: Resource! }
type SearchConnection { edges: [SearchEdge!]! facets(size: Int): [Facet!]! }
type SearchEdge { node: Hit! }
type Facet { value: String! }
type PageInfo { hasNextPage: Boolean! }
schema { query: Query mutation: Mutation }
"#;

fn guard() -> Guard {
    Guard::new(
        SDL,
        Limits {
            costs: Costs {
                fields: [].into(),
                ..Costs::default()
            },
            ..Limits::default()
        },
    )
    .unwrap()
}

fn with_variables(query: &str, variables: &[(&str, Value)]) -> Request {
    let mut given = Variables::default();
    for (name, value) in variables {
        given.insert(Name::new(name), value.clone());
    }
    Request::new(query).variables(given)
}

#[track_caller]
fn cost(query: &str, variables: &[(&str, Value)]) -> u64 {
    guard()
        .prepare(&mut with_variables(query, variables))
        .unwrap_or_else(|errors| panic!("{errors:?}"))
        .cost
        .0
}

#[test]
fn a_field_is_a_point_and_typename_is_free() {
    assert_eq!(
        cost(
            "{ resource(id: 1) { id title __typename } __typename }",
            &[]
        ),
        3
    );
    assert_eq!(
        cost("{ resource(id: 1) { tags community { id } } }", &[]),
        4
    );
}

#[test]
fn a_page_multiplies_edges_and_nodes_and_nothing_else() {
    assert_eq!(
        cost(
            "{ resources(first: 10) { totalCount pageInfo { hasNextPage } } }",
            &[]
        ),
        4
    );
    assert_eq!(
        cost(
            "{ resources(first: 10) { edges { cursor node { id } } totalCount } }",
            &[]
        ),
        3 + 10 * 3
    );
    assert_eq!(cost("{ resources(last: 7) { nodes { id } } }", &[]), 2 + 7);
    assert_eq!(cost("{ resources { nodes { id } } }", &[]), 2 + 20);
    assert_eq!(cost("{ resources(first: 0) { nodes { id } } }", &[]), 2);
    assert_eq!(
        cost(
            "{ search(query: \"\", first: 5) { edges { node { ... on User { id } } } facets { value } } }",
            &[]
        ),
        23
    );
    assert_eq!(
        cost("{ suggest(prefix: \"a\", first: 5) { id title } }", &[]),
        1 + 5 * 2
    );
}

#[test]
fn a_page_beyond_the_largest_counts_as_the_largest() {
    assert_eq!(
        cost("{ resources(first: 100000) { nodes { id } } }", &[]),
        2 + 100
    );
    assert_eq!(cost("{ resources(first: -1) { nodes { id } } }", &[]), 2);
}

#[test]
fn a_list_without_paging_counts_its_bound() {
    assert_eq!(
        cost(
            "{ resource(id: 1) { authors { name } domains { name } } }",
            &[]
        ),
        3 + 50 + 10
    );
}

#[test]
fn variables_set_pages_and_their_defaults_do() {
    let query = "query ($n: Int = 30) { resources(first: $n) { ...page } } \
                 fragment page on ResourceConnection { nodes { id } }";
    assert_eq!(cost(query, &[("n", Value::from(3))]), 2 + 3);
    assert_eq!(cost(query, &[]), 2 + 30);
    assert_eq!(cost(query, &[("n", Value::Null)]), 2 + 20);
    assert_eq!(cost(query, &[("n", Value::from(1_000_000))]), 2 + 100);
}

#[test]
fn fragments_take_the_page_of_the_place_where_they_are_spread() {
    let query = "query ($n: Int) { a: resources(first: 2) { ...page } b: resources(first: 3) { ...page } } \
                 fragment page on ResourceConnection { nodes { community { resources(first: $n) { nodes { id } } } } }";
    let each = |n: u64| 1 + 1 + 1 + n;
    assert_eq!(cost(query, &[("n", Value::from(4))]), 4 + 5 * each(4));
}

#[test]
fn of_exclusive_types_the_dearest_counts() {
    let query = "{ node(id: 1) { id ... on Resource { title tags community { id } } ... on User { name } ...more } } \
                 fragment more on User { id }";
    assert_eq!(cost(query, &[]), 1 + 1 + 4);
}

#[test]
fn mutations_cost_more() {
    assert_eq!(cost("mutation { create(title: \"x\") { id } }", &[]), 11);
}

#[test]
fn a_full_page_with_edges_passes() {
    let query = "query ($n: Int!) { resources(first: $n) { totalCount pageInfo { hasNextPage } edges { cursor node { \
                 __typename id title tags authors { id name } domains { id name } community { id name } } } } }";
    assert!(cost(query, &[("n", Value::from(100))]) > 10_000);
}

#[test]
fn the_standard_introspection_query_passes_and_costs_no_points() {
    let mut request = Request::new(STANDARD_INTROSPECTION);
    assert!(guard().prepare(&mut request).unwrap().cost.0 <= 1);
    assert!(request.parsed_query().is_ok());
}

#[test]
fn documents_are_kept_within_the_bound() {
    let guard = guard();
    let query = "{ resource(id: 1) { id } }";
    guard.prepare(&mut Request::new(query)).unwrap();
    assert!(guard.0.documents.contains_key(query));
    let refused = "{ a: __typename ".to_owned() + &"...f ".repeat(9) + "}";
    let _ = guard.prepare(&mut Request::new(format!(
        "{{ {} }}",
        "resource(id: 1) { id } ".repeat(30)
    )));
    let _ = guard.prepare(&mut Request::new(refused));
    guard.0.documents.run_pending_tasks();
    assert!(guard.0.documents.weighted_size() <= guard.limits().document_cache_bytes);
    let none = Guard::new(
        SDL,
        Limits {
            document_cache_bytes: 0,
            ..Limits::default()
        },
    )
    .unwrap();
    none.prepare(&mut Request::new(query)).unwrap();
    none.0.documents.run_pending_tasks();
    assert_eq!(none.0.documents.entry_count(), 0);
}

#[test]
fn a_schema_that_is_none_is_refused_at_start() {
    assert!(Guard::new("nonsense", Limits::default()).is_err());
    assert!(Guard::new("type User { id: ID! }", Limits::default()).is_err());
}

/// Random selections over the schema, as text.
fn selection(depth: u32) -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        Just("id".to_owned()),
        Just("__typename".to_owned()),
        Just("x: title".to_owned())
    ];
    leaf.prop_recursive(depth, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|items| format!(
                "community {{ resources(first: 3) {{ nodes {{ {} }} }} }}",
                items.join(" ")
            )),
            prop::collection::vec(inner, 1..4)
                .prop_map(|items| format!("... on Resource {{ {} }}", items.join(" "))),
        ]
    })
    .boxed()
}

proptest! {
    /// A fragment costs what its content costs in its place.
    #[test]
    fn a_fragment_counts_like_its_content(content in selection(4)) {
        let limits = Limits { depth: 100, nesting: 100, cost: u64::MAX, ..Limits::default() };
        let guard = Guard::new(SDL, limits).unwrap();
        let plain = format!("{{ resources(first: 3) {{ nodes {{ {content} }} }} }}");
        let named = format!(
            "{{ resources(first: 3) {{ ...c }} }} fragment c on ResourceConnection {{ nodes {{ ...n }} }} \
             fragment n on Resource {{ {content} }}"
        );
        let cost = |text: String| guard.prepare(&mut Request::new(text)).map(|prepared| prepared.cost);
        prop_assert_eq!(cost(plain).unwrap(), cost(named).unwrap());
    }

    /// No text, however broken, panics.
    #[test]
    fn any_text_is_answered(text in "[{}()\\[\\]a-z:$!@.\" \n#]{0,80}") {
        let _ = guard().prepare(&mut Request::new(text));
    }
}

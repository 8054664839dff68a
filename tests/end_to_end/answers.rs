//! What an object is answered as of whose selection nothing applies: empty. Null is what is not there, or what failed.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const CREATE: &str = "mutation($community: ID!, $title: String!) {
    createResource(input: { communityId: $community, title: $title, kind: ARTICLE, publish: true }) { % }
}";

/// The data of the same request twice: the second time its document is known.
async fn twice(client: &Client, query: &str) -> Value {
    let data = client.query(query, json!({})).await;
    assert_eq!(client.query(query, json!({})).await, data, "{query}");
    data
}

on_both_databases! {
    async fn an_object_of_whose_selection_nothing_applies_is_empty(app: App) {
        let author = app.person("Ada").await;
        let community = author.create_community("Circle", json!({})).await;
        let made = author.create_resource_payload(&community, "Fractions", json!({})).await;
        let resource = made["resource"]["id"].as_str().unwrap();
        let nothing = resource.replace("resource_", "domain_");
        assert_ne!(resource, nothing);
        let author = author.at(&made["position"]);
        for (query, data) in [
            ("{ node(id: RESOURCE) { ... on Community { name } } }", json!({ "node": {} })),
            ("{ node(id: RESOURCE) { ...f } } fragment f on Community { name }", json!({ "node": {} })),
            (
                "{ node(id: RESOURCE) { ... on Community { name } __typename } }",
                json!({ "node": { "__typename": "Resource" } }),
            ),
            (
                "{ nodes(ids: [COMMUNITY, NOTHING, RESOURCE]) { ... on Resource { title } } }",
                json!({ "nodes": [{}, null, { "title": "Fractions" }] }),
            ),
            ("{ community(id: COMMUNITY) { name @skip(if: true) } }", json!({ "community": {} })),
            (
                "{ community(slug: \"nowhere\") { name @skip(if: true) } node(id: NOTHING) { ... on Resource { title } } }",
                json!({ "community": null, "node": null }),
            ),
            (
                "{ resource(id: RESOURCE) { title @include(if: false) community { ... on Community @skip(if: true) { name } }
                    authors { displayName @skip(if: true) } domains { name @skip(if: true) } } }",
                json!({ "resource": { "community": {}, "authors": [{}], "domains": [] } }),
            ),
            ("{ resource(id: RESOURCE) { title @skip(if: true) } }", json!({ "resource": {} })),
            (
                "{ resources { nodes { title @skip(if: true) } pageInfo { hasNextPage @skip(if: true) }
                    edges { cursor @skip(if: true) node { ... on Resource @include(if: false) { title } } } } }",
                json!({ "resources": { "nodes": [{}], "pageInfo": {}, "edges": [{ "node": {} }] } }),
            ),
            ("{ resources { edges { cursor @skip(if: true) } } }", json!({ "resources": { "edges": [{}] } })),
            ("{ resources { nodes @skip(if: true) { title } } }", json!({ "resources": {} })),
            (
                "{ search(query: \"fractions\") { nodes { ... on Community { name } } edges { node { ... on Item { title } ... on Domain { name } } } } }",
                json!({ "search": { "nodes": [{}], "edges": [{ "node": { "title": "Fractions" } }] } }),
            ),
            (
                "{ community(id: COMMUNITY) { name @skip(if: true) } community(id: COMMUNITY) { slug }
                    resources { nodes { title @skip(if: true) } } resources { nodes { kind } } }",
                json!({ "community": { "slug": "circle" }, "resources": { "nodes": [{ "kind": "ARTICLE" }] } }),
            ),
            (
                "{ __type(name: \"Resource\") { name @skip(if: true) } __schema { queryType { ... on __Type @skip(if: true) { name } } } }",
                json!({ "__type": {}, "__schema": { "queryType": {} } }),
            ),
            ("{ ... on Query @skip(if: true) { serverInfo { version } } }", json!({})),
        ] {
            let query = query
                .replace("RESOURCE", &json!(resource).to_string())
                .replace("COMMUNITY", &community.to_string())
                .replace("NOTHING", &json!(nothing).to_string());
            assert_eq!(twice(&author, &query).await, data, "{query}");
        }
        // The same document, of which something applies or nothing by its variables.
        let query = "query($id: ID!, $named: Boolean!) { community(id: $id) { name @include(if: $named) } }";
        for (named, expected) in [(true, json!({ "name": "Circle" })), (false, json!({})), (true, json!({ "name": "Circle" }))] {
            let data = author.query(query, json!({ "id": community, "named": named })).await;
            assert_eq!(data["community"], expected);
        }
    }

    async fn what_a_mutation_made_is_empty_where_nothing_of_it_is_selected(app: App) {
        let author = app.person("Ada").await;
        let community = author.create_community("Circle", json!({})).await;
        let parts = CREATE.replace('%', "resource { title @skip(if: true) } position @skip(if: true) userErrors { code @skip(if: true) }");
        for (title, expected) in [
            ("Fractions", json!({ "resource": {}, "userErrors": [] })),
            ("", json!({ "resource": null, "userErrors": [{}] })),
        ] {
            let data = author.query(&parts, json!({ "community": community, "title": title })).await;
            assert_eq!(data, json!({ "createResource": expected }));
        }
        // Sent again it is answered as before, and run once.
        let keyed = author.keyed("5d8a0c3e-7f53-4c0b-9a57-0e6a0f2b9c11");
        let none = CREATE.replace('%', "... on ResourcePayload @skip(if: true) { position }");
        for replayed in [false, true] {
            let answer = keyed.send(&none, json!({ "community": community, "title": "Decimals" })).await;
            assert_eq!(answer.body, json!({ "data": { "createResource": {} } }));
            assert_eq!(answer.headers.contains_key("idempotent-replayed"), replayed);
        }
        let found = author.query("{ resources { totalCount } }", json!({})).await;
        assert_eq!(found["resources"]["totalCount"], 2);
    }

    async fn an_object_that_an_error_makes_null_stays_null(app: App) {
        let author = app.person("Ada").await;
        let community = author.create_community("Circle", json!({})).await;
        for selected in [
            "name @skip(if: true) members(after: \"nonsense\") @include(if: true) { totalCount }",
            "... on Node { id @skip(if: true) } ... on Community @include(if: true) { members(after: \"nonsense\") { totalCount } }",
        ] {
            let query = format!("{{ community(id: {community}) {{ {selected} }} serverInfo {{ version @skip(if: true) }} }}");
            let answer = author.send(&query, json!({})).await;
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{}", answer.body);
            assert_eq!(answer.body["data"], json!({ "community": null, "serverInfo": {} }), "{query}");
        }
    }
}

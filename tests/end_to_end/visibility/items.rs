//! Items, and the words in them.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use support::{App, on_both_databases};

use super::{World, texts};

on_both_databases! {
    async fn an_item_is_concealed_alike_on_every_way_to_it(app: App) {
        let world = World::new(&app).await;
        let ids: Vec<&Value> = world.items.iter().map(|(_, _, id)| id).collect();
        for (viewer, client) in world.viewers() {
            let expected = world.expected_items(viewer);
            let query = "query($ids: [ID!]!) {
                nodes(ids: $ids) { id ... on Item { title } }
                resources(first: 100) { totalCount nodes { title } }
                search(query: \"quokka\", filter: { kinds: [RESOURCE] }, first: 100) {
                    totalCount
                    nodes { ... on Item { title } }
                    facets(fields: [TAG, COMMUNITY, KIND], size: 100) { field buckets { value label count } }
                }
                suggest(prefix: \"quokka\", filter: { kinds: [RESOURCE] }, first: 100) { text kind }
            }";
            let found = client.query(query, json!({ "ids": ids })).await;
            assert_eq!(found["nodes"].as_array().unwrap().len(), ids.len());
            assert_eq!(texts(&found["nodes"], "title"), expected, "{viewer:?} nodes");
            assert_eq!(texts(&found["resources"]["nodes"], "title"), expected, "{viewer:?} resources");
            assert_eq!(found["resources"]["totalCount"], expected.len(), "{viewer:?} resources");
            assert_eq!(texts(&found["search"]["nodes"], "title"), expected, "{viewer:?} search");
            assert_eq!(found["search"]["totalCount"], expected.len(), "{viewer:?} search");
            assert_eq!(texts(&found["suggest"], "text"), expected, "{viewer:?} suggest");

            let facets = &found["search"]["facets"];
            let sum = |facet: &Value| facet["buckets"].as_array().unwrap().iter().map(|bucket| bucket["count"].as_u64().unwrap()).sum::<u64>();
            let tags: BTreeSet<String> = texts(&facets[0]["buckets"], "label").iter().map(|tag| tag.to_uppercase()).collect();
            assert_eq!(tags, expected, "{viewer:?} tags");
            assert_eq!(facets[0]["buckets"].as_array().unwrap().len(), expected.len(), "{viewer:?} tags");
            assert_eq!(sum(&facets[1]), expected.len() as u64, "{viewer:?} communities of items");
            // What the filter asks of the kind does not narrow the counts of kinds: communities are counted, too.
            let kinds = facets[2]["buckets"].as_array().unwrap();
            let resources = kinds.iter().find(|bucket| bucket["value"] == "RESOURCE").map_or(0, |bucket| bucket["count"].as_u64().unwrap());
            assert_eq!(resources, expected.len() as u64, "{viewer:?} kinds");

            for (community, item, id) in &world.items {
                let query = "query($id: ID!) { resource(id: $id) { title revisions { totalCount } } node(id: $id) { id } practice: node(id: $id) { ... on Practice { id } } }";
                let found = client.query(query, json!({ "id": id })).await;
                let sees = viewer.sees_item(community, item);
                assert_eq!(!found["resource"].is_null(), sees, "{viewer:?} {community} {item}");
                assert_eq!(!found["node"].is_null(), sees, "{viewer:?} {community} {item}");
                if sees {
                    assert_eq!(found["resource"]["revisions"]["totalCount"], 1, "{viewer:?} {community} {item}");
                }
            }
        }
    }

    async fn a_private_word_leaks_by_no_spelling_and_no_completion(app: App) {
        let owner = app.person("Ada").await;
        let stranger = app.person("Ben").await;
        let community = owner.create_community("Quiet", json!({ "visibility": "PRIVATE" })).await;
        let made = owner.create_resource_payload(&community, "Zyzzyvology for beginners", json!({ "tags": ["zyzzyvology"] })).await;
        let query = "query($query: String!) {
            search(query: $query) { totalCount didYouMean correctedQuery facets(fields: [TAG, LANGUAGE]) { buckets { value } } edges { snippets { html } } }
            suggest(prefix: \"zyz\") { text }
        }";
        let (owner, stranger) = (owner.at(&made["position"]), stranger.at(&made["position"]));
        for typed in ["zyzzyvology", "zyzzyvolgy", "zyz*", "tag:zyzzyvology", "title:zyzzyvology"] {
            let hers = owner.query(query, json!({ "query": typed })).await;
            assert_eq!(hers["search"]["totalCount"], 1, "{typed}: {hers:#}");
            let his = stranger.query(query, json!({ "query": typed })).await;
            let nothing = json!({ "totalCount": 0, "didYouMean": null, "correctedQuery": null, "facets": [{ "buckets": [] }, { "buckets": [] }], "edges": [] });
            assert_eq!(his, json!({ "search": nothing, "suggest": [] }), "{typed}");
        }
    }

    async fn items_of_every_type_are_concealed(app: App) {
        let owner = app.person("Ada").await;
        let stranger = app.person("Ben").await;
        let admin = app.administrator().await;
        let community = owner.create_community("Quiet", json!({ "visibility": "PRIVATE", "kind": "INNOVATION" })).await;
        let reviewer = app.person("Cleo").await;
        owner.admit(&community, &reviewer, "REVIEWER").await;
        let practice = owner.mutate(
            "mutation($id: ID!) { createPractice(input: { communityId: $id, title: \"Quokka\", kind: METHOD }) {
                practice { id revisions { nodes { id } } } userErrors { code field message } } }",
            json!({ "id": community }),
        ).await["practice"].clone();
        owner.publish_through(&practice["id"], &[&reviewer]).await;
        let innovation = owner.mutate(
            "mutation($id: ID!) { createInnovation(input: { communityId: $id, title: \"Quokka\", idea: \"Quokka\" }) {
                innovation { id } position userErrors { code field message } } }",
            json!({ "id": community }),
        ).await;
        let revision = &practice["revisions"]["nodes"][0]["id"];
        let membership = owner
            .query("query($id: ID!) { community(id: $id) { viewerMembership { id } } }", json!({ "id": community }))
            .await["community"]["viewerMembership"]["id"]
            .clone();
        let query = "query($practice: ID!, $innovation: ID!, $ids: [ID!]!) {
            practice(id: $practice) { title }
            innovation(id: $innovation) { title }
            practices { totalCount }
            innovations { totalCount }
            search(query: \"quokka\") { totalCount }
            nodes(ids: $ids) { id }
        }";
        let variables = json!({
            "practice": practice["id"], "innovation": innovation["innovation"]["id"], "ids": [revision, membership],
        });
        let seen = owner.at(&innovation["position"]).query(query, variables.clone()).await;
        assert_eq!(seen["search"]["totalCount"], 2);
        assert_eq!(seen["nodes"][0]["id"], *revision);
        assert_eq!(seen["nodes"][1]["id"], membership);
        for client in [stranger, admin, app.anonymous()] {
            let seen = client.at(&innovation["position"]).query(query, variables.clone()).await;
            assert_eq!(seen, json!({
                "practice": null, "innovation": null, "practices": { "totalCount": 0 }, "innovations": { "totalCount": 0 },
                "search": { "totalCount": 0 }, "nodes": [null, null],
            }));
        }
    }
}

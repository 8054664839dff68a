//! Communities and their memberships.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use support::{App, on_both_databases};

use super::Viewer::{Facilitator, Invited};
use super::{COMMUNITIES, ITEMS, World, texts};

on_both_databases! {
    async fn a_community_is_concealed_alike_on_every_way_to_it(app: App) {
        let world = World::new(&app).await;
        for (viewer, client) in world.viewers() {
            let expected = World::expected_communities(viewer);
            let query = "query($ids: [ID!]!, $author: ID!) {
                nodes(ids: $ids) { ... on Community { name } }
                communities(first: 100) { totalCount nodes { name } }
                search(query: \"quokka\", filter: { kinds: [COMMUNITY] }, first: 100) {
                    totalCount
                    nodes { ... on Community { name } }
                    facets(fields: [COMMUNITY, COMMUNITY_KIND], size: 100) { buckets { label count } }
                }
                suggest(prefix: \"quokka\", filter: { kinds: [COMMUNITY] }, first: 100) { text }
                user(id: $author) { memberships { totalCount nodes { community { name } } } }
            }";
            let found = client.query(query, json!({ "ids": world.communities, "author": world.author })).await;
            assert_eq!(texts(&found["nodes"], "name"), expected, "{viewer:?} nodes");
            assert_eq!(texts(&found["communities"]["nodes"], "name"), expected, "{viewer:?} communities");
            assert_eq!(found["communities"]["totalCount"], expected.len(), "{viewer:?} communities");
            assert_eq!(texts(&found["search"]["nodes"], "name"), expected, "{viewer:?} search");
            assert_eq!(found["search"]["totalCount"], expected.len(), "{viewer:?} search");
            assert_eq!(texts(&found["suggest"], "text"), expected, "{viewer:?} suggest");
            let kinds = found["search"]["facets"][1]["buckets"].as_array().unwrap();
            assert_eq!(kinds.iter().map(|bucket| bucket["count"].as_u64().unwrap()).sum::<u64>(), expected.len() as u64);
            let memberships = found["user"]["memberships"]["nodes"].as_array().unwrap();
            assert_eq!(found["user"]["memberships"]["totalCount"], memberships.len(), "{viewer:?} memberships");
            let whole: BTreeSet<String> = COMMUNITIES.into_iter()
                .filter(|visibility| viewer.of_community(visibility) == "all").map(str::to_owned).collect();
            let named = memberships.iter().map(|membership| membership["community"].clone()).collect();
            assert_eq!(texts(&Value::Array(named), "name"), whole, "{viewer:?} memberships");

            for (place, visibility) in COMMUNITIES.into_iter().enumerate() {
                let query = "query($id: ID!, $slug: String!) {
                    community(id: $id) { ...Shown }
                    bySlug: community(slug: $slug) { name }
                    node(id: $id) { id }
                }
                fragment Shown on Community {
                    id slug name purpose kind stage status visibility joinPolicy revision createdAt updatedAt languages
                    domains { id } viewerMembership { state }
                    description descriptionHtml
                    members { totalCount nodes { id } }
                    resources { totalCount nodes { title } }
                    practices { totalCount } innovations { totalCount } sponsors { id } parent { id }
                }";
                let slug = format!("quokka-{}", visibility.to_lowercase());
                let found = client.query(query, json!({ "id": world.communities[place], "slug": slug })).await;
                let sees = viewer.of_community(visibility);
                let community = &found["community"];
                for way in ["community", "bySlug", "node"] {
                    assert_eq!(found[way].is_null(), sees == "nothing", "{viewer:?} {visibility} {way}");
                }
                if sees == "about" {
                    assert_eq!(community["purpose"], "To learn from each other.");
                    assert_eq!((&community["description"], &community["descriptionHtml"]), (&Value::Null, &Value::Null));
                    assert_eq!(community["members"], json!({ "totalCount": 0, "nodes": [] }), "{viewer:?} {visibility}");
                    assert_eq!(community["resources"], json!({ "totalCount": 0, "nodes": [] }), "{viewer:?} {visibility}");
                }
                if sees == "all" {
                    assert_eq!(community["description"], "Of quokkas.");
                    assert_eq!(community["members"]["totalCount"], 5, "{viewer:?} {visibility}");
                    let of_it = ITEMS.into_iter().filter(|item| viewer.sees_item(visibility, item)).count();
                    assert_eq!(community["resources"]["totalCount"], of_it, "{viewer:?} {visibility}");
                }
            }
        }
    }

    async fn a_membership_is_concealed_alike_on_every_way_to_it(app: App) {
        let world = World::new(&app).await;
        let facilitator = world.viewers().find(|(viewer, _)| *viewer == Facilitator).unwrap().1;
        let listed = "query($id: ID!, $state: MembershipState) { community(id: $id) {
            members(state: $state, first: 100) { totalCount nodes { id user { id } } } } }";
        let of_user = "query($id: ID!) { user(id: $id) { memberships(first: 100) { totalCount nodes { id } } } }";
        let node = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Membership { state role user { id } community { id } } } }";
        let ids_of = |nodes: &Value| -> BTreeSet<String> {
            nodes.as_array().unwrap().iter().filter_map(|node| node["id"].as_str()).map(str::to_owned).collect()
        };
        for (place, visibility) in COMMUNITIES.into_iter().enumerate() {
            let community = &world.communities[place];
            for state in ["ACTIVE", "INVITED"] {
                let all = facilitator.query(listed, json!({ "id": community, "state": state })).await;
                let all = &all["community"]["members"]["nodes"];
                let (every, people) = (ids_of(all), all.as_array().unwrap().iter().map(|node| node["user"]["id"].clone()));
                let people: Vec<Value> = people.collect();
                assert_eq!(every.len(), if state == "ACTIVE" { 5 } else { 1 });
                for (viewer, client) in world.viewers() {
                    let whole = viewer.of_community(visibility) == "all";
                    let nodes = client.query(node, json!({ "ids": every })).await["nodes"].clone();
                    let mine = state == "INVITED" && viewer == Invited;
                    let sees = mine || (whole && (state == "ACTIVE" || viewer == Facilitator));
                    let expected = if sees { every.clone() } else { BTreeSet::new() };
                    assert_eq!(ids_of(&nodes), expected, "{viewer:?} {visibility} {state} node");
                    let members = client.query(listed, json!({ "id": community, "state": state })).await["community"].clone();
                    // What one may see by its id is listed where its community is seen whole.
                    let of_community = if whole && !mine { expected.clone() } else { BTreeSet::new() };
                    let found = if members.is_null() { BTreeSet::new() } else { ids_of(&members["members"]["nodes"]) };
                    assert_eq!(found, of_community, "{viewer:?} {visibility} {state} members");
                    let mut of_people = BTreeSet::new();
                    for person in &people {
                        let found = client.query(of_user, json!({ "id": person })).await["user"]["memberships"].clone();
                        assert_eq!(found["totalCount"], found["nodes"].as_array().unwrap().len());
                        of_people.extend(ids_of(&found["nodes"]).intersection(&every).cloned());
                    }
                    let of_them = if state == "ACTIVE" || mine { expected } else { BTreeSet::new() };
                    assert_eq!(of_people, of_them, "{viewer:?} {visibility} {state} memberships of users");
                }
            }
        }
    }
}

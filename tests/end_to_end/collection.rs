//! Collections: paths through items and saved searches, each as far as whoever looks may see.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const CREATE: &str = "mutation($input: CollectionInput!) { createCollection(input: $input) {
    collection { id status revision } position userErrors { code field message blockedBy { code } } } }";

const SET: &str = "mutation($id: ID!, $entries: [CollectionEntryInput!]!, $revision: Int) {
    setCollectionEntries(id: $id, entries: $entries, expectedRevision: $revision) {
        collection { id revision } position userErrors { code field message } } }";

const SHOW: &str = "query($id: ID!, $first: Int, $after: String) { collection(id: $id) {
    title description searchQuery status revision viewerCan viewerFollows
    entries(first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor }
        edges { cursor note node { id ... on Item { title } } } nodes { id }
    }
} }";

async fn create(author: &Client, community: &Value, more: Value) -> Value {
    let mut input = json!({ "communityId": community, "title": "Course", "publish": true });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    author.mutate(CREATE, json!({ "input": input })).await
}

/// The titles of what a collection holds, with what is said of each.
async fn path(client: &Client, id: &Value) -> Vec<String> {
    let shown = client.query(SHOW, json!({ "id": id })).await["collection"].clone();
    let entries = &shown["entries"];
    let edges = entries["edges"].as_array().unwrap();
    assert_eq!(entries["totalCount"], edges.len());
    assert_eq!(entries["nodes"].as_array().unwrap().len(), edges.len());
    let line = |edge: &Value| {
        let title = edge["node"]["title"].as_str().unwrap();
        edge["note"]
            .as_str()
            .map_or_else(|| title.to_owned(), |note| format!("{title}: {note}"))
    };
    edges.iter().map(line).collect()
}

on_both_databases! {
    async fn a_path_leads_everybody_through_what_they_may_see(app: App) {
        let (author, other) = (app.person("Ada").await, app.person("Ben").await);
        let community = author.create_community("Methods", json!({})).await;
        let closed = author.create_community("Closed", json!({ "visibility": "UNLISTED" })).await;
        let first = author.create_resource(&community, "First", json!({})).await;
        let hidden = author.create_resource(&closed, "Hidden", json!({})).await;
        let last = author.create_resource(&community, "Last", json!({})).await;
        let entries = json!([
            { "id": last, "note": "Begin at the end." }, { "id": hidden, "note": "Not for all." }, { "id": first }, { "id": last },
        ]);
        let made = create(&author, &community, json!({ "entries": entries, "description": "A path of Zwirbelholz." })).await;
        let id = &made["collection"]["id"];
        assert_eq!(made["collection"]["status"], "PUBLISHED");
        assert_eq!(path(&author, id).await, ["Last: Begin at the end.", "Hidden: Not for all.", "First"]);
        for stranger in [&other, &app.anonymous()] {
            assert_eq!(path(stranger, id).await, ["Last: Begin at the end.", "First"]);
            let page = stranger.query(SHOW, json!({ "id": id, "first": 1 })).await["collection"]["entries"].clone();
            assert_eq!(page["pageInfo"]["hasNextPage"], true);
            let after = &page["pageInfo"]["endCursor"];
            let page = stranger.query(SHOW, json!({ "id": id, "first": 1, "after": after })).await["collection"]["entries"].clone();
            assert_eq!((&page["edges"][0]["node"]["id"], &page["pageInfo"]["hasNextPage"]), (&first, &json!(false)));
        }
        let listed = "query($id: ID!) { community(id: $id) { collections(first: 5) { totalCount nodes { id } } } }";
        let listed = other.query(listed, json!({ "id": community })).await["community"]["collections"].clone();
        assert_eq!(listed, json!({ "totalCount": 1, "nodes": [{ "id": id }] }));

        let compare = "query($id: ID!) { compareRevisions(id: $id, from: 1, to: 2) { changes { field before after } } }";
        author.mutate(SET, json!({ "id": id, "entries": [{ "id": hidden, "note": "Still not." }, { "id": first }], "revision": 1 })).await;
        let seen = other.query(compare, json!({ "id": id })).await["compareRevisions"]["changes"].clone();
        assert_eq!(seen, json!([{
            "field": "entries",
            "before": [{ "id": last, "note": "Begin at the end." }, { "id": first, "note": null }],
            "after": [{ "id": first, "note": null }],
        }]), "of what one may not see nothing is told in revisions either");
        let stale = author.refused(SET, json!({ "id": id, "entries": [], "revision": 1 })).await;
        assert_eq!(stale, ["CONFLICT expectedRevision"]);

        let position = &made["position"];
        assert_eq!(other.at(position).search_titles("Zwirbelholz").await, ["Course"]);
        assert_eq!(other.at(position).search_titles("kind:collection").await, ["Course"]);
        assert_eq!(other.search_titles("kind:collection \"Not for all\"").await, [""; 0], "notes are with what they are about");
    }

    async fn a_saved_search_holds_what_it_finds_for_whoever_looks(app: App) {
        let (author, other) = (app.person("Ada").await, app.person("Ben").await);
        let community = author.create_community("Methods", json!({})).await;
        author.create_resource(&community, "Open Zwirbelholz", json!({})).await;
        author.create_resource(&community, "Closed Zwirbelholz", json!({ "visibility": "AUTHORS" })).await;
        let made = create(&author, &community, json!({ "searchQuery": "Zwirbelholz", "title": "All Zwirbelholz" })).await;
        let id = &made["collection"]["id"];
        let position = &made["position"];
        let mut mine = path(&author.at(position), id).await;
        mine.sort();
        assert_eq!(mine, ["Closed Zwirbelholz", "Open Zwirbelholz"], "the collection does not find itself");
        assert_eq!(path(&other.at(position), id).await, ["Open Zwirbelholz"]);
        let late = author.create_resource_payload(&community, "Late Zwirbelholz", json!({})).await;
        assert_eq!(path(&app.anonymous().at(&late["position"]), id).await.len(), 2, "what it holds is live");

        let any = author.create_resource(&community, "Any", json!({})).await;
        let both = json!({ "communityId": community, "title": "Both", "searchQuery": "x", "entries": [{ "id": any }] });
        assert_eq!(author.refused(CREATE, json!({ "input": both })).await, ["INVALID input.entries"]);
        assert_eq!(author.refused(SET, json!({ "id": id, "entries": [{ "id": any }] })).await, ["INVALID entries"]);
    }

    async fn who_curates_and_what_is_refused(app: App) {
        let facilitator = app.person("Ada").await;
        let (author, steward, other) = (app.person("Ben").await, app.person("Cleo").await, app.person("Dan").await);
        let community = facilitator.create_community("Methods", json!({ "kind": "BEST_PRACTICE" })).await;
        facilitator.admit(&community, &author, "MEMBER").await;
        facilitator.admit(&community, &steward, "STEWARD").await;
        other.join(&community).await;
        let closed = facilitator.create_community("Closed", json!({ "visibility": "UNLISTED" })).await;
        let hidden = facilitator.create_resource(&closed, "Hidden", json!({})).await;

        let wrong = json!({
            "communityId": community, "title": " ", "publish": true,
            "entries": [{ "id": hidden }, { "id": "resource_1" }, { "id": community, "note": "x".repeat(2_001) }],
        });
        let mut refused = author.refused(CREATE, json!({ "input": wrong })).await;
        refused.sort();
        assert_eq!(refused, [
            "INVALID input.entries.1.id", "INVALID input.entries.2.id", "INVALID_TRANSITION input.publish",
            "NOT_FOUND input.entries.0.id", "REQUIRED input.title", "TOO_LONG input.entries.2.note",
        ]);
        let stranger = app.person("Eve").await;
        let input = json!({ "communityId": community, "title": "Course" });
        assert_eq!(stranger.refused(CREATE, json!({ "input": input })).await, ["FORBIDDEN input.communityId"]);

        let made = create(&author, &community, json!({ "publish": false })).await;
        let id = &made["collection"]["id"];
        assert_eq!(other.query(SHOW, json!({ "id": id })).await["collection"], Value::Null, "a draft");
        assert_eq!(other.refused(SET, json!({ "id": id, "entries": [] })).await, ["NOT_FOUND id"]);
        let published = author.publish_through(id, &[&steward]).await;
        assert_eq!(published["item"]["id"], *id, "reviewed as a resource is");
        let can = |shown: Value| shown["collection"]["viewerCan"].clone();
        assert_eq!(can(other.query(SHOW, json!({ "id": id })).await), json!(["READ"]));
        assert_eq!(can(steward.query(SHOW, json!({ "id": id })).await), json!(["READ", "UPDATE", "ARCHIVE"]));
        assert_eq!(other.refused(SET, json!({ "id": id, "entries": [] })).await, ["FORBIDDEN id"]);
        let own = steward.create_resource(&community, "Own", json!({ "publish": false })).await;
        steward.mutate(SET, json!({ "id": id, "entries": [{ "id": own, "note": "A draft." }] })).await;
        let options = "query($id: ID!) { collection(id: $id) { availableTransitions { to } pendingRevision { number } } }";
        let options = steward.query(options, json!({ "id": id })).await["collection"].clone();
        assert_eq!(options["pendingRevision"]["number"], 2, "a change of what is published is reviewed too");

        let follow = "mutation($id: ID!) { follow(id: $id) { userErrors { code field message } } }";
        other.mutate(follow, json!({ "id": id })).await;
        assert_eq!(other.query(SHOW, json!({ "id": id })).await["collection"]["viewerFollows"], true);
        let archive = "mutation($id: ID!) { archiveCollection(id: $id) { collection { status } userErrors { code field message } } }";
        assert_eq!(author.refused(archive, json!({ "id": id })).await, ["FORBIDDEN id"]);
        assert_eq!(steward.mutate(archive, json!({ "id": id })).await["collection"]["status"], "ARCHIVED");
        let restore = "mutation($id: ID!) { restoreItem(id: $id) { item { id } userErrors { code field message } } }";
        steward.mutate(restore, json!({ "id": id })).await;
        let delete = "mutation($id: ID!) { deleteCollection(id: $id) { deletedId userErrors { code field message } } }";
        assert_eq!(steward.refused(delete, json!({ "id": id })).await, ["FORBIDDEN id"]);
        assert_eq!(facilitator.mutate(delete, json!({ "id": id })).await["deletedId"], *id);
        assert_eq!(facilitator.query(SHOW, json!({ "id": id })).await["collection"], Value::Null);
    }
}

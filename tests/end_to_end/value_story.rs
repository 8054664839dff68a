//! Value stories: told in steps, read as far as their authors consent.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const TELL: &str = "mutation($input: ValueStoryInput!) { tellValueStory(input: $input) {
    valueStory { id consent } position userErrors { code field message } } }";

const NARROW: &str =
    "mutation($id: ID!, $consent: Consent!) { narrowValueStory(id: $id, consent: $consent) {
    valueStory { consent } position userErrors { code field message } } }";

const STORIES: &str = "query($id: ID!) { community(id: $id) { valueStories(first: 10) { totalCount nodes {
    title consent author { displayName } steps { cycle text references { ... on Item { title } } } } } } }";

fn story(community: &Value, consent: &str, references: &[&Value]) -> Value {
    json!({ "input": {
        "communityId": community, "title": "What I took home", "consent": consent,
        "steps": [
            { "cycle": "IMMEDIATE", "text": "I was not alone with Zwirbelholz." },
            { "cycle": "APPLIED", "text": "I tried it on Monday.", "referenceIds": references },
        ],
    } })
}

async fn told(client: &Client, community: &Value) -> Vec<Value> {
    let stories =
        client.query(STORIES, json!({ "id": community })).await["community"]["valueStories"]
            .clone();
    let nodes = stories["nodes"].as_array().unwrap().clone();
    assert_eq!(stories["totalCount"], nodes.len());
    nodes
}

async fn found(client: &Client, position: &Value) -> Value {
    let search =
        "{ search(query: \"Zwirbelholz\") { totalCount nodes { ... on ValueStory { title } } } }";
    client.at(position).query(search, json!({})).await["search"]["totalCount"].clone()
}

on_both_databases! {
    async fn a_story_is_read_as_far_as_its_author_consents_and_narrowed_at_once(app: App) {
        let (author, member, stranger) = (app.person("Ada").await, app.person("Ben").await, app.person("Cleo").await);
        let community = author.create_community("Methods", json!({})).await;
        member.join(&community).await;
        let open = author.create_resource(&community, "Guide", json!({})).await;
        let own = author.create_resource(&community, "Diary", json!({ "visibility": "AUTHORS" })).await;
        let made = author.mutate(TELL, story(&community, "PUBLIC", &[&open, &own, &open])).await;
        let (id, position) = (&made["valueStory"]["id"], &made["position"]);

        let anonymous = app.anonymous();
        let mine = told(&author, &community).await;
        assert_eq!(mine[0]["steps"][1]["references"], json!([{ "title": "Guide" }, { "title": "Diary" }]));
        let seen = told(&anonymous, &community).await;
        assert_eq!(seen[0]["steps"][1], json!({
            "cycle": "APPLIED", "text": "I tried it on Monday.", "references": [{ "title": "Guide" }],
        }));
        for client in [&author, &member, &stranger, &anonymous] {
            assert_eq!(found(client, position).await, 1);
        }
        let lineage = "query($id: ID!) { resource(id: $id) { lineage(direction: DESCENDANTS) { relation from { id } } } }";
        let lineage_of = async |client: &Client| {
            client.query(lineage, json!({ "id": open })).await["resource"]["lineage"].clone()
        };
        assert_eq!(lineage_of(&anonymous).await, json!([{ "relation": "REFERENCES", "from": { "id": id } }]));

        let narrowed = author.mutate(NARROW, json!({ "id": id, "consent": "MEMBERS" })).await;
        let position = &narrowed["position"];
        for (client, sees) in [(&author, 1), (&member, 1), (&stranger, 0), (&anonymous, 0)] {
            assert_eq!(told(client, &community).await.len(), sees);
            assert_eq!(found(client, position).await, sees);
            assert_eq!(lineage_of(client).await.as_array().unwrap().len(), sees);
            let node = client.query("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await["node"].clone();
            assert_eq!(node.is_null(), sees == 0);
        }
        assert_eq!(member.refused(NARROW, json!({ "id": id, "consent": "AUTHORS" })).await, ["FORBIDDEN id"]);
        assert_eq!(stranger.refused(NARROW, json!({ "id": id, "consent": "PUBLIC" })).await, ["NOT_FOUND id"]);
        assert_eq!(author.refused(NARROW, json!({ "id": id, "consent": "PUBLIC" })).await, ["INVALID consent"]);
        let again = author.mutate(NARROW, json!({ "id": id, "consent": "MEMBERS" })).await;
        assert_eq!(again["position"], narrowed["position"], "nothing changes");
        let narrowed = author.mutate(NARROW, json!({ "id": id, "consent": "AUTHORS" })).await;
        assert_eq!(found(&member, &narrowed["position"]).await, 0);
        assert_eq!(found(&author, &narrowed["position"]).await, 1);

        let delete = "mutation($id: ID!) { deleteValueStory(id: $id) { deletedId userErrors { code field message } } }";
        assert_eq!(member.refused(delete, json!({ "id": id })).await, ["NOT_FOUND id"]);
        assert_eq!(author.mutate(delete, json!({ "id": id })).await["deletedId"], *id);
        assert_eq!(told(&author, &community).await, [Value::Null; 0]);
    }

    async fn all_that_is_wrong_with_a_story_is_said_at_once(app: App) {
        let (author, other) = (app.person("Ada").await, app.person("Ben").await);
        let community = author.create_community("Methods", json!({})).await;
        let closed = author.create_community("Closed", json!({ "visibility": "UNLISTED" })).await;
        let hidden = author.create_resource(&closed, "Hidden", json!({})).await;
        assert_eq!(other.refused(TELL, story(&community, "PUBLIC", &[])).await, ["FORBIDDEN input.communityId"]);
        assert_eq!(other.refused(TELL, story(&closed, "PUBLIC", &[])).await, ["NOT_FOUND input.communityId"]);
        other.join(&community).await;
        let mut wrong = story(&community, "PUBLIC", &[&hidden, &community]);
        wrong["input"]["title"] = json!("");
        wrong["input"]["steps"][0]["text"] = json!("x".repeat(4_001));
        let mut refused = other.refused(TELL, wrong).await;
        refused.sort();
        assert_eq!(refused, [
            "INVALID input.steps.1.referenceIds.1", "NOT_FOUND input.steps.1.referenceIds.0",
            "REQUIRED input.title", "TOO_LONG input.steps.0.text",
        ]);
        let mut none = story(&community, "PUBLIC", &[]);
        none["input"]["steps"] = json!([]);
        assert_eq!(other.refused(TELL, none).await, ["REQUIRED input.steps"]);
        let mut many = story(&community, "PUBLIC", &[]);
        many["input"]["steps"] = vec![json!({ "cycle": "REALIZED", "text": "More." }); 51].into();
        assert_eq!(other.refused(TELL, many).await, ["TOO_LONG input.steps"]);
        assert_eq!(told(&other, &community).await, [Value::Null; 0], "nothing was written");
    }
}

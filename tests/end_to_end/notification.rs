//! What people are told of, and what they are not.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

use crate::statements::statements;

const FOLLOW: &str = "mutation($id: ID!) { follow(id: $id) { userErrors { code field message } } }";
const NOTIFICATIONS: &str = "query($unreadOnly: Boolean) { notifications(unreadOnly: $unreadOnly) {
    totalCount
    nodes { id reason read createdAt actor { displayName }
        about { id ... on Item { title } ... on Membership { state community { name } } } }
} }";

async fn notifications(client: &Client, unread_only: bool) -> Vec<Value> {
    let variables = json!({ "unreadOnly": unread_only });
    let found = client.query(NOTIFICATIONS, variables).await["notifications"].clone();
    let nodes = found["nodes"].as_array().unwrap().clone();
    assert_eq!(found["totalCount"], nodes.len());
    nodes
}

/// What is told, each as reason and title.
async fn told(client: &Client) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = notifications(client, true).await;
    all.iter()
        .map(|node| (text(&node["reason"]), text(&node["about"]["title"])))
        .collect()
}

fn pair(reason: &str, title: &str) -> (String, String) {
    (reason.to_owned(), title.to_owned())
}

async fn discuss(client: &Client, community: &Value, title: &str, more: Value) -> Value {
    let mut input = json!({ "communityId": community, "title": title, "body": "Who knows?", "kind": "HELP_REQUEST" });
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let mutation = "mutation($input: CreateDiscussionInput!) { createDiscussion(input: $input) {
        discussion { id } position userErrors { code field message } } }";
    client.mutate(mutation, json!({ "input": input })).await
}

async fn post(client: &Client, discussion: &Value, body: &str) -> Value {
    let mutation = "mutation($input: AddPostInput!) { addPost(input: $input) {
        post { id } position userErrors { code field message } } }";
    let input = json!({ "discussionId": discussion, "body": body });
    client.mutate(mutation, json!({ "input": input })).await
}

on_both_databases! {
    async fn news_replies_and_mentions_reach_whom_they_concern(app: App) {
        let asker = app.person("Ada").await;
        let helper = app.person("Ben").await;
        let reader = app.person("Cleo").await;
        let community = asker.create_community("Gardeners", json!({})).await;
        helper.join(&community).await;
        reader.join(&community).await;
        reader.mutate(FOLLOW, json!({ "id": community })).await;
        let handle = reader.query("{ viewer { handle } }", json!({})).await["viewer"]["handle"].clone();

        let asked = discuss(&asker, &community, "Snails", json!({})).await;
        let discussion = &asked["discussion"]["id"];
        assert_eq!(told(&reader.at(&asked["position"])).await, [pair("FOLLOWED", "Snails")]);
        assert_eq!(told(&asker.at(&asked["position"])).await, []);

        let body = format!("Ask @{}.", handle.as_str().unwrap());
        let answered = post(&helper, discussion, &body).await;
        let here = asker.at(&answered["position"]);
        assert_eq!(told(&here).await, [pair("REPLIED", "Snails")]);
        let seen = notifications(&here, false).await;
        assert_eq!(seen[0]["actor"]["displayName"], "Ben");
        assert_eq!(seen[0]["about"]["id"], *discussion);
        let to_reader = notifications(&reader.at(&answered["position"]), true).await;
        assert_eq!(to_reader[0]["reason"], "MENTIONED", "the newest first");
        assert_eq!(to_reader[0]["about"]["id"], answered["post"]["id"]);
        assert_eq!(to_reader.len(), 2);

        let further = post(&reader, discussion, "Ducks.").await;
        let renewed = notifications(&asker.at(&further["position"]), true).await;
        assert_eq!(renewed.len(), 1, "one while it is unread");
        assert_eq!(renewed[0]["id"], seen[0]["id"]);
        assert_eq!(renewed[0]["actor"]["displayName"], "Cleo");

        let mark = "mutation($ids: [ID!]!) { markNotificationsRead(ids: $ids) { userErrors { code field message } } }";
        let others = reader.refused(mark, json!({ "ids": [seen[0]["id"]] })).await;
        assert_eq!(others, ["NOT_FOUND ids.0"]);
        assert_eq!(asker.refused(mark, json!({ "ids": [discussion] })).await, ["INVALID ids.0"]);
        asker.mutate(mark, json!({ "ids": [seen[0]["id"]] })).await;
        assert_eq!(told(&asker).await, []);
        let read = notifications(&asker, false).await;
        assert_eq!(read[0]["read"], true);
        let node = "query($id: ID!) { node(id: $id) { ... on Notification { reason read } } }";
        let id = json!({ "id": seen[0]["id"] });
        assert_eq!(asker.query(node, id.clone()).await["node"], json!({ "reason": "REPLIED", "read": true }));
        for client in [&reader, &app.anonymous()] {
            assert_eq!(client.query(node, id.clone()).await["node"], Value::Null, "it is nobody else's");
        }
        assert_eq!(notifications(&app.anonymous(), false).await, Vec::<Value>::new());
        assert_eq!(app.anonymous().failed(mark, json!({ "ids": [] })).await, ["UNAUTHENTICATED"]);
    }

    async fn invitations_and_requests_for_help_and_review_arrive(app: App) {
        let steward = app.person("Ada").await;
        let author = app.person("Ben").await;
        let community = steward.create_community("Keepers", json!({ "kind": "KNOWLEDGE_STEWARDING", "visibility": "UNLISTED" })).await;
        let invite = "mutation($community: ID!, $user: ID!) { inviteMember(communityId: $community, userId: $user) {
            membership { id } position userErrors { code } } }";
        let variables = json!({ "community": community, "user": author.my_id().await });
        let invited = steward.mutate(invite, variables).await;
        let to_author = notifications(&author.at(&invited["position"]), true).await;
        assert_eq!(to_author.len(), 1);
        assert_eq!(to_author[0]["reason"], "INVITED");
        assert_eq!(to_author[0]["about"], json!({ "id": invited["membership"]["id"], "state": "INVITED", "community": { "name": "Keepers" } }));
        author.join(&community).await;

        let draft = author.create_resource(&community, "Compost", json!({ "publish": false })).await;
        let submit = "mutation($id: ID!) { submitForReview(id: $id) { position userErrors { code } } }";
        let submitted = author.mutate(submit, json!({ "id": draft })).await;
        assert_eq!(told(&steward.at(&submitted["position"])).await, [pair("ASKED_TO_REVIEW", "Compost")]);

        let declare = "mutation { declareExpertise(input: { tag: \"worms\" }) { userErrors { code } } }";
        steward.mutate(declare, json!({})).await;
        let asked = discuss(&author, &community, "Worms", json!({ "tags": ["worms"] })).await;
        assert_eq!(told(&steward.at(&asked["position"])).await[0], pair("ASKED_TO_HELP", "Worms"));
        assert_eq!(told(&author.at(&asked["position"])).await, [pair("INVITED", "")]);
    }

    async fn what_is_concealed_is_neither_listed_nor_counted(app: App) {
        let author = app.person("Ada").await;
        let reader = app.person("Eve").await;
        let community = author.create_community("Among us", json!({ "visibility": "PRIVATE" })).await;
        reader.join(&community).await;
        reader.mutate(FOLLOW, json!({ "id": community })).await;
        reader.mutate(FOLLOW, json!({ "id": author.my_id().await })).await;
        author.create_resource(&community, "For all of us", json!({})).await;
        let hidden = author.create_resource_payload(&community, "For stewards", json!({ "visibility": "STEWARDS" })).await;
        assert_eq!(told(&reader.at(&hidden["position"])).await, [pair("FOLLOWED", "For all of us")]);

        let leave = "mutation($id: ID!) { leaveCommunity(communityId: $id) { userErrors { code } } }";
        reader.mutate(leave, json!({ "id": community })).await;
        assert_eq!(told(&reader).await, [], "at once");
        let later = author.create_resource_payload(&community, "Without you", json!({})).await;
        assert_eq!(told(&reader.at(&later["position"])).await, []);
        reader.join(&community).await;
        assert_eq!(told(&reader).await, [pair("FOLLOWED", "For all of us")], "what happened meanwhile was not told");
    }

    async fn a_page_of_notifications_takes_the_same_statements_however_many(app: App) {
        let author = app.person("Ada").await;
        let reader = app.person("Ben").await;
        let community = author.create_community("Gardeners", json!({})).await;
        reader.mutate(FOLLOW, json!({ "id": community })).await;
        let one = author.create_resource_payload(&community, "One", json!({})).await;
        let viewer = service::auth::authenticate(app.server().auth(), reader.token()).await.unwrap();
        let page = "{ notifications { totalCount nodes { id reason actor { displayName } about { ... on Resource { title viewerFollows } } } } }";
        assert_eq!(notifications(&reader.at(&one["position"]), true).await.len(), 1);
        let few = statements(&app, &viewer, page).await;
        let mut last = one;
        for number in 0..8 {
            last = author.create_resource_payload(&community, &format!("More {number}"), json!({})).await;
        }
        let here = reader.at(&last["position"]);
        assert_eq!(notifications(&here, true).await.len(), 9);
        let many = statements(&app, &viewer, page).await;
        assert_eq!(few, many);
        let page = "query($after: String) { notifications(first: 5, after: $after) {
            nodes { about { ... on Item { title } } } pageInfo { hasNextPage endCursor } } }";
        let mut titles = Vec::new();
        let mut after = Value::Null;
        loop {
            let found = here.query(page, json!({ "after": after })).await["notifications"].clone();
            titles.extend(found["nodes"].as_array().unwrap().iter().map(|node| node["about"]["title"].clone()));
            after = found["pageInfo"]["endCursor"].clone();
            if found["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(titles.len(), 9);
        assert_eq!((&titles[0], &titles[8]), (&json!("More 7"), &json!("One")));
    }
}

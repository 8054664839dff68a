//! Reporting what is wrong, and who decides.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const FLAGGED: &str = "flag { id reason note state createdAt decidedAt decisionNote
        raisedBy { displayName } decidedBy { displayName } community { name }
        target { id ... on Resource { title } ... on Post { body } } }
    position userErrors { code field message blockedBy { code } }";

async fn flag(client: &Client, id: &Value, reason: &str) -> Value {
    let mutation = format!(
        "mutation($id: ID!, $reason: FlagReason!) {{
            flag(id: $id, reason: $reason, note: \"Look at it.\") {{ {FLAGGED} }} }}"
    );
    let variables = json!({ "id": id, "reason": reason });
    client.payload(&mutation, variables).await
}

async fn resolve(client: &Client, id: &Value, upheld: bool) -> Value {
    let mutation = format!(
        "mutation($id: ID!, $upheld: Boolean!) {{
            resolveFlag(id: $id, upheld: $upheld, note: \"We looked.\") {{ {FLAGGED} }} }}"
    );
    let variables = json!({ "id": id, "upheld": upheld });
    client.payload(&mutation, variables).await
}

fn error(payload: &Value) -> &str {
    assert_eq!(payload["flag"], Value::Null, "{payload:#}");
    payload["userErrors"][0]["code"].as_str().unwrap()
}

async fn flags(client: &Client, community: &Value, state: Option<&str>) -> Vec<Value> {
    let query = "query($id: ID!, $state: FlagState) { community(id: $id) {
        flags(state: $state) { totalCount nodes { id } pageInfo { hasNextPage } } } }";
    let variables = json!({ "id": community, "state": state });
    let found = client.query(query, variables).await["community"]["flags"].clone();
    let nodes = found["nodes"].as_array().unwrap().clone();
    assert_eq!(found["totalCount"], nodes.len());
    nodes.into_iter().map(|node| node["id"].clone()).collect()
}

async fn node(client: &Client, id: &Value) -> Value {
    let query = "query($id: ID!) { node(id: $id) {
        ... on Flag { state note target { id } raisedBy { displayName } } } }";
    client.query(query, json!({ "id": id })).await["node"].clone()
}

on_both_databases! {
    async fn a_flag_goes_to_those_who_look_after_the_community(app: App) {
        let author = app.person("Ada").await;
        let steward = app.person("Ben").await;
        let reader = app.person("Cleo").await;
        let stranger = app.person("Dan").await;
        let community = author.create_community("Gardeners", json!({})).await;
        author.admit(&community, &steward, "STEWARD").await;
        let item = author.create_resource(&community, "Snails are plants", json!({})).await;

        let raised = flag(&reader, &item, "INACCURATE").await;
        assert_eq!(raised["userErrors"], json!([]));
        let seen = &raised["flag"];
        assert_eq!(seen["target"], json!({ "id": item, "title": "Snails are plants" }));
        assert_eq!((&seen["state"], &seen["reason"], &seen["note"]), (&json!("OPEN"), &json!("INACCURATE"), &json!("Look at it.")));
        assert_eq!(seen["raisedBy"]["displayName"], "Cleo");
        assert_eq!(seen["decidedBy"], Value::Null);
        let id = &seen["id"];
        let again = flag(&reader, &item, "SPAM").await;
        assert_eq!((&again["flag"]["id"], &again["flag"]["reason"]), (id, &json!("INACCURATE")), "one open flag a person and thing");
        assert_eq!(again["position"], raised["position"]);

        assert_eq!(flags(&steward, &community, Some("OPEN")).await, vec![id.clone()]);
        assert_eq!(flags(&author, &community, None).await, vec![id.clone()]);
        assert_eq!(flags(&steward, &community, Some("UPHELD")).await, Vec::<Value>::new());
        for client in [&reader, &stranger, &app.anonymous()] {
            assert_eq!(flags(client, &community, None).await, Vec::<Value>::new());
        }
        assert_eq!(node(&steward, id).await["raisedBy"]["displayName"], "Cleo");
        let to_author = node(&author, id).await;
        assert_eq!((&to_author["note"], &to_author["raisedBy"]), (&json!("Look at it."), &Value::Null), "never who raised it to whose work it is");
        assert_eq!(node(&reader, id).await["state"], "OPEN");
        assert_eq!(node(&stranger, id).await, Value::Null);
        assert_eq!(node(&app.anonymous(), id).await, Value::Null);

        let ways = "query($id: ID!) { node(id: $id) { ... on Flag { availableTransitions { lifecycle to blockedBy { code } } } } }";
        for (client, blocked_by) in [(&steward, json!([])), (&reader, json!([{ "code": "NOT_ALLOWED" }]))] {
            let open = client.query(ways, json!({ "id": id })).await["node"]["availableTransitions"].clone();
            let way = |to: &str| json!({ "lifecycle": "STATE", "to": to, "blockedBy": blocked_by });
            assert_eq!(open, json!([way("UPHELD"), way("DISMISSED")]));
        }
        assert_eq!(error(&resolve(&reader, id, true).await), "FORBIDDEN");
        assert_eq!(error(&resolve(&stranger, id, true).await), "NOT_FOUND");
        let decided = resolve(&steward, id, true).await["flag"].clone();
        assert_eq!((&decided["state"], &decided["decisionNote"]), (&json!("UPHELD"), &json!("We looked.")));
        assert_eq!(decided["decidedBy"]["displayName"], "Ben");
        assert!(decided["decidedAt"].is_string());
        let other_way = resolve(&steward, id, false).await;
        assert_eq!(error(&other_way), "INVALID_TRANSITION");
        assert_eq!(other_way["userErrors"][0]["blockedBy"][0]["code"], "NOT_FROM_HERE");
        assert_eq!(resolve(&author, id, true).await["flag"]["decidedBy"]["displayName"], "Ben", "the same again changes nothing");
        assert_eq!(node(&reader, id).await["state"], "UPHELD");
        let closed = steward.query(ways, json!({ "id": id })).await;
        assert_eq!(closed["node"]["availableTransitions"], json!([]));

        let delete = "mutation($id: ID!) { deleteResource(id: $id) { deletedId userErrors { code } } }";
        author.mutate(delete, json!({ "id": item })).await;
        assert_eq!(node(&steward, id).await["target"], Value::Null, "a flag outlives what it is about");
        assert_eq!(flags(&steward, &community, None).await, vec![id.clone()]);
    }

    async fn posts_and_statements_are_flagged_and_what_is_hidden_is_not_there(app: App) {
        let author = app.person("Ada").await;
        let member = app.person("Ben").await;
        let stranger = app.person("Eve").await;
        let private = author.create_community("Among us", json!({ "visibility": "PRIVATE" })).await;
        author.admit(&private, &member, "MEMBER").await;
        let propose = "mutation($input: ProposeStatementInput!) { proposeStatement(input: $input) { statement { id } userErrors { code } } }";
        let input = json!({ "communityId": private, "text": "We shout.", "aspect": "NORM" });
        let statement = author.mutate(propose, json!({ "input": input })).await["statement"]["id"].clone();
        let discuss = "mutation($input: CreateDiscussionInput!) { createDiscussion(input: $input) { discussion { id } userErrors { code } } }";
        let input = json!({ "communityId": private, "title": "Loud", "body": "How?", "kind": "DISCUSSION" });
        let discussion = author.mutate(discuss, json!({ "input": input })).await["discussion"]["id"].clone();
        let add = "mutation($input: AddPostInput!) { addPost(input: $input) { post { id } userErrors { code } } }";
        let input = json!({ "discussionId": discussion, "body": "LIKE THIS" });
        let post = author.mutate(add, json!({ "input": input })).await["post"]["id"].clone();
        for id in [&statement, &discussion, &post] {
            assert_eq!(error(&flag(&stranger, id, "OFFENSIVE").await), "NOT_FOUND");
        }
        let raised = flag(&member, &post, "OFFENSIVE").await["flag"].clone();
        assert_eq!(raised["target"], json!({ "id": post, "body": "LIKE THIS" }));
        assert_eq!(raised["community"]["name"], "Among us");
        assert_eq!(flag(&member, &statement, "OTHER").await["flag"]["state"], "OPEN");
        assert_eq!(error(&flag(&member, &private, "OTHER").await), "INVALID", "communities are not flagged");
        assert_eq!(node(&stranger, &raised["id"]).await, Value::Null);
        assert_eq!(flags(&author, &private, None).await.len(), 2);

        let leave = "mutation($id: ID!) { leaveCommunity(communityId: $id) { userErrors { code } } }";
        member.mutate(leave, json!({ "id": private })).await;
        let own = node(&member, &raised["id"]).await;
        assert_eq!((&own["note"], &own["target"]), (&json!("Look at it."), &Value::Null), "one's own words stay one's own");
        let nobody = app.anonymous().failed(
            "mutation($id: ID!) { flag(id: $id, reason: SPAM) { userErrors { code } } }",
            json!({ "id": post }),
        ).await;
        assert_eq!(nobody, ["UNAUTHENTICATED"]);
    }
}

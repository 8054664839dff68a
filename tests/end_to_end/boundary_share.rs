//! Boundary shares: what one community offers to another, and what becomes of it there.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const SHARE: &str = "boundaryShare { id state note item { id } adaptation { id } broker { displayName }
    fromCommunity { id } toCommunity { id } } position userErrors { code field message blockedBy { code } }";

const SHARES: &str =
    "query($id: ID!, $state: BoundaryShareState) { community(id: $id) { boundaryShares(state: $state) {
    totalCount nodes { id state item { title } adaptation { title } } } } }";

const ADAPT: &str = "mutation($id: ID!) { adaptSharedItem(id: $id) {
    item { id licence attribution bylines community { id } visibility ... on Resource { status body
        lineage(direction: ORIGINS) { relation to { id } } } }
    position userErrors { code field message blockedBy { code } } } }";

fn offer() -> String {
    format!(
        "mutation($item: ID!, $to: ID!) {{ offerBoundaryShare(itemId: $item, toCommunityId: $to, note: \"Try it.\") {{ {SHARE} }} }}"
    )
}

fn respond() -> String {
    format!(
        "mutation($id: ID!, $accept: Boolean!) {{ respondToBoundaryShare(id: $id, accept: $accept) {{ {SHARE} }} }}"
    )
}

fn withdraw() -> String {
    format!("mutation($id: ID!) {{ withdrawBoundaryShare(id: $id) {{ {SHARE} }} }}")
}

async fn shares(client: &Client, community: &Value, state: Option<&str>) -> Vec<Value> {
    let variables = json!({ "id": community, "state": state });
    let found = client.query(SHARES, variables).await["community"]["boundaryShares"].clone();
    let nodes = found["nodes"].as_array().unwrap().clone();
    assert_eq!(found["totalCount"], nodes.len());
    nodes
}

async fn told(client: &Client, position: &Value, reason: &str) -> usize {
    let notifications =
        "{ viewer { id } notifications(first: 50) { nodes { reason about { id } } } }";
    let found = client.at(position).query(notifications, json!({})).await;
    let nodes = found["notifications"]["nodes"].as_array().unwrap();
    nodes.iter().filter(|node| node["reason"] == reason).count()
}

on_both_databases! {
    async fn a_share_is_offered_taken_up_adapted_and_taken_back(app: App) {
        let (founder, receiver, broker) = (app.person("Ada").await, app.person("Ben").await, app.person("Cleo").await);
        let (member, stranger) = (app.person("Dan").await, app.person("Eve").await);
        let from = founder.create_community("From", json!({})).await;
        let to = receiver.create_community("To", json!({})).await;
        broker.join(&from).await;
        broker.join(&to).await;
        member.join(&to).await;
        let item = founder.create_resource(&from, "Guide", json!({
            "body": "Walk.", "licence": "CC-BY-4.0", "attribution": "By the walkers.", "bylines": ["Grace"],
        })).await;

        for (client, refused) in [
            (&stranger, vec!["FORBIDDEN itemId", "FORBIDDEN toCommunityId"]),
            (&founder, vec!["FORBIDDEN toCommunityId"]),
            (&member, vec!["FORBIDDEN itemId"]),
        ] {
            assert_eq!(client.refused(&offer(), json!({ "item": item, "to": to })).await, refused);
        }
        let draft = broker.create_resource(&from, "Draft", json!({ "publish": false })).await;
        assert_eq!(broker.refused(&offer(), json!({ "item": draft, "to": from })).await, ["INVALID itemId", "INVALID toCommunityId"]);
        let offered = broker.mutate(&offer(), json!({ "item": item, "to": to })).await;
        let share = &offered["boundaryShare"];
        let id = &share["id"];
        assert_eq!(
            (&share["state"], &share["note"], &share["broker"]["displayName"], &share["item"]["id"], &share["fromCommunity"]["id"]),
            (&json!("OFFERED"), &json!("Try it."), &json!("Cleo"), &item, &from)
        );
        assert_eq!(told(&receiver, &offered["position"], "OFFERED").await, 1, "who looks after the other community is told");
        assert_eq!(told(&member, &offered["position"], "OFFERED").await, 0);
        for (client, sees) in [(&founder, 1), (&receiver, 1), (&broker, 1), (&member, 0), (&stranger, 0)] {
            assert_eq!(shares(client, &to, Some("OFFERED")).await.len(), sees);
            assert_eq!(shares(client, &from, None).await.len(), sees);
            let node = client.query("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await["node"].clone();
            assert_eq!(node.is_null(), sees == 0);
        }
        assert_eq!(member.refused(&respond(), json!({ "id": id, "accept": true })).await, ["NOT_FOUND id"]);
        assert_eq!(founder.refused(&respond(), json!({ "id": id, "accept": true })).await, ["FORBIDDEN id"]);
        assert_eq!(broker.refused(ADAPT, json!({ "id": id })).await, ["INVALID_TRANSITION id"]);
        assert_eq!(broker.refused(&withdraw(), json!({ "id": id })).await, ["INVALID_TRANSITION id"]);

        let accepted = receiver.mutate(&respond(), json!({ "id": id, "accept": true })).await;
        assert_eq!(accepted["boundaryShare"]["state"], "ACCEPTED");
        assert_eq!(told(&broker, &accepted["position"], "REPLIED").await, 1);
        let again = receiver.mutate(&respond(), json!({ "id": id, "accept": true })).await;
        assert_eq!(again["position"], accepted["position"], "nothing changes");
        assert_eq!(shares(&app.anonymous(), &to, Some("ACCEPTED")).await[0]["item"]["title"], "Guide");

        assert_eq!(stranger.refused(ADAPT, json!({ "id": id })).await, ["FORBIDDEN id"]);
        let adapted = member.mutate(ADAPT, json!({ "id": id })).await;
        let made = &adapted["item"];
        assert_eq!(
            (&made["status"], &made["community"]["id"], &made["licence"], &made["attribution"], &made["bylines"], &made["body"]),
            (&json!("DRAFT"), &to, &json!("CC-BY-4.0"), &json!("By the walkers."), &json!(["Grace", "Ada"]), &json!("Walk."))
        );
        assert_eq!(made["lineage"], json!([{ "relation": "ADAPTED_FROM", "to": { "id": item } }]));
        assert_eq!(member.refused(ADAPT, json!({ "id": id })).await, ["INVALID_TRANSITION id"], "once");
        assert_eq!(shares(&member, &to, Some("ADAPTED")).await[0]["adaptation"]["title"], "Guide");
        assert_eq!(shares(&stranger, &to, Some("ADAPTED")).await[0]["adaptation"], Value::Null, "a draft is not for all");

        assert_eq!(receiver.refused(&withdraw(), json!({ "id": id })).await, ["FORBIDDEN id"]);
        let taken_back = founder.mutate(&withdraw(), json!({ "id": id })).await;
        assert_eq!(taken_back["boundaryShare"]["state"], "WITHDRAWN");
        assert_eq!(shares(&member, &to, None).await, [Value::Null; 0], "it is as if it had not been");
        assert_eq!(member.refused(ADAPT, json!({ "id": id })).await, ["NOT_FOUND id"]);
        assert_eq!(receiver.refused(ADAPT, json!({ "id": id })).await, ["INVALID_TRANSITION id"]);
        let kept = member.query("query($id: ID!) { node(id: $id) { ... on Resource { lineage { relation } } } }", json!({ "id": made["id"] })).await;
        assert_eq!(kept["node"]["lineage"], json!([{ "relation": "ADAPTED_FROM" }]), "what was made of it stays");

        let credited = "query($id: ID!) { community(id: $id) { viewerMembership { participation { contributions } } } }";
        let credited = broker.at(&taken_back["position"]).query(credited, json!({ "id": to })).await;
        assert_eq!(credited["community"]["viewerMembership"]["participation"]["contributions"], 1, "brokering is a contribution");
    }

    async fn sharing_opens_nothing(app: App) {
        let (founder, receiver) = (app.person("Ada").await, app.person("Ben").await);
        let from = founder.create_community("From", json!({ "visibility": "UNLISTED" })).await;
        let to = receiver.create_community("To", json!({})).await;
        founder.join(&to).await;
        let item = founder.create_resource(&from, "Secret", json!({})).await;
        let offered = founder.mutate(&offer(), json!({ "item": item, "to": to })).await;
        let id = &offered["boundaryShare"]["id"];
        let seen = receiver.query(
            "query($id: ID!) { node(id: $id) { ... on BoundaryShare { item { title } fromCommunity { name } toCommunity { name } note } } }",
            json!({ "id": id }),
        ).await["node"].clone();
        assert_eq!(seen, json!({ "item": null, "fromCommunity": null, "toCommunity": { "name": "To" }, "note": "Try it." }));
        let refused = receiver.payload(&respond(), json!({ "id": id, "accept": true })).await;
        assert_eq!(refused["userErrors"][0]["blockedBy"][0]["code"], "CRITERION_UNMET");
        founder.admit(&from, &receiver, "MEMBER").await;
        receiver.mutate(&respond(), json!({ "id": id, "accept": true })).await;
        assert_eq!(shares(&app.anonymous(), &to, None).await, [json!({ "id": id, "state": "ACCEPTED", "item": null, "adaptation": null })]);
        let refused = receiver.payload(ADAPT, json!({ "id": id })).await;
        assert_eq!(refused["userErrors"][0]["blockedBy"][0]["code"], "CRITERION_UNMET", "what is for few does not become for many");
        assert_eq!(app.anonymous().search_titles("Secret").await, [""; 0]);
    }
}

//! What becomes due as time goes by, with the clock turned.

mod invitations;
mod reviews;
mod servers;
mod waiting;

use api::graphql::ids::encode;
use api::graphql::node::node_type;
use chrono::TimeDelta;
use serde_json::{Value, json};
use service::deadline::run_due;
use service::notification::{self, NotificationReason};
use service::paging::PageRequest;
use support::{App, Client};

const ASK: &str = "mutation($input: CreateDiscussionInput!) { createDiscussion(input: $input) {
    discussion { id escalatedAt } userErrors { code field message } } }";

async fn ask(client: &Client, community: &Value, title: &str) -> Value {
    let input =
        json!({ "communityId": community, "title": title, "body": "How?", "kind": "HELP_REQUEST" });
    let made = client.mutate(ASK, json!({ "input": input })).await;
    assert_eq!(made["discussion"]["escalatedAt"], Value::Null);
    made["discussion"]["id"].clone()
}

/// Turns the clock and does what is due. The server does so too, now and then, so what a run of its own finds is not said.
async fn turn(app: &App, by: TimeDelta) {
    app.server().clock().advance(by);
    run_due(app.server().store()).await.unwrap();
}

async fn email_of(client: &Client) -> String {
    let found = client.query("{ viewer { email } }", json!({})).await;
    found["viewer"]["email"].as_str().unwrap().to_owned()
}

/// What somebody is told of by clocks: the reason and what it is about.
async fn told(app: &App, client: &Client) -> Vec<(&'static str, Value)> {
    let viewer = service::auth::authenticate(app.server().auth(), client.token())
        .await
        .unwrap();
    let request = PageRequest {
        first: Some(100),
        ..PageRequest::default()
    };
    let page = notification::page(app.server().store(), &viewer, false, &request)
        .await
        .unwrap();
    let rows = page.rows.into_iter().map(|(_, row)| row);
    let by_clocks = rows.filter(|row| {
        matches!(
            row.reason,
            NotificationReason::Escalated | NotificationReason::Due
        )
    });
    by_clocks
        .map(|row| {
            assert_eq!(row.actor_id, None, "nobody did it");
            let id = encode(node_type(row.about_type), row.about_id);
            (row.reason.as_str(), json!(id.to_string()))
        })
        .collect()
}

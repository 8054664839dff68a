//! Webhooks: what a receiver is sent, what happens when it does not take it, and what it is never sent.

mod failing;
mod owners;
mod servers;
mod telling;

use serde_json::{Value, json};
use standardwebhooks::Webhook;
use support::{App, Client, HookApp, Posted};

const CREATE: &str = "mutation($input: CreateWebhookInput!) { createWebhook(input: $input) {
    webhook { id url events enabled disabledReason failingSince community { id } createdAt } secret
    position userErrors { code field message } } }";
const UPDATE: &str = "mutation($id: ID!, $enabled: Boolean, $url: URL, $events: [WebhookEvent!]) {
    updateWebhook(id: $id, enabled: $enabled, url: $url, events: $events) {
        webhook { url events enabled disabledReason } secret position userErrors { code field message } } }";
const ROTATE: &str = "mutation($id: ID!) { rotateWebhookSecret(id: $id) {
    webhook { id } secret userErrors { code field message } } }";
const REDELIVER: &str = "mutation($id: ID!) { redeliverWebhook(deliveryId: $id) {
    delivery { id state attempts nextAttemptAt } userErrors { code field message } } }";
const DELIVERIES: &str = "query($id: ID!) { node(id: $id) { ... on Webhook {
    enabled disabledReason failingSince
    deliveries(first: 100) { totalCount nodes {
        id event state attempts lastStatus lastError nextAttemptAt createdAt } } } } }";
const DELIVERY: &str = "query($id: ID!) { node(id: $id) { __typename ... on WebhookDelivery {
    id event state attempts lastStatus lastError nextAttemptAt } } }";

const PUBLISHED: &str = "RESOURCE_PUBLISHED";

/// A person who acts by an API token, which is good however the clock is turned.
async fn integrator(app: &App, name: &str) -> Client {
    let create =
        "mutation { createApiToken(input: { name: \"LMS\", scopes: [READ, WRITE, SYNC] }) {
        secret userErrors { code field message } } }";
    let made = app.person(name).await.mutate(create, json!({})).await;
    app.anonymous().with_token(made["secret"].as_str().unwrap())
}

/// Makes a webhook that leads to a path of the receiver, and answers its id and its secret.
async fn hook(
    app: &HookApp,
    client: &Client,
    path: &str,
    events: &[&str],
    more: Value,
) -> (Value, String) {
    let mut input = json!({ "url": app.receiver().url(path), "events": events });
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let made = client.mutate(CREATE, json!({ "input": input })).await;
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_"), "{secret}");
    (made["webhook"]["id"].clone(), secret)
}

/// A delivery by what the receiver was given as its id, once it is as it should be.
async fn delivery(client: &Client, posted: &Posted, is_right: impl Fn(&Value) -> bool) -> Value {
    let id = json!({ "id": posted.header("webhook-id") });
    for _ in 0..5_000 {
        let node = client.query(DELIVERY, id.clone()).await["node"].clone();
        if is_right(&node) {
            return node;
        }
    }
    panic!("the delivery does not come to be as it should")
}

/// Whether a delivery is in a state.
fn is_in(state: &'static str) -> impl Fn(&Value) -> bool {
    move |node| node["state"] == state
}

/// Whether a request is signed by a secret, as the library that receivers use would say it, whatever its clock says.
fn is_signed_by(posted: &Posted, secret: &str) -> bool {
    let timestamp = posted.header("webhook-timestamp").parse().unwrap();
    let webhook = Webhook::new(secret).unwrap();
    let expected = webhook
        .sign(posted.header("webhook-id"), timestamp, &posted.body)
        .unwrap();
    posted
        .header("webhook-signature")
        .split(' ')
        .any(|signature| signature == expected)
}

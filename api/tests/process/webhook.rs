//! A server that is killed while it delivers to a webhook whose receiver fails a fifth of the time.

use std::collections::BTreeMap;

use ::support::{Receiver, Reply};
use serde_json::{Value, json};

use super::support::{PATIENCE, Served, create_community, sign_up};

const RESOURCES: usize = 120;
/// The requests among which each fifth is refused. What is tried again comes later.
const UNRELIABLE: usize = 60;

async fn change(server: &Served, token: &str, query: &str, input: Value) -> Value {
    let variables = json!({ "input": input });
    let answer = server.send(Some(token), None, query, variables).await;
    let data = answer["data"].as_object().expect("there is data");
    let payload = data.values().next().expect("there is one field").clone();
    assert_eq!(payload["userErrors"], json!([]), "{answer:#}");
    payload
}

/// The states of all deliveries, each with how many are in it.
async fn states(server: &Served, token: &str) -> BTreeMap<String, usize> {
    let query = "query($after: String) { webhooks { nodes { deliveries(first: 100, after: $after) {
        nodes { state } pageInfo { hasNextPage endCursor } } } } }";
    let mut states = BTreeMap::new();
    let mut after = Value::Null;
    loop {
        let variables = json!({ "after": after });
        let answer = server.send(Some(token), None, query, variables).await;
        let page = &answer["data"]["webhooks"]["nodes"][0]["deliveries"];
        for node in page["nodes"].as_array().expect("there are deliveries") {
            let state = node["state"].as_str().expect("a state").to_owned();
            *states.entry(state).or_default() += 1;
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return states;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_delivery_arrives_though_the_server_is_killed_and_the_receiver_fails() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let settings = "[webhooks]\nallow_private_addresses = true\nrequest_time = 1.0\n";
    std::fs::write(data.join("repertoire.toml"), settings).unwrap();
    let receiver = Receiver::start().await;
    let replies = (0..UNRELIABLE).map(|number| match number % 5 {
        4 => Reply::Status(500),
        _ => Reply::Status(204),
    });
    receiver.reply("/hooks", replies);

    let mut server = Served::start(&data, &[]);
    let token = sign_up(&server).await;
    let community = create_community(&server, &token).await;
    let create = "mutation($input: CreateWebhookInput!) { createWebhook(input: $input) {
        webhook { id } userErrors { code field message } } }";
    let input = json!({ "url": receiver.url("/hooks"), "events": ["RESOURCE_PUBLISHED"] });
    change(&server, &token, create, input).await;
    let publish = "mutation($input: CreateResourceInput!) { createResource(input: $input) {
        resource { id } userErrors { code field message } } }";
    let mut wanted = BTreeMap::new();
    for number in 0..RESOURCES {
        let input = json!({ "communityId": community, "title": format!("Lesson {number}"), "kind": "GUIDE", "publish": true });
        let made = change(&server, &token, publish, input).await;
        let id = made["resource"]["id"].as_str().unwrap().to_owned();
        wanted.insert(id, 0);
        // Twice while deliveries are on their way.
        if number == RESOURCES / 3 || number == RESOURCES * 2 / 3 {
            server.child.kill().unwrap();
            server.end();
            server = Served::start(&data, &[]);
        }
    }
    let mut ids = BTreeMap::new();
    while wanted.values().any(|times| *times == 0) {
        let posted = receiver.next_at("/hooks").await;
        let body = posted.json();
        let node = body["data"]["nodeId"].as_str().unwrap();
        *wanted.get_mut(node).expect("nothing else is told") += 1;
        let id = posted.header("webhook-id").to_owned();
        let known = ids.entry(id).or_insert_with(|| node.to_owned());
        assert_eq!(known, node, "an id stands for one delivery");
    }
    // What was refused comes again, and what was on its way when the server died.
    let all = BTreeMap::from([("DELIVERED".to_owned(), RESOURCES)]);
    let delivered = async { while states(&server, &token).await != all {} };
    tokio::time::timeout(PATIENCE, delivered)
        .await
        .expect("all are delivered");
}

//! How servers share the work, and what they say of it.

use std::collections::HashSet;

use serde_json::json;
use support::{App, Database, HookApp};

use super::{DELIVERIES, PUBLISHED, delivery, hook, integrator, is_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_servers_one_sends_each_delivery() {
    let Some(app) = HookApp::start(Database::Postgresql).await else {
        return;
    };
    let url = app.config().database_url.clone();
    let other = App::start_with(Database::Sqlite, |config| {
        config.database_url = url;
        config.webhooks.allow_private_addresses = true;
    });
    let other = other.await.expect("a second server starts");
    let ada = integrator(&app, "Ada").await;
    let shelf = ada.create_community("Shelf", json!({})).await;
    let (id, _) = hook(&app, &ada, "/hooks", &[PUBLISHED], json!({})).await;
    for number in 0..60 {
        ada.create_resource(&shelf, &format!("Lesson {number}"), json!({}))
            .await;
    }
    let mut seen = HashSet::new();
    while seen.len() < 60 {
        let posted = app.receiver().next_at("/hooks").await;
        let is_new = seen.insert(posted.header("webhook-id").to_owned());
        assert!(is_new, "a delivery was sent twice");
        delivery(&ada, &posted, is_in("DELIVERED")).await;
    }
    let all = ada.query(DELIVERIES, json!({ "id": id })).await["node"]["deliveries"].clone();
    assert_eq!(all["totalCount"], 60);
    let nodes = all["nodes"].as_array().unwrap();
    assert!(
        nodes
            .iter()
            .all(|node| node["state"] == "DELIVERED" && node["attempts"] == 1)
    );
    assert!(app.receiver().left_at("/hooks").await.is_empty());
    drop(other);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_count_deliveries() {
    let app = HookApp::start(Database::Sqlite)
        .await
        .expect("SQLite is always to be had");
    let ada = integrator(&app, "Ada").await;
    let shelf = ada.create_community("Shelf", json!({})).await;
    hook(&app, &ada, "/hooks", &[PUBLISHED], json!({})).await;
    ada.create_resource(&shelf, "Walking lessons", json!({}))
        .await;
    let posted = app.receiver().next_at("/hooks").await;
    delivery(&ada, &posted, is_in("DELIVERED")).await;
    let metrics = format!("{}/metrics", app.server().url());
    for _ in 0..5_000 {
        let answer = app.anonymous().http().get(&metrics).send().await.unwrap();
        let text = answer.text().await.unwrap();
        if text.contains("repertoire_webhook_waiting ")
            && text.contains("repertoire_webhook_attempts_total{outcome=\"delivered\"}")
        {
            return;
        }
    }
    panic!("the metrics do not tell of webhooks");
}

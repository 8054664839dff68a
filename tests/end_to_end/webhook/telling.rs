//! What a receiver is sent.

use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use support::{HookApp, on_both_databases};

use super::{DELIVERIES, PUBLISHED, ROTATE, delivery, hook, integrator, is_in, is_signed_by};

on_both_databases! {
    async fn a_receiver_is_sent_a_signed_word_of_what_happened(app: HookApp) {
        let ada = integrator(&app, "Ada").await;
        let shelf = ada.create_community("Shelf", json!({})).await;
        let (id, secret) = hook(&app, &ada, "/hooks", &[PUBLISHED, PUBLISHED], json!({})).await;
        let made = ada.create_resource_payload(&shelf, "Walking lessons", json!({})).await;
        let posted = app.receiver().next_at("/hooks").await;
        Webhook::new(&secret).unwrap().verify(&posted.body, &posted.headers).unwrap();
        assert!(is_signed_by(&posted, &secret));
        assert_eq!(posted.header("content-type"), "application/json");
        assert!(posted.header("user-agent").starts_with("Repertoire/"));
        let body = posted.json();
        assert_eq!(body["type"], "resource.published");
        assert!(DateTime::parse_from_rfc3339(body["timestamp"].as_str().unwrap()).is_ok());
        let expected = json!({
            "webhookId": id, "scope": "NODE", "operation": "CREATED", "nodeId": made["resource"]["id"],
            "typeName": "Resource", "communityId": shelf, "position": made["position"], "fields": [],
        });
        assert_eq!(body["data"], expected);
        assert!(!String::from_utf8_lossy(&posted.body).contains("Walking"), "the receiver reads the rest by the API");

        let node = delivery(&ada, &posted, is_in("DELIVERED")).await;
        let expected = json!({
            "__typename": "WebhookDelivery", "id": posted.header("webhook-id"), "event": PUBLISHED, "state": "DELIVERED",
            "attempts": 1, "lastStatus": 204, "lastError": null, "nextAttemptAt": null,
        });
        assert_eq!(node, expected);
        let all = ada.query(DELIVERIES, json!({ "id": id })).await["node"].clone();
        assert_eq!((&all["enabled"], &all["failingSince"]), (&json!(true), &Value::Null));
        assert_eq!(all["deliveries"]["totalCount"], 1, "an event that is named twice is told once");
    }

    async fn events_tell_what_happens_in_the_life_of_things(app: HookApp) {
        let ada = integrator(&app, "Ada").await;
        let events = [
            PUBLISHED, "RESOURCE_UPDATED", "RESOURCE_ARCHIVED", "RESOURCE_DELETED", "INNOVATION_ADVANCED",
            "DISCUSSION_CREATED", "DISCUSSION_RESOLVED", "MEMBERSHIP_CHANGED",
        ];
        let shelf = ada.create_community("Shelf", json!({})).await;
        hook(&app, &ada, "/hooks", &events, json!({ "communityId": shelf })).await;
        let elsewhere = ada.create_community("Elsewhere", json!({})).await;
        ada.create_resource(&elsewhere, "Not of the shelf", json!({})).await;
        let told = async |what: &str, operation: &str| {
            let body = app.receiver().next_at("/hooks").await.json();
            assert_eq!((&body["type"], &body["data"]["operation"]), (&json!(what), &json!(operation)), "{body:#}");
            body["data"]["nodeId"].clone()
        };
        let id = ada.create_resource(&shelf, "A draft", json!({ "publish": false })).await;
        let run = async |field: &str| {
            let mutation = format!("mutation($id: ID!) {{ {field} {{ userErrors {{ code field message }} }} }}");
            ada.mutate(&mutation, json!({ "id": id })).await;
        };
        run("updateResource(id: $id, input: { title: \"A better draft\" })").await;
        run("publishResource(id: $id)").await;
        assert_eq!(told("resource.published", "UPDATED").await, id, "not the draft, nor its changes");
        run("updateResource(id: $id, input: { title: \"Better still\" })").await;
        assert_eq!(told("resource.updated", "UPDATED").await, id);
        run("archiveResource(id: $id)").await;
        assert_eq!(told("resource.archived", "UPDATED").await, id);
        run("restoreItem(id: $id)").await;
        assert_eq!(told("resource.published", "UPDATED").await, id);
        run("deleteResource(id: $id)").await;
        assert_eq!(told("resource.deleted", "DELETED").await, id);

        let ben = integrator(&app, "Ben").await;
        ben.join(&shelf).await;
        told("membership.changed", "CREATED").await;
        let ask = "mutation($id: ID!) { createDiscussion(input: { communityId: $id, kind: HELP_REQUEST, title: \"How?\", body: \"Who knows?\" }) {
            discussion { id } userErrors { code field message } } }";
        let asked = ben.mutate(ask, json!({ "id": shelf })).await["discussion"]["id"].clone();
        assert_eq!(told("discussion.created", "CREATED").await, asked);
        let post = "mutation($id: ID!) { addPost(input: { discussionId: $id, body: \"So.\" }) {
            post { id } userErrors { code field message } } }";
        let post = ada.mutate(post, json!({ "id": asked })).await["post"]["id"].clone();
        let accept = "mutation($id: ID!) { acceptPost(id: $id) { userErrors { code field message } } }";
        ben.mutate(accept, json!({ "id": post })).await;
        assert_eq!(told("discussion.resolved", "UPDATED").await, asked);
        let idea = "mutation($id: ID!) { createInnovation(input: { communityId: $id, title: \"An idea\",
            idea: \"We walk.\" }) { innovation { id } userErrors { code field message } } }";
        let idea = ben.mutate(idea, json!({ "id": shelf })).await["innovation"]["id"].clone();
        let advance = "mutation($id: ID!) { advanceInnovation(id: $id, to: EXPLORING) { userErrors { code field message } } }";
        ben.mutate(advance, json!({ "id": idea })).await;
        assert_eq!(told("innovation.advanced", "UPDATED").await, idea);
        assert!(app.receiver().left_at("/hooks").await.is_empty());
    }

    async fn what_a_saved_search_finds_is_told(app: HookApp) {
        let (ada, ben) = (integrator(&app, "Ada").await, integrator(&app, "Ben").await);
        let shelf = ada.create_community("Shelf", json!({})).await;
        hook(&app, &ben, "/hooks", &["SEARCH_ALERT"], json!({})).await;
        let save = "mutation { saveSearch(name: \"Quokkas\", query: \"quokkas\", alerts: true) {
            savedSearch { id } userErrors { code field message } } }";
        let search = ben.mutate(save, json!({})).await["savedSearch"]["id"].clone();
        ada.create_resource(&shelf, "Wombats", json!({})).await;
        let quokka = ada.create_resource(&shelf, "The quokka", json!({})).await;
        let body = app.receiver().next_at("/hooks").await.json();
        assert_eq!(body["type"], "search.alert");
        assert_eq!((&body["data"]["nodeId"], &body["data"]["savedSearchId"]), (&quokka, &search));
    }

    async fn an_old_secret_signs_too_for_a_day(app: HookApp) {
        let ada = integrator(&app, "Ada").await;
        let shelf = ada.create_community("Shelf", json!({})).await;
        let (id, old) = hook(&app, &ada, "/hooks", &[PUBLISHED], json!({})).await;
        let rotated = ada.mutate(ROTATE, json!({ "id": id })).await;
        let new = rotated["secret"].as_str().unwrap();
        assert_ne!(new, old);
        ada.create_resource(&shelf, "Walking lessons", json!({})).await;
        let posted = app.receiver().next_at("/hooks").await;
        for secret in [&old, new] {
            Webhook::new(secret).unwrap().verify(&posted.body, &posted.headers).unwrap();
        }
        assert_eq!(posted.header("webhook-signature").split(' ').count(), 2);
        app.server().clock().advance(TimeDelta::hours(25));
        ada.create_resource(&shelf, "Running lessons", json!({})).await;
        let posted = app.receiver().next_at("/hooks").await;
        assert!(is_signed_by(&posted, new) && !is_signed_by(&posted, &old));
        for _ in 0..4 {
            ada.mutate(ROTATE, json!({ "id": id })).await;
        }
        assert_eq!(ada.refused(ROTATE, json!({ "id": id })).await, ["LIMIT_REACHED id"]);
    }
}

//! What happens when a receiver does not take it.

use std::ops::Deref;

use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};
use support::{App, Database, HookApp, Reply, on_both_databases};

use super::{
    DELIVERIES, PUBLISHED, REDELIVER, UPDATE, delivery, hook, integrator, is_in, is_signed_by,
};

/// Whether so many attempts of a delivery have ended.
fn has_failed(app: &App, attempts: usize) -> impl Fn(&Value) -> bool {
    move |node| {
        let next = node["nextAttemptAt"].as_str();
        let next = next.map(|next| DateTime::parse_from_rfc3339(next).unwrap());
        node["attempts"] == attempts && next.is_none_or(|next| next > app.server().clock().now())
    }
}

/// A server whose attempts may take a second.
struct HastyApp(HookApp);

impl Deref for HastyApp {
    type Target = HookApp;

    fn deref(&self) -> &HookApp {
        &self.0
    }
}

impl HastyApp {
    async fn start(database: Database) -> Option<Self> {
        let app = HookApp::start_with(database, |config| config.webhooks.request_time = 1.0);
        app.await.map(Self)
    }
}

on_both_databases! {
    async fn what_fails_is_tried_again_under_the_same_id(app: HookApp) {
        let ada = integrator(&app, "Ada").await;
        let shelf = ada.create_community("Shelf", json!({})).await;
        let (id, secret) = hook(&app, &ada, "/hooks", &[PUBLISHED], json!({})).await;
        let busy = Reply::With(503, "retry-after", "60".to_owned());
        app.receiver().reply("/hooks", [Reply::Status(500), busy]);
        ada.create_resource(&shelf, "Walking lessons", json!({})).await;
        let first = app.receiver().next_at("/hooks").await;
        let node = delivery(&ada, &first, is_in("RETRYING")).await;
        assert_eq!((&node["attempts"], &node["lastStatus"]), (&json!(1), &json!(500)));
        assert_eq!(node["lastError"], "The receiver answered 500 Internal Server Error.");
        let all = ada.query(DELIVERIES, json!({ "id": id })).await["node"].clone();
        assert!(all["failingSince"].is_string());

        app.server().clock().advance(TimeDelta::seconds(7));
        let second = app.receiver().next_at("/hooks").await;
        let node = delivery(&ada, &second, |node| node["attempts"] == 2 && node["lastStatus"] == 503).await;
        let next = DateTime::parse_from_rfc3339(node["nextAttemptAt"].as_str().unwrap()).unwrap();
        let pause = next.to_utc() - app.server().clock().now();
        assert!(pause > TimeDelta::seconds(40), "the receiver asked for a minute: {pause}");
        app.server().clock().advance(TimeDelta::seconds(61));
        let third = app.receiver().next_at("/hooks").await;
        delivery(&ada, &third, is_in("DELIVERED")).await;
        for retry in [&second, &third] {
            assert_eq!(retry.header("webhook-id"), first.header("webhook-id"));
            assert_eq!(retry.body, first.body);
            assert!(retry.header("webhook-timestamp") > first.header("webhook-timestamp"), "each is signed anew");
            assert_ne!(retry.header("webhook-signature"), first.header("webhook-signature"));
            assert!(is_signed_by(retry, &secret));
        }
        let all = ada.query(DELIVERIES, json!({ "id": id })).await["node"].clone();
        assert_eq!(all["failingSince"], Value::Null);
    }

    async fn what_fails_for_a_day_is_given_up_and_what_fails_for_days_is_switched_off(app: HookApp) {
        let ada = integrator(&app, "Ada").await;
        let shelf = ada.create_community("Shelf", json!({})).await;
        let (id, _) = hook(&app, &ada, "/hooks", &[PUBLISHED], json!({})).await;
        app.receiver().always("/hooks", Reply::Status(500));
        ada.create_resource(&shelf, "Walking lessons", json!({})).await;
        let mut attempts = 0;
        let first = loop {
            let posted = app.receiver().next_at("/hooks").await;
            attempts += 1;
            let node = delivery(&ada, &posted, has_failed(&app, attempts)).await;
            assert_eq!(node["lastStatus"], 500);
            if node["state"] == "DEAD" {
                break posted;
            }
            app.server().clock().advance(TimeDelta::hours(13));
        };
        assert_eq!(attempts, 11);
        let node = delivery(&ada, &first, is_in("DEAD")).await;
        assert_eq!(node["nextAttemptAt"], Value::Null);

        let again = json!({ "id": first.header("webhook-id") });
        let asked = ada.mutate(REDELIVER, again.clone()).await["delivery"].clone();
        assert_eq!((&asked["state"], &asked["attempts"]), (&json!("PENDING"), &json!(11)));
        loop {
            let posted = app.receiver().next_at("/hooks").await;
            attempts += 1;
            assert_eq!(posted.header("webhook-id"), first.header("webhook-id"));
            delivery(&ada, &posted, has_failed(&app, attempts)).await;
            let all = ada.query(DELIVERIES, json!({ "id": id })).await["node"].clone();
            if all["enabled"] == false {
                assert_eq!(all["disabledReason"], "FAILING");
                break;
            }
            app.server().clock().advance(TimeDelta::hours(13));
        }
        assert_eq!(attempts, 20, "twenty failures over more than five days");
        let told = "{ notifications { nodes { reason actor { id } about { id ... on Webhook { enabled } } } } }";
        let told = ada.query(told, json!({})).await["notifications"]["nodes"].clone();
        let expected = json!([{ "reason": "WEBHOOK_DISABLED", "actor": null, "about": { "id": id, "enabled": false } }]);
        assert_eq!(told, expected);
        assert_eq!(ada.refused(REDELIVER, again.clone()).await, ["INVALID_TRANSITION deliveryId"]);

        app.receiver().always("/hooks", Reply::Status(200));
        let enabled = ada.mutate(UPDATE, json!({ "id": id, "enabled": true })).await["webhook"].clone();
        assert_eq!((&enabled["enabled"], &enabled["disabledReason"]), (&json!(true), &Value::Null));
        ada.mutate(REDELIVER, again).await;
        let posted = app.receiver().next_at("/hooks").await;
        delivery(&ada, &posted, |node| node["state"] == "DELIVERED" && node["attempts"] == 21).await;
    }

    async fn a_receiver_that_is_gone_is_left_alone(app: HookApp) {
        let ada = integrator(&app, "Ada").await;
        let shelf = ada.create_community("Shelf", json!({})).await;
        let (id, _) = hook(&app, &ada, "/hooks", &[PUBLISHED], json!({})).await;
        app.receiver().reply("/hooks", [Reply::Status(410)]);
        ada.create_resource(&shelf, "Walking lessons", json!({})).await;
        let posted = app.receiver().next_at("/hooks").await;
        delivery(&ada, &posted, is_in("DEAD")).await;
        let gone = ada.query(DELIVERIES, json!({ "id": id })).await["node"].clone();
        assert_eq!((&gone["enabled"], &gone["disabledReason"]), (&json!(false), &json!("GONE")));
        let made = ada.create_resource_payload(&shelf, "Running lessons", json!({})).await;
        let left = ada.at(&made["position"]).query(DELIVERIES, json!({ "id": id })).await;
        assert_eq!(left["node"]["deliveries"]["totalCount"], 1, "what happens meanwhile is not told");
    }

    async fn redirects_are_not_followed(app: HookApp) {
        let ada = integrator(&app, "Ada").await;
        let shelf = ada.create_community("Shelf", json!({})).await;
        let target = app.receiver().url("/private");
        let statuses = [301, 302, 303, 307, 308];
        let path = |status: u16| format!("/{status}");
        for status in statuses {
            app.receiver().always(&path(status), Reply::With(status, "location", target.clone()));
            hook(&app, &ada, &path(status), &[PUBLISHED], json!({})).await;
        }
        ada.create_resource(&shelf, "Walking lessons", json!({})).await;
        for status in statuses {
            let posted = app.receiver().next_at(&path(status)).await;
            let node = delivery(&ada, &posted, is_in("RETRYING")).await;
            assert_eq!(node["lastStatus"], status);
            assert!(node["lastError"].as_str().unwrap().contains("Redirects are not followed"), "{node}");
        }
        assert!(app.receiver().left_at("/private").await.is_empty());
    }

    async fn a_restart_delivers_what_waited(app: HookApp) {
        let ada = integrator(&app, "Ada").await;
        let shelf = ada.create_community("Shelf", json!({})).await;
        hook(&app, &ada, "/hooks", &[PUBLISHED], json!({})).await;
        app.receiver().reply("/hooks", [Reply::Status(502)]);
        ada.create_resource(&shelf, "Walking lessons", json!({})).await;
        let first = app.receiver().next_at("/hooks").await;
        delivery(&ada, &first, is_in("RETRYING")).await;
        let token = ada.token().unwrap().to_owned();
        let app = app.restart().await;
        app.server().clock().advance(TimeDelta::seconds(7));
        let second = app.receiver().next_at("/hooks").await;
        assert_eq!(second.header("webhook-id"), first.header("webhook-id"));
        delivery(&app.anonymous().with_token(&token), &second, is_in("DELIVERED")).await;
    }

    async fn receivers_without_an_end_hold_up_nobody(app: HastyApp) {
        let ada = integrator(&app, "Ada").await;
        let shelf = ada.create_community("Shelf", json!({})).await;
        for (path, reply) in [
            ("/never", Reply::Never),
            ("/head", Reply::EndlessHead),
            ("/body", Reply::EndlessBody),
            ("/well", Reply::Status(200)),
        ] {
            app.receiver().always(path, reply);
            hook(&app, &ada, path, &[PUBLISHED], json!({})).await;
        }
        for number in 0..20 {
            ada.create_resource(&shelf, &format!("Lesson {number}"), json!({})).await;
        }
        for _ in 0..20 {
            let posted = app.receiver().next_at("/well").await;
            delivery(&ada, &posted, is_in("DELIVERED")).await;
        }
        for path in ["/never", "/head"] {
            let posted = app.receiver().next_at(path).await;
            let node = delivery(&ada, &posted, is_in("RETRYING")).await;
            assert_eq!(node["lastStatus"], Value::Null, "{path}");
            assert!(node["lastError"].is_string(), "{path}");
        }
        let posted = app.receiver().next_at("/never").await;
        let node = delivery(&ada, &posted, is_in("RETRYING")).await;
        assert_eq!(node["lastError"], "The receiver did not answer within 1 s.");
        let posted = app.receiver().next_at("/body").await;
        let node = delivery(&ada, &posted, is_in("DELIVERED")).await;
        assert_eq!(node["lastStatus"], 200, "it said that it took it");
    }
}

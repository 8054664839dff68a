//! Webhooks: what a receiver is sent, what happens when it does not take it, and what it is never sent.

use std::collections::HashSet;
use std::ops::Deref;

use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use support::{App, Client, Database, HookApp, Posted, Reply, on_both_databases};

use crate::statements::statements;

const CREATE: &str = "mutation($input: CreateWebhookInput!) { createWebhook(input: $input) {
    webhook { id url events enabled disabledReason failingSince community { id } createdAt } secret
    position userErrors { code field message } } }";
const UPDATE: &str = "mutation($id: ID!, $enabled: Boolean, $url: URL, $events: [WebhookEvent!]) {
    updateWebhook(id: $id, enabled: $enabled, url: $url, events: $events) {
        webhook { url events enabled disabledReason } secret position userErrors { code field message } } }";
const DELETE: &str = "mutation($id: ID!) { deleteWebhook(id: $id) {
    deletedId position userErrors { code field message } } }";
const ROTATE: &str = "mutation($id: ID!) { rotateWebhookSecret(id: $id) {
    webhook { id } secret userErrors { code field message } } }";
const REDELIVER: &str = "mutation($id: ID!) { redeliverWebhook(deliveryId: $id) {
    delivery { id state attempts nextAttemptAt } userErrors { code field message } } }";
const LIST: &str = "query($first: Int, $after: String) { webhooks(first: $first, after: $after) {
    totalCount nodes { id url deliveries(first: 2) { totalCount nodes { event } } } pageInfo { hasNextPage endCursor } } }";
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

fn is_in(state: &'static str) -> impl Fn(&Value) -> bool {
    move |node| node["state"] == state
}

/// Whether so many attempts of a delivery have ended.
fn has_failed(app: &App, attempts: usize) -> impl Fn(&Value) -> bool {
    move |node| {
        let next = node["nextAttemptAt"].as_str();
        let next = next.map(|next| DateTime::parse_from_rfc3339(next).unwrap());
        node["attempts"] == attempts && next.is_none_or(|next| next > app.server().clock().now())
    }
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

    async fn who_leaves_a_private_community_is_told_no_more_of_it(app: HookApp) {
        let (ada, ben) = (integrator(&app, "Ada").await, integrator(&app, "Ben").await);
        let cellar = ada.create_community("Cellar", json!({ "visibility": "PRIVATE" })).await;
        ada.admit(&cellar, &ben, "MEMBER").await;
        let (one, _) = hook(&app, &ben, "/one", &[PUBLISHED], json!({ "communityId": cellar })).await;
        let (all, _) = hook(&app, &ben, "/all", &["CHANGE"], json!({})).await;
        app.receiver().reply("/one", [Reply::Status(500)]);
        let secret = ada.create_resource(&cellar, "Secret lessons", json!({})).await;
        let pending = app.receiver().next_at("/one").await;
        assert_eq!(pending.json()["data"]["nodeId"], secret);
        delivery(&ben, &pending, is_in("RETRYING")).await;
        let change = app.receiver().next_at("/all").await.json();
        assert_eq!((&change["type"], &change["data"]["nodeId"]), (&json!("change"), &secret));

        let leave = "mutation($id: ID!) { leaveCommunity(communityId: $id) { position userErrors { code field message } } }";
        ben.mutate(leave, json!({ "id": cellar })).await;
        let left = app.receiver().next_at("/all").await.json()["data"].clone();
        assert_eq!((&left["scope"], &left["nodeId"]), (&json!("COMMUNITY"), &cellar), "all of it left his sight");
        app.server().clock().advance(TimeDelta::hours(1));
        delivery(&ben, &pending, Value::is_null).await;
        ada.create_resource(&cellar, "More secret lessons", json!({})).await;
        let shelf = ada.create_community("Shelf", json!({})).await;
        let open = ada.create_resource_payload(&shelf, "Open lessons", json!({})).await;
        loop {
            let data = app.receiver().next_at("/all").await.json()["data"].clone();
            assert_ne!(data["communityId"], cellar, "{data:#}");
            if data["nodeId"] == open["resource"]["id"] {
                break;
            }
        }
        let rest = ben.at(&open["position"]).query(DELIVERIES, json!({ "id": one })).await;
        assert_eq!(rest["node"]["deliveries"]["totalCount"], 0);
        assert!(app.receiver().left_at("/one").await.is_empty());
        let rest = ben.query(DELIVERIES, json!({ "id": all })).await;
        assert_eq!(rest["node"]["enabled"], true);
    }

    async fn webhooks_are_private_paged_and_bounded(app: HookApp) {
        let (ada, eve) = (integrator(&app, "Ada").await, integrator(&app, "Eve").await);
        let shelf = ada.create_community("Shelf", json!({})).await;
        let cellar = ada.create_community("Cellar", json!({ "visibility": "PRIVATE" })).await;
        let (id, _) = hook(&app, &ada, "/0", &[PUBLISHED], json!({})).await;
        ada.create_resource(&shelf, "Walking lessons", json!({})).await;
        let posted = app.receiver().next_at("/0").await;
        let sent = json!({ "id": posted.header("webhook-id") });
        let viewer = service::auth::authenticate(app.server().auth(), ada.token()).await.unwrap();
        let few = statements(&app, &viewer, LIST).await;
        for number in 1..20 {
            hook(&app, &ada, &format!("/{number}"), &[PUBLISHED], json!({})).await;
        }
        assert_eq!(statements(&app, &viewer, LIST).await, few);
        let page = ada.query(LIST, json!({ "first": 15 })).await["webhooks"].clone();
        assert_eq!((&page["totalCount"], &page["pageInfo"]["hasNextPage"]), (&json!(20), &json!(true)));
        let next = json!({ "first": 15, "after": page["pageInfo"]["endCursor"] });
        let next = ada.query(LIST, next).await["webhooks"]["nodes"].clone();
        assert_eq!(next.as_array().unwrap().len(), 5);
        assert_eq!(next[4]["id"], id);
        let more = json!({ "input": { "url": "https://learn.example.org/", "events": [PUBLISHED] } });
        assert_eq!(ada.refused(CREATE, more.clone()).await, ["LIMIT_REACHED"]);

        for other in [&eve, &app.anonymous()] {
            assert_eq!(other.query(LIST, json!({})).await["webhooks"]["totalCount"], 0);
            for one in [&json!({ "id": id }), &sent] {
                assert_eq!(other.query(DELIVERY, one.clone()).await["node"], Value::Null);
            }
        }
        for mutation in [UPDATE, DELETE, ROTATE] {
            assert_eq!(eve.refused(mutation, json!({ "id": id })).await, ["NOT_FOUND id"]);
            assert_eq!(app.anonymous().failed(mutation, json!({ "id": id })).await, ["UNAUTHENTICATED"]);
        }
        assert_eq!(eve.refused(REDELIVER, sent.clone()).await, ["NOT_FOUND deliveryId"]);
        assert_eq!(app.anonymous().failed(CREATE, more).await, ["UNAUTHENTICATED"]);
        let wrong = json!({ "input": { "url": "ftp://x", "events": [], "communityId": "x" } });
        let mut refused = eve.refused(CREATE, wrong).await;
        refused.sort_unstable();
        assert_eq!(refused, ["INVALID input.communityId", "INVALID input.url", "REQUIRED input.events"]);
        let private = json!({ "input": { "url": "https://learn.example.org/", "events": [PUBLISHED], "communityId": cellar } });
        assert_eq!(eve.refused(CREATE, private).await, ["FORBIDDEN input.communityId"]);

        let mut refused = ada.refused(UPDATE, json!({ "id": id, "url": "nowhere", "events": [], "enabled": null })).await;
        refused.sort_unstable();
        assert_eq!(refused, ["INVALID url", "REQUIRED events"]);
        let before = ada.mutate(UPDATE, json!({ "id": id })).await;
        let changed = json!({ "id": id, "enabled": false, "events": ["CHANGE", "RESOURCE_DELETED"] });
        let after = ada.mutate(UPDATE, changed.clone()).await;
        assert_ne!(after["position"], before["position"]);
        let expected = json!({ "url": app.receiver().url("/0"), "events": ["RESOURCE_DELETED", "CHANGE"], "enabled": false,
            "disabledReason": "OWNER" });
        assert_eq!((&after["webhook"], &after["secret"]), (&expected, &Value::Null));
        assert_eq!(ada.mutate(UPDATE, changed).await["position"], after["position"], "the same again changes nothing");
        assert_eq!(ada.mutate(DELETE, json!({ "id": id })).await["deletedId"], id);
        assert_eq!(ada.query(DELIVERY, sent).await["node"], Value::Null, "its deliveries go with it");
    }

    async fn a_token_reaches_as_far_as_it_says(app: HookApp) {
        let ada = app.person("Ada").await;
        let shelf = ada.create_community("Shelf", json!({})).await;
        let other = ada.create_community("Other", json!({})).await;
        let create = "mutation($scopes: [TokenScope!]!, $community: ID) {
            createApiToken(input: { name: \"LMS\", scopes: $scopes, communityId: $community }) {
                secret userErrors { code field message } } }";
        let token = async |scopes: Value, community: &Value| {
            let made = ada.mutate(create, json!({ "scopes": scopes, "community": community })).await;
            app.anonymous().with_token(made["secret"].as_str().unwrap())
        };
        let (mine, _) = hook(&app, &ada, "/mine", &[PUBLISHED], json!({})).await;
        let weak = token(json!(["READ", "WRITE"]), &Value::Null).await;
        let input = |community: &Value| {
            json!({ "input": { "url": "https://learn.example.org/", "events": [PUBLISHED], "communityId": community } })
        };
        assert_eq!(weak.failed(CREATE, input(&Value::Null)).await, ["FORBIDDEN"]);
        assert_eq!(weak.query(LIST, json!({})).await["webhooks"]["totalCount"], 0);
        let lms = token(json!(["READ", "WRITE", "SYNC"]), &Value::Null).await;
        assert_eq!(lms.query(LIST, json!({})).await["webhooks"]["totalCount"], 1);
        lms.mutate(CREATE, input(&other)).await;
        let bound = token(json!(["READ", "WRITE", "SYNC"]), &shelf).await;
        assert_eq!(bound.query(LIST, json!({})).await["webhooks"]["totalCount"], 0);
        assert_eq!(bound.refused(DELETE, json!({ "id": mine })).await, ["NOT_FOUND id"]);
        for community in [&Value::Null, &other] {
            assert_eq!(bound.refused(CREATE, input(community)).await, ["FORBIDDEN input.communityId"]);
        }
        bound.mutate(CREATE, input(&shelf)).await;
        assert_eq!(bound.query(LIST, json!({})).await["webhooks"]["totalCount"], 1);
        assert_eq!(ada.query(LIST, json!({})).await["webhooks"]["totalCount"], 3);
    }

    async fn private_addresses_are_refused_without_the_switch(app: App) {
        let ada = integrator(&app, "Ada").await;
        for url in [
            "http://learn.example.org/", "https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://10.0.0.1/",
            "https://169.254.169.254/latest", "https://[::ffff:192.168.0.1]/", "https://2130706433/", "https://router/",
            "https://ada:secret@learn.example.org/",
        ] {
            let input = json!({ "input": { "url": url, "events": [PUBLISHED] } });
            assert_eq!(ada.refused(CREATE, input).await, ["INVALID input.url"], "{url}");
        }
        let input = json!({ "input": { "url": "https://learn.example.org/", "events": [PUBLISHED] } });
        let id = ada.mutate(CREATE, input).await["webhook"]["id"].clone();
        assert_eq!(ada.refused(UPDATE, json!({ "id": id, "url": "http://127.0.0.1/" })).await, ["INVALID url"]);
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

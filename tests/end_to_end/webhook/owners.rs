//! Who may have a webhook, where it may lead, and what its owner is never told.

use chrono::TimeDelta;
use serde_json::{Value, json};
use support::{App, HookApp, Reply, on_both_databases};

use super::{
    CREATE, DELIVERIES, DELIVERY, PUBLISHED, REDELIVER, ROTATE, UPDATE, delivery, hook, integrator,
    is_in,
};
use crate::statements::statements;

const DELETE: &str = "mutation($id: ID!) { deleteWebhook(id: $id) {
    deletedId position userErrors { code field message } } }";
const LIST: &str = "query($first: Int, $after: String) { webhooks(first: $first, after: $after) {
    totalCount nodes { id url deliveries(first: 2) { totalCount nodes { event } } } pageInfo { hasNextPage endCursor } } }";

on_both_databases! {
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

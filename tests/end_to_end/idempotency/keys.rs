//! What is a key, whose it is, and how long it is known.

use chrono::TimeDelta;
use serde_json::{Value, json};
use service::idempotency::remove_forgotten;
use support::{Answer, App, on_both_databases};

use super::{
    CREATE, KEY, NEW_TOKEN, OUTCOME, article, kept, newest, resources, with_lasting_token,
};

on_both_databases! {
    async fn an_answer_is_told_to_those_of_the_same_rights_only(app: App) {
        let ada = app.person("Ada").await;
        let community = ada.create_community("Teachers", json!({})).await;
        let made = ada.keyed(KEY).mutate(CREATE, article(&community, "Fractions")).await;
        let narrow = json!({ "name": "Narrow", "scopes": ["READ", "WRITE"] });
        let bound = json!({ "name": "Bound", "scopes": ["READ", "WRITE"], "communityId": community });
        for input in [narrow, bound] {
            let token = ada.mutate(NEW_TOKEN, json!({ "input": input })).await;
            let token = app.anonymous().with_token(token["secret"].as_str().unwrap());
            let told = token.keyed(KEY).send(CREATE, article(&community, "Fractions")).await;
            assert_eq!(told.codes(), ["IDEMPOTENCY_KEY_REUSED"], "{}", told.body);
            let outcome = token.query(OUTCOME, json!({ "key": KEY })).await;
            assert_eq!(outcome["idempotentOutcome"], Value::Null);
        }
        assert_eq!(ada.keyed(KEY).mutate(CREATE, article(&community, "Fractions")).await, made);
        assert_eq!(resources(&ada, &community).await, 1);
    }

    async fn a_header_that_is_no_key_is_refused(app: App) {
        let ada = app.person("Ada").await;
        let community = ada.create_community("Teachers", json!({})).await;
        let before = newest(&ada).await;
        let send = async |query: &str, variables: Value, keys: &[&[u8]]| {
            let mut request = ada.http().post(format!("{}/graphql", ada.url())).bearer_auth(ada.token().unwrap())
                .header("accept", "application/graphql-response+json")
                .json(&json!({ "query": query, "variables": variables }));
            for key in keys {
                request = request.header("idempotency-key", *key);
            }
            Answer::read(request).await
        };
        let long = "k".repeat(256);
        let wrong: [&[&[u8]]; 6] = [&[b""], &[b"a key"], &["clé".as_bytes()], &[b"tab\there"], &[long.as_bytes()], &[b"one", b"two"]];
        for keys in wrong {
            let answer = send(CREATE, article(&community, "Fractions"), keys).await;
            assert_eq!((answer.status, answer.codes()), (400, vec!["BAD_USER_INPUT"]), "{keys:?}: {}", answer.body);
            let query = send("{ __typename }", json!({}), keys).await;
            assert_eq!(query.status, 200, "a query has no use for it");
        }
        assert_eq!(newest(&ada).await, before);
        let longest = "~".repeat(255);
        let answer = send(CREATE, article(&community, "Fractions"), &[longest.as_bytes()]).await;
        assert!(answer.body["data"]["createResource"]["resource"]["id"].is_string(), "{}", answer.body);
    }

    async fn after_a_day_a_key_is_new(app: App) {
        let ada = with_lasting_token(&app.person("Ada").await).await;
        let community = ada.create_community("Teachers", json!({})).await;
        let keyed = ada.keyed(KEY);
        let clock = app.server().clock();
        let first = keyed.mutate(CREATE, article(&community, "Fractions")).await;
        clock.advance(TimeDelta::hours(23));
        assert_eq!(keyed.mutate(CREATE, article(&community, "Fractions")).await, first);
        clock.advance(TimeDelta::hours(1));
        let outcome = ada.query(OUTCOME, json!({ "key": KEY })).await;
        assert_eq!(outcome["idempotentOutcome"], Value::Null);
        let second = keyed.mutate(CREATE, article(&community, "Decimals")).await;
        assert_ne!(second["resource"]["id"], first["resource"]["id"]);
        clock.advance(TimeDelta::hours(24));
        assert_eq!(remove_forgotten(app.server().store()).await.unwrap(), 1);
        assert_eq!(kept(&app).await, [""; 0]);
    }
}

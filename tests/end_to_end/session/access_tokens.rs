//! Access tokens: how long they are good, and what is none.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use support::{App, Database, on_both_databases};

use super::{REFRESH, WHO, assert_unauthenticated, sign_up, text, with};

fn part(token: &str, number: usize) -> Value {
    let part = token
        .split('.')
        .nth(number)
        .expect("a token has three parts");
    serde_json::from_slice(&BASE64.decode(part).expect("base64")).expect("JSON")
}

fn encode(value: &Value) -> String {
    BASE64.encode(value.to_string())
}

on_both_databases! {
    async fn access_tokens_end_before_their_session_does(app: App) {
        let made = sign_up(&app, "ada@example.org").await;
        let ends: chrono::DateTime<chrono::Utc> = text(&made["accessTokenExpiresAt"]).parse().unwrap();
        assert!(ends - app.server().clock().now() <= TimeDelta::minutes(60), "access tokens are short-lived");
        app.server().clock().advance(ends - app.server().clock().now() + TimeDelta::minutes(1));
        assert_unauthenticated(&app, text(&made["accessToken"])).await;
        let renewed = app.anonymous().mutate(REFRESH, json!({ "token": made["refreshToken"] })).await;
        with(&app, &renewed["accessToken"]).query(WHO, json!({})).await;
        app.server().clock().advance(TimeDelta::days(366));
        let over = app.anonymous().refused(REFRESH, json!({ "token": renewed["refreshToken"] })).await;
        assert_eq!(over, ["INVALID_CREDENTIALS refreshToken"]);
    }

    async fn forged_and_broken_tokens_are_nobody(app: App) {
        let made = sign_up(&app, "ada@example.org").await;
        let token = text(&made["accessToken"]);
        let (header, claims) = (part(token, 0), part(token, 1));
        let [_, body, signature]: [&str; 3] = token.split('.').collect::<Vec<_>>().try_into().unwrap();

        let keys: Value = app.anonymous().http()
            .get(format!("{}/.well-known/jwks.json", app.server().url()))
            .send().await.unwrap().json().await.unwrap();
        let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]).unwrap().clone();
        assert!(key.get("d").is_none(), "the private part is not published");
        let public = BASE64.decode(text(&key["x"])).unwrap();

        let forge = |algorithm: Algorithm, key: &EncodingKey| {
            let mut forged = Header::new(algorithm);
            forged.typ = header["typ"].as_str().map(str::to_owned);
            forged.kid = header["kid"].as_str().map(str::to_owned);
            jsonwebtoken::encode(&forged, &claims, key).unwrap()
        };
        // RFC 8410: a private key of Ed25519 is these sixteen bytes and 32 more.
        let mut foreign = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
        foreign.extend([7; 32]);
        let mut unsigned = header.clone();
        unsigned["alg"] = json!("none");
        let mut other_claims = claims.clone();
        other_claims["exp"] = json!(claims["exp"].as_i64().unwrap() + 1_000_000);
        let mut without_kid = header.clone();
        without_kid.as_object_mut().unwrap().remove("kid");

        for forged in [
            format!("{}.{body}.", encode(&unsigned)),
            format!("{}.{body}.{signature}", encode(&unsigned)),
            forge(Algorithm::HS256, &EncodingKey::from_secret(&public)),
            forge(Algorithm::HS256, &EncodingKey::from_secret(key.to_string().as_bytes())),
            forge(Algorithm::EdDSA, &EncodingKey::from_ed_der(&foreign)),
            format!("{}.{}.{signature}", encode(&header), encode(&other_claims)),
            format!("{}.{body}.{signature}", encode(&without_kid)),
            format!("{body}.{body}.{signature}"),
            token[..token.len() - 4].to_owned(),
            format!("{token}.{signature}"),
            text(&made["refreshToken"]).to_owned(),
            "garbage".to_owned(),
            "..".to_owned(),
            "a".repeat(20_000),
        ] {
            assert_unauthenticated(&app, &forged).await;
        }
        let http = app.anonymous().http().clone();
        for authorization in ["Basic YTpi", "Bearer", "Bearer  ", "nonsense"] {
            let request = http.post(format!("{}/graphql", app.server().url())).header("authorization", authorization);
            let answer = support::Answer::read(request.json(&json!({ "query": WHO }))).await;
            assert_eq!((answer.status, answer.codes()), (401, vec!["UNAUTHENTICATED"]), "{authorization:?}");
        }
        with(&app, &made["accessToken"]).query(WHO, json!({})).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_another_server_is_nobody_here() {
    let here = App::start(Database::Sqlite)
        .await
        .expect("SQLite is always to be had");
    let there = App::start(Database::Sqlite)
        .await
        .expect("SQLite is always to be had");
    let made = sign_up(&there, "ada@example.org").await;
    assert_unauthenticated(&here, text(&made["accessToken"])).await;
    let refused = here
        .anonymous()
        .refused(REFRESH, json!({ "token": made["refreshToken"] }))
        .await;
    assert_eq!(refused, ["INVALID_CREDENTIALS refreshToken"]);
}

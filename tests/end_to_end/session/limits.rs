//! How often one may try to sign in.

use chrono::TimeDelta;
use serde_json::json;
use support::{Answer, App, Database, PASSWORD};

use super::{SIGN_IN, sign_up};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_count_by_the_address_that_a_trusted_proxy_names() {
    let limit = |config: &mut api::config::Config| {
        config.auth.limits.sign_in = api::config::RateConfig {
            burst: 1,
            every_seconds: 3_600.0,
        };
    };
    let behind_a_proxy = |config: &mut api::config::Config| {
        limit(config);
        config.trusted_proxies = vec![api::http::Network::parse("127.0.0.0/8").unwrap()];
    };
    let attempt = async |app: &App, forwarded_for: &str| {
        let input = json!({ "email": "nobody@example.org", "password": PASSWORD });
        let body = json!({ "query": SIGN_IN, "variables": { "input": input } });
        let url = format!("{}/graphql", app.anonymous().url());
        let request = app.anonymous().http().post(url).json(&body);
        let answer = Answer::read(request.header("x-forwarded-for", forwarded_for)).await;
        answer.codes() == ["RATE_LIMITED"]
    };
    let proxied = App::start_with(Database::Sqlite, behind_a_proxy)
        .await
        .expect("SQLite is always to be had");
    assert!(!attempt(&proxied, "203.0.113.1").await);
    assert!(attempt(&proxied, "198.51.100.1, 203.0.113.1").await);
    assert!(
        !attempt(&proxied, "203.0.113.2").await,
        "nobody else is locked out"
    );
    let open = App::start_with(Database::Sqlite, limit)
        .await
        .expect("SQLite is always to be had");
    assert!(!attempt(&open, "203.0.113.1").await);
    assert!(
        attempt(&open, "203.0.113.2").await,
        "anybody may write that header"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failing_for_one_address_locks_nobody_else_out() {
    let app = App::start(Database::Sqlite)
        .await
        .expect("SQLite is always to be had");
    sign_up(&app, "ada@example.org").await;
    sign_up(&app, "ben@example.org").await;
    let attempt = async |email: &str, password: &str| {
        app.anonymous()
            .send(
                SIGN_IN,
                json!({ "input": { "email": email, "password": password } }),
            )
            .await
    };
    let mut limited = None;
    for _ in 0..30 {
        let answer = attempt("ada@example.org", "a wrong passphrase").await;
        if answer.codes() == ["RATE_LIMITED"] {
            limited = Some(answer);
            break;
        }
    }
    let limited = limited.expect("failures are limited");
    assert!(
        limited.headers.contains_key("retry-after"),
        "{:?}",
        limited.headers
    );
    let other = attempt("ben@example.org", PASSWORD).await;
    assert_eq!(
        other.body["data"]["signIn"]["userErrors"],
        json!([]),
        "another account signs in from there"
    );
    app.server().clock().advance(TimeDelta::hours(1));
    let later = attempt("ada@example.org", PASSWORD).await;
    assert_eq!(
        later.body["data"]["signIn"]["userErrors"],
        json!([]),
        "and the first one does later"
    );
}

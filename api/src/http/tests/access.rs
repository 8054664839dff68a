//! Who calls: tokens, scopes, request ids, internal errors, time and room.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::support::{Server, post, request};
use crate::graphql::codes;
use crate::graphql::limits::Limits;

#[tokio::test]
async fn a_bad_token_is_401_before_the_body_is_looked_at() {
    let server = Server::new();
    for header in ["Bearer wrong", "Bearer ", "Basic abc", "good"] {
        let answer = server
            .send(post("not json", &[("authorization", header)]))
            .await;
        answer.assert_request_error(401, codes::UNAUTHENTICATED);
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
    let twice = post(
        "{}",
        &[
            ("authorization", "Bearer good"),
            ("authorization", "Bearer good"),
        ],
    );
    server
        .send(twice)
        .await
        .assert_request_error(401, codes::UNAUTHENTICATED);
    let answer = server
        .send(post(
            r#"{"query": "{ hello }"}"#,
            &[("authorization", "bearer good")],
        ))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_caller_over_budget_is_told_when_to_come_again() {
    let answer = Server::new()
        .send(post("{}", &[("authorization", "Bearer eager")]))
        .await;
    answer.assert_request_error(429, codes::RATE_LIMITED);
    assert_eq!(answer.header("retry-after"), "2");
}

#[tokio::test]
async fn a_missing_scope_is_403_and_in_a_batch_that_request_s_own_error() {
    let server = Server::new();
    let reader = [("authorization", "Bearer reader")];
    let mutation = json!({ "query": "mutation { add }" });
    server
        .send(post(mutation.to_string(), &reader))
        .await
        .assert_request_error(403, codes::FORBIDDEN);
    let batch = json!([mutation, { "query": "{ hello }" }]).to_string();
    let json = server.send(post(batch, &reader)).await.json();
    assert_eq!(json[0]["errors"][0]["extensions"]["code"], codes::FORBIDDEN);
    assert_eq!(json[1]["data"]["hello"], "Hello, world!");
    assert_eq!(server.mutations(), 0);
}

#[tokio::test]
async fn the_position_header_reaches_the_resolvers() {
    let server = Server::new();
    let answer = server
        .send(post(
            r#"{"query": "{ position }"}"#,
            &[("x-repertoire-position", "42")],
        ))
        .await;
    assert_eq!(answer.json()["data"]["position"], "42");
    assert_eq!(
        server.query("{ position }").await.json()["data"]["position"],
        Value::Null
    );
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_safe_headers() {
    let server = Server::new();
    for (method, path) in [
        (Method::GET, "/graphql?query=%7Bhello%7D"),
        (Method::GET, "/graphql"),
        (Method::PUT, "/graphql"),
        (Method::GET, "/livez"),
        (Method::GET, "/nowhere"),
        (Method::GET, "/"),
    ] {
        let answer = server
            .send(request(
                method,
                path,
                &[("x-request-id", "abc-1")],
                Body::empty(),
            ))
            .await;
        assert_eq!(answer.header("x-request-id"), "abc-1", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
    let made = server.query("{ hello }").await;
    assert_eq!(made.header("x-request-id").len(), 36);
}

#[tokio::test]
async fn an_internal_error_shows_its_request_id_and_nothing_else() {
    let server = Server::new();
    for query in ["{ broken }", "{ masked }"] {
        let answer = server.query(query).await;
        let error = &answer.json()["errors"][0];
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(
            error["extensions"],
            json!({ "code": "INTERNAL_SERVER_ERROR", "requestId": answer.header("x-request-id") })
        );
        assert!(
            !answer.text().contains("hunter2") && !answer.text().contains("10.0.0.5"),
            "{}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn a_panic_is_an_internal_error_and_the_server_goes_on() {
    let server = Server::new();
    let answer = server.query("{ panics }").await;
    answer.assert_request_error(500, codes::INTERNAL_SERVER_ERROR);
    assert_eq!(
        answer.json()["errors"][0]["extensions"]["requestId"],
        answer.header("x-request-id")
    );
    assert!(!answer.text().contains("internal text"));
    assert_eq!(server.query("{ hello }").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_told_so() {
    let server = Server::with(Limits {
        request_time: Duration::from_millis(20),
        ..Limits::default()
    });
    let answer = server.query("{ wait }").await;
    answer.assert_request_error(504, codes::TIMEOUT);
    assert_eq!(
        answer.json()["errors"][0]["extensions"]["limit"],
        "requestTime"
    );
    assert_eq!(answer.json()["errors"][0]["extensions"]["maximum"], 0.02);
}

#[tokio::test]
async fn a_body_that_never_comes_is_given_up() {
    let server = Server::with(Limits {
        body_time: Duration::from_millis(20),
        ..Limits::default()
    });
    let never = futures_util::stream::pending::<Result<bytes::Bytes, std::convert::Infallible>>();
    server
        .send(post(Body::from_stream(never), &[]))
        .await
        .assert_request_error(408, codes::TIMEOUT);
}

#[tokio::test]
async fn more_requests_at_once_than_allowed_are_refused_and_health_is_not() {
    let server = Server::with(Limits {
        concurrent_requests: 1,
        ..Limits::default()
    });
    let router = server.router.clone();
    let waiting = tokio::spawn(async move {
        use tower::ServiceExt;
        router
            .oneshot(post(r#"{"query": "{ wait }"}"#, &[]))
            .await
            .unwrap()
            .status()
    });
    server.watch.entered.notified().await;
    let refused = server.query("{ hello }").await;
    refused.assert_request_error(503, codes::SERVICE_UNAVAILABLE);
    assert_eq!(refused.header("retry-after"), "1");
    let live = server
        .send(request(Method::GET, "/livez", &[], Body::empty()))
        .await;
    assert_eq!(live.status, StatusCode::OK);
    server.watch.leave.notify_one();
    assert_eq!(waiting.await.unwrap(), StatusCode::OK);
    assert_eq!(server.query("{ hello }").await.status, StatusCode::OK);
}

thread_local! {
    static LINES: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// Keeps what a thread logs apart from what the others do.
struct LinesOfThread;

impl std::io::Write for LinesOfThread {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.extend_from_slice(bytes));
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_log_has_the_request_and_none_of_its_secrets() {
    // One subscriber for the process: a scoped one races with other tests that reach the same log line first.
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(|| LinesOfThread)
        .try_init()
        .expect("no other test installs a subscriber");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let server = Server::new();
        server.query("{ hello }").await;
        tracing::callsite::rebuild_interest_cache();
        let headers = [
            ("authorization", "Bearer s3cret-token"),
            ("x-request-id", "id-1"),
        ];
        server
            .get("query=%7Bhello(name:%22s3cret-name%22)%7D", &headers)
            .await;
        server
            .send(post(
                r#"{"query": "{ broken }"}"#,
                &[("x-request-id", "id-2")],
            ))
            .await;
        let odd = request(Method::GET, "/a%0Ab\u{85}c", &[], Body::empty());
        server.send(odd).await;
    });
    let text = String::from_utf8(LINES.take()).unwrap();
    assert!(
        text.contains("request_id=\"id-1\" method=\"GET\" path=\"/graphql\" status=401"),
        "{text}"
    );
    assert!(
        text.contains("id-2") && text.contains("hunter2"),
        "the log has what the caller does not get: {text}"
    );
    assert!(!text.contains("s3cret"), "{text}");
    assert!(text.contains("u{85}c") && text.contains("/a%0Ab"), "{text}");
    assert!(!text.contains('\u{85}'));
}

//! Health, metrics, keys, GraphiQL, and paths that are not served.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use serde_json::json;

use super::support::{Server, Watch, parts, request};
use crate::graphql::codes;
use crate::graphql::limits::Limits;
use crate::http::{Check, Readiness, metrics, router};

struct Probe(bool);

impl Readiness for Probe {
    fn check(&self) -> Pin<Box<dyn Future<Output = Vec<Check>> + Send + '_>> {
        Box::pin(async {
            let database = Check::passed("database", "It answers.");
            let index = if self.0 {
                Check::passed("index", "It follows.")
            } else {
                Check::failed("index", "It is behind.")
            };
            vec![database, index]
        })
    }
}

fn get(path: &str) -> axum::http::Request<Body> {
    request(Method::GET, path, &[], Body::empty())
}

#[tokio::test]
async fn readiness_is_what_the_checks_say() {
    for (ok, status, word) in [
        (true, StatusCode::OK, "ok"),
        (false, StatusCode::SERVICE_UNAVAILABLE, "failed"),
    ] {
        let watch = Watch::default();
        let mut parts = parts(&watch, Limits::default());
        parts.readiness = Arc::new(Probe(ok));
        let server = Server {
            router: router(parts).unwrap(),
            watch,
        };
        let answer = server.send(get("/readyz")).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.json()["status"], word);
        assert_eq!(
            answer.json()["checks"][0],
            json!({ "name": "database", "ok": true, "message": "It answers." })
        );
        assert_eq!(answer.json()["checks"][1]["ok"], ok);
        assert_eq!(
            server.send(get("/livez")).await.json(),
            json!({ "status": "ok", "checks": [] })
        );
    }
}

#[test]
fn requests_and_operations_are_counted_by_fixed_labels() {
    let recorder = metrics::recorder().unwrap();
    let handle = recorder.handle();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    ::metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            let watch = Watch::default();
            let mut parts = parts(&watch, Limits::default());
            parts.metrics = Some(handle);
            let server = Server {
                router: router(parts).unwrap(),
                watch,
            };
            server.query("query Curious { hello }").await;
            server.query("mutation { add }").await;
            server.query("{ nope }").await;
            server.query("{ broken }").await;
            server.send(get("/a/path/that/is/not/there")).await;
            let answer = server.send(get("/metrics")).await;
            let text = answer.text();
            for line in [
                r#"repertoire_http_requests_total{method="POST",route="/graphql",status="200"} 3"#,
                r#"repertoire_http_requests_total{method="GET",route="unmatched",status="404"} 1"#,
                r#"repertoire_graphql_operations_total{type="query",outcome="ok"} 1"#,
                r#"repertoire_graphql_operations_total{type="mutation",outcome="ok"} 1"#,
                r#"repertoire_graphql_operations_total{type="query",outcome="internal_error"} 1"#,
                r#"repertoire_http_request_duration_seconds_bucket{route="/graphql",le="0.001"}"#,
            ] {
                assert!(text.contains(line), "{line}\n{text}");
            }
            assert!(
                !text.contains("Curious") && !text.contains("not/there"),
                "{text}"
            );
            assert!(
                answer
                    .header("content-type")
                    .starts_with("text/plain; version=0.0.4")
            );
        });
    });
}

#[tokio::test]
async fn what_is_not_configured_is_not_there() {
    let server = Server::new();
    for path in [
        "/metrics",
        "/.well-known/jwks.json",
        "/graphql/",
        "/graphiql/../Cargo.toml",
        "/%00",
    ] {
        server
            .send(get(path))
            .await
            .assert_request_error(404, codes::NOT_FOUND);
    }
    let answer = server
        .send(request(Method::POST, "/livez", &[], Body::empty()))
        .await;
    answer.assert_request_error(405, codes::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn keys_are_published() {
    let watch = Watch::default();
    let mut parts = parts(&watch, Limits::default());
    parts.key_set = Some(Arc::new(|| json!({ "keys": [{ "kid": "1" }] })));
    let server = Server {
        router: router(parts).unwrap(),
        watch,
    };
    assert_eq!(
        server.send(get("/.well-known/jwks.json")).await.json()["keys"][0]["kid"],
        "1"
    );
}

#[tokio::test]
async fn graphiql_is_served_from_the_binary_under_its_policy() {
    let server = Server::new();
    let page = server.send(get("/")).await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (StatusCode::OK, "text/html; charset=utf-8")
    );
    assert!(
        page.header("content-security-policy")
            .starts_with("default-src 'none'; script-src 'self';")
    );
    let path = "/graphiql/react-18.3.1.min.js";
    let brotli = server
        .send(request(
            Method::GET,
            path,
            &[("accept-encoding", "gzip, br")],
            Body::empty(),
        ))
        .await;
    assert_eq!(brotli.header("content-encoding"), "br");
    assert!(brotli.header("cache-control").contains("immutable"));
    let plain = server.send(get(path)).await;
    assert_eq!(
        (plain.header("content-encoding"), plain.bytes.len()),
        ("", 10_751)
    );
    assert!(plain.text().contains("React"));
    let script = server.send(get("/graphiql/start.js")).await;
    let again = [("if-none-match", script.header("etag"))];
    let again = server
        .send(request(
            Method::GET,
            "/graphiql/start.js",
            &again,
            Body::empty(),
        ))
        .await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    let watch = Watch::default();
    let mut parts = parts(&watch, Limits::default());
    parts.graphiql = false;
    let server = Server {
        router: router(parts).unwrap(),
        watch,
    };
    assert_eq!(server.send(get("/")).await.status, StatusCode::NOT_FOUND);
}

//! Pages of other origins.

use axum::body::Body;
use axum::http::{HeaderValue, Method, StatusCode};

use super::support::{Answer, Server, Watch, parts, post, request};
use crate::graphql::limits::Limits;
use crate::http::{Cors, Origins, router};

fn server(origins: Origins) -> Server {
    let watch = Watch::default();
    let mut parts = parts(&watch, Limits::default());
    parts.cors = Cors { origins };
    Server {
        router: router(parts).unwrap(),
        watch,
    }
}

async fn preflight(server: &Server, origin: &str) -> Answer {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "POST"),
        (
            "access-control-request-headers",
            "content-type,authorization,x-repertoire-position",
        ),
    ];
    server
        .send(request(
            Method::OPTIONS,
            "/graphql",
            &headers,
            Body::empty(),
        ))
        .await
}

#[tokio::test]
async fn no_other_origin_may_call_unless_it_is_configured() {
    let none = server(Origins::Own);
    let answer = preflight(&none, "https://evil.example").await;
    assert_eq!(
        (
            answer.status.as_u16(),
            answer.header("access-control-allow-origin")
        ),
        (405, "")
    );
    let some = server(Origins::These(vec![HeaderValue::from_static(
        "https://learn.example",
    )]));
    assert_eq!(
        preflight(&some, "https://evil.example")
            .await
            .header("access-control-allow-origin"),
        ""
    );
    let answer = preflight(&some, "https://learn.example").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://learn.example"
    );
    assert!(
        answer
            .header("access-control-allow-headers")
            .contains("x-repertoire-position")
    );
    let answer = some
        .send(post(
            r#"{"query": "{ hello }"}"#,
            &[("origin", "https://learn.example")],
        ))
        .await;
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://learn.example"
    );
    assert!(
        answer
            .header("access-control-expose-headers")
            .contains("x-request-id")
    );
}

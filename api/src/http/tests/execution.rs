//! What executors answer, and what variables have to be before they are asked.

use axum::http::StatusCode;
use serde_json::json;

use super::support::Server;
use crate::graphql::codes;

#[tokio::test]
async fn headers_that_resolvers_set_are_answered() {
    assert_eq!(
        Server::new().query("{ header }").await.header("x-points"),
        "7"
    );
}

#[tokio::test]
async fn errors_of_fields_keep_the_data_and_the_status() {
    let answer = Server::new().query("{ hello refused }").await;
    assert_eq!(
        (answer.status, answer.code()),
        (StatusCode::OK, codes::RATE_LIMITED.to_owned())
    );
    assert_eq!(
        answer.json()["data"],
        json!({ "hello": "Hello, world!", "refused": null })
    );
    assert_eq!(answer.json()["errors"][0]["path"], json!(["refused"]));
    assert_eq!(answer.header("retry-after"), "2");
}

#[tokio::test]
async fn an_operation_of_which_everything_is_skipped_has_an_empty_object() {
    let answer = Server::new().query("{ hello @skip(if: true) }").await;
    assert_eq!(answer.text(), r#"{"data":{}}"#);
}

#[tokio::test]
async fn a_failed_field_is_null_and_one_that_cannot_be_null_takes_its_parent() {
    let server = Server::new();
    for (query, data) in [
        ("{ refused }", json!({ "refused": null })),
        (
            "{ a: refused ...f hello } fragment f on Query { b: refused }",
            json!({ "a": null, "b": null, "hello": "Hello, world!" }),
        ),
        (
            "{ node(id: 1) { failing } hello }",
            json!({ "node": { "failing": null }, "hello": "Hello, world!" }),
        ),
        (
            "{ maybe { strict id } hello }",
            json!({ "maybe": null, "hello": "Hello, world!" }),
        ),
        (
            "{ maybe { child { strict failing } } hello }",
            json!({ "maybe": null, "hello": "Hello, world!" }),
        ),
        ("{ node(id: 1) { strict failing } hello }", json!(null)),
        (
            "{ pair { id ... on Node { failing } } }",
            json!({ "pair": [{ "id": "node_1", "failing": null }, { "id": "node_1", "failing": null }] }),
        ),
    ] {
        let answer = server.query(query).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}");
        assert_eq!(answer.json()["data"], data, "{query}");
        assert!(
            answer.json().get("data").is_some() && !answer.code().is_empty(),
            "{query}"
        );
    }
}

#[tokio::test]
async fn an_object_of_whose_selection_nothing_applies_is_empty() {
    let server = Server::new();
    for (query, data) in [
        (
            "{ maybe { id @skip(if: true) } hello }",
            json!({ "maybe": {}, "hello": "Hello, world!" }),
        ),
        (
            "{ node(id: 1) { ...f @include(if: false) } } fragment f on Node { id }",
            json!({ "node": {} }),
        ),
        (
            "{ pair { ...f } } fragment f on Node { id @skip(if: true) child { id @skip(if: true) } }",
            json!({ "pair": [{ "child": {} }, { "child": {} }] }),
        ),
        (
            "{ pair { id @skip(if: true) } nodes { ... @skip(if: true) { totalCount } } }",
            json!({ "pair": [{}, {}], "nodes": {} }),
        ),
        // What a key is given in two places is one.
        (
            "{ maybe { id @skip(if: true) } maybe { id } pair { id @skip(if: true) } pair { id } }",
            json!({ "maybe": { "id": "node_1" }, "pair": [{ "id": "node_1" }, { "id": "node_1" }] }),
        ),
        ("{ ... on Query @skip(if: true) { hello } }", json!({})),
        ("mutation { add @skip(if: true) }", json!({})),
        (
            "query a { maybe { id @skip(if: true) } } query b { hello }",
            json!({ "maybe": {} }),
        ),
    ] {
        // The second time the document is known.
        for _ in 0..2 {
            let operation = query.starts_with("query a").then_some("a");
            let body = json!({ "query": query, "operationName": operation });
            let answer = server.post(body.to_string()).await;
            assert_eq!(answer.json(), json!({ "data": data }), "{query}");
        }
    }
    assert_eq!(server.mutations(), 0);
}

#[tokio::test]
async fn an_object_that_is_null_by_an_error_stays_so_where_nothing_else_applies() {
    let server = Server::new();
    for (query, data) in [
        (
            "{ maybe { strict @include(if: true) } hello }",
            json!({ "maybe": null, "hello": "Hello, world!" }),
        ),
        (
            "{ maybe { failing @include(if: true) } }",
            json!({ "maybe": { "failing": null } }),
        ),
        (
            "{ maybe { id @skip(if: true) child { ...f @include(if: true) } } } fragment f on Node { strict }",
            json!({ "maybe": null }),
        ),
        ("{ pair { strict @skip(if: false) } hello }", json!(null)),
        ("{ refused @skip(if: false) }", json!({ "refused": null })),
    ] {
        let answer = server.query(query).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}");
        assert_eq!(answer.json()["data"], data, "{query}");
        assert_eq!(answer.code(), codes::RATE_LIMITED, "{query}");
    }
}

#[tokio::test]
async fn variables_are_checked_against_their_types_before_execution() {
    let server = Server::new();
    for (declaration, value, part) in [
        ("Int", json!(2_147_483_648_i64), "$v"),
        ("Int", json!("1"), "$v"),
        ("Boolean!", json!(1), "$v"),
        ("Filter", json!({ "nme": "x" }), "$v.nme"),
        ("Filter", json!({ "color": "BLUE" }), "$v.color"),
        (
            "Filter",
            json!({ "and": [{}, { "name": 7 }] }),
            "$v.and[1].name",
        ),
        ("Filter", json!([{}]), "$v"),
        ("[[Int!]]", json!([[1], [null]]), "$v[1][0]"),
        ("String", json!({ "a\u{0}b": 1 }), "$v"),
    ] {
        let query = format!("query ($v: {declaration}) {{ hello }}");
        let answer = server
            .post(json!({ "query": query, "variables": { "v": value } }).to_string())
            .await;
        answer.assert_request_error(400, codes::BAD_USER_INPUT);
        assert_eq!(
            answer.json()["errors"][0]["extensions"]["variable"],
            part,
            "{}",
            answer.text()
        );
    }
    let query = "query ($f: Filter, $n: Int = 3) { nodes(filter: $f, first: $n) { totalCount } }";
    let variables = json!({ "f": { "color": "RED", "and": { "name": null } }, "other": 1 });
    let answer = server
        .post(json!({ "query": query, "variables": variables }).to_string())
        .await;
    assert_eq!(
        answer.json(),
        json!({ "data": { "nodes": { "totalCount": 3 } } })
    );
}

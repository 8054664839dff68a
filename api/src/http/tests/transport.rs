//! GraphQL over HTTP: methods, media types, statuses, parameters, batches.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use serde_json::json;

use super::support::{Server, post, request};
use crate::graphql::codes;
use crate::graphql::limits::Limits;

const GRAPHQL: &str = "application/graphql-response+json";

#[tokio::test]
async fn a_query_is_answered_in_the_type_that_accept_prefers() {
    let server = Server::new();
    for (accept, content_type) in [
        ("application/json", "application/json; charset=utf-8"),
        ("*/*", "application/json; charset=utf-8"),
        (GRAPHQL, "application/graphql-response+json; charset=utf-8"),
    ] {
        let answer = server
            .send(post(r#"{"query": "{ hello }"}"#, &[("accept", accept)]))
            .await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-type"), content_type);
        assert_eq!(answer.text(), r#"{"data":{"hello":"Hello, world!"}}"#);
    }
    let answer = server
        .send(post(
            r#"{"query": "{ hello }"}"#,
            &[("accept", "text/html")],
        ))
        .await;
    answer.assert_request_error(406, codes::NOT_ACCEPTABLE);
    assert_eq!(
        answer.header("content-type"),
        "application/json; charset=utf-8"
    );
}

#[tokio::test]
async fn request_errors_are_400_under_the_new_type_and_200_under_json_without_data() {
    let server = Server::new();
    for (body, code) in [
        (json!({ "query": "{" }), codes::GRAPHQL_PARSE_FAILED),
        (
            json!({ "query": "{ unknown }" }),
            codes::GRAPHQL_VALIDATION_FAILED,
        ),
        (
            json!({ "query": "query ($i: ID!) { node(id: $i) { id } }" }),
            codes::BAD_USER_INPUT,
        ),
        (
            json!({ "query": "query ($i: ID!) { node(id: $i) { id } }", "variables": { "i": null } }),
            codes::BAD_USER_INPUT,
        ),
        (
            json!({ "query": "{ nodes(first: \"x\") { totalCount } }" }),
            codes::BAD_USER_INPUT,
        ),
        (
            json!({ "query": "query A { hello } query B { hello }" }),
            codes::BAD_USER_INPUT,
        ),
        (
            json!({ "query": "query A { hello }", "operationName": "B" }),
            codes::BAD_USER_INPUT,
        ),
        (
            json!({ "query": "{ hello }", "operationName": "B" }),
            codes::BAD_USER_INPUT,
        ),
        (
            json!({ "query": "subscription { hello }" }),
            codes::BAD_USER_INPUT,
        ),
    ] {
        server
            .post(body.to_string())
            .await
            .assert_request_error(400, code);
        let answer = server
            .send(post(body.to_string(), &[("accept", "application/json")]))
            .await;
        answer.assert_request_error(200, code);
    }
}

#[tokio::test]
async fn requests_that_are_none_are_400_under_both_types() {
    let server = Server::new();
    let bodies: [&[u8]; 20] = [
        b"",
        b"{ \"not a JSON",
        b"nonsense",
        b"null",
        b"1",
        b"\"{ hello }\"",
        b"{}",
        b"{\"query\": null}",
        b"{\"query\": \"\"}",
        b"{\"query\": \" \\n\"}",
        b"{\"query\": 1}",
        b"{\"query\": [\"{ hello }\"]}",
        b"{\"query\": \"{ hello }\", \"variables\": \"x\"}",
        b"{\"query\": \"{ hello }\", \"variables\": [1]}",
        b"{\"query\": \"{ hello }\", \"operationName\": 1}",
        b"{\"query\": \"{ hello }\", \"extensions\": false}",
        b"{\"query\": \"{ hello }\", \"query\": \"{ hello }\"}",
        b"{\"query\": \"{ hello }\"} trailing",
        b"{\"query\": \"\xff\xfe\"}",
        b"\xff\xfe{\x00}",
    ];
    for body in bodies {
        for accept in ["application/json", GRAPHQL] {
            let answer = server
                .send(post(body.to_vec(), &[("accept", accept)]))
                .await;
            answer.assert_request_error(400, codes::BAD_USER_INPUT);
            assert!(
                !answer.text().contains("hello"),
                "the body is not quoted: {}",
                answer.text()
            );
        }
    }
}

#[tokio::test]
async fn null_parameters_count_as_absent() {
    let body = r#"{"query": "{ hello }", "variables": null, "operationName": null, "extensions": null, "id": 7}"#;
    let answer = Server::new().post(body).await;
    assert_eq!(
        (answer.status, answer.json()["errors"].is_null()),
        (StatusCode::OK, true)
    );
}

#[tokio::test]
async fn only_json_is_taken_so_no_form_can_mutate() {
    let server = Server::new();
    let body = r#"{"query": "mutation { add }"}"#;
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=utf-16",
    ] {
        let request = request(
            Method::POST,
            "/graphql",
            &[("content-type", content_type)],
            Body::from(body),
        );
        server
            .send(request)
            .await
            .assert_request_error(415, codes::UNSUPPORTED_MEDIA_TYPE);
    }
    let without = request(Method::POST, "/graphql", &[], Body::from(body));
    server
        .send(without)
        .await
        .assert_request_error(415, codes::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(server.mutations(), 0);
}

#[tokio::test]
async fn get_answers_queries_and_never_mutates() {
    let server = Server::new();
    let answer = server.get("query=%7B+hello+%7D", &[]).await;
    assert_eq!(answer.text(), r#"{"data":{"hello":"Hello, world!"}}"#);
    let query = "query=query+A(%24n:String)%7Bhello(name:%24n)%7D+query+B%7B__typename%7D";
    let answer = server
        .get(
            &format!("{query}&operationName=A&variables=%7B%22n%22%3A%22%C3%89va%22%7D"),
            &[],
        )
        .await;
    assert_eq!(answer.json()["data"]["hello"], "Hello, Éva!");
    for accept in ["application/json", GRAPHQL] {
        let answer = server
            .get("query=mutation%7Badd%7D", &[("accept", accept)])
            .await;
        answer.assert_request_error(405, codes::METHOD_NOT_ALLOWED);
        assert_eq!(answer.header("allow"), "POST");
    }
    let answer = server
        .get(
            "query=query+Q%7Bhello%7D+mutation+M%7Badd%7D&operationName=M",
            &[],
        )
        .await;
    answer.assert_request_error(405, codes::METHOD_NOT_ALLOWED);
    assert_eq!(server.mutations(), 0);
}

#[tokio::test]
async fn a_query_string_that_cannot_be_read_is_bad_input() {
    let server = Server::new();
    for query_string in [
        "",
        "query=",
        "query=%7Bhello%7D&query=%7Bhello%7D",
        "query=%ff%fe",
        "query=%7",
        "query=%7Bhello%7D&variables=1",
        "query=%7Bhello%7D&variables=%7B",
        "query=%7Bhello%7D&extensions=%22x%22",
    ] {
        server
            .get(query_string, &[("accept", GRAPHQL)])
            .await
            .assert_request_error(400, codes::BAD_USER_INPUT);
    }
    let answer = server
        .get("query=%7Bhello%7D&variables=&operationName=&other=%ff", &[])
        .await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn other_methods_are_refused_with_what_is_allowed() {
    let server = Server::new();
    for method in [
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
        Method::HEAD,
        Method::OPTIONS,
        Method::TRACE,
    ] {
        let headers = [
            ("content-type", "application/json"),
            ("accept", "text/html"),
        ];
        let body = Body::from(r#"{"query": "mutation { add }"}"#);
        let answer = server
            .send(request(method.clone(), "/graphql", &headers, body))
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("allow")),
            (405, "GET, POST"),
            "{method}"
        );
    }
    assert_eq!(server.mutations(), 0);
}

#[tokio::test]
async fn a_batch_is_answered_in_order_and_each_answer_stands_alone() {
    let server = Server::new();
    let add = json!({ "query": "mutation { add }" });
    let answer = server
        .post(json!([add, { "query": "{ nope }" }, add, { "query": "{ hello }" }]).to_string())
        .await;
    let json = answer.json();
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(json[0]["data"]["add"], 1);
    assert_eq!(
        json[1]["errors"][0]["extensions"]["code"],
        codes::GRAPHQL_VALIDATION_FAILED
    );
    assert!(json[1].get("data").is_none());
    assert_eq!(json[2]["data"]["add"], 2);
    assert_eq!(json[3]["data"]["hello"], "Hello, world!");
}

#[tokio::test]
async fn batches_are_bounded_and_not_empty() {
    let server = Server::with(Limits {
        batch_length: 3,
        ..Limits::default()
    });
    let add = r#"{"query": "mutation { add }"}"#;
    server
        .post("[]")
        .await
        .assert_request_error(400, codes::BAD_USER_INPUT);
    server
        .post("[1]")
        .await
        .assert_request_error(400, codes::BAD_USER_INPUT);
    let answer = server.post(format!("[{add},{add},{add},{add}]")).await;
    answer.assert_request_error(400, codes::QUERY_TOO_COMPLEX);
    assert_eq!(
        answer.json()["errors"][0]["extensions"],
        json!({ "code": "QUERY_TOO_COMPLEX", "limit": "batchLength", "maximum": 3, "actual": 4 })
    );
    assert_eq!(server.mutations(), 0);
    assert_eq!(
        server
            .post(format!("[{add},{add},{add}]"))
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        3
    );
}

#[tokio::test]
async fn a_get_answer_has_a_tag_and_is_not_sent_twice() {
    let server = Server::new();
    let first = server.get("query=%7Bhello%7D", &[]).await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    for known in [
        tag.clone(),
        "*".to_owned(),
        format!("\"other\", {}", tag.trim_start_matches("W/")),
    ] {
        let again = server
            .get("query=%7Bhello%7D", &[("if-none-match", &known)])
            .await;
        assert_eq!(
            (again.status, again.bytes.len(), again.header("etag")),
            (StatusCode::NOT_MODIFIED, 0, &*tag)
        );
        assert!(again.header("vary").contains("accept"));
    }
    let other = server
        .get(
            "query=%7Bhello(name:%22you%22)%7D",
            &[("if-none-match", &tag)],
        )
        .await;
    assert_eq!(other.status, StatusCode::OK);
    assert_eq!(server.get("query=%7Bnope%7D", &[]).await.header("etag"), "");
    let posted = server.post(r#"{"query": "{ hello }"}"#).await;
    assert_eq!(
        (posted.header("etag"), posted.header("cache-control")),
        ("", "no-store")
    );
}

#[tokio::test]
async fn large_answers_are_compressed_as_the_client_can_read() {
    let server = Server::new();
    let body = r#"{"query": "{ long(length: 5000) }"}"#;
    for (accepted, coding) in [
        ("br", "br"),
        ("gzip", "gzip"),
        ("gzip, br", "br"),
        ("identity", ""),
    ] {
        let answer = server
            .send(post(body, &[("accept-encoding", accepted)]))
            .await;
        assert_eq!(answer.header("content-encoding"), coding);
        let varies = answer
            .headers
            .get_all("vary")
            .iter()
            .any(|value| value.to_str().unwrap().contains("encoding"));
        assert!(varies, "{:?}", answer.headers);
        assert_eq!(answer.bytes.len() > 5000, coding.is_empty());
    }
    let small = server
        .send(post(
            r#"{"query": "{ hello }"}"#,
            &[("accept-encoding", "br")],
        ))
        .await;
    assert_eq!(small.header("content-encoding"), "");
}

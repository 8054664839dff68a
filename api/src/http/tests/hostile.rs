//! Documents and bodies that are meant to hurt.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::json;

use super::support::{Answer, Server, post};
use crate::graphql::codes;
use crate::graphql::limits::Limits;

/// Far above what a refusal takes, far below what the attack would.
const PROMPT: Duration = Duration::from_secs(2);

async fn refuse(query: &str, code: &str, limit: &str) -> Answer {
    let start = Instant::now();
    let answer = Server::new().query(query).await;
    assert!(
        start.elapsed() < PROMPT,
        "{limit} took {:?}",
        start.elapsed()
    );
    answer.assert_request_error(400, code);
    if !limit.is_empty() {
        let extensions = &answer.json()["errors"][0]["extensions"];
        assert_eq!(extensions["limit"], limit, "{extensions}");
        assert!(
            extensions["actual"].as_u64().unwrap() > extensions["maximum"].as_u64().unwrap(),
            "{extensions}"
        );
    }
    answer
}

#[tokio::test]
async fn nested_values_do_not_end_the_process() {
    for depth in [65, 2_000, 50_000] {
        let lists = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let objects = format!("{}1{}", "{and:".repeat(depth), "}".repeat(depth));
        for query in [
            format!("{{ deep(value: {lists}) }}"),
            format!("{{ nodes(filter: {objects}) {{ totalCount }} }}"),
            format!("query ($v: [Int] = {lists}) {{ deep(value: $v) }}"),
            format!("query ($v: Filter = {objects}) {{ nodes(filter: $v) {{ totalCount }} }}"),
            format!("{{ hello @include(if: {lists}) }}"),
            format!("query @skip(if: {objects}) {{ hello }}"),
            format!(
                "query ($v: {}Int{}) {{ hello }}",
                "[".repeat(depth),
                "]".repeat(depth)
            ),
            format!("{{ deep(value: {}", "[".repeat(depth)),
            "{ child ".repeat(depth),
            "{ ... ".repeat(depth),
        ] {
            refuse(&query, codes::QUERY_TOO_COMPLEX, "bracketDepth").await;
        }
    }
}

#[tokio::test]
async fn brackets_within_the_limit_reach_the_parser_and_do_no_harm() {
    let lists = format!("{}{}", "[".repeat(60), "]".repeat(60));
    let start = Instant::now();
    let answer = Server::new()
        .query(&format!("{{ deep(value: {lists}) }}"))
        .await;
    assert!(start.elapsed() < PROMPT);
    assert_eq!(answer.code(), codes::BAD_USER_INPUT);
}

fn fragment_bomb(levels: usize, width: usize) -> String {
    let mut query = "{ ...f0 }".to_owned();
    for level in 0..levels {
        let spread = format!("...f{} ", level + 1).repeat(width);
        write!(query, " fragment f{level} on Query {{ {spread} }}").unwrap();
    }
    write!(query, " fragment f{levels} on Query {{ hello }}").unwrap();
    query
}

#[tokio::test]
async fn fragment_bombs_are_counted_not_expanded() {
    for levels in [13, 20, 24] {
        let bomb = fragment_bomb(levels, 2);
        assert!(bomb.len() < 1_100);
        refuse(&bomb, codes::QUERY_TOO_COMPLEX, "fields").await;
    }
    refuse(&fragment_bomb(31, 2), codes::QUERY_TOO_COMPLEX, "nesting").await;
    refuse(&fragment_bomb(300, 9), codes::QUERY_TOO_COMPLEX, "nesting").await;
}

#[tokio::test]
async fn a_bomb_that_no_operation_uses_is_counted_too() {
    let bomb = fragment_bomb(24, 2).replacen("{ ...f0 }", "{ hello }", 1);
    refuse(&bomb, codes::QUERY_TOO_COMPLEX, "definitions").await;
}

#[tokio::test]
async fn fragments_in_a_ring_are_refused_used_or_not() {
    for query in [
        "{ ...a } fragment a on Query { ...a }",
        "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
        "{ hello } fragment a on Query { ...b } fragment b on Query { hello ...a }",
    ] {
        refuse(query, codes::GRAPHQL_VALIDATION_FAILED, "").await;
    }
}

#[tokio::test]
async fn thousands_of_faults_make_a_short_answer() {
    let mut fragments = "{ hello }".to_owned();
    let mut fields = "{ ".to_owned();
    let mut variables = "query (".to_owned();
    for index in 0..1_400 {
        write!(fragments, " fragment f{index} on Query {{ hello }}").unwrap();
        write!(fields, "unknown{index} ").unwrap();
        write!(variables, "$v{index}: Int ").unwrap();
    }
    fields.push('}');
    variables.push_str(") { hello }");
    for query in [
        fragments,
        fields.replace("unknown", "x: hello } query a"),
        variables,
    ] {
        let answer = Server::new().query(&query).await;
        assert_eq!(answer.status.as_u16(), 400);
        assert!(answer.bytes.len() < 16_000, "{}", answer.bytes.len());
        assert!(answer.json()["errors"].as_array().unwrap().len() <= 21);
    }
    let answer = Server::with(Limits {
        root_fields: 5_000,
        ..Limits::default()
    })
    .query(&fields)
    .await;
    answer.assert_request_error(400, codes::GRAPHQL_VALIDATION_FAILED);
    assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 21);
}

#[tokio::test]
async fn five_thousand_unused_fragments_are_stopped_at_the_tokens() {
    let mut query = "{ hello }".to_owned();
    for index in 0..5_000 {
        write!(query, " fragment f{index} on Query {{ hello }}").unwrap();
    }
    refuse(&query, codes::QUERY_TOO_COMPLEX, "tokens").await;
}

#[tokio::test]
async fn each_limit_names_itself() {
    let aliases: String = (0..101).fold(String::new(), |mut text, index| {
        write!(text, "a{index}: id ").unwrap();
        text
    });
    let wide: String = (0..21).fold(String::new(), |mut text, index| {
        write!(text, "a{index}: hello ").unwrap();
        text
    });
    refuse(
        &format!("{{ node(id: 1) {{ {aliases} }} }}"),
        codes::QUERY_TOO_COMPLEX,
        "aliases",
    )
    .await;
    refuse(
        &format!("{{ {wide} }}"),
        codes::QUERY_TOO_COMPLEX,
        "rootFields",
    )
    .await;
    let deep = format!(
        "{{ node(id: 1) {{ {}id{} }} }}",
        "child { ".repeat(16),
        " }".repeat(16)
    );
    refuse(&deep, codes::QUERY_TOO_COMPLEX, "depth").await;
    let directives = "@include(if: true) ".repeat(201);
    refuse(
        &format!("{{ hello {directives} }}"),
        codes::QUERY_TOO_COMPLEX,
        "directives",
    )
    .await;
    let long_name = "n".repeat(129);
    refuse(
        &format!("{{ {long_name} }}"),
        codes::QUERY_TOO_COMPLEX,
        "nameLength",
    )
    .await;
    let pages = "{ nodes(first: 100) { edges { node { children(first: 100) { edges { node { \
                 children(first: 100) { edges { cursor } } } } } } } } }";
    refuse(pages, codes::QUERY_TOO_COMPLEX, "cost").await;
    let standard = include_str!("../../graphql/limits/introspection.graphql");
    let fragments = &standard[standard.find("fragment Whole").unwrap()..];
    let several: String = (0..6).fold(String::new(), |mut text, index| {
        write!(text, "s{index}: __schema {{ types {{ ...Whole }} }} ").unwrap();
        text
    });
    refuse(
        &format!("{{ {several} }} {fragments}"),
        codes::QUERY_TOO_COMPLEX,
        "introspection",
    )
    .await;
    let ring = "{ __schema { types { fields { type { fields { type { fields { type { fields { type { fields { \
                name } } } } } } } } } } } }";
    refuse(ring, codes::QUERY_TOO_COMPLEX, "introspection").await;
}

#[tokio::test]
async fn errors_do_not_quote_the_document() {
    let secret = "correct-horse-battery-staple";
    for query in [
        format!("{{ hello(name: \"{secret}\" }}"),
        format!("mutation {{ add(password: \"{secret}\") "),
        format!("{{ hello }} {secret}"),
        format!("{{ deep(value: \"{secret}\") }}"),
        format!("{{ node(id: \"{secret}\") }}"),
    ] {
        let answer = Server::new().query(&query).await;
        assert_eq!(answer.status.as_u16(), 400);
        assert!(
            !answer.text().contains(secret) && !answer.text().contains("horse"),
            "{}",
            answer.text()
        );
    }
    let answer = Server::new().query("{\n  hello(name: ) }").await;
    let error = &answer.json()["errors"][0];
    assert_eq!(error["locations"], json!([{ "line": 2, "column": 15 }]));
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("Syntax error at line 2, column 15: expected "),
        "{error}"
    );
}

#[tokio::test]
async fn nul_and_control_characters_in_a_document_are_syntax_errors() {
    for query in [
        "{ hello\u{0} }",
        "{ hello(name: \"\u{0}\") }",
        "\u{1}",
        "{ hello } # \u{7f}",
    ] {
        Server::new()
            .query(query)
            .await
            .assert_request_error(400, codes::GRAPHQL_PARSE_FAILED);
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_413_announced_or_not() {
    let server = Server::new();
    let title = "x".repeat(10 * 1024 * 1024);
    let body = json!({ "query": "{ hello }", "variables": { "title": title } }).to_string();
    let length = body.len().to_string();
    let announced = post(body.clone(), &[("content-length", &length)]);
    let chunks: Vec<Result<bytes::Bytes, std::convert::Infallible>> = body
        .as_bytes()
        .chunks(60_000)
        .map(|chunk| Ok(bytes::Bytes::copy_from_slice(chunk)))
        .collect();
    let streamed = post(
        axum::body::Body::from_stream(futures_util::stream::iter(chunks)),
        &[],
    );
    for request in [announced, streamed] {
        let answer = server.send(request).await;
        answer.assert_request_error(413, codes::PAYLOAD_TOO_LARGE);
        assert_eq!(
            answer.json()["errors"][0]["extensions"]["maximum"],
            1024 * 1024
        );
        assert!(answer.bytes.len() < 500);
    }
}

#[tokio::test]
async fn deep_json_is_refused_by_the_reader() {
    let deep = format!(
        r#"{{"query": "{{ hello }}", "variables": {{"v": {}1{}}}}}"#,
        "[".repeat(9_000),
        "]".repeat(9_000)
    );
    Server::new()
        .post(deep)
        .await
        .assert_request_error(400, codes::BAD_USER_INPUT);
}

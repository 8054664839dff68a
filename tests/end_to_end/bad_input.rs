//! Whatever is sent, the answer is a fitting error, nothing is written, and nothing of the inside is shown.

use std::fmt::Write;

use serde_json::{Value, json};
use support::{Answer, App, Client, on_both_databases};

const CREATE: &str = "mutation($input: CreateResourceInput!) {
    createResource(input: $input) { resource { id } userErrors { code field message } }
}";

const JSON: &str = "application/json";

async fn position(app: &App) -> Value {
    app.anonymous()
        .query("{ serverInfo { position } }", json!({}))
        .await["serverInfo"]["position"]
        .clone()
}

/// No answer shows statements, libraries, files or panics.
fn assert_discreet(what: &str, text: &str) {
    for inside in [
        "SELECT", "INSERT", "sqlx", "sea_orm", "SQLite", "panicked", "src/", ".rs", "unwrap",
        "serde", "tantivy",
    ] {
        assert!(
            !text.contains(inside),
            "{what:.200}: the answer holds {inside}: {text:.2000}"
        );
    }
    assert!(text.len() < 50_000, "{what:.200}: {} bytes", text.len());
}

fn assert_request_error(what: &str, answer: &Answer, status: u16, code: &str) {
    let text = answer.body.to_string();
    assert_discreet(what, &text);
    assert_eq!(answer.status, status, "{what:.200}: {text:.2000}");
    assert!(
        !answer.codes().is_empty() && answer.codes().iter().all(|found| *found == code),
        "{what:.200}: {text:.2000}"
    );
    assert!(
        answer.body.get("data").is_none(),
        "{what:.200}: {text:.2000}"
    );
    for error in answer.body["errors"].as_array().unwrap() {
        let message = error["message"].as_str().unwrap();
        assert!(
            message.ends_with(['.', '?', '!']),
            "a message is a sentence: {message}"
        );
    }
}

/// Sends a document that must be refused before anything is done.
async fn refuse(client: &Client, query: &str, code: &str) {
    let answer = client.send(query, json!({})).await;
    assert_request_error(query, &answer, 400, code);
}

fn fragment_bomb(levels: usize) -> String {
    let mut bomb = "{ ...f0 }".to_owned();
    for level in 0..levels {
        write!(
            bomb,
            " fragment f{level} on Query {{ ...f{next} ...f{next} }}",
            next = level + 1
        )
        .unwrap();
    }
    write!(bomb, " fragment f{levels} on Query {{ __typename }}").unwrap();
    bomb
}

on_both_databases! {
    async fn what_is_no_request_is_refused_as_such(app: App) {
        let before = position(&app).await;
        let client = app.person("Ada").await;
        let after = position(&app).await;
        assert_ne!(before, after, "the position tells of writes");

        for body in [
            "", "{", "nonsense", "[]", "[1]", "null", "42", "\"{ viewer { id } }\"", "{}", r#"{"query": 1}"#, r#"{"query": ""}"#,
            r#"{"query": "{ __typename }", "variables": [1]}"#, r#"{"query": "{ __typename }", "variables": "x"}"#,
            r#"{"query": "{ __typename }"} trailing"#, r#"{"query": "{ __typename }", "operationName": 5}"#,
            "{\"query\": \"{ a\u{0} }\"",
        ] {
            let answer = client.post(JSON, body).await;
            assert_request_error(body, &answer, 400, "BAD_USER_INPUT");
        }
        let deep = format!(r#"{{"query": "{{ __typename }}", "variables": {{"v": {}{}}}}}"#, "[".repeat(5_000), "]".repeat(5_000));
        assert_request_error("deep JSON", &client.post(JSON, deep).await, 400, "BAD_USER_INPUT");
        let mut invalid = br#"{"query": "{ community(slug: \""#.to_vec();
        invalid.extend([0xff, 0xfe, 0xc0, 0x80]);
        invalid.extend(br#"\") { id } }"}"#);
        assert_request_error("invalid UTF-8", &client.post(JSON, invalid).await, 400, "BAD_USER_INPUT");
        for surrogate in [r#"{"query": "{ community(slug: \"\ud800\") { id } }"}"#, r#"{"query": "\udfff"}"#] {
            assert_request_error(surrogate, &client.post(JSON, surrogate).await, 400, "BAD_USER_INPUT");
        }
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/graphql", "application/json; charset=latin1", ""] {
            let answer = client.post(content_type, r#"{"query": "{ __typename }"}"#).await;
            assert_request_error(content_type, &answer, 415, "UNSUPPORTED_MEDIA_TYPE");
        }
        assert_eq!(position(&app).await, after, "nothing was written");
    }

    async fn what_is_no_valid_document_is_refused_before_execution(app: App) {
        let client = app.person("Ada").await;
        let before = position(&app).await;
        for query in ["{", "}", "{ viewer { } }", "query {", "{ community(slug: \"x) { id } }", "{ a\u{0}b }", "{ viewer(x: \u{1}) { id } }", "mutation", "😀"] {
            refuse(&client, query, "GRAPHQL_PARSE_FAILED").await;
        }
        for query in [
            "{ nothingOfThisName }",
            "{ viewer { password passwordHash } }",
            "{ viewer { id { x } } }",
            "{ viewer }",
            "{ community(nothing: 1) { id } }",
            "mutation { createResource(input: { title: \"x\", nothing: 1 }) { position } }",
            "mutation { createResource { position } }",
            "query($a: Nothing) { viewer { id } }",
            "{ ...nowhere }",
            "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
            "{ viewer { ... on Community { id } } }",
            "{ community(slug: 5) { id } }",
            "{ communities(filter: { kinds: [NO_SUCH_KIND] }) { totalCount } }",
            "{ viewer { id } } query Two { viewer { id } } query Two { viewer { id } }",
        ] {
            let answer = client.send(query, json!({})).await;
            assert_eq!(answer.status, 400, "{query}: {:#}", answer.body);
            assert!(
                answer.codes().iter().all(|code| ["GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "BAD_USER_INPUT"].contains(code)),
                "{query}: {:#}", answer.body
            );
            assert_discreet(query, &answer.body.to_string());
        }
        let create = "mutation($input: CreateResourceInput!) { createResource(input: $input) { position } }";
        for input in [json!(null), json!(5), json!({}), json!({ "title": "x" }), json!({ "communityId": "x", "title": 5, "kind": "ARTICLE" }), json!({ "communityId": "x", "title": "x", "kind": "ARTICLE", "unknown": true })] {
            let answer = client.send(create, json!({ "input": input })).await;
            assert_request_error(&input.to_string(), &answer, 400, "BAD_USER_INPUT");
        }
        assert_eq!(position(&app).await, before, "nothing was written");
    }

    async fn a_bomb_is_counted_and_never_run(app: App) {
        let client = app.person("Ada").await;
        let before = position(&app).await;
        let started = std::time::Instant::now();
        let nested = |open: &str, close: &str, levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
        let mut aliases = String::new();
        let mut unused = "{ __typename }".to_owned();
        for number in 0..1_000 {
            write!(aliases, "a{number}: viewer {{ id }} ").unwrap();
            write!(unused, " fragment u{number} on Query {{ __typename }}").unwrap();
        }
        let community = "{ communities(first: 1) { nodes { ".to_owned() + &"parent { ".repeat(30) + "id" + &" }".repeat(30) + " } } }";
        for bomb in [
            format!("{{ nodes(ids: {}) {{ id }} }}", nested("[", "]", 2_000)),
            format!("{{ nodes(ids: {}) {{ id }} }}", nested("[", "]", 20_000)),
            format!("{{ communities(filter: {}) {{ totalCount }} }}", nested("{not:", "}", 2_000)),
            format!("query($a: Int = {}) {{ __typename }}", nested("[", "]", 2_000)),
            format!("{{ __typename @skip(if: {}) }}", nested("[", "]", 2_000)),
            format!("{}{}", "{ viewer ".repeat(2_000), "}".repeat(2_000)),
            format!("{{ {aliases} }}"),
            format!("{{ viewer {{ {} }} }}", aliases.replace("viewer { id }", "id")),
            "{ viewer { id } }".repeat(10_000),
            format!("{{ {} }}", "__typename ".repeat(50_000)),
            "{ communities(first: 100) { nodes { members(first: 100) { nodes { user { memberships(first: 100) { nodes { id } } } } } } } }".to_owned(),
            community,
            fragment_bomb(20),
            fragment_bomb(24),
            fragment_bomb(31),
        ] {
            refuse(&client, &bomb, "QUERY_TOO_COMPLEX").await;
        }
        let answer = client.send(&unused, json!({})).await;
        assert_eq!(answer.status, 400);
        assert_discreet("unused fragments", &answer.body.to_string());
        assert!(answer.body["errors"].as_array().unwrap().len() <= 21);
        assert!(started.elapsed() < std::time::Duration::from_secs(20), "{:?}", started.elapsed());

        let one = json!({ "query": "{ __typename }" });
        let batch = json!(vec![one.clone(); 1_000]).to_string();
        assert_request_error("a batch of 1,000", &client.post(JSON, batch).await, 400, "QUERY_TOO_COMPLEX");
        let small = client.post(JSON, json!([one, { "query": "{" }]).to_string()).await;
        assert_eq!(small.body[0]["data"]["__typename"], "Query");
        assert_eq!(small.body[1]["errors"][0]["extensions"]["code"], "GRAPHQL_PARSE_FAILED");
        assert_eq!(position(&app).await, before, "nothing was written");
    }

    async fn texts_that_no_object_should_hold_are_refused(app: App) {
        let client = app.person("Ada").await;
        let community = client.create_community("Texts", json!({})).await;
        let before = position(&app).await;
        let huge = json!({ "query": CREATE, "variables": { "input": { "communityId": community, "kind": "ARTICLE", "title": "x".repeat(10 * 1024 * 1024) } } });
        assert_request_error("10 MB", &client.post(JSON, huge.to_string()).await, 413, "PAYLOAD_TOO_LARGE");
        for (title, code) in [
            ("x".repeat(500_000), "TOO_LONG"),
            ("x".repeat(301), "TOO_LONG"),
            (String::new(), "REQUIRED"),
            (" \t\u{a0}\u{3000} ".to_owned(), "REQUIRED"),
            ("a\u{0}b".to_owned(), "INVALID"),
            ("a\u{202e}b".to_owned(), "INVALID"),
            ("a\u{2066}b".to_owned(), "INVALID"),
            ("a\u{1b}[31mb".to_owned(), "INVALID"),
            ("two\nlines".to_owned(), "INVALID"),
        ] {
            let input = json!({ "communityId": community, "title": title, "kind": "ARTICLE" });
            let answer = client.send(CREATE, json!({ "input": input })).await;
            assert_discreet("a title", &answer.body.to_string());
            let errors = &answer.body["data"]["createResource"]["userErrors"];
            assert_eq!((&errors[0]["code"], &errors[0]["field"]), (&json!(code), &json!(["input", "title"])), "{title:.20?}: {:#}", answer.body);
        }
        let wrong = json!({
            "communityId": community, "title": "x", "kind": "ARTICLE", "body": "a\u{0}b", "tags": vec!["t"; 31],
            "url": "javascript:alert(1)", "language": "klingon-language-tag-that-is-none", "bylines": ["a\u{202e}b"],
            "attribution": "\u{0}", "licence": "\u{0}", "educationalLevels": ["\u{0}"], "authorIds": [community],
            "timeRequiredMinutes": -5,
        });
        let mut fields: Vec<String> = client.refused(CREATE, json!({ "input": wrong })).await.iter()
            .map(|error| error.split(' ').nth(1).unwrap_or_default().split('.').nth(1).unwrap_or_default().to_owned())
            .collect();
        fields.sort();
        fields.dedup();
        for field in ["attribution", "authorIds", "body", "bylines", "educationalLevels", "language", "licence", "timeRequiredMinutes", "url"] {
            assert!(fields.iter().any(|found| found == field), "{field} is missing in {fields:?}");
        }
        assert_eq!(position(&app).await, before, "nothing was written");
        for slug in ["\u{0}", "'; DROP TABLE community; --", "%", "_", "😀", &"x".repeat(100_000)] {
            let query = "query($slug: String!) { community(slug: $slug) { id } domain(slug: $slug) { id } organization(slug: $slug) { id } user(handle: $slug) { id } }";
            let answer = client.send(query, json!({ "slug": slug })).await;
            assert_eq!(answer.body, json!({ "data": { "community": null, "domain": null, "organization": null, "user": null } }), "{slug:.20?}");
        }
        for prefix in ["\u{0}", "a\u{0}", "%", "\\"] {
            let query = "query($prefix: String!) { communities(filter: { nameStartsWith: $prefix }) { totalCount } domains(filter: { nameStartsWith: $prefix }) { totalCount } }";
            let answer = client.send(query, json!({ "prefix": prefix })).await;
            assert_discreet(prefix, &answer.body.to_string());
            assert!(!answer.codes().contains(&"INTERNAL_SERVER_ERROR"), "{prefix:?}: {:#}", answer.body);
        }
        let query = "query($tags: [String!]) { resources(filter: { tags: $tags, licences: $tags }) { totalCount } search(query: \"\", filter: { tags: $tags, licences: $tags }) { totalCount } }";
        for tag in ["\u{0}", "a\u{0}b", "", "'"] {
            let answer = client.send(query, json!({ "tags": [tag] })).await;
            assert!(!answer.codes().contains(&"INTERNAL_SERVER_ERROR"), "{tag:?}: {:#}", answer.body);
        }
    }

    async fn ids_cursors_and_page_sizes_are_checked(app: App) {
        let client = app.person("Ada").await;
        let community = client.create_community("Ids", json!({})).await;
        let me = client.my_id().await;
        let before = position(&app).await;
        let long = "x".repeat(10_000);
        for id in ["", "nonsense", "resource", "resource_", "resource_zzz", "nothing_01h455vb4pex5vsknk084sn02q", "resource_01h455vb4pex5vsknk084sn02Q", "\u{0}", "550e8400-e29b-41d4-a716-446655440000", &long] {
            for query in ["resource(id: $id) { id }", "node(id: $id) { id }", "nodes(ids: [$id]) { id }", "community(id: $id) { id }", "user(id: $id) { id }", "domain(id: $id) { id }"] {
                let answer = client.send(&format!("query($id: ID!) {{ {query} }}"), json!({ "id": id })).await;
                assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{id:.40?} {query}: {:#}", answer.body);
                assert_discreet(id, &answer.body.to_string());
            }
        }
        let wrong_type = client.send("query($id: ID!) { resource(id: $id) { id } serverInfo { version } }", json!({ "id": community })).await;
        assert_eq!(wrong_type.codes(), ["BAD_USER_INPUT"]);
        assert!(wrong_type.body["errors"][0].to_string().contains("id"), "the error names the argument");
        assert!(wrong_type.body["data"]["serverInfo"]["version"].is_string(), "one failure erases nothing else");
        for (mutation, id) in [
            ("updateResource(id: $id, input: {}) { userErrors { code field } }", &community),
            ("joinCommunity(communityId: $id) { userErrors { code field } }", &me),
            ("restoreItem(id: $id) { userErrors { code field } }", &community),
            ("revokeApiToken(id: $id) { userErrors { code field } }", &me),
        ] {
            let answer = client.refused(&format!("mutation($id: ID!) {{ {mutation} }}"), json!({ "id": id })).await;
            assert!(answer[0].starts_with("INVALID "), "{mutation}: {answer:?}");
        }
        let list = "query($first: Int, $after: String, $last: Int, $before: String) {
            resources(first: $first, after: $after, last: $last, before: $before) { nodes { id } } }";
        for wrong in [
            json!({ "first": -1 }), json!({ "first": 101 }), json!({ "first": 100_000 }), json!({ "last": -1 }), json!({ "last": 100_000 }),
            json!({ "first": 1, "last": 1 }), json!({ "first": 2_147_483_648_i64 }), json!({ "first": 1.5 }), json!({ "first": "1" }),
            json!({ "first": 1, "after": "nonsense" }), json!({ "first": 1, "after": "" }), json!({ "last": 1, "before": "AAAA" }),
            json!({ "first": 1, "after": "\u{0}" }), json!({ "first": 1, "after": long }),
        ] {
            let answer = client.send(list, wrong.clone()).await;
            assert!(!answer.codes().is_empty(), "{wrong}: {:#}", answer.body);
            assert!(answer.codes().iter().all(|code| ["BAD_USER_INPUT", "QUERY_TOO_COMPLEX"].contains(code)), "{wrong}: {:#}", answer.body);
            assert_discreet(&wrong.to_string(), &answer.body.to_string());
        }
        for nested in ["members", "resources", "practices", "innovations", "activities", "discussions", "statements", "goals", "learningAgenda", "children", "flags"] {
            for selected in ["nodes { id }", "totalCount"] {
                let query = format!("query($id: ID!) {{ community(id: $id) {{ {nested}(first: 5, after: \"nonsense\") {{ {selected} }} }} }}");
                assert_eq!(client.failed(&query, json!({ "id": community })).await, ["BAD_USER_INPUT"], "{nested} {{ {selected} }}");
            }
        }
        for root in ["communities", "domains", "organizations", "resources", "practices", "innovations", "notifications", "follows", "search(query: \"\")"] {
            for wrong in ["after: \"nonsense\"", "first: -1", "first: 100000"] {
                let field = match root.strip_suffix(')') {
                    Some(open) => format!("{open}, {wrong})"),
                    None => format!("{root}({wrong})"),
                };
                let codes = client.failed(&format!("{{ {field} {{ totalCount }} }}"), json!({})).await;
                assert!(["BAD_USER_INPUT", "QUERY_TOO_COMPLEX"].contains(&codes[0].as_str()) && codes.len() == 1, "{field}: {codes:?}");
            }
        }
        for query in [
            "{ community { id } }", "{ user { id } }", "{ domain { id } }",
            "query($id: ID!) { community(id: $id, slug: \"ids\") { id } }",
        ] {
            let answer = client.send(query, json!({ "id": community })).await;
            assert!(answer.codes().iter().all(|code| *code == "BAD_USER_INPUT"), "{query}: {:#}", answer.body);
        }
        assert_eq!(position(&app).await, before, "nothing was written");
    }

    async fn a_position_that_is_none_is_refused_and_a_future_one_waits_within_bounds(app: App) {
        let client = app.person("Ada").await;
        for wrong in ["nonsense", "-1", "1.5", "99999999999999999999999", "1; DROP"] {
            let answer = client.at(&json!(wrong)).send("{ resources { totalCount } }", json!({})).await;
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{wrong}: {:#}", answer.body);
        }
        let answer = client.at(&json!("1000000000")).send("{ search(query: \"x\") { totalCount } }", json!({})).await;
        let codes = answer.codes();
        assert!(codes.is_empty() || codes == ["SERVICE_UNAVAILABLE"] || codes == ["BAD_USER_INPUT"], "{:#}", answer.body);
    }

    async fn a_get_reads_and_never_writes(app: App) {
        let client = app.person("Ada").await;
        let before = position(&app).await;
        let get = async |query: &str| {
            let mut url = url_of(&client);
            url.push_str("?query=");
            for byte in query.bytes() {
                write!(url, "%{byte:02X}").unwrap();
            }
            Answer::read(client.http().get(url).header("accept", "application/graphql-response+json")).await
        };
        assert_eq!(get("{ __typename }").await.body["data"]["__typename"], "Query");
        let mutation = "mutation { signUp(input: { email: \"get@example.org\", password: \"a long enough passphrase\", displayName: \"Get\" }) { accessToken } }";
        for query in [mutation.to_owned(), format!("query A {{ __typename }} {mutation}")] {
            let answer = get(&query).await;
            assert!([400, 405].contains(&answer.status), "{:#}", answer.body);
            assert_discreet(&query, &answer.body.to_string());
        }
        assert_request_error("a mutation by GET", &get(mutation).await, 405, "METHOD_NOT_ALLOWED");
        assert_request_error("nothing by GET", &get("").await, 400, "BAD_USER_INPUT");
        let delete = Answer::read(client.http().delete(url_of(&client))).await;
        assert_eq!((delete.status, delete.codes()), (405, vec!["METHOD_NOT_ALLOWED"]));
        assert_eq!(position(&app).await, before, "nothing was written");
    }

    async fn fields_answer_in_the_order_of_the_query(app: App) {
        let client = app.person("Ada").await;
        let community = client.create_community("Order", json!({})).await;
        let query = format!(
            r"{{ serverInfo {{ version }} b: community(id: {community}) {{ visibility name id kind }} ...more a: __typename }}
               fragment more on Query {{ viewer {{ displayName handle id }} communities {{ totalCount nodes {{ slug id }} }} }}"
        );
        let response = client.http().post(url_of(&client)).json(&json!({ "query": query })).send().await.unwrap();
        let text = response.text().await.unwrap();
        let mut from = 0;
        for key in ["serverInfo", "version", "\"b\"", "visibility", "name", "id", "kind", "viewer", "communities", "totalCount", "nodes", "slug", "id", "\"a\""] {
            let place = text[from..].find(key).unwrap_or_else(|| panic!("{key} does not follow in {text}"));
            from += place + key.len();
        }
    }
}

fn url_of(client: &Client) -> String {
    format!("{}/graphql", client.url())
}

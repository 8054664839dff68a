//! What becomes narrower is gone from everything with the mutation's own answer, whatever the index still holds: from the
//! page after an old cursor, from what is like other things, and from corrections and completions.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

use super::{LEAVE, PROBE, RELATED, SUGGEST, caught_up};

const PAGE: &str = "query($order: SearchOrder, $first: Int) {
    search(query: \"fractions\", orderBy: $order, first: $first) {
        totalCount nodes { ... on Item { title } } pageInfo { endCursor } } }";

/// All that could tell of something after its first page was read.
const TRACES: &str = "query($order: SearchOrder, $after: String, $other: ID!) {
    next: search(query: \"fractions\", orderBy: $order, first: 50, after: $after) {
        totalCount facets(fields: [TAG, COMMUNITY], size: 100) { buckets { value label count } }
        nodes { ... on Item { title } } edges { snippets { html } } }
    related(id: $other, first: 50) { ... on Item { title } }
    misspelled: search(query: \"zymurgu\", first: 1) { didYouMean correctedQuery }
    suggest(prefix: \"zym\", first: 5) { text }
}";
const ORDERS: [&str; 2] = ["RELEVANCE", "TITLE"];

/// Resources about fractions, and one that tells of zymurgy and comes last; answers that and another one.
async fn shelf(author: &Client, open: &Value, secret_in: &Value) -> (Value, Value) {
    let mut other = Value::Null;
    for title in [
        "Fractions of cakes",
        "Fractions of pies",
        "Fractions of rolls",
    ] {
        let more = json!({ "body": "Fractions for all.", "tags": ["maths"], "language": "en" });
        other = author.create_resource(open, title, more).await;
    }
    let body = format!(
        "Zymurgy with fractions. {}",
        "It takes patience and clean bottles. ".repeat(20)
    );
    let more = json!({ "body": body, "tags": ["maths", "zymurgy"], "language": "en" });
    let secret = author.create_resource(secret_in, "Zymurgy", more).await;
    (secret, other)
}

/// The cursor, in each order, of the hit before the last one, which is the secret.
async fn cursors(client: &Client) -> Vec<Value> {
    let mut cursors = Vec::new();
    for order in ORDERS {
        let variables = json!({ "order": order, "first": 50 });
        let whole = client.query(PAGE, variables).await["search"].clone();
        let titles = whole["nodes"].as_array().unwrap();
        assert_eq!(whole["totalCount"], titles.len());
        assert_eq!(titles.last().unwrap()["title"], "Zymurgy", "{whole:#}");
        let variables = json!({ "order": order, "first": titles.len() - 1 });
        let page = client.query(PAGE, variables).await["search"].clone();
        cursors.push(page["pageInfo"]["endCursor"].clone());
    }
    cursors
}

/// Which of the traces tell of zymurgy.
async fn telling(client: &Client, cursors: &[Value], other: &Value) -> Vec<String> {
    let mut telling = Vec::new();
    for (order, cursor) in ORDERS.iter().zip(cursors) {
        let variables = json!({ "order": order, "after": cursor, "other": other });
        let traces = client.query(TRACES, variables).await;
        for (name, trace) in traces.as_object().unwrap() {
            if trace.to_string().to_lowercase().contains("zymurgy") {
                telling.push(format!("{name} {order}"));
            }
        }
    }
    telling.sort();
    telling
}

const ALL: [&str; 8] = [
    "misspelled RELEVANCE",
    "misspelled TITLE",
    "next RELEVANCE",
    "next TITLE",
    "related RELEVANCE",
    "related TITLE",
    "suggest RELEVANCE",
    "suggest TITLE",
];

on_both_databases! {
    async fn an_item_that_is_narrowed_is_gone_from_old_pages(app: App) {
        let author = app.person("Ada").await;
        let stranger = app.person("Ben").await;
        let open = author.create_community("Shelf", json!({})).await;
        let (secret, other) = shelf(&author, &open, &open).await;
        let reader = caught_up(&stranger).await;
        let cursors = cursors(&reader).await;
        assert_eq!(telling(&reader, &cursors, &other).await, ALL);
        let narrow = "mutation($id: ID!) { updateResource(id: $id, input: { visibility: MEMBERS }) {
            resource { id } userErrors { code field message } } }";
        author.mutate(narrow, json!({ "id": secret })).await;
        // Without a position, so that nobody waits for the index.
        for client in [&stranger, &app.anonymous()] {
            assert_eq!(telling(client, &cursors, &other).await, [""; 0]);
            let found = client.query(PROBE, json!({ "query": "zymurgy" })).await;
            assert_eq!(found["search"]["totalCount"], 0, "{found:#}");
            let related = client.query(RELATED, json!({ "id": secret })).await;
            assert_eq!(related["related"], Value::Null);
            let suggested = client.query(SUGGEST, json!({ "prefix": "zym" })).await;
            assert_eq!(suggested["suggest"], json!([]));
        }
        assert_eq!(caught_up(&author).await.search_titles("zymurgy").await, ["Zymurgy"], "its author goes on finding it");
    }

    async fn what_is_of_a_community_that_closes_is_gone_from_old_pages(app: App) {
        let author = app.person("Ada").await;
        let open = author.create_community("Shelf", json!({})).await;
        let closing = author.create_community("Brewers", json!({})).await;
        let (_, other) = shelf(&author, &open, &closing).await;
        let reader = caught_up(&app.anonymous()).await;
        let cursors = cursors(&reader).await;
        assert_eq!(telling(&reader, &cursors, &other).await, ALL);
        let close = "mutation($id: ID!) { updateCommunity(id: $id, input: { visibility: UNLISTED }) {
            community { id } userErrors { code field message } } }";
        author.mutate(close, json!({ "id": closing })).await;
        assert_eq!(telling(&app.anonymous(), &cursors, &other).await, [""; 0]);
    }

    async fn whoever_leaves_reads_on_without_what_was_for_members(app: App) {
        let author = app.person("Ada").await;
        let member = app.person("Ben").await;
        let open = author.create_community("Shelf", json!({})).await;
        let closed = author.create_community("Brewers", json!({ "visibility": "PRIVATE" })).await;
        author.admit(&closed, &member, "MEMBER").await;
        let (_, other) = shelf(&author, &open, &closed).await;
        let reader = caught_up(&member).await;
        let cursors = cursors(&reader).await;
        assert_eq!(telling(&reader, &cursors, &other).await, ALL);
        member.mutate(LEAVE, json!({ "id": closed })).await;
        assert_eq!(telling(&member, &cursors, &other).await, [""; 0]);
    }

    async fn a_report_on_what_is_narrowed_is_gone_with_it(app: App) {
        let author = app.person("Ada").await;
        let open = author.create_community("Shelf", json!({})).await;
        let cards = author.create_resource(&open, "Tactile cards", json!({ "language": "en" })).await;
        let pilot = author.plan_pilot(&cards, json!({})).await;
        author.set_pilot_state(&pilot, "RUNNING", None).await;
        author.tell(&pilot, "PUBLIC", json!({ "text": "We brewed: zymurgy for beginners." })).await;
        let asked = async |client: &Client, query: &str| client.query(PROBE, json!({ "query": query })).await["search"].clone();
        let reader = caught_up(&app.anonymous()).await;
        assert_eq!(asked(&reader, "zymurgy").await["totalCount"], 1);
        assert_eq!(asked(&reader, "zymurgu").await["correctedQuery"], "zymurgy");
        let narrow = "mutation($id: ID!) { updateResource(id: $id, input: { visibility: MEMBERS }) {
            resource { id } userErrors { code field message } } }";
        author.mutate(narrow, json!({ "id": cards })).await;
        for query in ["zymurgy", "zymurgu"] {
            let found = asked(&app.anonymous(), query).await;
            assert_eq!(found["totalCount"], 0, "{found:#}");
            assert_eq!((&found["correctedQuery"], &found["didYouMean"]), (&Value::Null, &Value::Null));
        }
    }
}

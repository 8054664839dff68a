//! Nobody learns by searching what they may not see: whatever is asked, the answer is the same to the letter, scores and
//! all, whether there is something hidden or not.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

/// Everything that a search answers, but for cursors, which name the moment.
const PROBE: &str = "query($query: String!, $orderBy: SearchOrder) {
    search(query: $query, orderBy: $orderBy, first: 50, filter: { includeAbandoned: true }) {
        totalCount didYouMean correctedQuery
        pageInfo { hasNextPage }
        facets(fields: [KIND, RESOURCE_KIND, COMMUNITY, COMMUNITY_KIND, DOMAIN, TAG, LANGUAGE, LICENCE, AUTHOR, STATUS,
            EDUCATIONAL_LEVEL, EVIDENCE_LEVEL, YEAR], size: 100) { field buckets { value label count } }
        edges { score snippets { field html }
            explanation { matches { field term how } factors { name value } }
            node { __typename ... on Item { id title } ... on Community { id name } } }
    }
}";
const SUGGEST: &str =
    "query($prefix: String!) { suggest(prefix: $prefix, first: 50) { text kind } }";
const RELATED: &str =
    "query($id: ID!) { related(id: $id, first: 50) { __typename ... on Item { id title } } }";

/// Words that are shared by what is seen and what is not, and words that are only in the latter.
const QUERIES: [&str; 16] = [
    "",
    "fractions",
    "fraction pizza",
    "pizza",
    "zymurgy",
    "zymurgi",
    "zymurgy fractions",
    "zymur*",
    "frac*",
    "\"secret recipe\"",
    "title:zymurgy",
    "tag:zymurgy",
    "tag:maths",
    "pizzza",
    "-zymurgy",
    "what do children do with fractions and pizza and zymurgy",
];

async fn probe(client: &Client, known: &Value) -> Vec<Value> {
    let mut answers = Vec::new();
    for query in QUERIES {
        for order in ["RELEVANCE", "TITLE"] {
            answers.push(
                client
                    .query(PROBE, json!({ "query": query, "orderBy": order }))
                    .await,
            );
        }
    }
    for prefix in ["z", "zym", "fra", "secret", "p"] {
        answers.push(client.query(SUGGEST, json!({ "prefix": prefix })).await);
    }
    answers.push(client.query(RELATED, json!({ "id": known })).await);
    answers
}

/// A client of the same person that waits for what was written last.
async fn caught_up(client: &Client) -> Client {
    let info = client.query("{ serverInfo { position } }", json!({})).await;
    client.at(&info["serverInfo"]["position"])
}

on_both_databases! {
    async fn what_is_hidden_changes_no_answer(app: App) {
        let author = app.person("Ada").await;
        let stranger = app.person("Ben").await;
        let open = author.create_community("Shelf", json!({})).await;
        let closed = author.create_community("Closed shelf", json!({ "visibility": "PRIVATE" })).await;
        let unlisted = author.create_community("Cellar", json!({ "visibility": "UNLISTED" })).await;
        let known = author.create_resource(&open, "Teaching fractions", json!({
            "body": "Children share pizza and compare the slices.", "tags": ["maths"], "language": "en" })).await;
        author.create_resource(&open, "Slices of pizza", json!({ "body": "More about pizza.", "language": "en" })).await;
        author.create_resource(&open, "Walking lessons", json!({ "body": "Walk and talk.", "language": "en" })).await;
        let mut before = Vec::new();
        for viewer in [&app.anonymous(), &stranger, &author] {
            before.push(probe(&caught_up(viewer).await, &known).await);
        }

        let words = "Fractions, pizza, zymurgy: the secret recipe. Die Kinder teilen Pizza.";
        let hidden = json!({ "body": words, "tags": ["zymurgy", "maths"], "language": "en", "licence": "CC0-1.0" });
        for community in [&closed, &unlisted] {
            for title in ["Zymurgy and fractions", "Pizza", "Teaching zymurgy"] {
                author.create_resource(community, title, hidden.clone()).await;
            }
        }
        let mut narrower = hidden.clone();
        narrower["visibility"] = json!("MEMBERS");
        narrower["language"] = json!("de");
        author.create_resource(&open, "Zymurgie und Brüche", narrower).await;
        let mut draft = hidden.clone();
        draft["publish"] = json!(false);
        author.create_resource(&open, "Zymurgy draft", draft).await;

        for (viewer, before) in [app.anonymous(), stranger].iter().zip(&before) {
            let after = probe(&caught_up(viewer).await, &known).await;
            for (after, before) in after.iter().zip(before) {
                assert_eq!(after, before);
            }
        }
        let after = probe(&caught_up(&author).await, &known).await;
        assert_ne!(after, before[2], "whoever may see it finds it");
        let zymurgy = &after[QUERIES.iter().position(|query| *query == "zymurgy").unwrap() * 2];
        assert_eq!(zymurgy["search"]["totalCount"], 8, "{zymurgy:#}");

        // What becomes narrower is gone with the mutation's own answer, whatever the index still holds.
        let narrow = "mutation($id: ID!) { updateResource(id: $id, input: { visibility: MEMBERS }) {
            resource { id } userErrors { code field message } } }";
        author.mutate(narrow, json!({ "id": known })).await;
        let anonymous = app.anonymous();
        let found = anonymous.query(PROBE, json!({ "query": "fractions" })).await;
        assert_eq!(found["search"]["totalCount"], 0, "{found:#}");
        let related = anonymous.query(RELATED, json!({ "id": known })).await;
        assert_eq!(related["related"], Value::Null);
        let suggested = anonymous.query(SUGGEST, json!({ "prefix": "teach" })).await;
        assert_eq!(suggested["suggest"], json!([]));
    }
}

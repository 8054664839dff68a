//! What is known of things besides their text: how it counts, as explanations say, and that it can be switched off.

use std::collections::BTreeMap;

use api::config::Config;
use serde_json::{Value, json};
use support::{App, Client, Database, on_both_databases};

use super::{caught_up, change};

/// A server on which what a kind holds dear and a review that is due do not count.
#[derive(Debug)]
struct PlainApp(App);

impl PlainApp {
    async fn start(database: Database) -> Option<Self> {
        let plain = |config: &mut Config| {
            config.search.signals.standing = 0;
            config.search.signals.overdue = 0;
        };
        App::start_with(database, plain).await.map(Self)
    }
}

/// The factors of each hit by its title.
type Factors = BTreeMap<String, BTreeMap<String, f64>>;

async fn factors(client: &Client) -> Factors {
    let query = "{ search(query: \"wombat\", first: 50) { edges {
        node { ... on Item { title } } explanation { factors { name value } } } } }";
    let found = caught_up(client).await.query(query, json!({})).await;
    let edges = found["search"]["edges"].as_array().unwrap();
    edges
        .iter()
        .map(|edge| {
            let factors = edge["explanation"]["factors"].as_array().unwrap();
            let factors = factors.iter().map(|factor| {
                let name = factor["name"].as_str().unwrap().to_owned();
                (name, factor["value"].as_f64().unwrap())
            });
            let title = edge["node"]["title"].as_str().unwrap().to_owned();
            (title, factors.collect())
        })
        .collect()
}

/// Compares a factor; a thing that lacks it has 1.
fn assert_factor(found: &Factors, title: &str, name: &str, expected: f64) {
    let value = found[title].get(name).copied().unwrap_or(1.0);
    assert!(
        (value - expected).abs() < 0.000_5,
        "{name} of {title} is {value} and should be {expected}: {found:#?}"
    );
}

/// The same in a community of a kind: a question that is answered, one that is not, an idea that somebody supports, and
/// resources that are kept, adopted and overdue.
async fn shelf(author: &Client, other: &Client, kind: &str) {
    let community = author.create_community(kind, json!({})).await;
    other.join(&community).await;
    let ask = "mutation($input: CreateDiscussionInput!) { createDiscussion(input: $input) {
        discussion { id } userErrors { code field message } } }";
    let add = "mutation($input: AddPostInput!) { addPost(input: $input) {
        post { id } userErrors { code field message } } }";
    for what in ["answered", "open"] {
        let input = json!({
            "communityId": community, "title": format!("Wombat {what} {kind}"), "body": "How?", "kind": "HELP_REQUEST",
        });
        let asked = author.mutate(ask, json!({ "input": input })).await;
        if what == "answered" {
            let input = json!({ "discussionId": asked["discussion"]["id"], "body": "So." });
            let post = other.mutate(add, json!({ "input": input })).await;
            change(author, "acceptPost(id: $id)", &post["post"]["id"]).await;
        }
    }
    let propose = "mutation($input: CreateInnovationInput!) { createInnovation(input: $input) {
        innovation { id } userErrors { code field message } } }";
    let input = json!({
        "communityId": community, "title": format!("Wombat idea {kind}"), "idea": "Teach outside.",
    });
    let idea = author.mutate(propose, json!({ "input": input })).await;
    change(
        other,
        "supportInnovation(id: $id)",
        &idea["innovation"]["id"],
    )
    .await;
    let (own, nobody) = (author.my_id().await, Value::Null);
    for what in ["kept", "overdue", "adopted"] {
        let title = format!("Wombat {what} {kind}");
        let id = author.create_resource(&community, &title, json!({})).await;
        let (due, steward) = match what {
            "kept" => ("2199-01-01T00:00:00Z", &own),
            "overdue" => ("2020-01-01T00:00:00Z", &nobody),
            _ => {
                other.adopt(&id, "A class", "IN_USE").await;
                continue;
            }
        };
        let keep = "mutation($id: ID!, $user: ID, $due: DateTime) {
            setSteward(id: $id, userId: $user, reviewDueAt: $due) { userErrors { code field message } } }";
        let variables = json!({ "id": id, "user": steward, "due": due });
        author.mutate(keep, variables).await;
    }
    // Only now, for some kinds ask for more before anything is published.
    let call = format!("setCommunityKind(id: $id, kind: {kind})");
    change(author, &call, &community).await;
}

const KINDS: [&str; 4] = [
    "HELPING",
    "BEST_PRACTICE",
    "KNOWLEDGE_STEWARDING",
    "INNOVATION",
];

async fn world(app: &App) -> Factors {
    let (author, other) = (app.person("Ada").await, app.person("Ben").await);
    for kind in KINDS {
        shelf(&author, &other, kind).await;
    }
    factors(&author).await
}

on_both_databases! {
    async fn what_a_kind_holds_dear_stands_best_there(app: App) {
        let found = world(&app).await;
        for kind in KINDS {
            let of = |what: &str| format!("Wombat {what} {kind}");
            let resolved = if kind == "HELPING" { 1.1 } else { 1.05 };
            assert_factor(&found, &of("answered"), "standing", resolved);
            assert_factor(&found, &of("open"), "standing", 1.0);
            // One supporter of ten that give half, and half of what stages can give.
            let share = 0.1 * (1.0 / 11.0) / 2.0;
            let supported = if kind == "INNOVATION" { share } else { share / 2.0 };
            assert_factor(&found, &of("idea"), "standing", 1.0 + supported);
            let stewarding = kind == "KNOWLEDGE_STEWARDING";
            assert_factor(&found, &of("kept"), "standing", if stewarding { 1.1 } else { 1.0 });
            assert_factor(&found, &of("overdue"), "standing", if stewarding { 1.05 } else { 1.0 });
            assert_factor(&found, &of("kept"), "overdue", 1.0);
            assert_factor(&found, &of("overdue"), "overdue", 0.9);
            assert_factor(&found, &of("adopted"), "evidence", 1.025);
            for what in ["answered", "open", "idea", "kept", "overdue", "adopted"] {
                assert_factor(&found, &of(what), "recency", 1.05);
            }
        }
    }

    async fn a_weight_of_nothing_switches_a_factor_off(app: PlainApp) {
        let found = world(&app.0).await;
        assert_eq!(found.len(), KINDS.len() * 6);
        for (title, factors) in &found {
            assert!(!factors.contains_key("standing") && !factors.contains_key("overdue"), "{title}: {factors:?}");
            assert!(factors.contains_key("words") && factors.contains_key("recency"), "{title}: {factors:?}");
        }
        assert_factor(&found, "Wombat adopted HELPING", "evidence", 1.025);
    }
}

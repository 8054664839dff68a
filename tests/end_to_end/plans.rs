//! What is shown of a community of any size is found by indexes: no statement reads all items, posts or members.

use api::graphql::request::RequestState;
use sea_orm::DatabaseBackend;
use serde_json::json;
use service::store::{Store, recorded};
use service::viewer::Viewer;
use support::{App, on_both_databases};

/// The parts of a community page that look at everything that the community holds.
const PAGE: &str = "{ community(id: \"COMMUNITY\") {
    workQueue(first: 20) { totalCount nodes { reason since dueAt node { id } } pageInfo { endCursor hasNextPage } }
    health { key value sampleSize }
} }";

/// Tables that grow with what a community holds, and the names under which statements read them.
const LARGE: [&str; 17] = [
    "change",
    "item",
    "question",
    "discussion",
    "innovation",
    "post",
    "transition",
    "review",
    "item_author",
    "item_domain",
    "item_tag",
    "likely_duplicate",
    "adoption",
    "evidence",
    "link",
    "pilot",
    "experience_report",
];

/// The lines of a plan that read a large table from end to end.
pub fn whole_reads(plan: &[String]) -> Vec<&String> {
    let reads = |line: &str, table: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let names = |place: usize| {
            words
                .get(place)
                .is_some_and(|word| word.trim_matches('"') == table)
        };
        // SQLite: `SCAN item …`. PostgreSQL: `… Seq Scan on item …`.
        let sqlite = words.first() == Some(&"SCAN") && names(1);
        let postgres = line.contains("Seq Scan on") && {
            let after = words.iter().position(|word| *word == "on").unwrap_or(0);
            names(after + 1) || names(after + 2)
        };
        sqlite || postgres
    };
    let mut found: Vec<&String> = plan
        .iter()
        .filter(|line| LARGE.iter().any(|table| reads(line, table)))
        .collect();
    // PostgreSQL: an index that is read without looking anything up in it.
    for pair in plan.windows(2) {
        let by_index = ["Index Scan", "Index Only Scan"]
            .iter()
            .any(|kind| pair[0].contains(kind))
            && pair[0].contains(" using ");
        let large = LARGE
            .iter()
            .any(|table| pair[0].contains(&format!(" on {table} ")));
        if by_index && large && !pair[1].contains("Index Cond:") {
            found.push(&pair[0]);
        }
    }
    found
}

/// The plans of all statements that a query runs.
pub async fn plans(app: &App, viewer: &Viewer, query: &str) -> Vec<Vec<String>> {
    let store: &Store = app.server().store();
    let request = async_graphql::Request::new(query).data(RequestState::new(store, viewer.clone()));
    let schema = app.server().schema().clone();
    let (response, statements) = recorded(async move { schema.execute(request).await }).await;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    let mut plans = Vec::new();
    for statement in &statements {
        plans.push(store.plan(statement).await.unwrap());
    }
    plans
}

on_both_databases! {
    async fn a_community_page_reads_no_large_table_whole(app: App) {
        let facilitator = app.person("Ada").await;
        let viewer_of = async |client: &support::Client| {
            service::auth::authenticate(app.server().auth(), client.token()).await.unwrap()
        };
        for kind in ["HELPING", "BEST_PRACTICE", "KNOWLEDGE_STEWARDING", "INNOVATION"] {
            let member = app.person("Ben").await;
            let community = facilitator.create_community("Large", json!({ "kind": kind })).await;
            member.join(&community).await;
            let query = PAGE.replace("COMMUNITY", community.as_str().unwrap());
            for client in [&facilitator, &member] {
                let viewer = viewer_of(client).await;
                let plans = plans(&app, &viewer, &query).await;
                assert!(plans.len() >= 3, "the page, its total and the figures");
                for plan in &plans {
                    assert_eq!(whole_reads(plan), [""; 0], "{kind}:\n{}", plan.join("\n"));
                }
            }
        }
        let everywhere = "{ workQueue(first: 20) { totalCount nodes { reason node { id } } } }";
        let viewer = viewer_of(&facilitator).await;
        for plan in plans(&app, &viewer, everywhere).await {
            assert_eq!(whole_reads(&plan), [""; 0], "{}", plan.join("\n"));
        }
    }

    async fn the_newest_things_are_measured_from_an_index_alone(app: App) {
        let facilitator = app.person("Ada").await;
        for (kind, index) in [
            ("HELPING", "discussion_shown_idx"),
            ("INNOVATION", "item_community_id_item_type_updated_at_id_visibility_idx"),
            ("INNOVATION", "transition_entity_id_id_to_state_at_idx"),
        ] {
            let community = facilitator.create_community("Large", json!({ "kind": kind })).await;
            let viewer = service::auth::authenticate(app.server().auth(), facilitator.token()).await.unwrap();
            let query = "{ community(id: \"COMMUNITY\") { health { key value } } }";
            let plans = plans(&app, &viewer, &query.replace("COMMUNITY", community.as_str().unwrap())).await;
            let uses: Vec<&String> = plans.iter().flatten().filter(|line| line.contains(index)).collect();
            assert!(!uses.is_empty(), "{kind}, {index}: {plans:#?}");
            // PostgreSQL decides by how many rows there are, and here are few.
            if app.server().store().backend() == DatabaseBackend::Sqlite {
                assert!(uses.iter().all(|line| line.contains("COVERING INDEX")), "{kind}: {uses:#?}");
            }
        }
    }
}

#[test]
fn plans_of_both_databases_are_understood() {
    let lines = |plan: &[&str]| {
        plan.iter()
            .map(|line| (*line).to_owned())
            .collect::<Vec<_>>()
    };
    for read in [
        lines(&["SCAN item"]),
        lines(&["Limit  (cost=0.00)", "  ->  Seq Scan on item  (cost=0.00)"]),
        lines(&["  ->  Seq Scan on item question  (cost=0.00)"]),
        lines(&[
            "Index Scan using item_pkey on item  (cost=0.00)",
            "  Filter: true",
        ]),
    ] {
        assert_eq!(whole_reads(&read).len(), 1, "{read:?}");
    }
    for looked_up in [
        lines(&[
            "SEARCH item USING INDEX item_waiting_idx (community_id=?)",
            "SCAN newest",
        ]),
        lines(&[
            "Index Scan using item_waiting_idx on item  (cost=0.00)",
            "  Index Cond: (community_id = 'x')",
        ]),
        lines(&["Seq Scan on community  (cost=0.00)"]),
    ] {
        assert_eq!(whole_reads(&looked_up), [""; 0], "{looked_up:?}");
    }
}

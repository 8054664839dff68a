//! Somebody tries to find out who wrote an anonymous report: in every role, on every surface, and in the database itself.

use std::collections::{BTreeMap, BTreeSet};

use api::graphql::ids::{NodeType, decode};
use async_graphql::ID;
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
use serde_json::{Value, json};
use service::projection;
use support::{App, Client, on_both_databases};

use crate::experience_report::{TELL, email_of, next_day, tell};
use crate::pilot::plan;

/// All that is shown of a pilot, of the reports on it, of its community and its members, and of what concerns the viewer.
const EVERYTHING: &str = "query($pilot: ID!, $community: ID!, $report: ID!) {
    pilot(id: $pilot) { updatedAt viewerCan availableTransitions { to blockedBy { code message } }
        transitions { totalCount nodes { at actor { id } } }
        subject { ... on Resource { updatedAt revision pilots { totalCount } } }
        reports(first: 100) { totalCount edges { cursor node { id author { id displayName } createdAt anonymous
            consent viewerCan rating } } } }
    node(id: $report) { id ... on ExperienceReport { author { id } createdAt viewerCan } }
    community(id: $community) { updatedAt
        workQueue { nodes { reason since } }
        members(first: 100) { nodes { user { displayName } participation { level contributions reactions attendances } } } }
    notifications { nodes { reason createdAt actor { id } about { id } } }
    search(query: \"confession\") { totalCount nodes { __typename ... on ExperienceReport { id } } }
    newest: search(query: \"\", orderBy: NEWEST, first: 100) { totalCount nodes { __typename ... on ExperienceReport { id } } }
    serverInfo { position }
}";

/// Every row of every table, as text; on SQLite with its place in the table.
async fn dump(app: &App) -> BTreeSet<String> {
    let store = app.server().store();
    let all = async |sql: String| {
        let statement = Statement::from_string(store.backend(), sql);
        let rows = store.reader().query_all_raw(statement).await.unwrap();
        let texts = rows
            .iter()
            .map(|row| row.try_get_by_index::<String>(0).unwrap());
        texts.collect::<Vec<_>>()
    };
    let sqlite = store.backend() == DatabaseBackend::Sqlite;
    let tables = if sqlite {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    } else {
        "SELECT CAST(table_name AS text) FROM information_schema.tables WHERE table_schema = 'public'"
    };
    let mut dumped = BTreeSet::new();
    for table in all(tables.to_owned()).await {
        let rows = if sqlite {
            let columns = all(format!("SELECT name FROM pragma_table_info('{table}')")).await;
            let quoted: Vec<String> = columns
                .iter()
                .map(|name| format!("quote(\"{name}\")"))
                .collect();
            format!("SELECT {} FROM \"{table}\"", quoted.join(" || ', ' || "))
        } else {
            format!("SELECT CAST(entry AS text) FROM \"{table}\" AS entry")
        };
        dumped.extend(
            all(rows)
                .await
                .into_iter()
                .map(|row| format!("{table}: {row}")),
        );
    }
    dumped
}

/// Where the rows of the reports lie, as an operator with the files would see: in the order in which they were written.
async fn places(app: &App) -> Vec<String> {
    let store = app.server().store();
    let (id, place) = if store.backend() == DatabaseBackend::Sqlite {
        ("lower(hex(id))", "rowid")
    } else {
        ("replace(CAST(id AS text), '-', '')", "ctid")
    };
    let sql = format!("SELECT {id} FROM experience_report ORDER BY {place}");
    let statement = Statement::from_string(store.backend(), sql);
    let rows = store.reader().query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

/// A row that names somebody names them by their id, which is written as hexadecimal digits.
fn digits(id: &Value, node_type: NodeType) -> String {
    let id = ID::from(id.as_str().unwrap());
    decode("id", &id, node_type).unwrap().simple().to_string()
}

fn mentions(row: &str, hexadecimal: &str) -> bool {
    row.to_lowercase().replace('-', "").contains(hexadecimal)
}

struct Role {
    name: &'static str,
    email: Option<String>,
}

impl Role {
    async fn of(name: &'static str, client: &Client) -> Self {
        let email = Some(email_of(client).await);
        Self { name, email }
    }

    async fn client(&self, app: &App) -> Client {
        match &self.email {
            Some(email) => app.sign_in(email).await,
            None => app.anonymous(),
        }
    }
}

/// What each role is shown.
async fn shown(
    app: &App,
    clients: &BTreeMap<&str, Client>,
    variables: &Value,
) -> BTreeMap<String, Value> {
    let store = app.server().store();
    let position = store.position().await.unwrap();
    projection::reach(store, position).await.unwrap();
    let mut answers = BTreeMap::new();
    for (name, client) in clients {
        let client = client.at(&json!(position.to_string()));
        answers.insert(
            (*name).to_owned(),
            client.query(EVERYTHING, variables.clone()).await,
        );
    }
    answers
}

on_both_databases! {
    async fn nobody_finds_out_who_wrote_an_anonymous_report(app: App) {
        let facilitator = app.person("Fay").await;
        let people = [
            ("author of the subject", app.person("Ada").await),
            ("planner", app.person("Ben").await),
            ("steward", app.person("Stella").await),
            ("member", app.person("Cleo").await),
            ("writer", app.person("Wanda").await),
        ];
        let community = facilitator.create_community("Teachers", json!({})).await;
        for (name, person) in &people {
            if *name == "steward" {
                facilitator.admit(&community, person, "STEWARD").await;
            } else {
                person.join(&community).await;
            }
        }
        let (author, planner, writer) = (&people[0].1, &people[1].1, &people[4].1);
        let stranger = app.person("Eve").await;
        let administrator = app.administrator().await;
        let resource = author.create_resource(&community, "Tactile cards", json!({})).await;
        let pilot = plan(planner, &resource).await;
        planner.mutate(crate::pilot::MOVE, json!({ "id": pilot, "state": "RUNNING" })).await;
        let before_it = tell(&facilitator, &pilot, "PUBLIC", json!({ "text": "Named, before." })).await;

        let mut roles = vec![Role { name: "nobody", email: None }, Role::of("stranger", &stranger).await,
            Role::of("facilitator", &facilitator).await, Role::of("administrator", &administrator).await];
        for (name, person) in &people {
            roles.push(Role::of(name, person).await);
        }
        let mut clients = BTreeMap::new();
        for role in &roles {
            clients.insert(role.name, role.client(&app).await);
        }
        let writer_id = writer.my_id().await;
        let writer_digits = digits(&writer_id, NodeType::User);
        let variables = |report: &Value| json!({ "pilot": pilot, "community": community, "report": report });
        let unknown = json!("experience_report_01h455vb4pex5vsknk084sn02q");

        // While it is written: no answer to anybody changes, and of the whole database one row.
        let before = shown(&app, &clients, &variables(&unknown)).await;
        let rows_before = dump(&app).await;
        let input = json!({ "aboutId": pilot, "text": "A confession.", "rating": 2, "consent": "MEMBERS", "anonymous": true });
        let told = clients["writer"].mutate(TELL, json!({ "input": input })).await;
        let rows_after = dump(&app).await;
        let after = shown(&app, &clients, &variables(&unknown)).await;
        assert_eq!(after, before, "nobody sees it come");
        let report = told["report"]["id"].clone();
        let secret = told["secret"].as_str().unwrap().to_owned();
        assert_eq!(told["report"]["author"], Value::Null);
        assert_eq!(told["report"]["createdAt"], Value::Null);
        assert_eq!(told["position"], before["writer"]["serverInfo"]["position"]);
        let with_id = shown(&app, &clients, &variables(&report)).await;
        assert_eq!(with_id, before, "nor by its id, its author neither");
        let new: Vec<&String> = rows_after.difference(&rows_before).collect();
        assert_eq!(new.len(), 1, "{new:#?}");
        assert_eq!(rows_before.difference(&rows_after).count(), 0);
        assert!(new[0].starts_with("held_report: "));
        assert!(!mentions(new[0], &writer_digits));
        assert!(!new[0].contains(&secret), "a hash is kept");
        let second = app.server().clock().now().format("%H:%M:").to_string();
        assert!(!new[0].contains(&second), "it is of a day, not of a time: {}", new[0]);

        let after_it = tell(planner, &pilot, "PUBLIC", json!({ "text": "Named, after." })).await;
        let position = app.server().store().position().await.unwrap();
        projection::reach(app.server().store(), position).await.unwrap();
        let evening = dump(&app).await;
        next_day(&app).await;
        let position = app.server().store().position().await.unwrap();
        projection::reach(app.server().store(), position).await.unwrap();
        let morning = dump(&app).await;
        for row in morning.difference(&evening) {
            let knows = mentions(row, &digits(&report, NodeType::ExperienceReport));
            assert!(!(knows && mentions(row, &writer_digits)), "{row}");
            assert!(!row.contains("A confession.") || !mentions(row, &writer_digits), "{row}");
        }
        assert!(morning.iter().all(|row| !row.starts_with("held_report: ")));
        let changed = |row: &&String| row.starts_with("change: ");
        let log: Vec<&String> = morning.difference(&evening).filter(changed).collect();
        assert_eq!(log.len(), 1, "one row of the log came by night: {log:#?}");
        assert!(mentions(log[0], &digits(&report, NodeType::ExperienceReport)));
        assert!(!mentions(log[0], &writer_digits));
        let place = |told: &Value| digits(&told["report"]["id"], NodeType::ExperienceReport);
        assert_eq!(places(&app).await, [place(&before_it), place(&after_it), place(&told)],
            "where it lies says that it came by night, not between which others it was written");

        // The next day: those who may read it read it, and to all of them it is nobody's.
        let mut clients = BTreeMap::new();
        for role in &roles {
            clients.insert(role.name, role.client(&app).await);
        }
        let next = shown(&app, &clients, &variables(&report)).await;
        for (name, answer) in &next {
            let reads = !["nobody", "stranger", "administrator"].contains(&name.as_str());
            let edges = answer["pilot"]["reports"]["edges"].as_array().unwrap();
            assert_eq!(edges.len(), if reads { 3 } else { 2 }, "{name}");
            assert_eq!(answer["pilot"]["reports"]["totalCount"], edges.len());
            let ids: Vec<&Value> = edges.iter().map(|edge| &edge["node"]["id"]).collect();
            assert!(ids.is_sorted_by_key(|id| id.as_str().unwrap()), "by their random ids");
            assert_eq!(answer["node"]["id"] == report, reads, "{name}");
            assert_eq!(answer["search"]["totalCount"], usize::from(reads), "{name}");
            let newest = answer["newest"]["nodes"].as_array().unwrap();
            let place = newest.iter().position(|node| node["id"] == report);
            assert_eq!(place, reads.then(|| newest.len() - 1), "{name}: by time it is of no time");
            if reads {
                let node = edges.iter().find(|edge| edge["node"]["id"] == report).unwrap();
                assert_eq!(node["node"]["author"], Value::Null);
                assert_eq!(node["node"]["createdAt"], Value::Null);
                let may = if name == "facilitator" { json!(["READ", "DELETE"]) } else { json!(["READ"]) };
                assert_eq!(node["node"]["viewerCan"], may, "{name}");
            }
            for told in answer["notifications"]["nodes"].as_array().unwrap() {
                assert_ne!(told["actor"]["id"], writer_id, "{name}");
            }
        }
        let participation = |answers: &BTreeMap<String, Value>| answers["facilitator"]["community"]["members"].clone();
        let wandas = |answers: &BTreeMap<String, Value>| {
            let members = participation(answers)["nodes"].as_array().unwrap().clone();
            members.into_iter().find(|row| row["user"]["displayName"] == "Wanda").unwrap()
        };
        assert_eq!(wandas(&next), wandas(&before), "it is nobody's contribution");
        assert_eq!(next["writer"]["pilot"], next["member"]["pilot"].clone(), "its author is shown what others are");

        // Its author comes back to it without saying who they are.
        let narrow = "mutation($id: ID!, $secret: String) { narrowConsent(id: $id, consent: AUTHORS, secret: $secret) {
            report { consent author { id } } userErrors { code field message } } }";
        for name in ["facilitator", "steward", "writer"] {
            let refused = clients[name].refused(narrow, json!({ "id": report })).await;
            assert_eq!(refused, ["FORBIDDEN id"], "{name}");
        }
        let narrowed = clients["nobody"].mutate(narrow, json!({ "id": report, "secret": secret })).await;
        assert_eq!(narrowed["report"], json!({ "consent": "AUTHORS", "author": null }));
        let then = shown(&app, &clients, &variables(&report)).await;
        for (name, answer) in &then {
            let reads = ["author of the subject", "planner"].contains(&name.as_str());
            assert_eq!(answer["node"] != Value::Null, reads, "{name}");
            assert_eq!(answer["search"]["totalCount"], usize::from(reads), "{name}");
        }
        let end = dump(&app).await;
        for row in end.iter().filter(|row| mentions(row, &digits(&report, NodeType::ExperienceReport))) {
            assert!(!mentions(row, &writer_digits), "{row}");
        }
    }
}

//! The example LMS and the server, one of which is killed at a chosen moment of each round, while people change resources
//! on both sides. In the end both hold the same, and nothing is there twice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::proxy::{Blow, Moment, Proxy, Strike};
use super::sides::{Hosts, Lms, MATERIALS, SYSTEM, Steward, material};
use super::{On, available, repository, typescript};
use crate::support::{PATIENCE, run, text};

/// One strike for each way to die, in a random order.
fn strikes(random: &mut StdRng) -> Vec<(&'static str, Strike)> {
    let mut strikes = Vec::new();
    for blow in [Blow::KillServer, Blow::KillLms, Blow::Cut] {
        for phase in 0..3 {
            let moment = match phase {
                0 => Moment::Before,
                1 => Moment::During(Duration::from_micros(random.random_range(0..60_000))),
                _ => Moment::After,
            };
            let (command, requests) = [("push", 3), ("push", 3), ("push-changed", 1), ("pull", 1)]
                [random.random_range(0..4)];
            let request = random.random_range(0..requests);
            let strike = Strike {
                request,
                moment,
                blow,
            };
            strikes.push((command, strike));
        }
    }
    strikes.shuffle(random);
    strikes
}

/// With this in the environment the rounds are others: a number by which they can be had again.
const SEED: &str = "REPERTOIRE_TEST_SEED";

async fn both_sides_end_equal(on: On, lms: &[&str], rounds: usize, seed: u64) {
    let seed = std::env::var(SEED).map_or(seed, |seed| seed.parse().unwrap());
    let Some(environment) = on.environment().await else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let hosts = Arc::new(Hosts {
        data: directory.path().join("data"),
        database: environment
            .into_iter()
            .flat_map(|(_, url)| ["--database-url".to_owned(), url])
            .collect(),
        address: watch::Sender::new(None),
        served: Mutex::default(),
        lms: Mutex::default(),
    });
    tokio::task::block_in_place(|| hosts.serve());
    let dealing = Arc::clone(&hosts);
    let proxy = Proxy::start(hosts.address.subscribe(), move |blow| dealing.deal(blow)).await;
    let (mut steward, lms) = set_up(&hosts, &proxy, lms, directory.path().join("lms")).await;

    let mut random = StdRng::seed_from_u64(seed);
    let mut made = BTreeSet::new();
    let mut courses = all_materials();
    let lms = Arc::new(lms);
    let strikes = strikes(&mut random).into_iter().take(rounds);
    for (round, (command, strike)) in strikes.enumerate() {
        tokio::task::block_in_place(|| {
            if round % 4 == 3 {
                lms.succeed(&["seed", &MATERIALS.to_string()]);
                courses = all_materials();
            }
            let removed = courses.swap_remove(random.random_range(0..courses.len()));
            lms.succeed(&["remove", &removed]);
            let edited = &courses[random.random_range(0..courses.len())];
            lms.succeed(&["edit", edited, &format!("Here {round}")]);
        });
        proxy.plan(Some(strike));
        let running = Arc::clone(&lms);
        let arguments = match command {
            "push" => vec![command, "0.5"],
            _ => vec![command],
        };
        let there = StdRng::seed_from_u64(random.random());
        let (output, titles) = tokio::join!(
            tokio::task::spawn_blocking(move || running.run(&arguments)),
            steward.work(round, there)
        );
        made.extend(titles);
        let output = output.unwrap();
        assert_eq!(
            proxy.struck(),
            Some(strike),
            "{command}: {}",
            text(&output.stderr)
        );
        assert_eq!(
            output.status.success(),
            strike.blow != Blow::KillLms,
            "{command} {strike:?}: {}{}",
            text(&output.stdout),
            text(&output.stderr)
        );
    }

    proxy.plan(None);
    let settle = "mutation($id: ID!, $system: String!) {
        setSyncPolicy(communityId: $id, system: $system, onConflict: TAKE_THEIRS) { userErrors { code field } } }";
    let variables = json!({ "id": steward.community, "system": SYSTEM });
    let settled = steward.insist("settle", settle, variables).await;
    assert_eq!(settled["userErrors"], json!([]));
    tokio::task::block_in_place(|| {
        // What Repertoire changed last is taken first, and what both changed is settled by the next push.
        for command in [&["pull"][..], &["push", "0.5"], &["pull"]] {
            lms.succeed(command);
        }
        let compared = lms.run(&["compare"]);
        assert!(compared.status.success(), "{}", text(&compared.stdout));
        assert_eq!(text(&compared.stdout).trim(), "equal");
    });
    nothing_is_there_twice(&mut steward, &made).await;
    let healthy = run(
        &hosts.data,
        &[&["doctor", "--deep"][..], &hosts.database()].concat(),
        "",
    );
    assert!(healthy.status.success(), "{}", text(&healthy.stdout));
}

/// A community with somebody who works in it, and the LMS after its first sync.
async fn set_up(
    hosts: &Arc<Hosts>,
    proxy: &Proxy,
    command: &[&str],
    file: PathBuf,
) -> (Steward, Lms) {
    let email = ["--email", "ada@example.org"];
    let account = [
        "user",
        "create",
        "--display-name",
        "Ada",
        "--password-stdin",
    ];
    let token = |scopes: &[&str]| {
        let scopes = scopes.iter().flat_map(|scope| ["--scope", *scope]);
        let arguments: Vec<&str> = ["token", "create"]
            .into_iter()
            .chain(email)
            .chain(scopes)
            .collect();
        hosts.operate(&arguments).trim().to_owned()
    };
    let (writing, syncing) = tokio::task::block_in_place(|| {
        hosts.operate(&[&account[..], &email].concat());
        (token(&["READ", "WRITE", "SYNC"]), token(&["READ", "SYNC"]))
    });
    let mut steward = Steward {
        address: hosts.address.subscribe(),
        token: writing,
        community: String::new(),
        http: service::outgoing::client()
            .timeout(PATIENCE)
            .build()
            .unwrap(),
    };
    let create = "mutation { createCommunity(input: { name: \"Shelf\", purpose: \"To share.\", kind: HELPING }) {
        community { id } userErrors { code field } } }";
    let created = steward.insist("community", create, json!({})).await;
    created["community"]["id"]
        .as_str()
        .unwrap()
        .clone_into(&mut steward.community);
    let lms = Lms {
        command: command.iter().map(|&part| part.to_owned()).collect(),
        environment: vec![
            ("LMS_SERVER", proxy.url.clone()),
            ("LMS_TOKEN", syncing),
            ("LMS_COMMUNITY", steward.community.clone()),
            ("LMS_SYSTEM", SYSTEM.to_owned()),
            ("LMS_FILE", file.to_str().unwrap().to_owned()),
        ],
        hosts: Arc::clone(hosts),
    };
    tokio::task::block_in_place(|| {
        lms.succeed(&["seed", &MATERIALS.to_string()]);
        let first = lms.succeed(&["push"]);
        assert_eq!(first.trim(), format!("CREATED {MATERIALS}"));
        lms.succeed(&["pull"]);
        lms.succeed(&["compare"]);
    });
    (steward, lms)
}

/// What the LMS calls its materials when none is removed.
fn all_materials() -> Vec<String> {
    (1..=MATERIALS).map(material).collect()
}

async fn nothing_is_there_twice(steward: &mut Steward, made: &BTreeSet<String>) {
    let query = "query($community: ID!, $after: String) { resources(first: 100, after: $after, filter: {
        communityIds: [$community], statuses: [DRAFT, IN_REVIEW, CHANGES_REQUESTED, PUBLISHED, ARCHIVED] }) {
        nodes { title externalReferences { externalId } } pageInfo { hasNextPage endCursor } } }";
    let (mut after, mut titles) = (Value::Null, Vec::new());
    let mut named: BTreeMap<String, usize> = BTreeMap::new();
    loop {
        let variables = json!({ "community": steward.community, "after": after });
        let page = steward.insist("a query", query, variables).await;
        for node in page["nodes"].as_array().unwrap() {
            match node["externalReferences"][0]["externalId"].as_str() {
                Some(name) => *named.entry(name.to_owned()).or_default() += 1,
                None => titles.push(node["title"].as_str().unwrap().to_owned()),
            }
        }
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    titles.sort();
    assert_eq!(titles, made.iter().cloned().collect::<Vec<_>>());
    assert!(named.values().all(|count| *count == 1), "{named:#?}");
    assert!(
        named.len() > MATERIALS - 100,
        "only {} are left",
        named.len()
    );
}

async fn python(on: On, seed: u64) {
    if available(&["python3", "--version"], "Install Python 3.") {
        let program = repository().join("examples/lms/python/lms.py");
        both_sides_end_equal(on, &["python3", program.to_str().unwrap()], 9, seed).await;
    }
}

async fn javascript(on: On, seed: u64) {
    let program = tokio::task::spawn_blocking(typescript).await.unwrap();
    if let Some(program) = program {
        both_sides_end_equal(on, &["node", program.to_str().unwrap()], 4, seed).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn python_and_sqlite_end_equal() {
    python(On::Sqlite, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn python_and_postgresql_end_equal() {
    python(On::Postgresql, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn typescript_and_sqlite_end_equal() {
    javascript(On::Sqlite, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn typescript_and_postgresql_end_equal() {
    javascript(On::Postgresql, 4).await;
}

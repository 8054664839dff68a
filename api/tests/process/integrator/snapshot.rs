//! The example LMS where the feed does not go on: changes are no longer kept, or the community as a whole came into its
//! sight or left it. Then it reads everything anew. And it cuts its calls where a request may be smaller than others are.

use std::sync::{Arc, Mutex};

use api::config::DATABASE_FILE;
use chrono::TimeDelta;
use serde_json::{Value, json};
use service::change::forget_old;
use service::clock::Clock;
use service::projection::catch_up;
use service::store::{Store, StoreOptions};
use tokio::sync::watch;
use tokio::task::block_in_place;
use uuid::Uuid;

use super::sides::{Hosts, Lms, SYSTEM, Steward, material};
use super::{On, available, repository, typescript};
use crate::support::{PATIENCE, text};

/// Materials of the LMS: more than one request of the server takes, though less than a thousand.
const NUMBER: usize = 200;
const SETTINGS: &str = "[limits]\nbody_bytes = 16384\n";
/// What the LMS is told of that.
const CALL_BYTES: &str = "12000";

const JOIN: &str = "mutation($id: ID!) { joinCommunity(communityId: $id) {
    membership { id } userErrors { code field } } }";
const PROMOTE: &str =
    "mutation($id: ID!) { setMemberRole(id: $id, role: STEWARD) { userErrors { code field } } }";
const REMOVE: &str = "mutation($id: ID!) { removeMember(id: $id) { userErrors { code field } } }";
const SHOW: &str = "mutation($id: ID!, $visibility: CommunityVisibility!) {
    updateCommunity(id: $id, input: { visibility: $visibility }) { userErrors { code field } } }";
const CREATE: &str = "mutation($id: ID!) {
    createResource(input: { communityId: $id, title: \"New there\", kind: LINK, publish: true }) {
        userErrors { code field } } }";
const RENAME: &str = "mutation($id: ID!, $title: String!) {
    updateResource(id: $id, input: { title: $title }) { userErrors { code field } } }";
const DELETE: &str = "mutation($id: ID!) { deleteResource(id: $id) { userErrors { code field } } }";

/// Makes an account, and answers a token for all that it may do here.
fn account(hosts: &Hosts, name: &str) -> String {
    let email = format!("{}@example.org", name.to_lowercase());
    let create = ["user", "create", "--display-name", name, "--password-stdin"];
    let of = ["--email", email.as_str()];
    hosts.operate(&[&create[..], &of].concat());
    let token = ["token", "create"];
    let scopes = ["--scope", "READ", "--scope", "WRITE", "--scope", "SYNC"];
    let secret = hosts.operate(&[&token[..], &of, &scopes].concat());
    secret.trim().to_owned()
}

/// Does something that must be accepted.
async fn act(person: &mut Steward, mutation: &str, variables: Value) -> Value {
    let key = Uuid::new_v4().to_string();
    let payload = person.insist(&key, mutation, variables).await;
    assert_eq!(payload["userErrors"], json!([]), "{mutation}");
    payload
}

async fn rename(person: &mut Steward, number: usize, title: &str) {
    let id = person.find(&material(number)).await;
    act(person, RENAME, json!({ "id": id, "title": title })).await;
}

/// What a command of the LMS that must succeed prints.
fn run(lms: &Lms, arguments: &[&str]) -> String {
    block_in_place(|| lms.succeed(arguments)).trim().to_owned()
}

fn assert_equal(lms: &Lms) {
    let compared = block_in_place(|| lms.run(&["compare"]));
    assert!(compared.status.success(), "{}", text(&compared.stdout));
}

/// Removes all changes from the log, as a server does with old ones.
async fn forget_changes(hosts: &Hosts, database: Option<String>) {
    let options = match database {
        Some(url) => StoreOptions {
            url,
            connections: 2,
        },
        None => StoreOptions::sqlite(&hosts.data.join(DATABASE_FILE), 2),
    };
    let store = Store::open(&options, Clock::default()).await.unwrap();
    let newest = store.position().await.unwrap();
    // What is not derived from them yet would keep them.
    catch_up(&store).await.unwrap();
    forget_old(&store, TimeDelta::zero(), newest).await.unwrap();
    assert_eq!(store.kept_after().await.unwrap(), newest);
}

async fn everything_is_read_anew(on: On, command: &[&str]) {
    let Some(environment) = on.environment().await else {
        return;
    };
    let database = environment.into_iter().map(|(_, url)| url).next();
    let directory = tempfile::tempdir().unwrap();
    let hosts = Arc::new(Hosts {
        data: directory.path().join("data"),
        database: database
            .iter()
            .flat_map(|url| ["--database-url".to_owned(), url.clone()])
            .collect(),
        address: watch::Sender::new(None),
        served: Mutex::default(),
        lms: Mutex::default(),
    });
    std::fs::create_dir(&hosts.data).unwrap();
    std::fs::write(hosts.data.join("repertoire.toml"), SETTINGS).unwrap();
    let tokens = block_in_place(|| {
        hosts.serve();
        ["Ada", "Ben"].map(|name| account(&hosts, name))
    });
    let http = service::outgoing::client().timeout(PATIENCE).build();
    let http = http.unwrap();
    let [mut ada, mut ben] = tokens.map(|token| Steward {
        address: hosts.address.subscribe(),
        token,
        community: String::new(),
        http: http.clone(),
    });
    let create = "mutation { createCommunity(input: {
        name: \"Shelf\", purpose: \"To share.\", kind: HELPING, visibility: PRIVATE }) {
        community { id } userErrors { code field } } }";
    let created = act(&mut ada, create, json!({})).await;
    let id = created["community"]["id"].as_str().unwrap().to_owned();
    ada.community.clone_from(&id);
    let community = json!({ "id": id });
    let joined = act(&mut ben, JOIN, community.clone()).await;
    let membership = json!({ "id": joined["membership"]["id"] });
    act(&mut ada, PROMOTE, membership.clone()).await;

    let file = directory.path().join("lms");
    let server = hosts.address.borrow().clone().unwrap();
    let mut lms = Lms {
        command: command.iter().map(|&part| part.to_owned()).collect(),
        environment: vec![
            ("LMS_SERVER", server),
            ("LMS_TOKEN", ben.token.clone()),
            ("LMS_COMMUNITY", id),
            ("LMS_SYSTEM", SYSTEM.to_owned()),
            ("LMS_FILE", file.to_str().unwrap().to_owned()),
        ],
        hosts: Arc::clone(&hosts),
    };
    run(&lms, &["seed", &NUMBER.to_string()]);
    let refused = block_in_place(|| lms.run(&["push"]));
    let said = text(&refused.stderr);
    assert!(said.contains("PAYLOAD_TOO_LARGE"), "{said}");
    assert!(!refused.status.success());
    // What was refused is given up, and the next call is cut.
    lms.environment
        .push(("LMS_CALL_BYTES", CALL_BYTES.to_owned()));
    assert_eq!(run(&lms, &["push"]), format!("CREATED {NUMBER}"));
    let all = format!("taken {NUMBER}");
    assert_eq!(run(&lms, &["pull"]), all);
    assert_equal(&lms);

    // One is edited, one is gone and one is new when the position has expired.
    rename(&mut ada, 1, "Renamed there").await;
    let gone = ada.find(&material(2)).await;
    act(&mut ada, DELETE, json!({ "id": gone })).await;
    act(&mut ada, CREATE, community.clone()).await;
    Box::pin(forget_changes(&hosts, database)).await;
    assert_eq!(run(&lms, &["pull"]), all, "a snapshot");
    assert_equal(&lms);
    assert_eq!(run(&lms, &["pull"]), "taken 0", "the feed goes on from it");
    assert_eq!(run(&lms, &["push-changed"]), "UNCHANGED 1");
    assert_equal(&lms);

    let show = |visibility: &str| json!({ "id": community["id"], "visibility": visibility });
    rename(&mut ada, 3, "Renamed meanwhile").await;
    act(&mut ada, SHOW, show("PUBLIC")).await;
    assert_eq!(run(&lms, &["pull"]), all, "the community is read anew");
    assert_equal(&lms);

    act(&mut ada, SHOW, show("PRIVATE")).await;
    act(&mut ada, REMOVE, membership).await;
    assert_eq!(run(&lms, &["pull"]), "taken 0");
    act(&mut ada, SHOW, show("UNLISTED")).await;
    assert_eq!(run(&lms, &["pull"]), "taken 0", "it is not there at all");
    let kept = text(&block_in_place(|| lms.run(&["compare"])).stdout);
    assert!(!kept.contains("resource_"), "the copy is empty: {kept}");
    act(&mut ada, SHOW, show("PRIVATE")).await;
    act(&mut ben, JOIN, community.clone()).await;
    assert_eq!(run(&lms, &["pull"]), all, "it came into sight again");
    assert_equal(&lms);
}

async fn python(on: On) {
    if available(&["python3", "--version"], "Install Python 3.") {
        let program = repository().join("examples/lms/python/lms.py");
        everything_is_read_anew(on, &["python3", program.to_str().unwrap()]).await;
    }
}

async fn javascript(on: On) {
    let program = tokio::task::spawn_blocking(typescript).await.unwrap();
    if let Some(program) = program {
        everything_is_read_anew(on, &["node", program.to_str().unwrap()]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn python_and_sqlite_read_anew() {
    python(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn python_and_postgresql_read_anew() {
    python(On::Postgresql).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn typescript_and_sqlite_read_anew() {
    javascript(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn typescript_and_postgresql_read_anew() {
    javascript(On::Postgresql).await;
}

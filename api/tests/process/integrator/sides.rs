//! What stands on either side: the server with those who work there, and the LMS.

use std::collections::BTreeSet;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::proxy::{Address, Blow};
use super::shell::kill_group;
use crate::support::{PASSWORD, Served, succeed, text};

pub(super) const SYSTEM: &str = "example-lms";
/// More than one call may carry.
pub(super) const MATERIALS: usize = 1_100;

/// The processes of a test that may be killed.
pub(super) struct Hosts {
    pub(super) data: PathBuf,
    /// Arguments that name the database.
    pub(super) database: Vec<String>,
    pub(super) address: watch::Sender<Option<String>>,
    pub(super) served: Mutex<Option<Served>>,
    /// The process group of the LMS while it runs.
    pub(super) lms: Mutex<Option<u32>>,
}

impl Hosts {
    pub(super) fn database(&self) -> Vec<&str> {
        self.database.iter().map(String::as_str).collect()
    }

    pub(super) fn serve(&self) {
        let served = Served::start(&self.data, &self.database());
        self.address.send_replace(Some(served.url.clone()));
        *self.served.lock().unwrap() = Some(served);
    }

    pub(super) fn deal(&self, blow: Blow) {
        match blow {
            Blow::KillServer => {
                self.address.send_replace(None);
                let killed = self.served.lock().unwrap().take();
                drop(killed.expect("there is one server at a time"));
                self.serve();
            }
            Blow::KillLms => {
                let group = self
                    .lms
                    .lock()
                    .unwrap()
                    .expect("the LMS waits for its answer");
                kill_group(group);
            }
            Blow::Cut => {}
        }
    }

    /// Runs a command of the program beside the server.
    pub(super) fn operate(&self, arguments: &[&str]) -> String {
        let arguments = [arguments, &self.database()].concat();
        succeed(&self.data, &arguments, &format!("{PASSWORD}\n"))
    }
}

/// The example LMS.
pub(super) struct Lms {
    pub(super) command: Vec<String>,
    pub(super) environment: Vec<(&'static str, String)>,
    pub(super) hosts: Arc<Hosts>,
}

impl Lms {
    /// Runs a command of it to whatever end.
    pub(super) fn run(&self, arguments: &[&str]) -> Output {
        let child = Command::new(&self.command[0])
            .args(&self.command[1..])
            .args(arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        *self.hosts.lms.lock().unwrap() = Some(child.id());
        let output = child.wait_with_output().unwrap();
        *self.hosts.lms.lock().unwrap() = None;
        output
    }

    /// Runs a command that must succeed, and answers what it printed.
    pub(super) fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}{}",
            text(&output.stdout),
            text(&output.stderr)
        );
        text(&output.stdout)
    }
}

/// Somebody who changes resources on the server's side, and does not give up when it is killed meanwhile.
#[derive(Clone)]
pub(super) struct Steward {
    pub(super) address: Address,
    pub(super) token: String,
    pub(super) community: String,
    pub(super) http: reqwest::Client,
}

impl Steward {
    /// The payload, or the object, of an operation with one root field. A mutation runs once.
    pub(super) async fn insist(&mut self, key: &str, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        for _ in 0..100 {
            let address = self
                .address
                .wait_for(Option::is_some)
                .await
                .unwrap()
                .clone();
            let mut request = self
                .http
                .post(format!("{}/graphql", address.unwrap()))
                .bearer_auth(&self.token)
                .json(&body);
            if query.starts_with("mutation") {
                request = request.header("idempotency-key", key.replace(' ', "-"));
            }
            let Ok(answer) = request.send().await else {
                continue;
            };
            let Ok(answer) = answer.json::<Value>().await else {
                continue;
            };
            let errors = answer["errors"].to_string();
            if errors == "null" {
                let fields = answer["data"].as_object().unwrap();
                return fields.values().next().unwrap().clone();
            }
            assert!(
                errors.contains("SERVICE_UNAVAILABLE"),
                "{query}: {answer:#}"
            );
        }
        panic!("the server never answered: {query}");
    }

    /// The id of what the LMS calls so, as long as it is there.
    pub(super) async fn find(&mut self, external_id: &str) -> Value {
        let query = "query($community: ID!, $system: String!, $id: String!) {
            resourceByExternalId(communityId: $community, system: $system, externalId: $id) { id } }";
        let variables = json!({ "community": self.community, "system": SYSTEM, "id": external_id });
        self.insist("a query", query, variables).await["id"].clone()
    }

    /// What happens on this side in a round. Answers the titles of what was made.
    pub(super) async fn work(&mut self, round: usize, mut random: StdRng) -> BTreeSet<String> {
        let mut made = BTreeSet::new();
        for number in 0..4 {
            let title = format!("There {round} {number}");
            let query = "mutation($community: ID!, $title: String!) {
                createResource(input: { communityId: $community, title: $title, kind: LINK, publish: true }) {
                    resource { id } userErrors { code field } } }";
            let variables = json!({ "community": self.community, "title": title });
            let payload = self.insist(&title, query, variables).await;
            assert_eq!(payload["userErrors"], json!([]));
            made.insert(title.clone());

            let found = self
                .find(&material(random.random_range(1..=MATERIALS)))
                .await;
            if found.is_null() {
                continue;
            }
            let (query, key) = if number == 3 {
                let query = "mutation($id: ID!, $title: String) { deleteResource(id: $id) { deletedId userErrors { code } } }";
                (
                    query.replace(", $title: String", ""),
                    format!("delete {round}"),
                )
            } else {
                let query = "mutation($id: ID!, $title: String!) {
                    updateResource(id: $id, input: { title: $title }) { resource { id } userErrors { code field } } }";
                (query.to_owned(), format!("edit {round} {number}"))
            };
            let payload = self
                .insist(&key, &query, json!({ "id": found, "title": title }))
                .await;
            // Who was faster may have deleted or archived it.
            let errors = payload["userErrors"].as_array().unwrap();
            assert!(errors.len() <= 1, "{payload:#}");
        }
        made
    }
}

/// What the LMS calls a material.
pub(super) fn material(number: usize) -> String {
    format!("material-{number}")
}

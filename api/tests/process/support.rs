//! Running the program.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

pub(crate) const PASSWORD: &str = "a long enough passphrase";

/// A time that no healthy step takes, also on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) fn repertoire(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_repertoire"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("REPERTOIRE_")) {
        command.env_remove(name);
    }
    command.arg("--data-dir").arg(directory);
    command
}

/// Runs a command to its end.
pub(crate) fn run(directory: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = repertoire(directory)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(crate) fn succeed(directory: &Path, arguments: &[&str], input: &str) -> String {
    let output = run(directory, arguments, input);
    assert!(
        output.status.success(),
        "{arguments:?}: {}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

/// A server in a process of its own, killed when the test ends.
pub(crate) struct Served {
    pub(crate) child: Child,
    pub(crate) url: String,
}

impl Served {
    pub(crate) fn start(directory: &Path, more: &[&str]) -> Self {
        let mut child = repertoire(directory)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        // The line comes or the stream ends: there is nothing to poll.
        lines.read_line(&mut line).unwrap();
        let url = line.trim().rsplit(' ').next().unwrap().to_owned();
        assert!(
            line.contains("ready") && url.starts_with("http://127.0.0.1:"),
            "the ready line is: {line:?}"
        );
        Self { child, url }
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    pub(crate) fn end(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    pub(crate) async fn send(
        &self,
        token: Option<&str>,
        position: Option<&str>,
        query: &str,
        variables: Value,
    ) -> Value {
        send(&self.url, token, position, query, variables)
            .await
            .unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) async fn send(
    url: &str,
    token: Option<&str>,
    position: Option<&str>,
    query: &str,
    variables: Value,
) -> reqwest::Result<Value> {
    let client = service::outgoing::client().timeout(PATIENCE).build()?;
    let mut request = client
        .post(format!("{url}/graphql"))
        .json(&json!({ "query": query, "variables": variables }));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(position) = position {
        request = request.header("x-repertoire-position", position);
    }
    request.send().await?.json().await
}

pub(crate) async fn sign_up(server: &Served) -> String {
    let query = "mutation($input: SignUpInput!) { signUp(input: $input) { accessToken userErrors { code field } } }";
    let input = json!({ "email": "ada@example.org", "password": PASSWORD, "displayName": "Ada" });
    let answer = server
        .send(None, None, query, json!({ "input": input }))
        .await;
    answer["data"]["signUp"]["accessToken"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer:#}"))
        .to_owned()
}

/// Signs Ada in who signed up.
pub(crate) async fn sign_in(server: &Served) -> String {
    let query = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code } } }";
    let input = json!({ "email": "ada@example.org", "password": PASSWORD });
    let answer = server
        .send(None, None, query, json!({ "input": input }))
        .await;
    answer["data"]["signIn"]["accessToken"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer:#}"))
        .to_owned()
}

/// Whether a token is taken as Ada's.
pub(crate) async fn is_ada(server: &Served, token: &str) -> bool {
    let query = "{ viewer { displayName } }";
    let answer = server.send(Some(token), None, query, json!({})).await;
    answer["data"]["viewer"]["displayName"] == "Ada"
}

pub(crate) async fn create_community(server: &Served, token: &str) -> String {
    let query = "mutation { createCommunity(input: { name: \"Writers\", purpose: \"To write.\", kind: HELPING }) {
        community { id } userErrors { code field } } }";
    let answer = server.send(Some(token), None, query, json!({})).await;
    answer["data"]["createCommunity"]["community"]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer:#}"))
        .to_owned()
}

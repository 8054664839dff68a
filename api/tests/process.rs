//! The program as its operator meets it: a process of its own, with its commands, its signals and its ends.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "tests fail by panicking, a scenario is told in one piece, and a test binary has no public items"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

const PASSWORD: &str = "a long enough passphrase";

/// A time that no healthy step takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

fn repertoire(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_repertoire"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("REPERTOIRE_")) {
        command.env_remove(name);
    }
    command.arg("--data-dir").arg(directory);
    command
}

/// Runs a command to its end.
fn run(directory: &Path, arguments: &[&str], input: &str) -> Output {
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

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn succeed(directory: &Path, arguments: &[&str], input: &str) -> String {
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
struct Served {
    child: Child,
    url: String,
}

impl Served {
    fn start(directory: &Path, more: &[&str]) -> Self {
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

    fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    fn end(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    async fn send(
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

async fn send(
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

async fn sign_up(server: &Served) -> String {
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

async fn create_community(server: &Served, token: &str) -> String {
    let query = "mutation { createCommunity(input: { name: \"Writers\", purpose: \"To write.\", kind: HELPING }) {
        community { id } userErrors { code field } } }";
    let answer = server.send(Some(token), None, query, json!({})).await;
    answer["data"]["createCommunity"]["community"]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer:#}"))
        .to_owned()
}

#[tokio::test]
async fn the_commands_work_while_the_server_runs() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let server = Served::start(&data, &[]);
    succeed(&data, &["migrate"], "");
    let made = succeed(
        &data,
        &[
            "user",
            "create",
            "--email",
            "root@example.org",
            "--display-name",
            "Root",
            "--role",
            "ADMIN",
            "--password-stdin",
        ],
        &format!("{PASSWORD}\n"),
    );
    assert!(made.contains("root@example.org"), "{made}");
    let again = run(
        &data,
        &[
            "user",
            "create",
            "--email",
            "ROOT@example.org",
            "--display-name",
            "Root",
            "--password-stdin",
        ],
        PASSWORD,
    );
    assert!(!again.status.success());
    assert!(
        text(&again.stderr).contains("--email"),
        "{}",
        text(&again.stderr)
    );

    let query = "mutation($input: SignInInput!) { signIn(input: $input) { user { platformRole } userErrors { code } } }";
    let input = json!({ "email": "root@example.org", "password": PASSWORD });
    let signed_in = server
        .send(None, None, query, json!({ "input": input }))
        .await;
    assert_eq!(
        signed_in["data"]["signIn"]["user"]["platformRole"], "ADMIN",
        "{signed_in:#}"
    );

    let token = succeed(
        &data,
        &[
            "token",
            "create",
            "--email",
            "root@example.org",
            "--scope",
            "READ",
            "--scope",
            "WRITE",
        ],
        "",
    );
    assert_eq!(
        token.lines().count(),
        1,
        "the token is printed alone: {token:?}"
    );
    let community = create_community(&server, token.trim()).await;
    let create = "mutation($id: ID!) { createResource(input: { communityId: $id, title: \"Reindexed\", kind: ARTICLE, publish: true }) {
        position userErrors { code field } } }";
    let created = server
        .send(Some(token.trim()), None, create, json!({ "id": community }))
        .await;
    let position = created["data"]["createResource"]["position"]
        .as_str()
        .unwrap_or_else(|| panic!("{created:#}"))
        .to_owned();

    let rebuilt = run(&data, &["reindex"], "");
    assert!(rebuilt.status.success(), "{}", text(&rebuilt.stderr));
    let search = "{ search(query: \"reindexed\") { totalCount } }";
    let found = server.send(None, Some(&position), search, json!({})).await;
    assert_eq!(found["data"]["search"]["totalCount"], 1, "{found:#}");

    let healthy = run(&data, &["doctor", "--deep"], "");
    assert!(healthy.status.success(), "{}", text(&healthy.stdout));
    assert!(
        text(&healthy.stdout).contains("A server runs"),
        "{}",
        text(&healthy.stdout)
    );
    let schema = succeed(&data, &["schema"], "");
    assert!(
        schema.contains("type Query") && schema.contains("createCommunity"),
        "the schema is printed"
    );
    let missing = run(
        &data,
        &[
            "token",
            "create",
            "--email",
            "nobody@example.org",
            "--scope",
            "READ",
        ],
        "",
    );
    assert!(!missing.status.success() && missing.stdout.is_empty());
}

#[tokio::test]
async fn a_second_server_in_the_same_directory_is_refused_with_the_reason() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let server = Served::start(&data, &[]);
    let second = run(&data, &["serve", "--listen", "127.0.0.1:0"], "");
    let said = text(&second.stderr);
    assert!(
        !second.status.success() && said.contains("Another server"),
        "{said}"
    );
    assert!(
        said.contains(&server.child.id().to_string()) && said.contains("--data-dir"),
        "{said}"
    );
    assert!(second.stdout.is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn keys_and_data_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mut server = Served::start(&data, &[]);
    let token = sign_up(&server).await;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    let keys = data.join(service::auth::SIGNING_KEYS_FILE);
    assert_eq!(mode(&keys), 0o600);
    let before = std::fs::read(&keys).unwrap();
    server.signal("-TERM");
    assert!(server.end().success());

    let server = Served::start(&data, &[]);
    assert_eq!(
        std::fs::read(&keys).unwrap(),
        before,
        "the keys are made once"
    );
    let viewer = server
        .send(Some(&token), None, "{ viewer { displayName } }", json!({}))
        .await;
    assert_eq!(
        viewer["data"]["viewer"]["displayName"], "Ada",
        "a session outlives a restart: {viewer:#}"
    );
}

#[tokio::test]
async fn sigterm_finishes_the_request_in_flight() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Served::start(&directory.path().join("data"), &[]);
    let body = r#"{"query": "{ serverInfo { version } }"}"#;
    let address = server.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\naccept: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // The server asks for the body when the request is in its hands.
    let expected = b"HTTP/1.1 100 Continue\r\n\r\n";
    let mut asked = vec![0; expected.len()];
    stream.read_exact(&mut asked).unwrap();
    assert_eq!(asked, expected);
    server.signal("-TERM");
    // It no longer takes others, so the signal was understood.
    let mut refused = false;
    for _ in 0..10_000 {
        if TcpStream::connect(address).is_err() {
            refused = true;
            break;
        }
        std::thread::park_timeout(Duration::from_millis(1));
    }
    assert!(refused, "the server goes on listening");
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("\"version\""),
        "{answer}"
    );
    assert!(server.end().success());
}

/// Writes one resource after another until the server is gone; answers the titles of those that were acknowledged.
async fn write_until_gone(
    url: String,
    token: String,
    community: String,
    writer: usize,
    done: UnboundedSender<()>,
) -> Vec<String> {
    let query = "mutation($input: CreateResourceInput!) { createResource(input: $input) { resource { title } userErrors { code } } }";
    let mut acknowledged = Vec::new();
    for number in 0..100_000 {
        let title = format!("Stream {writer} number {number}");
        let input =
            json!({ "communityId": community, "title": title, "kind": "ARTICLE", "publish": true });
        let Ok(answer) = send(&url, Some(&token), None, query, json!({ "input": input })).await
        else {
            break;
        };
        assert_eq!(
            answer["data"]["createResource"]["resource"]["title"], title,
            "{answer:#}"
        );
        acknowledged.push(title);
        let _ = done.send(());
    }
    acknowledged
}

/// All titles that pages of a list or of a search hold.
async fn all_titles(server: &Served, position: &str, query: &str, field: &str) -> Vec<String> {
    let mut titles = Vec::new();
    let mut after = Value::Null;
    loop {
        let answer = server
            .send(None, Some(position), query, json!({ "after": after }))
            .await;
        let page = &answer["data"][field];
        let nodes = page["nodes"]
            .as_array()
            .unwrap_or_else(|| panic!("{answer:#}"));
        titles.extend(
            nodes
                .iter()
                .map(|node| node["title"].as_str().unwrap().to_owned()),
        );
        if page["pageInfo"]["hasNextPage"] == false {
            titles.sort();
            return titles;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_was_acknowledged_before_kill_9_is_there_and_searchable() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mut written = Vec::new();
    let mut access: Option<(String, String)> = None;
    for round in 0..3 {
        let mut server = Served::start(&data, &[]);
        let (token, community) = if let Some(known) = &access {
            known.clone()
        } else {
            let token = sign_up(&server).await;
            let community = create_community(&server, &token).await;
            access.insert((token, community)).clone()
        };
        let (done, mut count) = unbounded_channel();
        let writers: Vec<_> = (0..3)
            .map(|writer| {
                let writing = write_until_gone(
                    server.url.clone(),
                    token.clone(),
                    community.clone(),
                    round * 10 + writer,
                    done.clone(),
                );
                tokio::spawn(writing)
            })
            .collect();
        drop(done);
        // Each round is cut at another place, and always while writes are under way.
        for _ in 0..20 + round * 7 {
            count.recv().await.expect("the writers go on writing");
        }
        server.child.kill().unwrap();
        server.end();
        for writer in writers {
            written.extend(writer.await.unwrap());
        }
    }
    let server = Served::start(&data, &[]);
    let info = server
        .send(None, None, "{ serverInfo { position } }", json!({}))
        .await;
    let position = info["data"]["serverInfo"]["position"]
        .as_str()
        .unwrap()
        .to_owned();
    let list = "query($after: String) { resources(first: 100, after: $after) { nodes { title } pageInfo { hasNextPage endCursor } } }";
    let listed = all_titles(&server, &position, list, "resources").await;
    let search = "query($after: String) { search(query: \"stream\", orderBy: TITLE, first: 100, after: $after) {
        nodes { ... on Item { title } } pageInfo { hasNextPage endCursor } } }";
    let found = all_titles(&server, &position, search, "search").await;
    assert_eq!(found, listed, "the index agrees with the database");
    for title in &written {
        assert!(
            listed.binary_search(title).is_ok(),
            "{title} was acknowledged and is lost"
        );
    }
    // Of each writer and round at most the one that was under way is there unacknowledged.
    assert!(
        listed.len() <= written.len() + 9,
        "{} of {}",
        listed.len(),
        written.len()
    );
    let healthy = run(&data, &["doctor", "--deep"], "");
    assert!(healthy.status.success(), "{}", text(&healthy.stdout));
}

#[tokio::test]
async fn the_demonstration_is_loaded_once() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let count = "{ resources { totalCount } communities { totalCount } serverInfo { position indexPosition }
        search(query: \"\") { totalCount } }";
    let mut server = Served::start(&data, &["--demo"]);
    let first = server.send(None, None, count, json!({})).await;
    assert!(
        first["data"]["resources"]["totalCount"].as_u64().unwrap() > 0,
        "{first:#}"
    );
    assert_eq!(
        first["data"]["serverInfo"]["position"], first["data"]["serverInfo"]["indexPosition"],
        "all of it is searchable"
    );
    server.signal("-TERM");
    assert!(server.end().success());
    let server = Served::start(&data, &["--demo"]);
    let second = server.send(None, None, count, json!({})).await;
    assert_eq!(second, first, "the second start adds nothing");

    let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { user { handle } userErrors { code } } }";
    let input =
        json!({ "email": service::demo::PEOPLE[0].email(), "password": service::demo::PASSWORD });
    let signed_in = server
        .send(None, None, sign_in, json!({ "input": input }))
        .await;
    assert_eq!(
        signed_in["data"]["signIn"]["user"]["handle"],
        service::demo::PEOPLE[0].handle,
        "{signed_in:#}"
    );
    drop(server);
    let server = Served::start(&data, &[]);
    let refused = server
        .send(None, None, sign_in, json!({ "input": input }))
        .await;
    assert_eq!(
        refused["data"]["signIn"]["userErrors"][0]["code"], "INVALID_CREDENTIALS",
        "without --demo they are nobody"
    );
}

#[tokio::test]
async fn without_the_demonstration_nothing_is_invented() {
    let directory = tempfile::tempdir().unwrap();
    let server = Served::start(&directory.path().join("data"), &[]);
    let query = "{ resources { totalCount } communities { totalCount } domains { totalCount } user(handle: \"demo-facilitator\") { id } }";
    let empty = server.send(None, None, query, json!({})).await;
    let none = json!({ "totalCount": 0 });
    assert_eq!(
        empty["data"],
        json!({ "resources": none, "communities": none, "domains": none, "user": null })
    );
}

//! The binary as an operator uses it.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

fn repertoire(data_dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_repertoire"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("REPERTOIRE_")) {
        command.env_remove(name);
    }
    command.args(arguments).arg("--data-dir").arg(data_dir);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(data_dir: &Path, arguments: &[&str]) -> Output {
    repertoire(data_dir, arguments)
        .output()
        .expect("the program runs")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("output is UTF-8")
}

#[track_caller]
fn succeeded(output: &Output) -> &str {
    assert!(
        output.status.success(),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

struct Server {
    process: Child,
    output: BufReader<ChildStdout>,
    address: String,
}

impl Server {
    fn start(data_dir: &Path, more: &[&str]) -> Self {
        let arguments = [&["serve", "--listen", "127.0.0.1:0"], more].concat();
        let mut process = repertoire(data_dir, &arguments)
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the program runs");
        let mut output = BufReader::new(process.stdout.take().expect("standard output is piped"));
        let mut line = String::new();
        output.read_line(&mut line).expect("a line can be read");
        let address = line
            .trim()
            .strip_prefix("Repertoire is ready at http://")
            .expect("the first line says that it is ready")
            .to_owned();
        Self {
            process,
            output,
            address,
        }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("the server listens");
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream
            .write_all(request.as_bytes())
            .expect("the request is sent");
        let mut answer = String::new();
        stream
            .read_to_string(&mut answer)
            .expect("the answer is read");
        answer
    }

    /// Ends it by a signal, and answers its exit code and what else it wrote.
    fn end(mut self, signal: &str) -> (Option<i32>, String) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill")
            .args([signal, &id])
            .status()
            .expect("kill runs");
        assert!(sent.success());
        let mut rest = String::new();
        self.output
            .read_to_string(&mut rest)
            .expect("output can be read");
        let status = self.process.wait().expect("it ends");
        (status.code(), rest)
    }
}

#[test]
fn an_operator_starts_a_server_works_beside_it_and_ends_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let data_dir = directory.path().join("data");
    let server = Server::start(&data_dir, &[]);
    let ready = server.get("/readyz");
    assert!(ready.starts_with("HTTP/1.1 200"), "{ready}");

    let second = run(&data_dir, &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(1));
    let reason = text(&second.stderr);
    assert!(
        reason.contains("Another server") && reason.contains("--data-dir"),
        "{reason}"
    );
    assert_eq!(text(&second.stdout), "");

    let arguments = [
        "user",
        "create",
        "--email",
        "ada@example.org",
        "--display-name",
        "Ada",
        "--role",
        "ADMIN",
    ];
    let mut create = repertoire(&data_dir, &[&arguments[..], &["--password-stdin"]].concat())
        .stdin(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut input = create.stdin.take().expect("standard input is piped");
    input
        .write_all(b"a long enough passphrase\n")
        .expect("the password is written");
    drop(input);
    let created = create.wait_with_output().expect("it ends");
    assert_eq!(
        succeeded(&created),
        "Made the account ada (ada@example.org), role ADMIN.\n"
    );

    let again = run(&data_dir, &[&arguments[..], &["--no-password"]].concat());
    assert_eq!(again.status.code(), Some(1));
    assert!(
        text(&again.stderr).contains("--email: There is an account"),
        "{}",
        text(&again.stderr)
    );

    let token = run(
        &data_dir,
        &[
            "token",
            "create",
            "--email",
            "ada@example.org",
            "--scope",
            "READ",
            "--scope",
            "WRITE",
        ],
    );
    let token = succeeded(&token);
    assert!(
        token.starts_with("rpat_") && token.lines().count() == 1,
        "{token}"
    );

    succeeded(&run(&data_dir, &["reindex"]));
    let doctor = run(&data_dir, &["doctor", "--deep"]);
    let report = succeeded(&doctor);
    assert!(
        report.contains("A server runs") && !report.contains("BROKEN"),
        "{report}"
    );

    assert_eq!(server.end("-TERM"), (Some(0), String::new()));
    let next = Server::start(&data_dir, &["--no-migrate"]);
    assert_eq!(next.end("-INT").0, Some(0));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_keys() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().expect("a directory");
    let data_dir = directory.path().join("data");
    Server::start(&data_dir, &[]).end("-TERM");
    let mode = |path: &Path| {
        std::fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    };
    let keys = data_dir.join("signing-keys.json");
    assert_eq!((mode(&data_dir), mode(&keys)), (0o700, 0o600));

    std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o644))
        .expect("the mode is set");
    let doctor = run(&data_dir, &["doctor"]);
    assert_eq!(doctor.status.code(), Some(1));
    assert!(
        text(&doctor.stdout).contains("chmod 600"),
        "{}",
        text(&doctor.stdout)
    );
}

#[test]
fn migrations_are_run_by_hand_where_that_is_asked_for() {
    let directory = tempfile::tempdir().expect("a directory");
    let data_dir = directory.path().join("data");
    let refused = run(
        &data_dir,
        &["serve", "--no-migrate", "--listen", "127.0.0.1:0"],
    );
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stderr).contains("repertoire migrate"),
        "{}",
        text(&refused.stderr)
    );
    assert_eq!(
        run(&data_dir, &["migrate", "--check"]).status.code(),
        Some(1)
    );
    assert!(succeeded(&run(&data_dir, &["migrate"])).lines().count() >= 4);
    assert_eq!(succeeded(&run(&data_dir, &["migrate"])), "");
    assert_eq!(succeeded(&run(&data_dir, &["migrate", "--check"])), "");
}

#[test]
fn mistakes_are_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let data_dir = directory.path().join("data");
    let misspelt = repertoire(&data_dir, &["serve"])
        .env("REPERTOIRE_LISTENN", "127.0.0.1:0")
        .output()
        .expect("the program runs");
    assert_eq!(misspelt.status.code(), Some(1));
    assert!(
        text(&misspelt.stderr).contains("REPERTOIRE_LISTENN"),
        "{}",
        text(&misspelt.stderr)
    );

    let doctor = run(&data_dir, &["doctor"]);
    assert_eq!(doctor.status.code(), Some(1));
    assert!(
        text(&doctor.stdout).contains("There is no data directory"),
        "{}",
        text(&doctor.stdout)
    );
    assert!(!data_dir.exists(), "looking makes nothing");

    let token = run(
        &data_dir,
        &[
            "token",
            "create",
            "--email",
            "nobody@example.org",
            "--scope",
            "READ",
        ],
    );
    assert_eq!(token.status.code(), Some(1));
    assert!(
        text(&token.stderr).contains("There is no account"),
        "{}",
        text(&token.stderr)
    );
    assert_eq!(text(&token.stdout), "");
}

#[test]
fn the_schema_and_the_settings_are_printed() {
    let directory = tempfile::tempdir().expect("a directory");
    let schema = run(directory.path(), &["schema"]);
    assert!(succeeded(&schema).contains("type Query"));
    let settings = run(directory.path(), &["config"]);
    assert!(succeeded(&settings).contains("listen = \"127.0.0.1:4000\""));
}

//! How a server starts and ends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::support::{PATIENCE, Served, run, sign_up, text};

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

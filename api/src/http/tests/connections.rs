//! The accept loop, over real sockets.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::support::Server;
use crate::graphql::limits::Limits;
use crate::http::{Ended, Settings, serve};

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<std::io::Result<Ended>>,
}

async fn start(server: &Server, limits: &Limits) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async {
        let _ = stopped.await;
    };
    let ended = tokio::spawn(serve(
        listener,
        server.router.clone(),
        Settings::from(limits),
        shutdown,
    ));
    Running {
        address,
        stop,
        ended,
    }
}

fn http(query: &str, more: &str) -> String {
    let body = format!(r#"{{"query": "{query}"}}"#);
    let length = body.len();
    format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{more}\r\n{body}"
    )
}

async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A connection that is cut counts as ended.
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn headers_that_trickle_in_end_the_connection() {
    let limits = Limits {
        header_time: Duration::from_millis(50),
        ..Limits::default()
    };
    let running = start(&Server::new(), &limits).await;
    let start = Instant::now();
    for sent in [
        "",
        "POST /graphql HTT",
        "POST /graphql HTTP/1.1\r\nhost: x\r\nx-slow: ",
    ] {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        let answer = read_to_end(&mut stream).await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
            "{answer}"
        );
    }
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let running = start(&Server::new(), &Limits::default()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream
        .write_all(http("{ hello }", "").as_bytes())
        .await
        .unwrap();
    stream
        .write_all(http("{ hello }", "connection: close\r\n").as_bytes())
        .await
        .unwrap();
    let answer = read_to_end(&mut stream).await;
    assert_eq!(answer.matches("Hello, world!").count(), 2, "{answer}");
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    let running = start(&Server::new(), &Limits::default()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let endless = format!(
        "GET / HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n",
        "a".repeat(64 * 1024)
    );
    let _ = stream.write_all(endless.as_bytes()).await;
    let answer = read_to_end(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    let extensions = &error(&answer)["extensions"];
    assert_eq!(extensions["code"], "PAYLOAD_TOO_LARGE");
    assert_eq!(extensions["limit"], "headerBytes");
    assert_eq!(extensions["maximum"], Limits::default().header_bytes);
}

/// The one error of an answer's body, which must be as long as its head says.
fn error(answer: &str) -> serde_json::Value {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(
        head.contains("\r\ncontent-type: application/json"),
        "{head}"
    );
    assert!(head.contains("\r\nx-request-id: "), "{head}");
    assert!(
        head.contains(&format!("\r\ncontent-length: {}", body.len())),
        "{head}"
    );
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["errors"].as_array().unwrap().len(), 1, "{body}");
    body["errors"][0].clone()
}

#[tokio::test]
async fn what_is_no_http_is_told_so_in_the_form_of_every_error() {
    let running = start(&Server::new(), &Limits::default()).await;
    let long = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(40_000));
    let many = format!(
        "GET / HTTP/1.1\r\nhost: x\r\n{}\r\n",
        "x-more: 1\r\n".repeat(200)
    );
    for (what, status, code) in [
        ("nonsense\r\n\r\n", 400, "BAD_USER_INPUT"),
        ("GET / HTTP/1.1\r\nhost x\r\n\r\n", 400, "BAD_USER_INPUT"),
        (
            "GET / HTTP/1.1\r\nx: a\u{0}b\r\n\r\n",
            400,
            "BAD_USER_INPUT",
        ),
        ("\u{16}\u{3}\u{1}\r\n\r\n", 400, "BAD_USER_INPUT"),
        (&long, 414, "PAYLOAD_TOO_LARGE"),
        (&many, 431, "PAYLOAD_TOO_LARGE"),
    ] {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        let _ = stream.write_all(what.as_bytes()).await;
        let answer = read_to_end(&mut stream).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{what:.60}: {answer}"
        );
        let error = error(&answer);
        assert_eq!(error["extensions"]["code"], code, "{what:.60}");
        assert!(error["message"].as_str().unwrap().ends_with('.'));
    }
}

/// An address that leaves no room for headers is too long, whatever is asked and on whichever request of a connection; one
/// that leaves room is read. hyper refuses both kinds of head before any handler.
#[tokio::test]
async fn an_address_that_is_too_long_is_refused_as_that() {
    let limits = Limits::default();
    let running = start(&Server::new(), &limits).await;
    let get = |path: &str, length: usize, more: &str| {
        let padding = "a".repeat(length.saturating_sub(path.len()));
        format!(
            "GET {path}{padding} HTTP/1.1\r\nhost: x\r\naccept: application/json\r\nconnection: close\r\n{more}\r\n"
        )
    };
    let query = "/graphql?query=%7Bhello%7D&more=";
    let before = http("{ hello }", "");
    let maximum = limits.header_bytes;
    let large = format!("x-large: {}\r\n", "b".repeat(maximum));
    for (what, status) in [
        (get(query, maximum - 200, ""), 200),
        (get(query, maximum, ""), 414),
        (get(query, 10 * maximum, ""), 414),
        (get("/livez?", 2 * maximum, ""), 414),
        (get("/nowhere/", 2 * maximum, ""), 414),
        (get("/graphql?query=%7Bhello%7D", 0, &large), 431),
        (get(query, maximum / 2, &large), 431),
        // Neither the line nor the headers alone.
        (get(query, maximum - 20, ""), 431),
    ] {
        for first in ["", &before] {
            let mut stream = TcpStream::connect(running.address).await.unwrap();
            stream.write_all(first.as_bytes()).await.unwrap();
            if !first.is_empty() {
                read_answer(&mut stream).await;
            }
            // The rest may find the connection closed.
            let _ = stream.write_all(what.as_bytes()).await;
            let answer = read_to_end(&mut stream).await;
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status} ")),
                "{what:.60}: {answer:.200}"
            );
            if status == 200 {
                assert!(answer.contains("Hello, world!"), "{answer}");
                continue;
            }
            let extensions = &error(&answer)["extensions"];
            assert_eq!(extensions["code"], "PAYLOAD_TOO_LARGE");
            assert_eq!(extensions["limit"], "headerBytes");
            assert_eq!(extensions["maximum"], maximum);
        }
    }
}

/// Reads one answer of a connection that stays open, to its end.
async fn read_answer(stream: &mut TcpStream) {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let (_, length) = head.split_once("content-length: ").unwrap();
            let length: usize = length.lines().next().unwrap().parse().unwrap();
            if body.len() == length {
                assert!(body.contains("Hello, world!"), "{body}");
                return;
            }
        }
        let mut buffer = [0_u8; 1024];
        let read = stream.read(&mut buffer).await.unwrap();
        assert_ne!(read, 0, "the connection ended");
        bytes.extend_from_slice(&buffer[..read]);
    }
}

#[tokio::test]
async fn a_client_that_writes_ten_megabytes_reads_its_413() {
    let running = start(&Server::new(), &Limits::default()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let length = 10 * 1024 * 1024;
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b' '; length]).await.unwrap();
    let answer = read_to_end(&mut stream).await;
    assert!(
        answer.starts_with("HTTP/1.1 413") && answer.contains("PAYLOAD_TOO_LARGE"),
        "{answer}"
    );
}

#[tokio::test]
async fn shutdown_finishes_what_is_in_flight_and_takes_nothing_new() {
    let server = Server::new();
    let running = start(&server, &Limits::default()).await;
    let mut idle = TcpStream::connect(running.address).await.unwrap();
    let mut busy = TcpStream::connect(running.address).await.unwrap();
    busy.write_all(http("{ wait }", "").as_bytes())
        .await
        .unwrap();
    server.watch.entered.notified().await;
    running.stop.send(()).unwrap();
    assert_eq!(
        read_to_end(&mut idle).await,
        "",
        "an idle connection is closed"
    );
    assert!(
        TcpStream::connect(running.address).await.is_err(),
        "no new connection is taken"
    );
    server.watch.leave.notify_one();
    let answer = read_to_end(&mut busy).await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("true"),
        "{answer}"
    );
    assert_eq!(running.ended.await.unwrap().unwrap(), Ended::Finished);
}

#[tokio::test]
async fn shutdown_does_not_wait_for_ever() {
    let server = Server::new();
    let limits = Limits {
        shutdown_time: Duration::from_millis(50),
        ..Limits::default()
    };
    let running = start(&server, &limits).await;
    let mut busy = TcpStream::connect(running.address).await.unwrap();
    busy.write_all(http("{ wait }", "").as_bytes())
        .await
        .unwrap();
    server.watch.entered.notified().await;
    running.stop.send(()).unwrap();
    assert_eq!(running.ended.await.unwrap().unwrap(), Ended::Cut(1));
}

#[tokio::test]
async fn connections_beyond_the_cap_wait_until_one_ends() {
    let limits = Limits {
        connections: 1,
        ..Limits::default()
    };
    let server = Server::new();
    let running = start(&server, &limits).await;
    let mut first = TcpStream::connect(running.address).await.unwrap();
    first
        .write_all(http("{ wait }", "connection: close\r\n").as_bytes())
        .await
        .unwrap();
    server.watch.entered.notified().await;
    let mut second = TcpStream::connect(running.address).await.unwrap();
    second
        .write_all(http("{ hello }", "connection: close\r\n").as_bytes())
        .await
        .unwrap();
    let mut buffer = [0_u8; 1];
    let early = tokio::time::timeout(Duration::from_millis(50), second.read(&mut buffer)).await;
    assert!(
        early.is_err(),
        "the second connection is not served beside the first"
    );
    server.watch.leave.notify_one();
    assert!(read_to_end(&mut first).await.starts_with("HTTP/1.1 200"));
    assert!(read_to_end(&mut second).await.contains("Hello, world!"));
}

#[tokio::test]
async fn a_client_that_does_not_read_is_let_go() {
    let limits = Limits {
        write_time: Duration::from_millis(50),
        ..Limits::default()
    };
    let server = Server::new();
    let running = start(&server, &limits).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream
        .write_all(http("{ wait long(length: 30000000) }", "").as_bytes())
        .await
        .unwrap();
    server.watch.entered.notified().await;
    server.watch.leave.notify_one();
    // Nothing is read until the server gave up: then the connection counts no more, and shutdown has nothing to cut.
    running.stop.send(()).unwrap();
    assert_eq!(running.ended.await.unwrap().unwrap(), Ended::Finished);
    assert!(read_to_end(&mut stream).await.len() < 30_000_000);
}

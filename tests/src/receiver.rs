//! A receiver of webhooks of the tests' own, and a server that may post to it.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::{Arc, Mutex as Lock};
use std::time::Duration;

use api::config::Config;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc};

use crate::app::{App, Database};

/// How long a request may take to come before a test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Posted {
    /// Where to.
    pub path: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Posted {
    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    /// The text of a header; empty where it is absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("headers are ASCII"))
    }
}

/// What a receiver does with a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Answers with a status.
    Status(u16),
    /// Answers with a status and a header.
    With(u16, &'static str, String),
    /// Never answers.
    Never,
    /// Answers 200 and a body without an end.
    EndlessBody,
    /// Begins to answer, with headers without an end.
    EndlessHead,
}

/// What the conversations of a receiver share.
#[derive(Debug)]
struct Desk {
    received: mpsc::UnboundedSender<Posted>,
    /// The next replies, by path.
    replies: Lock<HashMap<String, VecDeque<Reply>>>,
    /// The reply when these are used up, by path; 204 where there is none.
    usual: Lock<HashMap<String, Reply>>,
}

impl Desk {
    fn reply(&self, path: &str) -> Reply {
        let mut replies = self.replies.lock().expect("nobody panicked");
        if let Some(reply) = replies.get_mut(path).and_then(VecDeque::pop_front) {
            return reply;
        }
        let usual = self.usual.lock().expect("nobody panicked");
        usual.get(path).cloned().unwrap_or(Reply::Status(204))
    }
}

/// A receiver of webhooks on a port of its own, which takes everything unless it is told not to.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    desk: Arc<Desk>,
    received: Mutex<(mpsc::UnboundedReceiver<Posted>, VecDeque<Posted>)>,
}

impl Receiver {
    /// Starts one.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a port is free");
        let address = listener.local_addr().expect("the port is known");
        let (sender, receiver) = mpsc::unbounded_channel();
        let desk = Arc::new(Desk {
            received: sender,
            replies: Lock::default(),
            usual: Lock::default(),
        });
        let shared = Arc::clone(&desk);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&shared)));
            }
        });
        Self {
            address,
            desk,
            received: Mutex::new((receiver, VecDeque::new())),
        }
    }

    /// The address of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Replies so to the next requests to a path.
    pub fn reply(&self, path: &str, replies: impl IntoIterator<Item = Reply>) {
        let mut all = self.desk.replies.lock().expect("nobody panicked");
        all.entry(path.to_owned()).or_default().extend(replies);
    }

    /// Replies so to all requests to a path from now on.
    pub fn always(&self, path: &str, reply: Reply) {
        let mut usual = self.desk.usual.lock().expect("nobody panicked");
        usual.insert(path.to_owned(), reply);
    }

    /// The next request to a path, in the order of arrival; waits for it.
    pub async fn next_at(&self, path: &str) -> Posted {
        let mut received = self.received.lock().await;
        let (receiver, kept) = &mut *received;
        if let Some(place) = kept.iter().position(|posted| posted.path == path) {
            return kept.remove(place).expect("it is there");
        }
        loop {
            let posted = tokio::time::timeout(PATIENCE, receiver.recv())
                .await
                .unwrap_or_else(|_| panic!("nothing came to {path}"))
                .expect("the receiver runs");
            if posted.path == path {
                return posted;
            }
            kept.push_back(posted);
        }
    }

    /// The requests to a path that have come and were not taken up.
    pub async fn left_at(&self, path: &str) -> Vec<Posted> {
        let mut received = self.received.lock().await;
        let (receiver, kept) = &mut *received;
        while let Ok(posted) = receiver.try_recv() {
            kept.push_back(posted);
        }
        let its = kept.iter().filter(|posted| posted.path == path);
        its.cloned().collect()
    }
}

/// As much of HTTP/1.1 as a client needs to post.
async fn converse(stream: TcpStream, desk: Arc<Desk>) {
    let mut stream = BufReader::new(stream);
    while let Some(posted) = read(&mut stream).await {
        let reply = desk.reply(&posted.path);
        let _ = desk.received.send(posted);
        if answer(&mut stream, reply).await.is_none() {
            return;
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Posted> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = HeaderMap::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        let name = HeaderName::try_from(name).ok()?;
        headers.append(name, HeaderValue::try_from(value).ok()?);
    }
    let length = headers.get("content-length")?.to_str().ok()?.parse().ok()?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Posted {
        path,
        headers,
        body,
    })
}

/// None when the connection is not to be used again.
async fn answer(stream: &mut BufReader<TcpStream>, reply: Reply) -> Option<()> {
    let head = |status: u16, more: &str| {
        format!("HTTP/1.1 {status} As-Told\r\ncontent-length: 0\r\n{more}\r\n")
    };
    match reply {
        Reply::Status(status) => {
            stream.write_all(head(status, "").as_bytes()).await.ok()?;
            Some(())
        }
        Reply::With(status, name, value) => {
            let more = format!("{name}: {value}\r\n");
            stream
                .write_all(head(status, &more).as_bytes())
                .await
                .ok()?;
            Some(())
        }
        Reply::Never => {
            // Until the client has had enough.
            let _ = stream.read_u8().await;
            None
        }
        Reply::EndlessBody => {
            let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
            stream.write_all(head.as_bytes()).await.ok()?;
            let chunk = format!("400\r\n{}\r\n", "a".repeat(0x400));
            loop {
                stream.write_all(chunk.as_bytes()).await.ok()?;
            }
        }
        Reply::EndlessHead => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n").await.ok()?;
            loop {
                stream.write_all(b"x-more: and more\r\n").await.ok()?;
            }
        }
    }
}

/// A server that may post to private addresses, with a receiver.
#[derive(Debug)]
pub struct HookApp {
    app: App,
    receiver: Arc<Receiver>,
}

impl Deref for HookApp {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl HookApp {
    /// Starts both; none where the database is not to be had, which was said then.
    pub async fn start(database: Database) -> Option<Self> {
        Self::start_with(database, |_| {}).await
    }

    /// Starts both with a changed configuration.
    pub async fn start_with(database: Database, change: impl FnOnce(&mut Config)) -> Option<Self> {
        let app = App::start_with(database, |config| {
            config.webhooks.allow_private_addresses = true;
            change(config);
        })
        .await?;
        let receiver = Arc::new(Receiver::start().await);
        Some(Self { app, receiver })
    }

    /// Where its webhooks lead.
    #[must_use]
    pub fn receiver(&self) -> &Receiver {
        &self.receiver
    }

    /// Ends the server and starts another one on the same data, which posts to the same receiver.
    pub async fn restart(self) -> Self {
        Self {
            app: Box::pin(self.app.restart()).await,
            receiver: self.receiver,
        }
    }
}

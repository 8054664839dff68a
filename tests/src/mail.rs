//! A mail server of the tests' own, and a server that sends its mails there.

use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Notify, mpsc};

use crate::app::{App, Database, PASSWORD};
use crate::client::Client;

/// How long a mail may take to come before a test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// A mail as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    /// From `MAIL FROM`.
    pub from: String,
    /// From `RCPT TO`.
    pub to: String,
    /// The head, with folded lines joined.
    pub head: String,
    /// The text, decoded.
    pub body: String,
}

impl Received {
    /// The value of a header; none if it is absent.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// The token that its link carries.
    #[must_use]
    pub fn token(&self) -> &str {
        let (_, rest) = self.body.split_once("#token=").expect("there is a link");
        rest.lines().next().expect("the link is on a line").trim()
    }
}

/// What the conversations of a mail server share.
#[derive(Debug)]
struct Desk {
    received: mpsc::UnboundedSender<Received>,
    refusal: std::sync::Mutex<Option<&'static str>>,
    refused: Notify,
}

/// A mail server on a port of its own that takes everything, unless it is told not to.
#[derive(Debug)]
pub struct MailServer {
    url: String,
    desk: Arc<Desk>,
    received: Mutex<(mpsc::UnboundedReceiver<Received>, VecDeque<Received>)>,
}

impl MailServer {
    /// Starts one.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a port is free");
        let address = listener.local_addr().expect("the port is known");
        let (sender, receiver) = mpsc::unbounded_channel();
        let desk = Arc::new(Desk {
            received: sender,
            refusal: std::sync::Mutex::default(),
            refused: Notify::new(),
        });
        let shared = Arc::clone(&desk);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&shared)));
            }
        });
        Self {
            url: format!("smtp://{address}"),
            desk,
            received: Mutex::new((receiver, VecDeque::new())),
        }
    }

    /// Refuses the next recipient with this answer.
    pub fn refuse_next(&self, answer: &'static str) {
        *self.desk.refusal.lock().expect("nobody panicked") = Some(answer);
    }

    /// Waits until a recipient was refused.
    pub async fn refused(&self) {
        tokio::time::timeout(PATIENCE, self.desk.refused.notified())
            .await
            .expect("a mail is refused");
    }

    /// The next mail to an address, in the order of arrival; waits for it.
    pub async fn next_to(&self, address: &str) -> Received {
        let mut received = self.received.lock().await;
        let (receiver, kept) = &mut *received;
        if let Some(place) = kept.iter().position(|mail| mail.to == address) {
            return kept.remove(place).expect("it is there");
        }
        loop {
            let mail = tokio::time::timeout(PATIENCE, receiver.recv())
                .await
                .unwrap_or_else(|_| panic!("no mail came to {address}"))
                .expect("the mail server runs");
            if mail.to == address {
                return mail;
            }
            kept.push_back(mail);
        }
    }
}

/// As much of RFC 5321 as a client needs to hand its mails over.
async fn converse(stream: TcpStream, desk: Arc<Desk>) {
    let mut stream = BufReader::new(stream);
    let (mut from, mut to) = (String::new(), String::new());
    let mut line = String::new();
    let mut answer = "220 ready\r\n";
    loop {
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
        line.clear();
        match stream.read_line(&mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let command = line.trim_end();
        let path = || {
            let (_, rest) = command.split_once('<').unwrap_or_default();
            rest.split('>').next().unwrap_or_default().to_owned()
        };
        answer = match command.get(..4).unwrap_or(command).to_uppercase().as_str() {
            "EHLO" => "250-test\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            "MAIL" => {
                from = path();
                "250 ok\r\n"
            }
            "RCPT" => {
                to = path();
                let refusal = desk.refusal.lock().expect("nobody panicked").take();
                if refusal.is_some() {
                    desk.refused.notify_one();
                }
                refusal.unwrap_or("250 ok\r\n")
            }
            "DATA" => {
                if stream.write_all(b"354 go on\r\n").await.is_err() {
                    return;
                }
                let Some(text) = read_text(&mut stream).await else {
                    return;
                };
                let _ = desk.received.send(parse(&from, &to, &text));
                "250 taken\r\n"
            }
            "QUIT" => {
                let _ = stream.write_all(b"221 bye\r\n").await;
                return;
            }
            _ => "250 ok\r\n",
        };
    }
}

/// The message up to the line that is a single dot.
async fn read_text(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if line == ".\r\n" {
            return Some(text);
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

fn parse(from: &str, to: &str, text: &str) -> Received {
    let (head, body) = text.split_once("\r\n\r\n").expect("a mail has a head");
    let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let encoding = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Transfer-Encoding: "));
    let body = match encoding.map(str::trim) {
        Some("quoted-printable") => unquote(body),
        Some("base64") => panic!("a text in a Latin script is not sent as base64"),
        _ => body.to_owned(),
    };
    Received {
        from: from.to_owned(),
        to: to.to_owned(),
        head,
        body: body.replace("\r\n", "\n"),
    }
}

/// Decodes quoted-printable (RFC 2045).
fn unquote(text: &str) -> String {
    let text = text.replace("=\r\n", "");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'=' {
            let digits: Vec<u8> = rest.by_ref().take(2).collect();
            let digits = std::str::from_utf8(&digits).expect("hexadecimal digits");
            bytes.push(u8::from_str_radix(digits, 16).expect("hexadecimal digits"));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// A server that sends mails, with the mail server that gets them.
#[derive(Debug)]
pub struct MailApp {
    app: App,
    mails: Arc<MailServer>,
}

impl Deref for MailApp {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl MailApp {
    /// Starts both; none where the database is not to be had, which was said then.
    pub async fn start(database: Database) -> Option<Self> {
        Self::start_with(database, |_| {}).await
    }

    /// Starts both with a changed configuration.
    pub async fn start_with(
        database: Database,
        change: impl FnOnce(&mut api::config::Config),
    ) -> Option<Self> {
        let mails = Arc::new(MailServer::start().await);
        let app = App::start_with(database, |config| {
            config.mail.smtp_url = Some(mails.url.as_str().into());
            config.mail.sender = Some("Repertoire <repertoire@example.org>".into());
            config.mail.public_url = Some("https://learn.example.org".into());
            change(config);
        })
        .await?;
        Some(Self { app, mails })
    }

    /// Where its mails arrive.
    #[must_use]
    pub fn mails(&self) -> &MailServer {
        &self.mails
    }

    /// Ends the server and starts another one on the same data, which sends to the same mail server.
    pub async fn restart(self) -> Self {
        Self {
            app: Box::pin(self.app.restart()).await,
            mails: self.mails,
        }
    }

    /// Signs somebody up by that address; answers a client that acts as them, and the payload.
    pub async fn sign_up(&self, email: &str, more: Value) -> Value {
        let mut input =
            json!({ "email": email, "password": PASSWORD, "displayName": "Ada Lovelace" });
        crate::app::merge(&mut input, more);
        let mutation = "mutation($input: SignUpInput!) { signUp(input: $input) {
            user { id emailVerified } accessToken refreshToken userErrors { code field message }
        } }";
        self.anonymous()
            .payload(mutation, json!({ "input": input }))
            .await
    }

    /// Signs somebody up, and confirms their address by the mail that comes to it.
    pub async fn confirmed(&self, email: &str) -> Client {
        let payload = self.sign_up(email, json!({})).await;
        let token = self.mails.next_to(email).await.token().to_owned();
        let verify = "mutation($token: String!) { verifyEmail(token: $token) { userErrors { code field message } } }";
        self.anonymous()
            .mutate(verify, json!({ "token": token }))
            .await;
        let token = payload["accessToken"].as_str().expect("there is a token");
        self.anonymous().with_token(token)
    }
}

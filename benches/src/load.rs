//! The load generator, a process of its own: requests over connections that stay open, one in flight on each.
//!
//! It writes to sockets and reads lengths, no more, so that little of the machine is lost to it.

use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::process::ProcessTime;

/// What to send, and for how long.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Host and port.
    pub(crate) address: String,
    /// For `Authorization: Bearer`.
    pub(crate) token: Option<String>,
    /// Bodies of requests, taken in turn.
    pub(crate) bodies: Vec<String>,
    /// How every right answer begins.
    pub(crate) begins: String,
    pub(crate) connections: usize,
    /// Seconds that are not counted, at the start.
    pub(crate) warmup: f64,
    /// Seconds that are counted.
    pub(crate) seconds: f64,
}

/// What came back.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// Right answers in the counted time.
    pub(crate) answers: u64,
    /// Wrong answers, in all the time.
    pub(crate) errors: u64,
    /// The first wrong answer.
    pub(crate) first_error: Option<String>,
    /// Bytes of the bodies of right answers.
    pub(crate) bytes: u64,
    /// Counted seconds.
    pub(crate) seconds: f64,
    /// The time of each right answer, in microseconds.
    pub(crate) micros: Vec<u32>,
    /// Seconds that this process kept a processor busy, the warm-up included.
    pub(crate) cpu_seconds: f64,
}

/// Carries out the plan on standard input, and writes the outcome to standard output.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let plan: Plan = serde_json::from_str(&text)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(carry_out(plan))?;
    crate::output::line(&serde_json::to_string(&outcome)?);
    Ok(())
}

async fn carry_out(plan: Plan) -> anyhow::Result<Outcome> {
    let requests: Arc<Vec<Vec<u8>>> = Arc::new(
        plan.bodies
            .iter()
            .map(|body| request(&plan.address, plan.token.as_deref(), body))
            .collect(),
    );
    let begin = Instant::now() + Duration::from_secs_f64(plan.warmup);
    let end = begin + Duration::from_secs_f64(plan.seconds);
    let mut connections = tokio::task::JoinSet::new();
    for number in 0..plan.connections {
        let connection = Connection {
            address: plan.address.clone(),
            begins: plan.begins.clone(),
            requests: Arc::clone(&requests),
            next: number * 37,
        };
        connections.spawn(connection.run(begin, end));
    }
    let mut outcome = Outcome::default();
    while let Some(part) = connections.join_next().await {
        let part = part??;
        outcome.answers += part.answers;
        outcome.errors += part.errors;
        outcome.first_error = outcome.first_error.or(part.first_error);
        outcome.bytes += part.bytes;
        outcome.micros.extend(part.micros);
    }
    outcome.seconds = plan.seconds;
    outcome.cpu_seconds = ProcessTime::of(std::process::id())?.seconds();
    Ok(outcome)
}

/// A whole request.
pub(crate) fn request(address: &str, token: Option<&str>, body: &str) -> Vec<u8> {
    let token = token.map_or(String::new(), |token| {
        format!("Authorization: Bearer {token}\r\n")
    });
    format!(
        "POST /graphql HTTP/1.1\r\nHost: {address}\r\n{token}Content-Type: application/json\r\nAccept: \
         application/graphql-response+json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

struct Connection {
    address: String,
    begins: String,
    requests: Arc<Vec<Vec<u8>>>,
    next: usize,
}

impl Connection {
    async fn run(mut self, begin: Instant, end: Instant) -> anyhow::Result<Outcome> {
        let mut stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        let mut outcome = Outcome::default();
        let mut buffer = Vec::with_capacity(64 * 1024);
        loop {
            let started = Instant::now();
            if started >= end {
                return Ok(outcome);
            }
            let request = &self.requests[self.next % self.requests.len()];
            self.next += 1;
            stream.write_all(request).await?;
            let (status, start) = read(&mut stream, &mut buffer).await?;
            let ended = Instant::now();
            let body = &buffer[start..];
            if status != 200 || !body.starts_with(self.begins.as_bytes()) || has_errors(body) {
                outcome.errors += 1;
                if outcome.first_error.is_none() {
                    let text: String = String::from_utf8_lossy(body).chars().take(600).collect();
                    outcome.first_error = Some(format!("{status}: {text}"));
                }
            } else if started >= begin && ended <= end {
                outcome.answers += 1;
                outcome.bytes += body.len() as u64;
                outcome
                    .micros
                    .push(u32::try_from((ended - started).as_micros()).unwrap_or(u32::MAX));
            }
        }
    }
}

/// Errors stand before or after the data; a text that has these letters in it has its quotes escaped.
fn has_errors(body: &[u8]) -> bool {
    let tail = &body[body.len().saturating_sub(400)..];
    [&body[..body.len().min(100)], tail]
        .iter()
        .any(|part| part.windows(10).any(|window| window == b"\"errors\":["))
}

/// Reads one response into the buffer: its status, and where its body starts.
pub(crate) async fn read(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
) -> anyhow::Result<(u16, usize)> {
    buffer.clear();
    let mut head = None;
    loop {
        if stream.read_buf(buffer).await? == 0 {
            bail!("the server closed a connection");
        }
        if head.is_none() {
            head = head_of(buffer)?;
        }
        if let Some((status, start, length)) = head
            && buffer.len() >= start + length
        {
            return Ok((status, start));
        }
    }
}

/// Status, start of the body and its length, as soon as the head is whole.
fn head_of(buffer: &[u8]) -> anyhow::Result<Option<(u16, usize, usize)>> {
    let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&buffer[..end])?;
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .context("a status line")?;
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .context("an answer without a length cannot be measured")?;
    Ok(Some((status, end + 4, length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_when_it_is_whole() {
        let text = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx: y\r\n\r\nhello";
        assert_eq!(head_of(&text[..30]).unwrap(), None);
        assert_eq!(head_of(text).unwrap(), Some((200, text.len() - 5, 5)));
        assert!(head_of(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }

    #[test]
    fn errors_are_seen_at_either_end() {
        assert!(has_errors(br#"{"errors":[{"message":"no"}]}"#));
        assert!(has_errors(
            br#"{"data":{"a":1},"errors":[{"message":"no"}]}"#
        ));
        assert!(!has_errors(br#"{"data":{"a":"say \"errors\":[ here"}}"#));
    }
}

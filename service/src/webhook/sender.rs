//! One attempt: a signed request, and what the receiver says to it.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use tokio::time::{Instant, timeout_at};

use super::address::{self, Lookup, NotPublic, Resolver};
use super::outbox::Outcome;
use super::{WebhookOptions, schedule};
use crate::outgoing;

/// How long a connection may take.
const CONNECTING: Duration = Duration::from_secs(10);
/// How long an answer is read whose status is known, and how much of it: enough to use the connection again.
const READING: Duration = Duration::from_secs(1);
const MOST_READ: usize = 64 * 1_024;
/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_secs(30);
const AGENT: &str = concat!("Repertoire/", env!("CARGO_PKG_VERSION"), " (webhooks)");

/// What is posted.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) url: String,
    pub(super) id: String,
    pub(super) timestamp: i64,
    pub(super) signature: String,
    pub(super) body: Vec<u8>,
}

/// Posts to public addresses, or to all where the options say so. Cheap to clone.
#[derive(Clone)]
pub(super) struct Sender {
    client: Client,
    options: WebhookOptions,
}

impl fmt::Debug for Sender {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Sender")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl Sender {
    /// The error says why there can be none, such as a system without certificates.
    pub(super) fn new(options: WebhookOptions, lookup: Lookup) -> Result<Self, String> {
        let client = outgoing::client()
            .user_agent(AGENT)
            // A proxy would resolve names in our place, where nobody judges the addresses.
            .no_proxy()
            .dns_resolver(Resolver::new(options.allow_private_addresses, lookup))
            .redirect(Policy::none())
            .referer(false)
            .https_only(!options.allow_private_addresses)
            .connect_timeout(CONNECTING.min(options.request_time))
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(options.at_once_each)
            .build()
            .map_err(|error| describe(&error))?;
        Ok(Self { client, options })
    }

    /// Makes one attempt, which takes no longer than the options allow. With the status of the answer it is decided.
    pub(super) async fn post(&self, message: Message, now: DateTime<Utc>) -> Outcome {
        let time = self.options.request_time;
        let end = Instant::now() + time;
        match timeout_at(end, self.attempt(message)).await {
            Ok(Ok(response)) => {
                let outcome = answered(&response, now);
                drain(response, end).await;
                outcome
            }
            Ok(Err(error)) => failed(error),
            Err(_) => failed(format!(
                "The receiver did not answer within {} s.",
                time.as_secs_f32()
            )),
        }
    }

    /// The error says why there is no answer.
    async fn attempt(&self, message: Message) -> Result<Response, String> {
        // The client asks its resolver for names only, so that addresses are judged here.
        let url = address::check(&message.url, self.options.allow_private_addresses)?;
        let request = self
            .client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", message.id)
            .header("webhook-timestamp", message.timestamp)
            .header("webhook-signature", message.signature)
            .body(message.body);
        request.send().await.map_err(|error| explain(&error))
    }
}

fn failed(error: String) -> Outcome {
    Outcome::Failed {
        status: None,
        error,
        wish: None,
    }
}

fn answered(response: &Response, now: DateTime<Utc>) -> Outcome {
    let status = response.status();
    let wish = response.headers().get(RETRY_AFTER);
    let wish = wish.and_then(|value| schedule::retry_after(value.to_str().ok()?, now));
    if status.is_success() {
        return Outcome::Delivered {
            status: status.as_u16(),
        };
    }
    if status == StatusCode::GONE {
        return Outcome::Gone;
    }
    let error = if status.is_redirection() {
        format!(
            "The receiver answered {status} and leads elsewhere. Redirects are not followed: give the webhook its final address."
        )
    } else {
        format!("The receiver answered {status}.")
    };
    Outcome::Failed {
        status: Some(status.as_u16()),
        error,
        wish,
    }
}

/// Reads what is left of an answer, within bounds and until `end` at the latest. What it says is nobody's business.
async fn drain(mut response: Response, end: Instant) {
    let reading = async {
        let mut read = 0;
        while let Ok(Some(chunk)) = response.chunk().await {
            read += chunk.len();
            if read > MOST_READ {
                break;
            }
        }
    };
    // Whatever is cut short here costs no more than the connection.
    let _ = timeout_at(end.min(Instant::now() + READING), reading).await;
}

/// Why an attempt failed, as a sentence that tells nothing of the networks that this server is in.
fn explain(error: &reqwest::Error) -> String {
    if cause::<NotPublic>(error).is_some() {
        return "The receiver's name leads to no public address.".to_owned();
    }
    if let Some(refusal) = cause::<rustls::Error>(error) {
        return format!("No secure connection could be made: {refusal}.");
    }
    let text = if error.is_dns() {
        "The receiver's name could not be resolved."
    } else if error.is_timeout() {
        "The receiver did not accept the connection in time."
    } else if error.is_connect() {
        "The receiver could not be connected to."
    } else {
        "The connection ended before the receiver had answered."
    };
    text.to_owned()
}

/// The error of that type behind another one.
fn cause<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        // Such an error keeps from its sources what it was made of.
        let within = error.downcast_ref::<io::Error>().and_then(|error| {
            let within: &(dyn StdError + 'static) = error.get_ref()?;
            Some(within)
        });
        next = within.or_else(|| error.source());
    }
    None
}

/// The error with what caused it.
fn describe(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

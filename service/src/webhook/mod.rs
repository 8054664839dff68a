//! Webhooks: addresses of other systems that are told of what happens, by the specification of Standard Webhooks.
//!
//! They follow the change log. A projection ([`Deliveries`]) writes a row for each event that a webhook is to be told
//! of, in the transaction that moves it on in the log, so nothing is lost between a write and its being told. A
//! [`Dispatcher`] of each process sends what is due, over all processes each delivery by one of them at a time.
//!
//! A webhook is told of what its owner may see: as it happens, and again when it is sent. A delivery arrives at least
//! once, under the same id each time, and in no certain order.

mod address;
mod commands;
mod dispatcher;
mod events;
mod health;
mod outbox;
mod payload;
mod prepare;
mod projection;
mod queries;
mod redeliver;
mod schedule;
mod sender;
mod sight;
mod signature;
#[cfg(test)]
mod tests;
mod upkeep;

use std::time::Duration;

use chrono::TimeDelta;

pub(crate) use commands::remove_all;
pub use commands::{
    CreateWebhook, MOST_SECRETS, MOST_WEBHOOKS, UpdateWebhook, WithSecret, create, delete,
    rotate_secret, update,
};
pub use dispatcher::{Dispatcher, Tally};
pub use health::{FAILING_DAYS, FEWEST_FAILURES};
pub use outbox::waiting;
pub use payload::{Names, event_name};
pub use projection::Deliveries;
pub(crate) use projection::{Found, queue_found};
pub use queries::{by_ids, count, deliveries_by_ids, delivery_count, page, page_of_deliveries};
pub use redeliver::redeliver;
pub use schedule::{MOST_ATTEMPTS, PAUSES};
pub use upkeep::{KEPT_DAYS, MOST_WAITING, tidy};

/// An address that is told of what happens.
pub type Webhook = entity::webhook::Model;
/// One event that a webhook is told of.
pub type Delivery = entity::webhook_delivery::Model;

const WHAT: &str = "webhook";

/// How deliveries are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookOptions {
    /// Whether webhooks may lead to private and local addresses, and without TLS.
    pub allow_private_addresses: bool,
    /// How long one attempt may take, with all that belongs to it.
    pub request_time: Duration,
    /// Attempts of one process at the same time; at most a quarter of them for the webhooks of one person.
    pub at_once: usize,
    /// Attempts for one webhook among them. One that fails has one at a time.
    pub at_once_each: usize,
}

impl WebhookOptions {
    /// Attempts for the webhooks of one person at the same time: however slow their receivers are, others have places.
    fn at_once_owner(&self) -> usize {
        self.at_once.div_ceil(4)
    }

    /// For so long a delivery that was taken is left to the process that took it: longer than any attempt, and what is left
    /// over where a process died.
    fn lease(&self) -> TimeDelta {
        let attempt = TimeDelta::from_std(self.request_time).unwrap_or(TimeDelta::MAX / 4);
        attempt * 2 + TimeDelta::seconds(15)
    }
}

impl Default for WebhookOptions {
    fn default() -> Self {
        Self {
            allow_private_addresses: false,
            request_time: Duration::from_secs(15),
            at_once: 64,
            at_once_each: 8,
        }
    }
}

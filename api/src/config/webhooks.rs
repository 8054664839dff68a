//! Settings of webhooks.

use std::time::Duration;

use serde::Deserialize;
use service::webhook::WebhookOptions;

/// How webhooks are sent.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookConfig {
    /// Whether they may lead to private and local addresses, and without TLS.
    pub allow_private_addresses: bool,
    /// Seconds that one attempt may take, with all that belongs to it.
    pub request_time: f64,
    /// Attempts of this process at the same time; at most a quarter of them for the webhooks of one person.
    pub concurrent: usize,
    /// Attempts for one webhook among them.
    pub concurrent_each: usize,
}

impl Default for WebhookConfig {
    fn default() -> Self {
        let options = WebhookOptions::default();
        Self {
            allow_private_addresses: options.allow_private_addresses,
            request_time: options.request_time.as_secs_f64(),
            concurrent: options.at_once,
            concurrent_each: options.at_once_each,
        }
    }
}

impl WebhookConfig {
    /// What the service takes.
    #[must_use]
    pub fn options(&self) -> WebhookOptions {
        WebhookOptions {
            allow_private_addresses: self.allow_private_addresses,
            request_time: Duration::from_secs_f64(self.request_time),
            at_once: self.concurrent,
            at_once_each: self.concurrent_each,
        }
    }

    /// What is wrong, a sentence each.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        // The time for which an attempt is left to one process is longer.
        if !(0.1..=30.0).contains(&self.request_time) {
            faults.push(format!(
                "`webhooks.request_time` is {}; from 0.1 to 30 seconds are allowed.",
                self.request_time
            ));
        }
        for (name, number) in [
            ("concurrent", self.concurrent),
            ("concurrent_each", self.concurrent_each),
        ] {
            if !(1..=1_000).contains(&number) {
                faults.push(format!(
                    "`webhooks.{name}` is {number}; from 1 to 1,000 is allowed."
                ));
            }
        }
        faults
    }
}

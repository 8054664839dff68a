//! Sends what is due.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream;

use super::outbox::{Outcome, settle, take};
use super::{MailSettings, SendError, Transport, message};
use crate::error::Result;
use crate::store::Store;

/// Mails that one process hands over at the same time.
const AT_ONCE: usize = 4;

/// What became of the mails of one round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The mail server took them.
    pub sent: u64,
    /// They are tried again later.
    pub retried: u64,
    /// They were given up.
    pub failed: u64,
}

/// Sends the mails of the outbox. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Mailer {
    store: Store,
    settings: MailSettings,
    transport: Arc<dyn Transport>,
}

impl Mailer {
    /// Sends by a transport.
    #[must_use]
    pub fn new(store: Store, settings: MailSettings, transport: impl Transport) -> Self {
        Self {
            store,
            settings,
            transport: Arc::new(transport),
        }
    }

    /// Sends a bounded number of the mails that are due, and answers what became of them; all nought when none was.
    /// Called again and again, by as many processes as there are.
    #[crate::boxed]
    pub async fn send_due(&self) -> Result<Tally> {
        let taken = take(&self.store).await?;
        let outcomes: Vec<Result<Outcome>> = stream::iter(taken)
            .map(|row| async move {
                let result = match message::build(&self.settings, &row) {
                    _ if row.give_up_at <= self.store.clock().now() => Err(SendError::Permanent(
                        "It could not be sent while it was of use.".to_owned(),
                    )),
                    Ok(message) => self.transport.send(message).await,
                    Err(error) => Err(SendError::Permanent(error)),
                };
                settle(&self.store, row, result).await
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let mut tally = Tally::default();
        for outcome in outcomes {
            match outcome? {
                Outcome::Sent => tally.sent += 1,
                Outcome::Retried => tally.retried += 1,
                Outcome::Failed => tally.failed += 1,
            }
        }
        Ok(tally)
    }
}

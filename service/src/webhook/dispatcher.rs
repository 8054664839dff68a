//! Sends what is due. Attempts run side by side, so that a slow receiver holds up its own deliveries and no others; one
//! loop takes what is due and settles what came of it, many in one transaction.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::task::{self, JoinError, JoinSet};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::address::{Lookup, by_the_system};
use super::outbox::{Attempted, Busy, Due, Outcome, due_webhooks, lease, release, settle};
use super::payload::{Names, body};
use super::prepare::{Target, prepare};
use super::sender::{Message, Sender};
use super::signature::sign;
use super::{Delivery, WebhookOptions};
use crate::error::Result;
use crate::store::Store;

/// How often it is asked what has become due.
const POLL: Duration = Duration::from_millis(500);
/// How long attempts may go on after the server is told to stop.
const GRACE: Duration = Duration::from_secs(3);

/// What came of attempts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The receivers took them.
    pub delivered: u64,
    /// They are tried again later.
    pub retried: u64,
    /// They were given up.
    pub dead: u64,
    /// Their owners may not be told any more.
    pub dropped: u64,
}

/// Sends the deliveries of webhooks. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Dispatcher {
    store: Store,
    sender: Sender,
    names: Arc<dyn Names>,
    options: WebhookOptions,
}

/// Attempts that run, and those of which is not settled yet what came of them.
#[derive(Debug)]
struct Flight {
    running: JoinSet<Attempted>,
    deliveries: HashMap<task::Id, Delivery>,
    /// Whose the webhooks are that attempts run for.
    owners: HashMap<Uuid, Uuid>,
    done: Vec<Attempted>,
    /// The webhook that had its turn last.
    last: Uuid,
}

impl Flight {
    fn new() -> Self {
        Self {
            running: JoinSet::new(),
            deliveries: HashMap::new(),
            owners: HashMap::new(),
            done: Vec::new(),
            last: Uuid::nil(),
        }
    }

    fn note(&mut self, ended: Result<(task::Id, Attempted), JoinError>) {
        match ended {
            Ok((id, attempted)) => {
                self.deliveries.remove(&id);
                self.done.push(attempted);
            }
            // It is sent again when its lease ends.
            Err(error) => {
                self.deliveries.remove(&error.id());
                tracing::error!(%error, "an attempt to deliver ended by itself");
            }
        }
    }

    /// Takes up all that has ended by now.
    fn gather(&mut self) {
        while let Some(ended) = self.running.try_join_next_with_id() {
            self.note(ended);
        }
    }

    /// How many attempts run for each webhook.
    fn busy(&self) -> HashMap<Uuid, usize> {
        let mut busy = HashMap::new();
        for delivery in self.deliveries.values() {
            *busy.entry(delivery.webhook_id).or_default() += 1;
        }
        busy
    }

    /// How many attempts run for the webhooks of each person.
    fn busy_owners(&mut self, busy: &HashMap<Uuid, usize>) -> HashMap<Uuid, usize> {
        self.owners.retain(|webhook, _| busy.contains_key(webhook));
        let mut owners: HashMap<Uuid, usize> = HashMap::new();
        for (webhook, owner) in &self.owners {
            let running = busy.get(webhook).copied().unwrap_or_default();
            *owners.entry(*owner).or_default() += running;
        }
        owners
    }
}

impl Dispatcher {
    /// Sends by the names that the API gives things.
    ///
    /// The error says why nothing can be sent, such as a system without certificates.
    pub fn new(
        store: Store,
        options: WebhookOptions,
        names: impl Names,
    ) -> std::result::Result<Self, String> {
        Self::with_lookup(store, options, names, by_the_system())
    }

    pub(super) fn with_lookup(
        store: Store,
        options: WebhookOptions,
        names: impl Names,
        lookup: Lookup,
    ) -> std::result::Result<Self, String> {
        Ok(Self {
            store,
            sender: Sender::new(options, lookup)?,
            names: Arc::new(names),
            options,
        })
    }

    /// Sends what is due until it is told to stop, and tells what came of it. It goes on after errors, which it logs.
    /// Attempts that run when it is told to stop are given a moment to end; what does not is sent again later.
    pub async fn run(self, stop: CancellationToken, tell: impl Fn(Tally) + Send) {
        let mut flight = Flight::new();
        let mut poll = interval(POLL);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => break,
                Some(ended) = flight.running.join_next_with_id() => flight.note(ended),
                _ = poll.tick() => {}
            }
            loop {
                match self.turn(&mut flight).await {
                    Ok(tally) => tell(tally),
                    Err(error) => {
                        tracing::warn!(%error, "the deliveries of webhooks cannot be read or written; it is tried again");
                        // Only time helps.
                        poll.reset();
                        break;
                    }
                }
                if flight.done.is_empty() || stop.is_cancelled() {
                    break;
                }
            }
        }
        match self.land(flight).await {
            Ok(tally) => tell(tally),
            Err(error) => {
                tracing::warn!(%error, "what came of some deliveries could not be written; they are sent again");
            }
        }
    }

    /// Sends until nothing is due and nothing is on its way.
    #[cfg(test)]
    pub(super) async fn send_due(&self) -> Result<Tally> {
        let mut flight = Flight::new();
        let mut all = Tally::default();
        loop {
            let tally = self.turn(&mut flight).await?;
            all.delivered += tally.delivered;
            all.retried += tally.retried;
            all.dead += tally.dead;
            all.dropped += tally.dropped;
            if let Some(ended) = flight.running.join_next_with_id().await {
                flight.note(ended);
            } else if flight.done.is_empty() {
                return Ok(all);
            }
        }
    }

    /// Settles what has ended, takes what is due, and starts to send it.
    async fn turn(&self, flight: &mut Flight) -> Result<Tally> {
        flight.gather();
        let wanted = self.wanted(flight).await?;
        if wanted.is_empty() && flight.done.is_empty() {
            return Ok(Tally::default());
        }
        let done: Arc<[Attempted]> = std::mem::take(&mut flight.done).into();
        let settled = Arc::clone(&done);
        let long = self.options.lease();
        let written = self
            .store
            .write(None, move |unit| {
                async move {
                    let tally = settle(unit, &settled).await?;
                    Ok((tally, lease(unit, &wanted, long).await?))
                }
                .boxed()
            })
            .await;
        let (tally, taken) = match written {
            Ok(written) => written.value,
            Err(error) => {
                flight.done.extend(done.iter().cloned());
                return Err(error);
            }
        };
        self.start(flight, taken).await?;
        Ok(tally)
    }

    /// The webhooks that have their turn, and how much is taken of each.
    async fn wanted(&self, flight: &mut Flight) -> Result<Vec<(Uuid, u64)>> {
        let mut left = self.options.at_once.saturating_sub(flight.deliveries.len());
        if left == 0 {
            return Ok(Vec::new());
        }
        let busy = flight.busy();
        let mut of_owners = flight.busy_owners(&busy);
        let (each, owner_most) = (self.options.at_once_each, self.options.at_once_owner());
        let at_least = |busy: &HashMap<Uuid, usize>, most: usize| -> Vec<Uuid> {
            let full = busy.iter().filter(|(_, running)| **running >= most);
            full.map(|(id, _)| *id).collect()
        };
        let not_these = Busy {
            running: busy.keys().copied().collect(),
            full: at_least(&busy, each),
            full_owners: at_least(&of_owners, owner_most),
        };
        let due = due_webhooks(&self.store, flight.last, &not_these, left as u64).await?;
        let mut wanted = Vec::new();
        for Due {
            webhook,
            owner,
            fails,
        } in due
        {
            // One that fails is likely slow, too.
            let most = if fails { 1 } else { each };
            let running = busy.get(&webhook).copied().unwrap_or_default();
            let of_owner = of_owners.entry(owner).or_default();
            let take = most
                .saturating_sub(running)
                .min(owner_most.saturating_sub(*of_owner))
                .min(left);
            if take > 0 {
                left -= take;
                *of_owner += take;
                flight.last = webhook;
                flight.owners.insert(webhook, owner);
                wanted.push((webhook, take as u64));
            }
        }
        Ok(wanted)
    }

    async fn start(&self, flight: &mut Flight, taken: Vec<Delivery>) -> Result<()> {
        if taken.is_empty() {
            return Ok(());
        }
        let prepared = prepare(&self.store, taken).await?;
        for (delivery, target) in prepared {
            let Some(target) = target else {
                let outcome = Outcome::Unseen;
                flight.done.push(Attempted { delivery, outcome });
                continue;
            };
            let message = match self.message(&delivery, target) {
                Ok(message) => message,
                Err(error) => {
                    tracing::error!(%error, delivery = %delivery.id, "a delivery cannot be written");
                    let outcome = Outcome::Failed {
                        status: None,
                        error: "The delivery could not be written.".to_owned(),
                        wish: None,
                    };
                    flight.done.push(Attempted { delivery, outcome });
                    continue;
                }
            };
            let (sender, clock) = (self.sender.clone(), self.store.clock().clone());
            let sent = delivery.clone();
            let running = flight.running.spawn(async move {
                let outcome = sender.post(message, clock.now()).await;
                Attempted {
                    delivery: sent,
                    outcome,
                }
            });
            flight.deliveries.insert(running.id(), delivery);
        }
        Ok(())
    }

    /// What is sent: signed with the time of this attempt.
    fn message(&self, delivery: &Delivery, target: Target) -> Result<Message> {
        let id = self.names.delivery(delivery.id);
        let timestamp = self.store.clock().now().timestamp();
        let body = body(&*self.names, delivery)?;
        let signature = sign(&target.secrets, &id, timestamp, &body)?;
        Ok(Message {
            url: target.url,
            id,
            timestamp,
            signature,
            body,
        })
    }

    /// Lets attempts end for a moment, settles them, and hands back what did not.
    async fn land(&self, mut flight: Flight) -> Result<Tally> {
        let landing = async {
            while let Some(ended) = flight.running.join_next_with_id().await {
                flight.note(ended);
            }
        };
        let _ = tokio::time::timeout(GRACE, landing).await;
        flight.running.abort_all();
        let unfinished: Vec<Delivery> = flight.deliveries.into_values().collect();
        let done = flight.done;
        if unfinished.is_empty() && done.is_empty() {
            return Ok(Tally::default());
        }
        let written = self
            .store
            .write(None, move |unit| {
                async move {
                    let tally = settle(unit, &done).await?;
                    release(unit, &unfinished).await?;
                    Ok(tally)
                }
                .boxed()
            })
            .await?;
        Ok(written.value)
    }
}

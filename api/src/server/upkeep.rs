//! What a server does beside answering: figures for `/metrics`, and tidying up.

use std::sync::OnceLock;
use std::time::Duration;

use chrono::TimeDelta;
use metrics::{counter, describe_counter, describe_gauge, gauge};
use metrics_exporter_prometheus::PrometheusHandle;
use service::auth::{self, Auth};
use service::change;
use service::deadline;
use service::digest;
use service::error::Result;
use service::idempotency;
use service::mail::{self, Mailer, Tally};
use service::operation::{self, Operations};
use service::review;
use service::search::{self, SearchIndex};
use service::store::Store;
use service::webhook::{self, Dispatcher};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::http;

const INDEX_LAG: &str = "repertoire_index_lag";
const INDEX_DOCUMENTS: &str = "repertoire_index_documents";
const INDEX_FAILED: &str = "repertoire_index_failed_documents";
const MAIL_WAITING: &str = "repertoire_mail_waiting";
const MAILS: &str = "repertoire_mail_attempts_total";
const WEBHOOKS_WAITING: &str = "repertoire_webhook_waiting";
const WEBHOOK_ATTEMPTS: &str = "repertoire_webhook_attempts_total";

/// The recorder of the process, which all its servers share.
pub(super) fn metrics_of_process() -> anyhow::Result<PrometheusHandle> {
    static HANDLE: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
    let handle = HANDLE.get_or_init(|| {
        let handle = http::metrics::install().map_err(|error| error.to_string())?;
        describe_gauge!(INDEX_LAG, "Changes that the search index is behind.");
        describe_gauge!(INDEX_DOCUMENTS, "Documents in the search index.");
        describe_gauge!(INDEX_FAILED, "Documents that could not be indexed.");
        describe_gauge!(MAIL_WAITING, "Mails that are to be sent.");
        describe_gauge!(
            WEBHOOKS_WAITING,
            "Deliveries of webhooks that are to be sent."
        );
        describe_counter!(
            WEBHOOK_ATTEMPTS,
            "Attempts to deliver to a webhook, by outcome: delivered, retried, dead, dropped."
        );
        describe_counter!(
            MAILS,
            "Attempts to send a mail, by outcome: sent, retried, failed."
        );
        Ok(handle)
    });
    handle.clone().map_err(anyhow::Error::msg)
}

/// Keeps the figures new.
pub(super) fn keep_metrics(
    handle: PrometheusHandle,
    app: App,
    stop: CancellationToken,
) -> JoinHandle<()> {
    every(Duration::from_secs(5), stop, move || {
        let (handle, app) = (handle.clone(), app.clone());
        async move {
            handle.run_upkeep();
            let newest = *app.store.watch_position().borrow();
            let lag = newest.saturating_sub(app.index.position()).max(0);
            let statistics = app.index.statistics();
            gauge!(INDEX_LAG).set(figure(lag.unsigned_abs()));
            gauge!(INDEX_DOCUMENTS).set(figure(statistics.documents));
            gauge!(INDEX_FAILED).set(figure(app.index.failed_count() as u64));
            match webhook::waiting(&app.store).await {
                Ok(waiting) => gauge!(WEBHOOKS_WAITING).set(figure(waiting)),
                Err(error) => {
                    tracing::debug!(%error, "the waiting deliveries could not be counted");
                }
            }
            if app.mailer.is_some() {
                match mail::waiting(&app.store).await {
                    Ok(waiting) => gauge!(MAIL_WAITING).set(figure(waiting)),
                    Err(error) => tracing::debug!(%error, "the waiting mails could not be counted"),
                }
            }
        }
    })
}

/// Sends the mails of the outbox.
pub(super) fn send_mail(mailer: Mailer, stop: CancellationToken) -> JoinHandle<()> {
    every(Duration::from_secs(1), stop.clone(), move || {
        let (mailer, stop) = (mailer.clone(), stop.clone());
        async move {
            // A full round may have left some behind.
            while !stop.is_cancelled() {
                match mailer.send_due().await {
                    Ok(tally) => {
                        count_mails(tally);
                        if tally == Tally::default() {
                            return;
                        }
                    }
                    Err(error) => {
                        tracing::warn!(%error, "the outbox cannot be read or written");
                        return;
                    }
                }
            }
        }
    })
}

/// Writes the mails about notifications that are due to the outbox.
pub(super) fn queue_digests(auth: Auth, stop: CancellationToken) -> JoinHandle<()> {
    every(Duration::from_secs(30), stop, move || {
        let auth = auth.clone();
        async move {
            match digest::queue_due(&auth).await {
                Ok(queued) => tracing::debug!(queued, "mails about notifications were queued"),
                Err(error) => {
                    tracing::warn!(%error, "mails about notifications could not be queued");
                }
            }
        }
    })
}

/// Sends the deliveries of webhooks.
pub(super) fn send_webhooks(dispatcher: Dispatcher, stop: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(dispatcher.run(stop, |tally| {
        for (outcome, deliveries) in [
            ("delivered", tally.delivered),
            ("retried", tally.retried),
            ("dead", tally.dead),
            ("dropped", tally.dropped),
        ] {
            if deliveries > 0 {
                counter!(WEBHOOK_ATTEMPTS, "outcome" => outcome).increment(deliveries);
            }
        }
    }))
}

/// Removes old deliveries of webhooks, and switches off those for which too much waits, once a minute.
pub(super) fn tidy_webhooks(store: Store, stop: CancellationToken) -> JoinHandle<()> {
    every(Duration::from_mins(1), stop, move || {
        let store = store.clone();
        async move { tell("deliveries of webhooks", webhook::tidy(&store).await) }
    })
}

fn count_mails(tally: Tally) {
    for (outcome, mails) in [
        ("sent", tally.sent),
        ("retried", tally.retried),
        ("failed", tally.failed),
    ] {
        counter!(MAILS, "outcome" => outcome).increment(mails);
    }
}

/// Removes what ended, now and then: sessions, tokens, invitations, mails, what retries are known by.
pub(super) fn remove_ended(store: Store, stop: CancellationToken) -> JoinHandle<()> {
    every(Duration::from_hours(1), stop, move || {
        let store = store.clone();
        async move {
            tell("sessions", auth::remove_ended_sessions(&store).await);
            tell(
                "email tokens",
                auth::remove_ended_email_tokens(&store).await,
            );
            tell("invitations", auth::remove_ended_invitations(&store).await);
            tell("mails", mail::remove_finished(&store).await);
            tell(
                "idempotency keys",
                idempotency::remove_forgotten(&store).await,
            );
        }
    })
}

/// Removes rows of the change log that are older than so many days, now and then; never where it is 0.
pub(super) fn forget_old_changes(
    store: Store,
    index: SearchIndex,
    days: u32,
    stop: CancellationToken,
) -> JoinHandle<()> {
    every(Duration::from_hours(1), stop.clone(), move || {
        let (store, index, stop) = (store.clone(), index.clone(), stop.clone());
        async move {
            if days == 0 {
                return;
            }
            let keep = TimeDelta::days(i64::from(days));
            let forgotten = change::forget_old(&store, keep, index.position());
            // Each of its transactions is whole, so it may end between two of them.
            if let Some(forgotten) = stop.run_until_cancelled(forgotten).await {
                tell("changes", forgotten);
            }
        }
    })
}

/// Removes operations that ended long ago with their files, and ends those that nobody goes on with.
pub(super) fn tidy_operations(operations: Operations, stop: CancellationToken) -> JoinHandle<()> {
    every(Duration::from_hours(1), stop, move || {
        let operations = operations.clone();
        async move {
            tell("operations", operation::tidy(&operations).await);
        }
    })
}

fn tell(what: &'static str, removed: Result<u64>) {
    match removed {
        Ok(removed) => tracing::debug!(removed, what, "what had ended was removed"),
        Err(error) => tracing::warn!(%error, what, "what has ended could not be removed"),
    }
}

/// Meets what is due, once a minute.
pub(super) fn meet_deadlines(store: Store, stop: CancellationToken) -> JoinHandle<()> {
    every(Duration::from_mins(1), stop, move || {
        let store = store.clone();
        async move {
            match deadline::run_due(&store).await {
                Ok(ran) => tracing::debug!(done = ran.done, next = ?ran.next, "deadlines were met"),
                Err(error) => {
                    tracing::error!(%error, "not all that is due was done; it will be tried again in a minute");
                }
            }
        }
    })
}

/// Finds what is likely the same among what is new, once a minute.
pub(super) fn find_duplicates(
    store: Store,
    index: SearchIndex,
    stop: CancellationToken,
) -> JoinHandle<()> {
    every(Duration::from_mins(1), stop.clone(), move || {
        let (store, index, stop) = (store.clone(), index.clone(), stop.clone());
        async move {
            let compared = review::find_duplicates(&store, &index);
            // The index does not move any more once the server is told to stop.
            match stop.run_until_cancelled(compared).await {
                Some(Ok(compared)) => tracing::debug!(compared, "new resources were compared"),
                Some(Err(error)) => {
                    tracing::warn!(%error, "new resources could not be compared; it will be tried again in a minute");
                }
                None => {}
            }
        }
    })
}

/// Writes how often communities were searched, once a minute and when the server is told to stop.
pub(super) fn write_search_counts(
    store: Store,
    index: SearchIndex,
    stop: CancellationToken,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let work = {
            let (store, index) = (store.clone(), index.clone());
            move || {
                let (store, index) = (store.clone(), index.clone());
                async move { write_counts(&store, &index).await }
            }
        };
        if let Err(error) = every(Duration::from_mins(1), stop, work).await {
            tracing::error!(%error, "searches are no longer counted");
        }
        write_counts(&store, &index).await;
    })
}

async fn write_counts(store: &Store, index: &SearchIndex) {
    match search::write_counts(store, index).await {
        Ok(written) => tracing::debug!(written, "searches were counted"),
        Err(error) => {
            tracing::warn!(%error, "how often communities were searched could not be written");
        }
    }
}

/// Takes up what `repertoire keys rotate` made, within seconds.
pub(super) fn reload_keys(auth: Auth, stop: CancellationToken) -> JoinHandle<()> {
    every(Duration::from_secs(5), stop, move || {
        let keys = auth.keys().clone();
        async move {
            match tokio::task::spawn_blocking(move || keys.reload()).await {
                Ok(Ok(false)) => {}
                Ok(Ok(true)) => tracing::info!("the signing keys were rotated"),
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the signing keys were not read again; those known stay in use");
                }
                Err(error) => tracing::error!(%error, "reading the signing keys ended early"),
            }
        }
    })
}

#[expect(clippy::cast_precision_loss, reason = "figures are for graphs")]
fn figure(count: u64) -> f64 {
    count as f64
}

fn every<W: Future<Output = ()> + Send>(
    period: Duration,
    stop: CancellationToken,
    mut work: impl FnMut() -> W + Send + 'static,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            work().await;
        }
    })
}

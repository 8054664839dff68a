//! Working on what is queued: some operations at the same time in each process, of each person one, so that nobody's long
//! import holds up what others wait for.

mod claim;
mod export;
mod import;
mod under_way;

use std::time::Duration;

use chrono::TimeDelta;
use entity::operation::{OperationKind, OperationState};
use sea_orm::DatabaseBackend;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::import::LineError;
use super::line::said;
use super::step::{End, Lease};
use super::{Operation, Operations};
use crate::error::{Error, Result};
use crate::store::Store;

pub(super) use import::open;
pub(super) use under_way::UnderWay;

use claim::claim;
use export::write_export;
use import::import;

/// How long nothing is looked for where nobody said that there is something: what others queued, and what was left.
const PAUSE: Duration = Duration::from_secs(5);
/// How long an operation waits after the database or the disk failed it.
const AFTER_FAILURE: TimeDelta = TimeDelta::seconds(10);

/// Most operations that a process works on at the same time.
const AT_ONCE: usize = 3;

/// Works on what is queued until it is told to stop; what is under way then is left where its last chunk ended.
#[must_use]
pub fn run_queued(operations: Operations, stop: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut under_way = UnderWay::new(places(operations.store()));
        while !stop.is_cancelled() {
            match under_way.take_up(&operations, &stop).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, "operations cannot be worked on");
                }
            }
            let has_room = under_way.has_room();
            tokio::select! {
                () = stop.cancelled() => {}
                Some(ended) = under_way.running.join_next_with_id() => under_way.note(ended),
                () = operations.inner.wake.notified(), if has_room => {}
                () = tokio::time::sleep(PAUSE), if has_room => {}
            }
        }
        under_way.end().await;
    })
}

/// How many operations are worked on at the same time. An export holds a connection until it is written, and half of them
/// are left to those who wait for an answer.
fn places(store: &Store) -> usize {
    let reader = store.reader();
    let connections = if store.backend() == DatabaseBackend::Postgres {
        let pool = reader.get_postgres_connection_pool();
        pool.options().get_max_connections()
    } else {
        let pool = reader.get_sqlite_connection_pool();
        pool.options().get_max_connections()
    };
    usize::try_from(connections / 2).map_or(AT_ONCE, |half| half.clamp(1, AT_ONCE))
}

/// Works on one operation; false where there is none to do.
pub async fn run_next(operations: &Operations, stop: &CancellationToken) -> Result<bool> {
    let Some(row) = claim(operations, &[]).await? else {
        return Ok(false);
    };
    work(operations, &row, stop).await?;
    Ok(true)
}

/// Works on an operation that this process has taken, to its end or until it is told to stop.
async fn work(operations: &Operations, row: &Operation, stop: &CancellationToken) -> Result<()> {
    let lease = Lease {
        operation: row.id,
        process: operations.process(),
    };
    tracing::info!(operation = %row.id, kind = row.kind.as_str(), "an operation is worked on");
    let outcome = match row.kind {
        OperationKind::Import => import(operations, row, lease, stop).await,
        OperationKind::Export => write_export(operations, row, lease, stop).await,
    };
    let failed = match outcome {
        Ok(()) => {
            if stop.is_cancelled() {
                lease
                    .give_back(operations.store(), TimeDelta::zero())
                    .await?;
            }
            return Ok(());
        }
        Err(Error::Unavailable(reason)) => {
            tracing::warn!(operation = %row.id, reason, "an operation waits");
            lease.give_back(operations.store(), AFTER_FAILURE).await?;
            return Ok(());
        }
        Err(error @ Error::Refused(_)) => said(&error),
        Err(Error::Unauthenticated) => {
            "The account or the token that began this can no longer be used.".to_owned()
        }
        Err(error) => {
            tracing::error!(operation = %row.id, %error, "an operation failed");
            "The server could not do this because of a fault of its own; its log says more under the id of the operation."
                .to_owned()
        }
    };
    fail(operations, row, lease, failed).await
}

async fn fail(
    operations: &Operations,
    row: &Operation,
    lease: Lease,
    message: String,
) -> Result<()> {
    let end = End {
        state: OperationState::Failed,
        done: None,
        result: None,
        errors: vec![LineError {
            line: None,
            message,
        }],
    };
    lease.finish(operations.store(), end).await?;
    forget_file(operations, row).await;
    Ok(())
}

async fn forget_file(operations: &Operations, row: &Operation) {
    if let (OperationKind::Import, Some(file)) = (row.kind, &row.file) {
        operations.files().discard(file).await;
    }
}

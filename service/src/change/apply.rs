//! Handing to the engine what was read from the log.

use ::search::Change;
use tokio::task::JoinError;
use uuid::Uuid;

use super::halving::Halving;
use super::read::{self, BATCH, Loaded, Step};
use crate::error::{Error, Result};
use crate::search::document::Source;
use crate::search::{FailedDocument, SearchIndex};
use crate::store::Store;

/// Brings the index to the end of the change log. One at a time: the follower does it in a server.
pub async fn catch_up(store: &Store, index: &SearchIndex) -> Result<()> {
    let mut next = read::next(store, index.position()).await?;
    while let Some(step) = next {
        let (position, full) = (step.position, step.full);
        // The next step is read while this one is applied.
        let reading = async {
            if full {
                read::next(store, position).await
            } else {
                Ok(None)
            }
        };
        let (applied, read) = tokio::join!(apply(store, index, step), reading);
        applied?;
        next = read?;
    }
    Ok(())
}

/// What became of changes that were handed to the engine.
pub(super) enum Outcome {
    Written,
    /// One of the documents is at fault, for this reason.
    Refused(String),
}

impl Outcome {
    /// What the engine answered. An error means that the changes can be handed to it later just as they are: for want
    /// of space, for example.
    pub(super) fn of(answer: ::search::Result<()>) -> ::search::Result<Self> {
        match answer {
            Ok(()) => Ok(Self::Written),
            Err(error) if error.is_of_document() => Ok(Self::Refused(error.to_string())),
            Err(error) => Err(error),
        }
    }

    /// For changes without a document.
    pub(super) fn written(self) -> Result<()> {
        match self {
            Self::Written => Ok(()),
            Self::Refused(reason) => Err(Error::Internal(reason)),
        }
    }
}

async fn apply(store: &Store, index: &SearchIndex, step: Step) -> Result<()> {
    if step.domains_changed {
        index.forget_synonyms();
    }
    let before = index.position();
    for reach in step.reaches {
        for (source, ids) in reach.ids(store).await? {
            for ids in ids.chunks(BATCH) {
                put(store, index, source, ids.to_vec(), before).await?;
            }
        }
    }
    let Loaded { changes, failed } = step.loaded;
    let mended = mended(index, &changes, &failed);
    // Before the position moves on, so that no end of this process makes anybody forget them.
    index.record_failures(failed).await?;
    match commit(index, changes, step.position).await? {
        Outcome::Written => index.clear_failures(mended).await,
        Outcome::Refused(reason) => {
            warn_of_parts(&reason);
            for (source, ids) in step.touched {
                put(store, index, source, ids, before).await?;
            }
            commit(index, Vec::new(), step.position).await?.written()
        }
    }
}

/// Says in the log that things were refused together, and will be written in parts.
pub(super) fn warn_of_parts(reason: &str) {
    tracing::warn!(
        reason,
        "a batch could not be indexed as a whole; it is tried in parts"
    );
}

/// Loads and indexes these without moving the position. What the engine refuses is found by halving, and the rest goes
/// on.
async fn put(
    store: &Store,
    index: &SearchIndex,
    source: Source,
    ids: Vec<Uuid>,
    position: i64,
) -> Result<()> {
    let mut halving = Halving::of(ids);
    while let Some(ids) = halving.pop() {
        let Loaded { changes, failed } = read::load(store, source, ids.clone()).await?;
        let mended = mended(index, &changes, &failed);
        index.record_failures(failed).await?;
        match commit(index, changes, position).await? {
            Outcome::Written => index.clear_failures(mended).await?,
            Outcome::Refused(reason) => {
                if let Some(id) = halving.halve(ids) {
                    let left_out = vec![Change::Delete(id)];
                    // When this is refused too, the thing is not at fault.
                    commit(index, left_out, position).await?.written()?;
                    let failed = vec![FailedDocument { id, reason }];
                    index.record_failures(failed).await?;
                }
            }
        }
    }
    Ok(())
}

/// What failed before and is mended by these changes.
fn mended(index: &SearchIndex, changes: &[Change], failed: &[FailedDocument]) -> Vec<Uuid> {
    if index.failed_count() == 0 {
        return Vec::new();
    }
    let ids = changes.iter().map(|change| match change {
        Change::Put(document) => document.id,
        Change::Delete(id) | Change::DeleteCommunity(id) => *id,
    });
    let fails = |id: &Uuid| failed.iter().any(|failed| failed.id == *id);
    ids.filter(|id| !fails(id)).collect()
}

/// Applies changes on a thread where that may take its time, and tells of the position. An error is as of
/// [`Outcome::of`].
async fn commit(index: &SearchIndex, changes: Vec<Change>, position: i64) -> Result<Outcome> {
    let position = u64::try_from(position).map_err(Error::internal)?;
    let engine = index.engine().clone();
    let applied = tokio::task::spawn_blocking(move || engine.apply(changes, position))
        .await
        .map_err(|error| ended_early(&error))?;
    match Outcome::of(applied) {
        Ok(Outcome::Written) => {
            index.doubts().write_succeeded();
            index.announce();
            Ok(Outcome::Written)
        }
        Ok(refused) => Ok(refused),
        Err(error) => {
            if !error.is_lack_of_space() {
                index.doubts().write_failed();
            }
            Err(Error::internal(error))
        }
    }
}

/// Runs what blocks off the runtime's threads; a panic is an error like any other.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> ::search::Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| ended_early(&error))?
        .map_err(Error::internal)
}

fn ended_early(error: &JoinError) -> Error {
    Error::internal(format!("the search engine ended early: {error}"))
}

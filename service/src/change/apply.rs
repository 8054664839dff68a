//! Handing to the engine what was read from the log.

use ::search::Change;
use uuid::Uuid;

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
    let indexed = put_ids(index, &changes);
    match commit(index, changes, step.position).await {
        Ok(()) => {
            index.clear_failures(indexed);
            index.record_failures(failed);
            Ok(())
        }
        Err(error) => {
            tracing::warn!(
                %error,
                "a batch could not be indexed as a whole; it is tried in parts"
            );
            for (source, ids) in step.touched {
                put(store, index, source, ids, before).await?;
            }
            commit(index, Vec::new(), step.position).await
        }
    }
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
    let mut pending = vec![ids];
    while let Some(mut ids) = pending.pop() {
        let Loaded { changes, failed } = read::load(store, source, ids.clone()).await?;
        let indexed = put_ids(index, &changes);
        match commit(index, changes, position).await {
            Ok(()) => {
                index.clear_failures(indexed);
                index.record_failures(failed);
            }
            Err(error) => {
                if let &[id] = ids.as_slice() {
                    // When this fails too, the thing is not at fault.
                    commit(index, vec![Change::Delete(id)], position).await?;
                    let reason = error.to_string();
                    index.record_failures(vec![FailedDocument { id, reason }]);
                } else {
                    let half = ids.split_off(ids.len() / 2);
                    pending.extend([half, ids]);
                }
            }
        }
    }
    Ok(())
}

/// What is put, if anything failed before and may be mended now.
fn put_ids(index: &SearchIndex, changes: &[Change]) -> Vec<Uuid> {
    if index.failed_count() == 0 {
        return Vec::new();
    }
    changes
        .iter()
        .map(|change| match change {
            Change::Put(document) => document.id,
            Change::Delete(id) | Change::DeleteCommunity(id) => *id,
        })
        .collect()
}

/// Applies changes on a thread where that may take its time, and tells of the position.
async fn commit(index: &SearchIndex, changes: Vec<Change>, position: i64) -> Result<()> {
    let position = u64::try_from(position).map_err(Error::internal)?;
    let engine = index.engine().clone();
    blocking(move || engine.apply(changes, position)).await?;
    index.announce();
    Ok(())
}

/// Runs what blocks off the runtime's threads; a panic is an error like any other.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> ::search::Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::internal(format!("the search engine ended early: {error}")))?
        .map_err(Error::internal)
}

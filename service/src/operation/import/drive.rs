//! Going through a file from where it was left, chunk by chunk.

use std::sync::Arc;

use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Chunk, Entry, Job, Reader, Tally, process};
use crate::error::{Error, Result};
use crate::operation::Operation;
use crate::operation::rights;
use crate::operation::step::{Lease, MOST_ERRORS, write_errors};
use crate::operation::watch::{Progress, Told};
use crate::store::Store;
use crate::viewer::Viewer;

/// For whom a file is gone through.
pub(in crate::operation) enum For<'a> {
    /// The owner of a row, which is written with each chunk.
    Row {
        row: &'a Operation,
        lease: Lease,
        stop: CancellationToken,
    },
    /// Somebody who waits for it.
    Caller { viewer: Viewer, told: Told<'a> },
}

/// Goes through the rest of a file. None where it was ended from outside.
pub(in crate::operation) async fn drive(
    store: &Store,
    mut reader: Reader,
    job: Arc<Job>,
    of: &For<'_>,
    mut kept: u64,
) -> Result<Option<Tally>> {
    let mut all = Tally::default();
    // Up to here each line is written by itself: one of them cannot be written.
    let mut one_by_one = 0;
    loop {
        let Some(viewer) = of.viewer(store).await? else {
            return Ok(None);
        };
        let mark = reader.mark();
        let most = if mark.offset < one_by_one {
            1
        } else {
            usize::MAX
        };
        let (back, chunk) = blocking(reader, move |reader| reader.chunk(most)).await?;
        reader = back;
        let Some(chunk) = chunk else {
            return Ok(Some(all));
        };
        let (lines, read_to) = (chunk.lines, chunk.read_to);
        let room = MOST_ERRORS.saturating_sub(kept);
        let tally = match of.write(store, &viewer, &job, chunk, room).await {
            Err(Error::Internal(reason)) if lines > 1 => {
                tracing::warn!(
                    reason,
                    line = mark.line,
                    lines,
                    "a chunk could not be imported; its lines are tried one by one"
                );
                one_by_one = read_to;
                (reader, ()) = blocking(reader, move |reader| reader.go_to(mark)).await?;
                continue;
            }
            Err(Error::Internal(reason)) => {
                tracing::error!(reason, line = mark.line, "a line could not be imported");
                let message = "The server could not import this line because of a fault of its own; its log says more.";
                let refused = Chunk {
                    entries: vec![Entry {
                        line: mark.line,
                        fields: Err(message.into()),
                    }],
                    lines,
                    read_to,
                };
                of.write(store, &viewer, &job, refused, room).await?
            }
            other => other?,
        };
        let Some(mut tally) = tally else {
            return Ok(None);
        };
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        tally.errors.truncate(room);
        kept += tally.errors.len() as u64;
        all.add(tally);
        if let For::Caller { told, .. } = of {
            told(Progress {
                done: all.done as u64,
                total: Some(job.scan.total as u64),
            });
        } else {
            // The row has them.
            all.errors.clear();
        }
    }
}

/// Has a reader do something on a thread that may wait for the disk.
async fn blocking<T: Send + 'static>(
    mut reader: Reader,
    work: impl FnOnce(&mut Reader) -> std::io::Result<T> + Send + 'static,
) -> Result<(Reader, T)> {
    let (reader, outcome) = tokio::task::spawn_blocking(move || {
        let outcome = work(&mut reader);
        (reader, outcome)
    })
    .await
    .map_err(Error::internal)?;
    let outcome = outcome.map_err(|error| {
        Error::internal(format!("the file of an import cannot be read: {error}"))
    })?;
    Ok((reader, outcome))
}

impl For<'_> {
    fn operation(&self) -> Option<Uuid> {
        match self {
            Self::Row { lease, .. } => Some(lease.operation),
            Self::Caller { .. } => None,
        }
    }

    /// Who imports, as they are now; none where this is to end.
    async fn viewer(&self, store: &Store) -> Result<Option<Viewer>> {
        match self {
            Self::Caller { viewer, .. } => Ok(Some(viewer.clone())),
            Self::Row { stop, .. } if stop.is_cancelled() => Ok(None),
            Self::Row { row, .. } => rights::owner(store, row)
                .await?
                .ok_or(Error::Unauthenticated)
                .map(Some),
        }
    }

    /// Writes a chunk, and with it how far the operation is; none where it is no longer this process's.
    async fn write(
        &self,
        store: &Store,
        viewer: &Viewer,
        job: &Arc<Job>,
        chunk: Chunk,
        room: u64,
    ) -> Result<Option<Tally>> {
        let lease = match self {
            Self::Row { lease, .. } => Some(*lease),
            Self::Caller { .. } => None,
        };
        let (viewer, job, operation) = (viewer.clone(), Arc::clone(job), self.operation());
        // What is brought back was done by others, at other times.
        let actor = viewer.user_id().filter(|_| !job.restore);
        let read_to = chunk.read_to;
        let written = store
            .write(actor, move |unit| {
                async move {
                    if let Some(lease) = lease
                        && !lease.renew(unit).await?
                    {
                        return Ok(None);
                    }
                    let tally = process(unit, &viewer, &job, chunk).await?;
                    if let Some(lease) = lease {
                        lease.settle(unit, &tally, read_to).await?;
                    }
                    if let Some(operation) = operation {
                        let room = usize::try_from(room).unwrap_or(usize::MAX);
                        let errors = tally.errors.iter().take(room).cloned();
                        write_errors(unit, operation, errors.collect()).await?;
                    }
                    Ok(Some(tally))
                }
                .boxed()
            })
            .await?;
        Ok(written.value)
    }
}

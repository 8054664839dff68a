//! The search index of this process: opened once, searched by many, written by the follower alone.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::search::{Index, Inspection, RebuildReason, Settings, Statistics};
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

use super::counts::SearchCounts;
use super::doubts::Doubts;
use super::left_out::LeftOut;
use super::synonyms::SynonymCache;
use crate::error::{Error, Result};

/// Searches that run at once on each processor; more wait their turn.
const SEARCHES_PER_PROCESSOR: usize = 2;

/// The index with its position, its failures and its threads. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SearchIndex {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    engine: Index,
    needs_rebuild: Mutex<Option<RebuildReason>>,
    position: watch::Sender<i64>,
    progress: watch::Sender<Option<Progress>>,
    /// The newest position that somebody waited for.
    awaited: AtomicI64,
    left_out: LeftOut,
    doubts: Doubts,
    slots: Arc<Semaphore>,
    synonyms: SynonymCache,
    counts: SearchCounts,
}

/// How far a rebuild of the index is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Documents read from the database.
    pub done: u64,
    /// Documents in all, as counted at the start.
    pub total: u64,
}

/// A thing that could not be indexed. It is not found until it is changed again or the index is rebuilt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedDocument {
    /// The item, community or domain.
    pub id: Uuid,
    /// What went wrong, for the operator.
    pub reason: String,
}

/// A panicking thread leaves nothing half done behind these locks.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn from_engine(checkpoint: u64) -> i64 {
    i64::try_from(checkpoint).unwrap_or(i64::MAX)
}

impl SearchIndex {
    /// Opens the index in a directory, which is made when it is missing. An index that is missing, damaged or made by
    /// another version answers nothing until the follower has rebuilt it.
    pub async fn open(
        directory: impl Into<PathBuf>,
        settings: Settings,
    ) -> Result<Self, ::search::Error> {
        let directory = directory.into();
        let path = directory.clone();
        let opening = tokio::task::spawn_blocking(move || {
            let opened = Index::open_or_create(&directory, &settings)?;
            Ok::<_, ::search::Error>((opened, LeftOut::read(&directory)))
        });
        let (opened, left_out) = opening.await.map_err(|error| ::search::Error::Storage {
            path,
            source: std::io::Error::other(error),
        })??;
        Ok(Self::of(opened.index, opened.needs_rebuild, left_out))
    }

    /// An empty index in memory, which the follower fills from the change log.
    pub fn in_memory() -> Result<Self, ::search::Error> {
        let engine = Index::in_memory(&Settings::default())?;
        Ok(Self::of(engine, None, LeftOut::default()))
    }

    fn of(engine: Index, needs_rebuild: Option<RebuildReason>, left_out: LeftOut) -> Self {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        let (position, _) = watch::channel(from_engine(engine.checkpoint()));
        Self {
            shared: Arc::new(Shared {
                engine,
                needs_rebuild: Mutex::new(needs_rebuild),
                position,
                progress: watch::Sender::new(None),
                awaited: AtomicI64::new(0),
                left_out,
                doubts: Doubts::default(),
                slots: Arc::new(Semaphore::new(processors * SEARCHES_PER_PROCESSOR)),
                synonyms: SynonymCache::default(),
                counts: SearchCounts::default(),
            }),
        }
    }

    /// Looks at an index's directory without changing it and while another process uses it. With `verify` every file
    /// is read and compared with its checksum.
    pub async fn inspect(directory: &Path, settings: Settings, verify: bool) -> Result<Inspection> {
        let directory = directory.to_path_buf();
        tokio::task::spawn_blocking(move || Index::inspect(&directory, &settings, verify))
            .await
            .map_err(Error::internal)?
            .map_err(Error::internal)
    }

    /// The position of the change log that new searches reflect; 0 while the index must be rebuilt.
    #[must_use]
    pub fn position(&self) -> i64 {
        if lock(&self.shared.needs_rebuild).is_some() {
            return 0;
        }
        from_engine(self.shared.engine.checkpoint())
    }

    /// Tells of the position whenever the index was written. A rebuild may set it back a little.
    #[must_use]
    pub fn watch_position(&self) -> watch::Receiver<i64> {
        self.shared.position.subscribe()
    }

    /// Waits until the index has reached a position; false when it has not within the time. Searches that begin
    /// afterwards reflect it.
    #[crate::boxed]
    pub async fn wait_for(&self, position: i64, timeout: Duration) -> bool {
        self.shared.awaited.fetch_max(position, Ordering::SeqCst);
        let mut positions = self.shared.position.subscribe();
        tokio::time::timeout(timeout, positions.wait_for(|reached| *reached >= position))
            .await
            .is_ok_and(|reached| reached.is_ok())
    }

    /// Figures for monitoring.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.shared.engine.statistics()
    }

    /// How far the rebuild under way is; none when there is none.
    #[must_use]
    pub fn rebuilding(&self) -> Option<Progress> {
        *self.shared.progress.borrow()
    }

    /// Why the index answers nothing until it is rebuilt; none when it can be used.
    #[must_use]
    pub fn needs_rebuild(&self) -> Option<RebuildReason> {
        lock(&self.shared.needs_rebuild).clone()
    }

    /// What who searches is told while the index answers nothing; none when it can be used.
    pub(super) fn building(&self) -> Option<Error> {
        self.needs_rebuild()?;
        let done = self.rebuilding().map_or_else(String::new, |progress| {
            format!(" ({} of {} documents)", progress.done, progress.total)
        });
        Some(Error::Unavailable(format!(
            "The search index is being built{done}; try again shortly."
        )))
    }

    /// How many things could not be indexed, and were not since.
    #[must_use]
    pub fn failed_count(&self) -> usize {
        self.shared.left_out.count()
    }

    /// The things that could not be indexed, in no order.
    #[must_use]
    pub fn failed_documents(&self) -> Vec<FailedDocument> {
        self.shared.left_out.list()
    }

    /// Gives the directory free after a write under way, whoever still holds a clone of this. Call it when the follower
    /// has ended.
    #[crate::boxed]
    pub async fn close(&self) {
        let engine = self.shared.engine.clone();
        if let Err(error) = tokio::task::spawn_blocking(move || engine.close()).await {
            tracing::error!(%error, "the search index could not be closed");
        }
    }

    pub(crate) fn engine(&self) -> &Index {
        &self.shared.engine
    }

    /// The newest position that somebody waited for, and that their search must reflect.
    pub(super) fn awaited(&self) -> u64 {
        u64::try_from(self.shared.awaited.load(Ordering::SeqCst)).unwrap_or(0)
    }

    pub(crate) fn doubts(&self) -> &Doubts {
        &self.shared.doubts
    }

    pub(super) fn synonym_cache(&self) -> &SynonymCache {
        &self.shared.synonyms
    }

    pub(super) fn counts(&self) -> &SearchCounts {
        &self.shared.counts
    }

    /// Forgets the synonyms: a domain was changed.
    pub(crate) fn forget_synonyms(&self) {
        self.shared.synonyms.forget();
    }

    /// Tells those who wait of the position that the engine has reached.
    pub(crate) fn announce(&self) {
        self.shared.position.send_replace(self.position());
    }

    pub(crate) fn watch_progress(&self) -> watch::Receiver<Option<Progress>> {
        self.shared.progress.subscribe()
    }

    pub(crate) fn set_progress(&self, progress: Option<Progress>) {
        self.shared.progress.send_replace(progress);
    }

    pub(crate) fn set_needs_rebuild(&self, reason: Option<RebuildReason>) {
        *lock(&self.shared.needs_rebuild) = reason;
    }

    /// Remembers what could not be indexed, also when this process has ended.
    pub(crate) async fn record_failures(&self, failures: Vec<FailedDocument>) -> Result<()> {
        self.shared.left_out.add(failures).await
    }

    /// Forgets the failures of what is indexed now.
    pub(crate) async fn clear_failures(&self, indexed: Vec<Uuid>) -> Result<()> {
        self.shared.left_out.remove(indexed).await
    }

    /// Forgets all failures but these: every document was made anew.
    pub(crate) async fn replace_failures(&self, failures: Vec<FailedDocument>) -> Result<()> {
        self.shared.left_out.replace(failures).await
    }

    /// Asks the engine something on a thread where that may take its time; so many ask at once, the others wait.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce() -> ::search::Result<T> + Send + 'static,
    ) -> Result<T> {
        let slots = Arc::clone(&self.shared.slots);
        let slot = slots.acquire_owned().await.map_err(Error::internal)?;
        let asking = tokio::task::spawn_blocking(move || {
            let answer = question();
            drop(slot);
            answer
        });
        match asking.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                if !matches!(error, ::search::Error::BadCursor) {
                    self.shared.doubts.search_failed();
                }
                Err(refusal(error))
            }
            Err(error) => {
                if error.is_panic() {
                    self.shared.doubts.search_failed();
                }
                Err(Error::internal(format!("a search ended early: {error}")))
            }
        }
    }
}

/// What the engine's refusal means to the caller.
pub(super) fn refusal(error: ::search::Error) -> Error {
    match error {
        ::search::Error::BadCursor => Error::BadArgument {
            argument: "after",
            message: error.to_string(),
        },
        other => Error::internal(other),
    }
}

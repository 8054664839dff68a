//! The one task of a process that writes its search index.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::apply::catch_up;
use super::installation;
use super::rebuild::{self, Built};
use super::reindex::{self, Request};
use crate::error::{Error, Result};
use crate::search::SearchIndex;
use crate::store::Store;

/// How often the follower looks for the writes and the requests of other processes.
const POLL: Duration = Duration::from_secs(1);
/// Commits of the index are at least so far apart, so that many small writes share one.
const BETWEEN_COMMITS: Duration = Duration::from_millis(20);
/// How long it waits after an error, twice as long after each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest that it waits.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Starts the task that keeps the index equal to the database until it is told to stop. It rebuilds an index that must
/// be, serves requests of `repertoire reindex`, and goes on after errors, which it logs. Start one a process.
#[must_use = "wait for the task after it was told to stop, so that what it writes is whole"]
pub fn follow(store: Store, index: SearchIndex, stop: CancellationToken) -> JoinHandle<()> {
    let mut poll = tokio::time::interval(POLL);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let follower = Follower {
        positions: store.watch_position(),
        store,
        index,
        checked: false,
        last_commit: Instant::now(),
        rebuild: None,
        request: None,
        poll,
    };
    tokio::spawn(follower.run(stop))
}

struct Follower {
    store: Store,
    index: SearchIndex,
    positions: watch::Receiver<i64>,
    /// Whether the index is known to be of this database.
    checked: bool,
    last_commit: Instant,
    rebuild: Option<JoinHandle<Result<Built>>>,
    /// The request that the rebuild answers.
    request: Option<Request>,
    poll: Interval,
}

impl Follower {
    async fn run(mut self, stop: CancellationToken) {
        let mut pause = FIRST_PAUSE;
        while !stop.is_cancelled() {
            let turn = tokio::select! {
                () = stop.cancelled() => break,
                turn = self.turn() => turn,
            };
            match turn {
                Ok(()) => pause = FIRST_PAUSE,
                Err(error) => {
                    tracing::error!(%error, position = self.index.position(), "the search index cannot follow the change log; it will be tried again");
                    tokio::select! {
                        () = stop.cancelled() => break,
                        () = tokio::time::sleep(pause) => {}
                    }
                    pause = LONGEST_PAUSE.min(pause * 2);
                }
            }
        }
        if let Some(rebuild) = self.rebuild {
            rebuild.abort();
        }
    }

    /// Does what is to be done now, and waits until there is more.
    async fn turn(&mut self) -> Result<()> {
        if !self.checked {
            self.check().await?;
        }
        let waits_for_rebuild = self.index.needs_rebuild().is_some();
        if waits_for_rebuild {
            if self.rebuild.is_none() {
                self.start_rebuild();
            }
        } else {
            self.catch_up().await?;
        }
        tokio::select! {
            changed = self.positions.changed(), if !waits_for_rebuild => {
                changed.map_err(|_| Error::internal("the store is closed"))
            }
            built = finished(&mut self.rebuild) => self.finish_rebuild(built).await,
            _ = self.poll.tick() => self.look_around().await,
        }
    }

    async fn check(&mut self) -> Result<()> {
        if self.index.needs_rebuild().is_none()
            && let Some(reason) = installation::mismatch(&self.store, &self.index).await?
        {
            rebuild::empty(&self.index, reason).await?;
        }
        self.checked = true;
        Ok(())
    }

    async fn catch_up(&mut self) -> Result<()> {
        let known = *self.positions.borrow_and_update();
        if known > self.index.position() {
            if let Some(reason) = installation::outdated(&self.store, &self.index).await? {
                return rebuild::empty(&self.index, reason).await;
            }
            tokio::time::sleep_until(self.last_commit + BETWEEN_COMMITS).await;
        }
        let before = self.index.position();
        catch_up(&self.store, &self.index).await?;
        if self.index.position() != before {
            self.last_commit = Instant::now();
        }
        Ok(())
    }

    fn start_rebuild(&mut self) {
        let reason = self.index.needs_rebuild();
        tracing::info!(?reason, "the search index is rebuilt");
        let (store, index) = (self.store.clone(), self.index.clone());
        self.rebuild = Some(tokio::spawn(rebuild::build(store, index)));
    }

    async fn finish_rebuild(&mut self, built: Result<Built>) -> Result<()> {
        let request = self.request.take();
        let finished = match built {
            Ok(built) => rebuild::finish(&self.store, &self.index, built).await,
            Err(error) => Err(error),
        };
        if finished.is_ok() {
            tracing::info!(
                documents = self.index.statistics().documents,
                position = self.index.position(),
                "the search index is rebuilt"
            );
        }
        if let Some(request) = request {
            reindex::answer(&self.store, request, &finished).await?;
        }
        finished
    }

    /// Looks for the writes of other processes and for requests to rebuild.
    async fn look_around(&mut self) -> Result<()> {
        self.store.refresh_position().await?;
        if let Some(request) = &self.request {
            if let Some(progress) = self.index.rebuilding() {
                reindex::report(&self.store, request.clone(), progress).await?;
            }
        } else if let Some(request) = reindex::requested(&self.store, &self.index).await? {
            self.request = Some(request);
            if self.rebuild.is_none() {
                self.start_rebuild();
            }
        }
        Ok(())
    }
}

/// Waits for the rebuild, for ever where there is none.
async fn finished(rebuild: &mut Option<JoinHandle<Result<Built>>>) -> Result<Built> {
    let Some(task) = rebuild else {
        return std::future::pending().await;
    };
    let built = task.await;
    *rebuild = None;
    built.map_err(|error| Error::internal(format!("the rebuild ended early: {error}")))?
}

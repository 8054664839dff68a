//! The one task of a process that writes its search index.

use std::time::Duration;

use ::search::RebuildReason;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::apply::catch_up;
use super::installation;
use super::rebuild::{self, Built, Losses};
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
/// So long nothing is written at first, until the files that are there are known to be whole: the engine ends the process
/// when it comes upon some kinds of damage while it writes. Those of a small index are looked through by then.
const FIRST_LOOK: Duration = Duration::from_secs(2);

/// Starts the task that keeps the index equal to the database until it is told to stop. It rebuilds an index that must
/// be, looks for damage of its files when it begins and when writes or searches fail, serves requests of `repertoire
/// reindex`, and goes on after errors, which it logs. Start one a process.
#[must_use = "wait for the task after it was told to stop, so that what it writes is whole"]
pub fn follow(store: Store, index: SearchIndex, stop: CancellationToken) -> JoinHandle<()> {
    let mut poll = tokio::time::interval(POLL);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let follower = Follower {
        positions: store.watch_position(),
        store,
        index,
        stop,
        checked: false,
        last_commit: Instant::now(),
        look: None,
        lost: false,
        rebuild: None,
        request: None,
        poll,
    };
    tokio::spawn(follower.run())
}

struct Follower {
    store: Store,
    index: SearchIndex,
    stop: CancellationToken,
    positions: watch::Receiver<i64>,
    /// Whether the index is known to be of this database.
    checked: bool,
    last_commit: Instant,
    look: Option<Look>,
    /// Whether files of the index are gone. What was read of them answers until they are made anew, and nothing can be
    /// written.
    lost: bool,
    rebuild: Option<JoinHandle<Result<Built>>>,
    /// The request that the rebuild answers.
    request: Option<Request>,
    poll: Interval,
}

/// A look through the files of the index, in the background.
struct Look {
    task: JoinHandle<Option<RebuildReason>>,
    stop: CancellationToken,
}

impl Look {
    /// Ends it with the file that it is at.
    async fn end(self) {
        self.stop.cancel();
        if let Err(error) = self.task.await {
            tracing::warn!(%error, "the files of the search index could not be looked through");
        }
    }
}

impl Follower {
    async fn run(mut self) {
        let stop = self.stop.clone();
        let mut pause = FIRST_PAUSE;
        while !stop.is_cancelled() {
            let turn = tokio::select! {
                () = stop.cancelled() => break,
                turn = self.turn() => turn,
            };
            match turn {
                // A rebuild that fails each time is not begun anew at once.
                Ok(()) if self.rebuild.is_some() => {}
                Ok(()) => pause = FIRST_PAUSE,
                Err(error) => {
                    tracing::error!(%error, position = self.index.position(), "the search index cannot follow the change log; it will be tried again");
                    self.look_if_due();
                    tokio::select! {
                        () = stop.cancelled() => break,
                        damage = looked(&mut self.look) => self.settle(damage),
                        () = tokio::time::sleep(pause) => {}
                    }
                    pause = LONGEST_PAUSE.min(pause * 2);
                }
            }
        }
        if let Some(rebuild) = self.rebuild {
            rebuild.abort();
        }
        if let Some(look) = self.look {
            look.end().await;
        }
    }

    /// Does what is to be done now, and waits until there is more.
    async fn turn(&mut self) -> Result<()> {
        if !self.checked {
            self.check().await?;
        }
        let waits_for_rebuild = self.lost || self.index.needs_rebuild().is_some();
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
            damage = looked(&mut self.look) => {
                self.settle(damage);
                Ok(())
            }
            _ = self.poll.tick() => self.look_around().await,
        }
    }

    async fn check(&mut self) -> Result<()> {
        if self.index.needs_rebuild().is_none() {
            if let Some(reason) = installation::mismatch(&self.store, &self.index).await? {
                rebuild::empty(&self.index, reason).await?;
            } else {
                self.look_through();
                let looking = tokio::time::timeout(FIRST_LOOK, looked(&mut self.look));
                if let Ok(damage) = looking.await {
                    self.settle(damage);
                }
            }
        }
        self.checked = true;
        Ok(())
    }

    /// Begins to look through the files of the index, unless that is done already.
    fn look_through(&mut self) {
        if self.look.is_some() {
            return;
        }
        let engine = self.index.engine().clone();
        let stop = self.stop.child_token();
        let stopped = stop.clone();
        let task = tokio::task::spawn_blocking(move || engine.verify(|| !stopped.is_cancelled()));
        self.look = Some(Look { task, stop });
    }

    fn look_if_due(&mut self) {
        if self.index.doubts().look_is_due() {
            self.look_through();
        }
    }

    /// Has the index made anew if its files are damaged or gone. Damaged ones answer nothing meanwhile: nobody knows what
    /// they would say to whom.
    fn settle(&mut self, damage: Option<RebuildReason>) {
        match damage {
            None => {}
            Some(RebuildReason::Missing) => {
                tracing::error!("files of the search index are gone; it is made anew");
                self.lost = true;
            }
            Some(reason) => {
                tracing::error!(?reason, "the search index is damaged; it is made anew");
                self.index.set_needs_rebuild(Some(reason));
            }
        }
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
        let losses = if self.lost {
            // What still answers of the old index cannot be written, nor read by the next process.
            Losses::Accept
        } else {
            let request = self.request.as_ref();
            request.map(Request::losses).unwrap_or_default()
        };
        let (store, index) = (self.store.clone(), self.index.clone());
        self.rebuild = Some(tokio::spawn(rebuild::build(store, index, losses)));
    }

    async fn finish_rebuild(&mut self, built: Result<Built>) -> Result<()> {
        let request = self.request.take();
        let finished = match built {
            Ok(built) => rebuild::finish(&self.store, &self.index, built).await,
            Err(error) => Err(error),
        };
        if finished.is_ok() {
            self.lost = false;
            // It is of the files that were there before.
            if let Some(look) = self.look.take() {
                look.end().await;
            }
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
        self.look_if_due();
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

/// Waits for what a look through the files finds, for ever where there is none.
async fn looked(look: &mut Option<Look>) -> Option<RebuildReason> {
    let Some(running) = look else {
        return std::future::pending().await;
    };
    let found = (&mut running.task).await;
    *look = None;
    found.unwrap_or_else(|error| {
        tracing::warn!(%error, "the files of the search index could not be looked through");
        None
    })
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

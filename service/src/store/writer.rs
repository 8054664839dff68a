//! Who writes: on SQLite one task that takes what waits into one commit, on PostgreSQL a task for each write.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, TryFutureExt};
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use super::attempt::{Attempt, Outcome, Shown};
use super::unit::{WriteUnit, Written};
use super::{Work, read_position};
use crate::clock::Clock;
use crate::error::{Error, Result};

/// How many waiting writes one commit takes at most.
const GROUP: usize = 64;
/// How many writes may wait before callers are told to come back.
const QUEUE: usize = 1_024;

type AnyWork = Box<dyn for<'a> FnOnce(&'a mut WriteUnit) -> BoxFuture<'a, Result<Done>> + Send>;

/// What the work of a write answered.
struct Done {
    value: Box<dyn Any + Send>,
    shown: Shown,
}

impl Done {
    /// What is shown is asked for only where it is kept.
    fn new<T: Outcome + Send + 'static>(value: T, is_kept: bool) -> Self {
        let mut shown = Shown::default();
        if is_kept {
            value.show(&mut shown);
        }
        Self {
            value: Box::new(value),
            shown,
        }
    }
}

struct Job {
    actor: Option<Uuid>,
    /// What the write belongs to, where a retry of it is to be known.
    attempt: Option<Arc<Attempt>>,
    work: AnyWork,
    answer: oneshot::Sender<Result<Written<Box<dyn Any + Send>>>>,
}

/// The writing side of the store.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    connection: DatabaseConnection,
    clock: Clock,
    newest: Arc<watch::Sender<i64>>,
    queue: Option<mpsc::Sender<Job>>,
}

/// Tells the watchers of a position, which never goes back.
pub(super) fn announce(newest: &watch::Sender<i64>, position: i64) {
    newest.send_if_modified(|known| {
        let grown = position > *known;
        *known = position.max(*known);
        grown
    });
}

impl Writer {
    /// One writer over one connection, for SQLite.
    pub(super) fn single(
        connection: DatabaseConnection,
        clock: Clock,
        newest: Arc<watch::Sender<i64>>,
    ) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(write_groups(
            connection.clone(),
            clock.clone(),
            Arc::clone(&newest),
            receiver,
        ));
        Self {
            connection,
            clock,
            newest,
            queue: Some(sender),
        }
    }

    /// Writes side by side over a pool, for PostgreSQL.
    pub(super) fn concurrent(
        connection: DatabaseConnection,
        clock: Clock,
        newest: Arc<watch::Sender<i64>>,
    ) -> Self {
        Self {
            connection,
            clock,
            newest,
            queue: None,
        }
    }

    pub(super) fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    pub(super) async fn run<T: Outcome + Send + 'static>(
        &self,
        actor: Option<Uuid>,
        work: Work<T>,
    ) -> Result<Written<T>> {
        let (answer, answered) = oneshot::channel();
        let attempt = Attempt::current();
        let is_kept = attempt.is_some();
        let work: AnyWork = Box::new(move |unit| {
            let done = work(unit).map_ok(move |value| Done::new(value, is_kept));
            done.boxed()
        });
        let job = Job {
            actor,
            attempt: attempt.clone(),
            work,
            answer,
        };
        if let Some(queue) = &self.queue {
            queue.send(job).await.map_err(|_| stopped())?;
        } else {
            let (connection, clock, newest) = (
                self.connection.clone(),
                self.clock.clone(),
                Arc::clone(&self.newest),
            );
            tokio::spawn(async move { write_one(&connection, &clock, &newest, job).await });
        }
        let written = answered.await.map_err(|_| stopped())??;
        if let Some(attempt) = attempt {
            attempt.written();
        }
        match written.value.downcast::<T>() {
            Ok(value) => Ok(Written {
                value: *value,
                position: written.position,
            }),
            Err(_) => Err(Error::internal("a write answered a value of another type")),
        }
    }
}

fn stopped() -> Error {
    Error::Unavailable("The server is shutting down; try again shortly.".into())
}

async fn write_groups(
    connection: DatabaseConnection,
    clock: Clock,
    newest: Arc<watch::Sender<i64>>,
    mut queue: mpsc::Receiver<Job>,
) {
    let mut group = Vec::with_capacity(GROUP);
    while queue.recv_many(&mut group, GROUP).await > 0 {
        if group.len() == 1 {
            if let Some(job) = group.pop() {
                write_one(&connection, &clock, &newest, job).await;
            }
        } else {
            write_group(&connection, &clock, &newest, std::mem::take(&mut group)).await;
        }
    }
}

async fn write_one(
    connection: &DatabaseConnection,
    clock: &Clock,
    newest: &watch::Sender<i64>,
    job: Job,
) {
    let outcome = async {
        let transaction = begin(connection).await?;
        let attempt = job.attempt.as_deref();
        let (value, transaction, position) =
            perform(transaction, clock, job.actor, attempt, job.work).await?;
        let position = match position {
            Some(position) => position,
            None => read_position(&transaction).await?,
        };
        transaction.commit().await?;
        announce(newest, position);
        Ok(Written { value, position })
    };
    // A caller that went away does not want the answer.
    let _ = job.answer.send(outcome.await);
}

/// Runs several writes, each inside a savepoint of its own, and commits them together: one sync of the disk for all.
async fn write_group(
    connection: &DatabaseConnection,
    clock: &Clock,
    newest: &watch::Sender<i64>,
    group: Vec<Job>,
) {
    let transaction = match begin(connection).await {
        Ok(transaction) => transaction,
        Err(error) => return refuse_all(group, &error),
    };
    let mut done = Vec::with_capacity(group.len());
    let mut newest_position = match read_position(&transaction).await {
        Ok(position) => position,
        Err(error) => return refuse_all(group, &error),
    };
    for job in group {
        let attempt = job.attempt.as_deref();
        let outcome = async {
            let savepoint = transaction.begin().await?;
            let (value, savepoint, position) =
                perform(savepoint, clock, job.actor, attempt, job.work).await?;
            savepoint.commit().await?;
            Ok((value, position))
        }
        .await;
        let written = outcome.map(|(value, position)| {
            newest_position = position.unwrap_or(newest_position);
            Written {
                value,
                position: newest_position,
            }
        });
        // A refusal too may rest on what another write of this group did, which nobody can read before the commit.
        done.push((job.answer, written));
    }
    match transaction.commit().await {
        Ok(()) => {
            announce(newest, newest_position);
            for (answer, written) in done {
                let _ = answer.send(written);
            }
        }
        Err(error) => {
            let text = error.to_string();
            tracing::error!(
                error = text,
                writes = done.len(),
                "a commit failed; none of its writes took place"
            );
            for (answer, _) in done {
                let _ = answer.send(Err(Error::from(sea_orm::DbErr::Custom(text.clone()))));
            }
        }
    }
}

fn refuse_all(group: Vec<Job>, error: &Error) {
    for job in group {
        let error = match error {
            Error::Unavailable(text) => Error::Unavailable(text.clone()),
            other => Error::internal(other),
        };
        let _ = job.answer.send(Err(error));
    }
}

async fn begin(connection: &DatabaseConnection) -> Result<DatabaseTransaction> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    Ok(connection.begin_with_options(options).await?)
}

async fn perform(
    transaction: DatabaseTransaction,
    clock: &Clock,
    actor: Option<Uuid>,
    attempt: Option<&Attempt>,
    work: AnyWork,
) -> Result<(Box<dyn Any + Send>, DatabaseTransaction, Option<i64>)> {
    let mut unit = WriteUnit::new(transaction, actor, clock.now());
    if let Some(attempt) = attempt
        && let Err(error) = attempt.claim(unit.db(), unit.now()).await
    {
        unit.roll_back().await;
        return Err(error);
    }
    let outcome = AssertUnwindSafe(work(&mut unit)).catch_unwind().await;
    match outcome {
        Ok(Ok(Done { value, shown })) => {
            let Some(attempt) = attempt else {
                let (transaction, position) = unit.finish().await?;
                return Ok((value, transaction, position));
            };
            let answered = shown.keep(|id| unit.table_of(id));
            let (transaction, position) = unit.finish().await?;
            let position = match position {
                Some(position) => position,
                None => read_position(&transaction).await?,
            };
            attempt.keep(&transaction, position, &answered).await?;
            Ok((value, transaction, Some(position)))
        }
        Ok(Err(error)) => {
            unit.roll_back().await;
            Err(error)
        }
        Err(_) => {
            unit.roll_back().await;
            Err(Error::internal("a write panicked; it was rolled back"))
        }
    }
}

//! The steps of an operation: each makes sure, in its own transaction, that the operation is still this process's and
//! still wanted, and writes down how far it has come.

use std::time::Duration;

use chrono::TimeDelta;
use entity::operation::{self, OperationState};
use entity::operation_error;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, UpdateMany};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Operation;
use super::import::{LineError, Tally};
use super::watch::Watch;
use crate::error::Result;
use crate::item::insert::insert_many;
use crate::store::{Store, WriteUnit};

/// For so long an operation is left to the process that works on it, from its last step.
pub(super) const LEASE: TimeDelta = TimeDelta::minutes(2);
/// So many errors are kept of an operation; all are counted.
pub(super) const MOST_ERRORS: u64 = 10_000;
/// Most characters of the message of an error.
const LONGEST_MESSAGE: usize = 1_000;
/// How often an export writes down how far it is.
const PACE: Duration = Duration::from_secs(1);

/// An operation that a process works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lease {
    pub(super) operation: Uuid,
    pub(super) process: Uuid,
}

impl Lease {
    fn held(self) -> UpdateMany<operation::Entity> {
        operation::Entity::update_many()
            .filter(operation::Column::Id.eq(self.operation))
            .filter(operation::Column::LeaseOwner.eq(self.process))
            .filter(operation::Column::State.eq(OperationState::Running))
    }

    /// Makes sure that the operation is this process's, and holds it until the commit. False where it was cancelled, or
    /// another process took it over.
    pub(super) async fn renew(self, unit: &WriteUnit) -> Result<bool> {
        let renewed = self
            .held()
            .col_expr(
                operation::Column::LeaseUntil,
                Expr::value(unit.now() + LEASE),
            )
            .exec(unit.db())
            .await?;
        Ok(renewed.rows_affected == 1)
    }

    /// Writes down how long the file is; false where the operation is no longer this process's.
    pub(super) async fn begin(self, unit: &WriteUnit, total: i32) -> Result<bool> {
        let until = unit.now() + LEASE;
        let begun = self
            .held()
            .col_expr(operation::Column::Total, Expr::value(Some(total)))
            .col_expr(operation::Column::LeaseUntil, Expr::value(until))
            .exec(unit.db())
            .await?;
        Ok(begun.rows_affected == 1)
    }

    /// Writes down what a chunk came to, and up to where the file was read.
    pub(super) async fn settle(self, unit: &WriteUnit, tally: &Tally, read_to: u64) -> Result<()> {
        use operation::Column;
        let added = |column: Column, number: usize| {
            let number = i32::try_from(number).unwrap_or(i32::MAX);
            Expr::col(column).add(number)
        };
        self.held()
            .col_expr(Column::Done, added(Column::Done, tally.done))
            .col_expr(Column::Created, added(Column::Created, tally.created))
            .col_expr(Column::Unchanged, added(Column::Unchanged, tally.unchanged))
            .col_expr(Column::Failed, added(Column::Failed, tally.failed))
            .col_expr(
                Column::ReadTo,
                Expr::value(i64::try_from(read_to).unwrap_or(i64::MAX)),
            )
            .exec(unit.db())
            .await?;
        Ok(())
    }

    /// Ends the operation in this state; false where somebody else ended it.
    pub(super) async fn finish(self, store: &Store, end: End) -> Result<bool> {
        let written = store
            .write(None, move |unit| {
                async move {
                    use operation::Column;
                    let nobody = || Expr::value(Option::<Uuid>::None);
                    let mut finished = self
                        .held()
                        .col_expr(Column::State, Expr::value(end.state.as_str()))
                        .col_expr(Column::FinishedAt, Expr::value(unit.now()))
                        .col_expr(Column::LeaseOwner, nobody());
                    if let Some(done) = end.done {
                        finished = finished
                            .col_expr(Column::Done, Expr::value(done))
                            .col_expr(Column::Total, Expr::value(Some(done)));
                    }
                    if let Some(result) = end.result {
                        finished = finished
                            .col_expr(Column::File, Expr::value(Some(result.file)))
                            .col_expr(Column::FileBytes, Expr::value(Some(result.bytes)))
                            .col_expr(Column::Place, Expr::value(Some(result.place)))
                            .col_expr(Column::Position, Expr::value(Some(result.position)));
                    } else {
                        // The file of an import is of no use any more.
                        finished =
                            finished.col_expr(Column::File, Expr::value(Option::<String>::None));
                    }
                    let ended = finished.exec(unit.db()).await?.rows_affected == 1;
                    if ended {
                        write_errors(unit, self.operation, end.errors).await?;
                    }
                    Ok(ended)
                }
                .boxed()
            })
            .await?;
        Ok(written.value)
    }

    /// Gives the operation back, for whoever has time after a while.
    pub(super) async fn give_back(self, store: &Store, after: TimeDelta) -> Result<()> {
        store
            .write(None, move |unit| {
                async move {
                    self.held()
                        .col_expr(
                            operation::Column::LeaseUntil,
                            Expr::value(unit.now() + after),
                        )
                        .exec(unit.db())
                        .await?;
                    Ok(())
                }
                .boxed()
            })
            .await?;
        Ok(())
    }
}

/// How an operation ends.
#[derive(Debug)]
pub(super) struct End {
    pub(super) state: OperationState,
    /// What was dealt with, where the row does not say it already.
    pub(super) done: Option<i32>,
    /// The file of an export.
    pub(super) result: Option<Written>,
    pub(super) errors: Vec<LineError>,
}

/// The file of an export.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) file: String,
    pub(super) bytes: i64,
    pub(super) place: Uuid,
    pub(super) position: i64,
}

/// Writes down what could not be done.
pub(super) async fn write_errors(
    unit: &WriteUnit,
    operation: Uuid,
    errors: Vec<LineError>,
) -> Result<()> {
    let rows = errors.into_iter().map(|error| {
        let row = operation_error::Model {
            id: Uuid::now_v7(),
            operation_id: operation,
            line: error.line,
            message: error.message.chars().take(LONGEST_MESSAGE).collect(),
        };
        row.into_active_model()
    });
    insert_many(unit, rows.collect()).await
}

/// Writes down how far an export is, and ends it when it was cancelled, when another process took it over, or when this
/// one stops.
pub(super) struct Row<'a> {
    pub(super) store: &'a Store,
    pub(super) lease: Lease,
    pub(super) stop: CancellationToken,
    written: Option<Instant>,
}

impl<'a> Row<'a> {
    pub(super) fn new(store: &'a Store, lease: Lease, stop: CancellationToken) -> Self {
        Self {
            store,
            lease,
            stop,
            written: None,
        }
    }

    async fn look(&mut self, done: u64, total: Option<u64>) -> Result<bool> {
        if self.stop.is_cancelled() {
            return Ok(false);
        }
        if self.written.is_some_and(|at| at.elapsed() < PACE) {
            let found: Option<Operation> = operation::Entity::find_by_id(self.lease.operation)
                .one(self.store.reader())
                .await?;
            return Ok(found.is_some_and(|row| {
                row.state == OperationState::Running && row.lease_owner == Some(self.lease.process)
            }));
        }
        let number = |number: u64| i32::try_from(number).unwrap_or(i32::MAX);
        let (lease, done, total) = (self.lease, number(done), total.map(number));
        let written = self
            .store
            .write(None, move |unit| {
                async move {
                    let moved = lease
                        .held()
                        .col_expr(
                            operation::Column::LeaseUntil,
                            Expr::value(unit.now() + LEASE),
                        )
                        .col_expr(operation::Column::Done, Expr::value(done))
                        .col_expr(operation::Column::Total, Expr::value(total))
                        .exec(unit.db())
                        .await?;
                    Ok(moved.rows_affected == 1)
                }
                .boxed()
            })
            .await?;
        self.written = Some(Instant::now());
        Ok(written.value)
    }
}

impl Watch for Row<'_> {
    fn step(&mut self, done: u64, total: Option<u64>) -> BoxFuture<'_, Result<bool>> {
        self.look(done, total).boxed()
    }
}

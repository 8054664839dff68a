//! What is derived from the change log in the database: each row of the log reaches each projection once and in order,
//! whatever ends meanwhile and however many processes run.
//!
//! A projection writes its rows in the transaction that raises its position, so neither is ever there without the other.
//! What it writes is derived, so it records no change rows.

use std::time::Duration;

use entity::{change, projection};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::notification::Notifications;
use crate::participation::ParticipationProjection;
use crate::saved_search;
use crate::store::{Store, WriteUnit};
use crate::webhook::Deliveries;

/// Rows of the log in one transaction: few enough that other writes do not wait long.
const BATCH: u64 = 200;
/// How often the writes of other processes are looked for.
const POLL: Duration = Duration::from_secs(1);

/// Something that is derived from the change log.
pub trait Projection: Send + Sync {
    /// Its name in the table `projection`. The migration that makes its tables adds that row, at position 0 for all of
    /// the past, or at the head's for what comes.
    fn name(&self) -> &'static str;

    /// Takes the next rows of the log, oldest first, and writes what follows from them. It sees things as they are now,
    /// which may be later than the rows tell. An error undoes the batch, which is tried again.
    fn apply<'a>(
        &'a self,
        unit: &'a mut WriteUnit,
        rows: &'a [change::Model],
    ) -> BoxFuture<'a, Result<()>>;
}

/// Every projection there is, but for alerts of saved searches, which [`saved_search`] makes by itself.
#[must_use]
pub fn all() -> &'static [&'static dyn Projection] {
    &[&Notifications, &ParticipationProjection, &Deliveries]
}

/// Brings every projection to the newest position.
pub async fn catch_up(store: &Store) -> Result<()> {
    let newest = store.position().await?;
    reach(store, newest).await
}

/// Brings every projection to a position of the log at least, for a read that must see what a write caused. One at a time
/// in a process; several processes share the work.
#[crate::boxed]
pub async fn reach(store: &Store, position: i64) -> Result<()> {
    let mut reached = store.projected().lock().await;
    if *reached < position {
        let mut lowest = i64::MAX;
        for &projection in all() {
            lowest = lowest.min(advance(store, projection, position).await?);
        }
        lowest = lowest.min(saved_search::advance(store, position).await?);
        *reached = lowest.min(store.position().await?);
    }
    Ok(())
}

/// Starts the task that keeps the projections up to date until it is told to stop. It goes on after errors, which it logs.
#[must_use = "wait for the task after it was told to stop"]
pub fn follow(store: Store, stop: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut positions = store.watch_position();
        let mut poll = tokio::time::interval(POLL);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !stop.is_cancelled() {
            if let Err(error) = catch_up(&store).await {
                tracing::error!(%error, "what is derived from the change log cannot follow it; it will be tried again");
                // Only time helps: the log may grow without end meanwhile.
                if stop.run_until_cancelled(poll.tick()).await.is_none() {
                    break;
                }
            }
            tokio::select! {
                () = stop.cancelled() => break,
                changed = positions.changed() => if changed.is_err() { break },
                _ = poll.tick() => {}
            }
        }
    })
}

/// Brings one projection to a position at least, and answers where it is.
async fn advance(store: &Store, projection: &'static dyn Projection, position: i64) -> Result<i64> {
    loop {
        let reached = stored_position(store, projection.name()).await?;
        if reached >= position {
            return Ok(reached);
        }
        store
            .write(None, move |unit| step(unit, projection, reached).boxed())
            .await?;
    }
}

/// How far a projection has come.
pub(crate) async fn stored_position(store: &Store, name: &'static str) -> Result<i64> {
    projection::Entity::find_by_id(name)
        .one(store.reader())
        .await?
        .map(|row| row.position)
        .ok_or_else(|| {
            Error::internal(format!(
                "the projection {name} has no row: run `repertoire migrate`"
            ))
        })
}

/// The next rows of the log after a position, oldest first.
pub(crate) async fn rows_after(
    connection: &impl ConnectionTrait,
    after: i64,
) -> Result<Vec<change::Model>> {
    Ok(change::Entity::find()
        .filter(change::Column::Position.gt(after))
        .order_by_asc(change::Column::Position)
        .limit(BATCH)
        .all(connection)
        .await?)
}

/// Moves a projection from one position to another; false when another process has moved it meanwhile.
pub(crate) async fn take_rows(
    unit: &WriteUnit,
    name: &'static str,
    after: i64,
    last: i64,
) -> Result<bool> {
    // The row stays locked until the commit: who comes second finds it moved.
    let moved = projection::Entity::update_many()
        .col_expr(projection::Column::Position, Expr::value(last))
        .filter(projection::Column::Name.eq(name))
        .filter(projection::Column::Position.eq(after))
        .exec(unit.db())
        .await?;
    Ok(moved.rows_affected > 0)
}

/// Takes the rows after a position, unless another process took them.
async fn step(unit: &mut WriteUnit, projection: &dyn Projection, after: i64) -> Result<()> {
    let rows = rows_after(unit.db(), after).await?;
    let Some(last) = rows.last() else {
        return Ok(());
    };
    if take_rows(unit, projection.name(), after, last.position).await? {
        projection.apply(unit, &rows).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;

//! How far back the change log is kept.
//!
//! Rows go from the beginning of the log only, so that what is left has no gaps, and in the same transaction as the
//! position up to which they went: whoever reads on from an earlier one is told so.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{change, change_head, projection, tombstone};
use futures_util::FutureExt;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::error::{Error, Result};
use crate::store::{Store, WriteUnit};

/// Rows in one transaction: few enough that other writes do not wait long.
const BATCH: u64 = 1_000;

/// Removes rows that are older than `keep`, with the tombstones that go with them, and answers how many. What a projection
/// has not read stays, and what comes after `reached`, to which the search index of this process has read; an index of
/// another process that is further behind is made anew.
#[crate::boxed]
pub async fn forget_old(store: &Store, keep: TimeDelta, reached: i64) -> Result<u64> {
    let before = store.clock().now() - keep;
    let mut forgotten = 0;
    loop {
        let some = store
            .write(None, move |unit| {
                async move { forget_some(unit, before, reached).await }.boxed()
            })
            .await?
            .value;
        forgotten += some;
        if some < BATCH {
            return Ok(forgotten);
        }
    }
}

async fn forget_some(unit: &WriteUnit, before: DateTime<Utc>, reached: i64) -> Result<u64> {
    let head = change_head::Entity::find_by_id(1).one(unit.db()).await?;
    let head = head.ok_or_else(|| Error::internal("the change log has no head row"))?;
    let followed: Option<i64> = projection::Entity::find()
        .select_only()
        .column(projection::Column::Position)
        .order_by_asc(projection::Column::Position)
        .limit(1)
        .into_tuple()
        .one(unit.db())
        .await?;
    let reached = followed.map_or(reached, |followed| std::cmp::min(followed, reached));
    let oldest: Vec<(i64, DateTime<Utc>)> = change::Entity::find()
        .select_only()
        .columns([change::Column::Position, change::Column::At])
        .filter(change::Column::Position.gt(head.kept_after))
        .filter(change::Column::Position.lte(reached))
        .order_by_asc(change::Column::Position)
        .limit(BATCH)
        .into_tuple()
        .all(unit.db())
        .await?;
    // A transaction that took long has rows that are older than those before them.
    let old = oldest.iter().take_while(|(_, at)| *at < before);
    let Some((last, _)) = old.last() else {
        return Ok(0);
    };
    let removed = change::Entity::delete_many()
        .filter(change::Column::Position.gt(head.kept_after))
        .filter(change::Column::Position.lte(*last))
        .exec(unit.db())
        .await?;
    tombstone::Entity::delete_many()
        .filter(tombstone::Column::Position.lte(*last))
        .exec(unit.db())
        .await?;
    // The last statement, since every other write waits for this row. Another process may have done the same meanwhile, and
    // then nothing was left to remove.
    change_head::Entity::update_many()
        .col_expr(change_head::Column::KeptAfter, Expr::value(*last))
        .filter(change_head::Column::Id.eq(1))
        .filter(Expr::col(change_head::Column::KeptAfter).lt(*last))
        .exec(unit.db())
        .await?;
    Ok(removed.rows_affected)
}

#[cfg(test)]
mod tests;

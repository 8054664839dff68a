//! What is kept of deliveries, and for how long.

use chrono::TimeDelta;
use entity::{webhook_delivery, webhook_secret};
use futures_util::FutureExt;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::health;
use crate::error::Result;
use crate::store::Store;

/// For so many days a delivery is kept, whatever became of it.
pub const KEPT_DAYS: i64 = 30;
/// A webhook for which more deliveries wait is switched off.
pub const MOST_WAITING: i64 = 100_000;
/// Rows that one transaction removes at most.
const BATCH: u64 = 1_000;

/// Removes old deliveries and secrets that sign no more, and switches webhooks off for which too much waits. Answers how
/// many deliveries were removed.
#[crate::boxed]
pub async fn tidy(store: &Store) -> Result<u64> {
    remove_ended_secrets(store).await?;
    switch_off_overdue(store, MOST_WAITING).await?;
    let mut removed = 0;
    loop {
        let batch = remove_old(store).await?;
        removed += batch;
        if batch < BATCH {
            return Ok(removed);
        }
    }
}

async fn remove_old(store: &Store) -> Result<u64> {
    let before = store.clock().now() - TimeDelta::days(KEPT_DAYS);
    let old: Vec<Uuid> = webhook_delivery::Entity::find()
        .select_only()
        .column(webhook_delivery::Column::Id)
        .filter(webhook_delivery::Column::CreatedAt.lt(before))
        .order_by_asc(webhook_delivery::Column::CreatedAt)
        .limit(BATCH)
        .into_tuple()
        .all(store.reader())
        .await?;
    let found = old.len() as u64;
    if found > 0 {
        store
            .write(None, move |unit| {
                async move {
                    webhook_delivery::Entity::delete_many()
                        .filter(webhook_delivery::Column::Id.is_in(old))
                        .exec(unit.db())
                        .await?;
                    Ok(())
                }
                .boxed()
            })
            .await?;
    }
    Ok(found)
}

async fn remove_ended_secrets(store: &Store) -> Result<()> {
    store
        .write(None, |unit| {
            async move {
                webhook_secret::Entity::delete_many()
                    .filter(webhook_secret::Column::EndsAt.lte(unit.now()))
                    .exec(unit.db())
                    .await?;
                Ok(())
            }
            .boxed()
        })
        .await?;
    Ok(())
}

pub(super) async fn switch_off_overdue(store: &Store, most: i64) -> Result<()> {
    let delivery = |column: &'static str| Expr::col(("webhook_delivery", column));
    let overdue = Query::select()
        .column(("webhook_delivery", "webhook_id"))
        .from("webhook_delivery")
        .inner_join(
            "webhook",
            Expr::col(("webhook", "id")).equals(("webhook_delivery", "webhook_id")),
        )
        .and_where(Expr::col(("webhook", "enabled")).eq(true))
        .and_where(delivery("finished_at").is_null())
        .group_by_columns([("webhook_delivery", "webhook_id")])
        .and_having(delivery("id").count().gt(most))
        .take();
    let rows = store.reader().query_all(&overdue).await?;
    let ids: Result<Vec<Uuid>> = rows
        .iter()
        .map(|row| Ok(row.try_get("", "webhook_id")?))
        .collect();
    for id in ids? {
        store
            .write(None, move |unit| {
                health::switch_off_overdue(unit, id).boxed()
            })
            .await?;
    }
    Ok(())
}

//! What has waited longer than its community's policy allows: questions without an answer go to the facilitators,
//! innovations that stay in a stage to their authors and stewards.

use chrono::{DateTime, Utc};
use entity::change::Operation;
use entity::community::{self, CommunityStatus};
use entity::item;
use entity::notification::NotificationReason;
use futures_util::FutureExt;
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::tell::tell;
use super::{BATCH, Ran, in_batches};
use crate::change::row_changed;
use crate::community::kind::clock::Clock;
use crate::error::Result;
use crate::item::authors_of;
use crate::membership::holders;
use crate::policy::{audience, work};
use crate::store::{Store, WriteUnit};

/// The field of a discussion that says when its facilitators were told.
const ESCALATED: &str = "escalatedAt";

pub(super) async fn run(store: &Store, clock: Clock) -> Result<Ran> {
    let mut ran = Ran::default();
    for (length, runs) in clock.lengths(store.reader()).await? {
        let mut firsts = first_waiting(clock);
        firsts.cond_where(runs);
        for row in store.reader().query_all(&firsts).await? {
            let (community, first) = (row.try_get("", "id")?, row.try_get("", "first")?);
            let Some(first): Option<DateTime<Utc>> = first else {
                continue;
            };
            let due = first + length;
            if due > store.clock().now() {
                ran = ran.and(Ran {
                    done: 0,
                    next: Some(due),
                });
                continue;
            }
            ran.done += in_batches(|| ring(store, clock, community)).await?;
        }
    }
    Ok(ran)
}

/// Of each community that can be written to, since when that waits which waits longest and was not told of: one look
/// into an index for each.
pub(super) fn first_waiting(clock: Clock) -> SelectStatement {
    let first = Query::select()
        .expr(Expr::col(("item", "waiting_since")).min())
        .from("item")
        .and_where(Expr::col(("item", "community_id")).equals(("community", "id")))
        .and_where(Expr::col(("item", "item_type")).eq(clock.item_type().as_str()))
        .and_where(Expr::col(("item", "waiting_since")).is_not_null())
        .and_where(Expr::col(("item", "reminded_at")).is_null())
        .take();
    Query::select()
        .column(("community", "id"))
        .expr_as(first, "first")
        .from("community")
        .and_where(Expr::col(("community", "status")).eq(CommunityStatus::Active.as_str()))
        .take()
}

/// Tells of what is overdue in a community, and answers how much that was.
async fn ring(store: &Store, clock: Clock, community: Uuid) -> Result<u64> {
    let rang = store
        .write(None, move |unit| {
            async move {
                // Held as every change of an item holds it: its policy stays as it is until the commit.
                let held = community::Entity::find_by_id(community)
                    .lock(LockType::Share)
                    .one(unit.db())
                    .await?;
                let length = held.as_ref().and_then(|row| clock.length_in(row));
                let (Some(held), Some(length)) = (held, length) else {
                    return Ok(0);
                };
                let overdue = item::Entity::find()
                    .filter(item::Column::CommunityId.eq(held.id))
                    .filter(item::Column::ItemType.eq(clock.item_type()))
                    .filter(item::Column::WaitingSince.lte(unit.now() - length))
                    .filter(item::Column::RemindedAt.is_null())
                    .order_by_asc(item::Column::WaitingSince)
                    .order_by_asc(item::Column::Id)
                    .limit(BATCH)
                    // What another process deals with, or a person changes, is not waited for.
                    .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
                    .all(unit.db())
                    .await?;
                tell_of(unit, clock, &held, &overdue).await?;
                Ok(overdue.len() as u64)
            }
            .boxed()
        })
        .await?;
    Ok(rang.value)
}

async fn tell_of(
    unit: &mut WriteUnit,
    clock: Clock,
    community: &community::Model,
    overdue: &[item::Model],
) -> Result<()> {
    if overdue.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = overdue.iter().map(|item| item.id).collect();
    item::Entity::update_many()
        .col_expr(item::Column::RemindedAt, Expr::value(unit.now()))
        .filter(item::Column::Id.is_in(ids.iter().copied()))
        .exec(unit.db())
        .await?;
    let told = holders(unit, community.id, work::told_of_waiting(clock)).await?;
    let mut authors = authors_of(unit.db(), &ids).await?;
    for item in overdue {
        let authors = authors.remove(&item.id).unwrap_or_default();
        match clock {
            Clock::FirstAnswer => {
                let audience = audience::of_item_for_members(community, item, &authors);
                let fields = vec![ESCALATED.to_owned()];
                unit.record(row_changed(item, Operation::Updated, fields, audience));
                tell(unit, NotificationReason::Escalated, item, told.clone()).await?;
            }
            Clock::StageAge => {
                let users = told.iter().copied().chain(authors).collect();
                tell(unit, NotificationReason::Due, item, users).await?;
            }
        }
    }
    Ok(())
}

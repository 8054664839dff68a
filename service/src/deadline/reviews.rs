//! The next review of what is published: its steward is reminded before, and again when the day has come; where nobody
//! keeps it, the facilitators are.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use entity::community::{self, CommunityStatus};
use entity::item::{self, PublicationStatus};
use entity::membership::{self, MembershipState};
use entity::notification::NotificationReason;
use futures_util::FutureExt;
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::tell::tell;
use super::{BATCH, Ran, earliest, in_batches};
use crate::error::Result;
use crate::item::insert::replace_row;
use crate::membership::holders;
use crate::policy::work;
use crate::store::{Store, WriteUnit};

/// When somebody is to be reminded after now; none once the day has come.
fn next_reminder(due_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    due_at.filter(|due_at| *due_at > now)
}

pub(super) async fn run(store: &Store) -> Result<Ran> {
    let done = in_batches(|| ring(store)).await?;
    let first = Query::select()
        .expr(Expr::col(("item", "review_reminder_at")).min())
        .from("item")
        .and_where(Expr::col(("item", "review_reminder_at")).is_not_null())
        .take();
    let next = earliest(store, first, TimeDelta::zero()).await?;
    Ok(Ran { done, next })
}

async fn ring(store: &Store) -> Result<u64> {
    let rang = store
        .write(None, |unit| {
            async move {
                let due = item::Entity::find()
                    .filter(item::Column::ReviewReminderAt.lte(unit.now()))
                    .order_by_asc(item::Column::ReviewReminderAt)
                    .order_by_asc(item::Column::Id)
                    .limit(BATCH)
                    .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
                    .all(unit.db())
                    .await?;
                let told = told(unit, &due).await?;
                for mut item in due.iter().cloned() {
                    item.review_reminder_at = next_reminder(item.review_due_at, unit.now());
                    replace_row(unit, item.clone()).await?;
                    if let Some(users) = told.get(&item.id) {
                        tell(unit, NotificationReason::Due, &item, users.clone()).await?;
                    }
                }
                Ok(due.len() as u64)
            }
            .boxed()
        })
        .await?;
    Ok(rang.value)
}

/// Whom each of the items awaits; nobody where it is not published, or its community is not written to any more.
async fn told(unit: &WriteUnit, due: &[item::Model]) -> Result<HashMap<Uuid, BTreeSet<Uuid>>> {
    let published: Vec<&item::Model> = due
        .iter()
        .filter(|item| item.status == Some(PublicationStatus::Published))
        .collect();
    let communities: BTreeSet<Uuid> = published.iter().map(|item| item.community_id).collect();
    let active: Vec<Uuid> = community::Entity::find()
        .select_only()
        .column(community::Column::Id)
        .filter(community::Column::Id.is_in(communities))
        .filter(community::Column::Status.eq(CommunityStatus::Active))
        .into_tuple()
        .all(unit.db())
        .await?;
    let mut facilitators = HashMap::new();
    for id in &active {
        let found = holders(unit, *id, work::TOLD_WITHOUT_STEWARD).await?;
        facilitators.insert(*id, found);
    }
    let stewards = present_stewards(unit, &published).await?;
    let told = published.into_iter().filter_map(|item| {
        let facilitators = facilitators.get(&item.community_id)?;
        let steward = item
            .steward_id
            .filter(|steward| stewards.contains(&(item.community_id, *steward)));
        let users = match steward {
            Some(steward) => BTreeSet::from([steward]),
            None => facilitators.clone(),
        };
        Some((item.id, users))
    });
    Ok(told.collect())
}

/// The stewards of the items who are members still, with their communities.
async fn present_stewards(
    unit: &WriteUnit,
    items: &[&item::Model],
) -> Result<BTreeSet<(Uuid, Uuid)>> {
    let users: BTreeSet<Uuid> = items.iter().filter_map(|item| item.steward_id).collect();
    let communities: BTreeSet<Uuid> = items.iter().map(|item| item.community_id).collect();
    let found: Vec<(Uuid, Uuid)> = membership::Entity::find()
        .select_only()
        .columns([membership::Column::CommunityId, membership::Column::UserId])
        .filter(membership::Column::UserId.is_in(users))
        .filter(membership::Column::CommunityId.is_in(communities))
        .filter(membership::Column::State.eq(MembershipState::Active))
        .into_tuple()
        .all(unit.db())
        .await?;
    Ok(found.into_iter().collect())
}

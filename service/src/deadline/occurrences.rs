//! What is about to begin: those who said that they come are reminded a day before.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use entity::activity::ActivityState;
use entity::attendance;
use entity::community::CommunityStatus;
use entity::item;
use entity::membership::MembershipState;
use entity::notification::NotificationReason;
use futures_util::FutureExt;
use sea_orm::sea_query::{
    Expr, ExprTrait, Func, JoinType, LockBehavior, LockType, Order, Query, SelectStatement,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::tell::tell;
use super::{BATCH, Ran, earliest, in_batches};
use crate::error::Result;
use crate::store::{Store, WriteUnit};

/// How many hours before something begins those who come are reminded.
pub const REMINDER_HOURS: i64 = 24;

/// Written out, so that an index of these alone is found.
const TO_REMIND: &str = "attendance.state = 'GOING' AND attendance.reminded_at IS NULL";

/// Somebody who comes to something that begins soon.
struct Coming {
    activity: Uuid,
    recurrence_id: DateTime<Utc>,
    user: Uuid,
    starts_at: DateTime<Utc>,
    said_at: DateTime<Utc>,
    takes_place: bool,
}

fn ahead() -> TimeDelta {
    TimeDelta::hours(REMINDER_HOURS)
}

pub(super) async fn run(store: &Store) -> Result<Ran> {
    let as_given = in_batches(|| ring(store, given)).await?;
    let as_moved = in_batches(|| ring(store, moved)).await?;
    let first = Query::select()
        .expr(Expr::col(("attendance", "recurrence_id")).min())
        .from("attendance")
        .and_where(Expr::cust(TO_REMIND))
        .and_where(Expr::col(("attendance", "recurrence_id")).gt(store.clock().now()))
        .take();
    let next = earliest(store, first, -ahead()).await?;
    Ok(Ran {
        done: as_given + as_moved,
        next,
    })
}

/// When it begins: as its activity says, unless it was moved.
fn begins() -> Expr {
    Func::coalesce([
        Expr::col(("occurrence", "starts_at")),
        Expr::col(("attendance", "recurrence_id")),
    ])
    .into()
}

/// Those who come to what begins within a day and were not reminded, of a select that has `attendance` and `occurrence`.
fn coming(select: &mut SelectStatement, now: DateTime<Utc>) -> SelectStatement {
    let state = Func::coalesce([
        Expr::col(("occurrence", "state")),
        Expr::col(("activity", "state")),
    ]);
    select
        .columns(
            ["activity_id", "recurrence_id", "user_id", "updated_at"]
                .map(|name| ("attendance", name)),
        )
        .expr_as(begins(), "starts_at")
        .expr_as(state, "state")
        .column(("community", "status"))
        .expr_as(Expr::col(("membership", "state")), "membership_state")
        .inner_join(
            "activity",
            Expr::col(("activity", "id")).equals(("attendance", "activity_id")),
        )
        .inner_join("item", Expr::col(("item", "id")).equals(("activity", "id")))
        .inner_join(
            "community",
            Expr::col(("community", "id")).equals(("item", "community_id")),
        )
        .left_join(
            "membership",
            Expr::col(("membership", "community_id"))
                .equals(("item", "community_id"))
                .and(Expr::col(("membership", "user_id")).equals(("attendance", "user_id"))),
        )
        .and_where(Expr::cust(TO_REMIND))
        .and_where(begins().gt(now))
        .and_where(begins().lte(now + ahead()))
        .limit(BATCH)
        .lock_with_tables_behavior(LockType::Update, ["attendance"], LockBehavior::SkipLocked)
        .take()
}

fn same_occurrence() -> Expr {
    Expr::col(("occurrence", "activity_id"))
        .equals(("attendance", "activity_id"))
        .and(Expr::col(("occurrence", "recurrence_id")).equals(("attendance", "recurrence_id")))
}

/// Those who come to what begins when its activity says.
fn given(now: DateTime<Utc>) -> SelectStatement {
    let start = || Expr::col(("attendance", "recurrence_id"));
    let mut select = Query::select();
    select
        .from("attendance")
        .join(JoinType::LeftJoin, "occurrence", same_occurrence())
        .and_where(start().gt(now))
        .and_where(start().lte(now + ahead()))
        .order_by(("attendance", "recurrence_id"), Order::Asc);
    coming(&mut select, now)
}

/// Those who come to what was moved to within a day.
fn moved(now: DateTime<Utc>) -> SelectStatement {
    let mut select = Query::select();
    select
        .from("occurrence")
        .join(JoinType::InnerJoin, "attendance", same_occurrence())
        .and_where(Expr::cust(
            "occurrence.starts_at <> occurrence.recurrence_id",
        ))
        .and_where(Expr::col(("occurrence", "starts_at")).gt(now))
        .and_where(Expr::col(("occurrence", "starts_at")).lte(now + ahead()))
        .order_by(("occurrence", "starts_at"), Order::Asc);
    coming(&mut select, now)
}

async fn ring(store: &Store, select: fn(DateTime<Utc>) -> SelectStatement) -> Result<u64> {
    let rang = store
        .write(None, move |unit| {
            async move {
                let rows = unit.db().query_all(&select(unit.now())).await?;
                let mut found = Vec::with_capacity(rows.len());
                for row in &rows {
                    let membership: Option<MembershipState> =
                        row.try_get("", "membership_state")?;
                    let state: ActivityState = row.try_get("", "state")?;
                    let status: CommunityStatus = row.try_get("", "status")?;
                    found.push(Coming {
                        activity: row.try_get("", "activity_id")?,
                        recurrence_id: row.try_get("", "recurrence_id")?,
                        user: row.try_get("", "user_id")?,
                        starts_at: row.try_get("", "starts_at")?,
                        said_at: row.try_get("", "updated_at")?,
                        takes_place: state == ActivityState::Planned
                            && status == CommunityStatus::Active
                            && membership == Some(MembershipState::Active),
                    });
                }
                remind(unit, &found).await?;
                Ok(found.len() as u64)
            }
            .boxed()
        })
        .await?;
    Ok(rang.value)
}

async fn remind(unit: &mut WriteUnit, coming: &[Coming]) -> Result<()> {
    let mut by_occurrence: HashMap<(Uuid, DateTime<Utc>), Vec<Uuid>> = HashMap::new();
    let mut told: HashMap<Uuid, BTreeSet<Uuid>> = HashMap::new();
    for one in coming {
        by_occurrence
            .entry((one.activity, one.recurrence_id))
            .or_default()
            .push(one.user);
        // Whoever said so within the day needs no reminder of it.
        if one.takes_place && one.said_at <= one.starts_at - ahead() {
            told.entry(one.activity).or_default().insert(one.user);
        }
    }
    for ((activity, recurrence_id), users) in by_occurrence {
        attendance::Entity::update_many()
            .col_expr(attendance::Column::RemindedAt, Expr::value(unit.now()))
            .filter(attendance::Column::ActivityId.eq(activity))
            .filter(attendance::Column::RecurrenceId.eq(recurrence_id))
            .filter(attendance::Column::UserId.is_in(users))
            .exec(unit.db())
            .await?;
    }
    let ids: Vec<Uuid> = told.keys().copied().collect();
    let activities = item::Entity::find()
        .filter(item::Column::Id.is_in(ids))
        .all(unit.db())
        .await?;
    for activity in activities {
        if let Some(users) = told.remove(&activity.id) {
            tell(unit, NotificationReason::Due, &activity, users).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use entity::attendance::AttendanceState;

    use super::*;

    #[test]
    fn the_state_is_named_as_it_is_stored() {
        assert!(TO_REMIND.contains(&format!("'{}'", AttendanceState::Going.as_str())));
    }
}

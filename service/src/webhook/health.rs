//! How it goes with a webhook: one that fails for days is switched off, and its owner is told.

use chrono::{DateTime, TimeDelta, Utc};
use entity::change::{EntityType, Operation};
use entity::notification::NotificationReason;
use entity::webhook::{self, DisabledReason};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::Webhook;
use crate::error::Result;
use crate::item::insert::replace_row;
use crate::notification;
use crate::policy::audience;
use crate::store::{PendingChange, WriteUnit};

/// A webhook that failed for so many days without a success between is switched off.
pub const FAILING_DAYS: i64 = 5;
/// But not before so many attempts failed in a row: a quiet webhook may be unlucky twice.
pub const FEWEST_FAILURES: i32 = 20;

/// What came of some attempts for one webhook.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Course {
    pub(super) delivered: i32,
    pub(super) failed: i32,
    pub(super) is_gone: bool,
}

/// Notes how it went.
pub(super) async fn note(unit: &mut WriteUnit, id: Uuid, course: Course) -> Result<()> {
    if course.delivered > 0 && !course.is_gone {
        webhook::Entity::update_many()
            .col_expr(webhook::Column::Failures, Expr::value(0))
            .col_expr(
                webhook::Column::FailingSince,
                Expr::value(None::<DateTime<Utc>>),
            )
            .filter(webhook::Column::Id.eq(id))
            .filter(webhook::Column::FailingSince.is_not_null())
            .exec(unit.db())
            .await?;
        return Ok(());
    }
    if course.failed == 0 && !course.is_gone {
        return Ok(());
    }
    let Some(mut row) = held(unit, id).await? else {
        return Ok(());
    };
    let since = *row.failing_since.get_or_insert(unit.now());
    row.failures = row.failures.saturating_add(course.failed);
    let is_over =
        since <= unit.now() - TimeDelta::days(FAILING_DAYS) && row.failures >= FEWEST_FAILURES;
    let reason = if course.is_gone {
        Some(DisabledReason::Gone)
    } else {
        is_over.then_some(DisabledReason::Failing)
    };
    match reason {
        Some(reason) => switch_off(unit, row, reason).await,
        None => replace_row(unit, row).await,
    }
}

/// Switches a webhook off that has more deliveries waiting than are kept.
pub(super) async fn switch_off_overdue(unit: &mut WriteUnit, id: Uuid) -> Result<()> {
    match held(unit, id).await? {
        Some(row) => switch_off(unit, row, DisabledReason::Overdue).await,
        None => Ok(()),
    }
}

async fn held(unit: &WriteUnit, id: Uuid) -> Result<Option<Webhook>> {
    Ok(webhook::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(unit.db())
        .await?)
}

async fn switch_off(unit: &mut WriteUnit, mut row: Webhook, reason: DisabledReason) -> Result<()> {
    if !row.enabled {
        return replace_row(unit, row).await;
    }
    row.enabled = false;
    row.disabled_reason = Some(reason);
    row.updated_at = unit.now();
    tracing::warn!(webhook = %row.id, reason = reason.as_str(), "a webhook was switched off");
    unit.record(changed(&row, Operation::Updated, &["enabled"]));
    let about = (EntityType::Webhook, row.id);
    let owner = row.user_id;
    replace_row(unit, row).await?;
    notification::raise(unit, NotificationReason::WebhookDisabled, about, &[owner]).await
}

/// The change row of a webhook, which nobody but its owner sees.
pub(super) fn changed(row: &Webhook, operation: Operation, fields: &[&str]) -> PendingChange {
    let audience = || Some(audience::of_user(row.user_id));
    PendingChange {
        entity_type: EntityType::Webhook,
        entity_id: row.id,
        operation,
        community_id: None,
        fields: fields.iter().map(|&field| field.to_owned()).collect(),
        audience_before: audience().filter(|_| operation != Operation::Created),
        audience_after: audience().filter(|_| operation != Operation::Deleted),
    }
}

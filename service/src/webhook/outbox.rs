//! Deliveries that wait: taken by one process at a time, and settled.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use entity::webhook;
use entity::webhook_delivery::{self, DeliveryState};
use sea_orm::sea_query::{
    Condition, Expr, ExprTrait, LockBehavior, LockType, Order, Query, SelectStatement,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, UpdateMany,
};
use uuid::Uuid;

use super::dispatcher::Tally;
use super::health::{self, Course};
use super::{Delivery, schedule};
use crate::error::Result;
use crate::store::{Store, WriteUnit};

/// Most characters that are kept of why an attempt failed.
const LONGEST_ERROR: usize = 500;

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The receiver took it.
    Delivered {
        /// The HTTP status.
        status: u16,
    },
    /// It may be taken later.
    Failed {
        /// The HTTP status, where there was an answer.
        status: Option<u16>,
        /// Why, as a sentence.
        error: String,
        /// How long the receiver asks to be left alone.
        wish: Option<TimeDelta>,
    },
    /// The receiver says that it is there no more.
    Gone,
    /// The owner may not be told of it any more.
    Unseen,
}

/// A delivery with what came of the attempt to make it.
#[derive(Clone, Debug)]
pub(super) struct Attempted {
    pub(super) delivery: Delivery,
    pub(super) outcome: Outcome,
}

/// How many deliveries are to be sent, now or later.
pub async fn waiting(store: &Store) -> Result<u64> {
    Ok(webhook_delivery::Entity::find()
        .filter(webhook_delivery::Column::FinishedAt.is_null())
        .count(store.reader())
        .await?)
}

/// The condition that a delivery is to be sent now, and that nobody is sending it.
fn is_due(now: DateTime<Utc>) -> Condition {
    use webhook_delivery::Column::{DueAt, FinishedAt, LeasedUntil};
    let free = LeasedUntil.is_null().or(LeasedUntil.lte(now));
    Condition::all()
        .add(FinishedAt.is_null())
        .add(DueAt.lte(now))
        .add(free)
}

/// The webhooks that have something to be sent, from the one after `after` on and round again, so that each has its turn;
/// and whether each fails. Those that are `full` are left out, and so are those that fail while an attempt is `running`.
pub(super) async fn due_webhooks(
    store: &Store,
    after: Uuid,
    running: &[Uuid],
    full: &[Uuid],
    most: u64,
) -> Result<Vec<(Uuid, bool)>> {
    let now = store.clock().now();
    let id = || Expr::col(("webhook", "id"));
    let mut found = Vec::new();
    for half in [id().gt(after), id().lte(after)] {
        let left = most.saturating_sub(found.len() as u64);
        if left == 0 {
            break;
        }
        let mut select = webhooks_with_due(now, left);
        select.and_where(half);
        if !running.is_empty() {
            let well = Expr::col(("webhook", "failing_since")).is_null();
            select.and_where(well.or(id().is_not_in(running.iter().copied())));
        }
        if !full.is_empty() {
            select.and_where(id().is_not_in(full.iter().copied()));
        }
        for row in store.reader().query_all(&select).await? {
            let failing: Option<DateTime<Utc>> = row.try_get("", "failing_since")?;
            found.push((row.try_get("", "id")?, failing.is_some()));
        }
    }
    Ok(found)
}

fn webhooks_with_due(now: DateTime<Utc>, most: u64) -> SelectStatement {
    let delivery = |column: &'static str| Expr::col(("webhook_delivery", column));
    let due = Query::select()
        .expr(Expr::value(1))
        .from("webhook_delivery")
        .and_where(delivery("webhook_id").equals(("webhook", "id")))
        .cond_where(is_due(now))
        .take();
    Query::select()
        .columns([("webhook", "id"), ("webhook", "failing_since")])
        .from("webhook")
        .and_where(Expr::col(("webhook", "enabled")).eq(true))
        .and_where(Expr::exists(due))
        .order_by(("webhook", "id"), Order::Asc)
        .limit(most)
        .take()
}

/// Takes up to so many deliveries of each webhook that are due, for this process alone for so `long`.
pub(super) async fn lease(
    unit: &WriteUnit,
    wanted: &[(Uuid, u64)],
    long: TimeDelta,
) -> Result<Vec<Delivery>> {
    let now = unit.now();
    let mut taken = Vec::new();
    for (webhook, most) in wanted {
        let rows = webhook_delivery::Entity::find()
            .filter(webhook_delivery::Column::WebhookId.eq(*webhook))
            .filter(is_due(now))
            .order_by_asc(webhook_delivery::Column::DueAt)
            .order_by_asc(webhook_delivery::Column::Id)
            .limit(*most)
            // What another process takes at this moment is its own.
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .all(unit.db())
            .await?;
        taken.extend(rows);
    }
    if taken.is_empty() {
        return Ok(taken);
    }
    let until = now + long;
    let ids = taken.iter().map(|delivery| delivery.id);
    webhook_delivery::Entity::update_many()
        .col_expr(
            webhook_delivery::Column::Attempts,
            Expr::col("attempts").add(1),
        )
        .col_expr(webhook_delivery::Column::LeasedUntil, Expr::value(until))
        .filter(webhook_delivery::Column::Id.is_in(ids))
        .exec(unit.db())
        .await?;
    for delivery in &mut taken {
        delivery.attempts += 1;
        delivery.leased_until = Some(until);
    }
    Ok(taken)
}

/// A delivery as long as nobody else has taken it, or asked for it anew.
fn still_leased(delivery: &Delivery) -> UpdateMany<webhook_delivery::Entity> {
    use webhook_delivery::Column::{Attempts, Id, LeasedUntil};
    webhook_delivery::Entity::update_many()
        .filter(Id.eq(delivery.id))
        .filter(Attempts.eq(delivery.attempts))
        .filter(LeasedUntil.is_not_null())
}

/// Hands back what was taken and not finished, so that it is sent soon.
pub(super) async fn release(unit: &WriteUnit, deliveries: &[Delivery]) -> Result<()> {
    for delivery in deliveries {
        still_leased(delivery)
            .col_expr(
                webhook_delivery::Column::LeasedUntil,
                Expr::value(None::<DateTime<Utc>>),
            )
            .exec(unit.db())
            .await?;
    }
    Ok(())
}

/// Notes what came of attempts.
pub(super) async fn settle(unit: &mut WriteUnit, attempts: &[Attempted]) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut courses: BTreeMap<Uuid, Course> = BTreeMap::new();
    hold_webhooks(unit, attempts).await?;
    for attempted in attempts {
        let delivery = &attempted.delivery;
        let course = courses.entry(delivery.webhook_id).or_default();
        match &attempted.outcome {
            Outcome::Delivered { .. } => course.delivered += 1,
            Outcome::Failed { .. } => course.failed += 1,
            Outcome::Gone => course.is_gone = true,
            Outcome::Unseen => {}
        }
        settle_one(unit, delivery, &attempted.outcome, &mut tally).await?;
    }
    // In the order of their ids: two processes that do the same wait for each other and never in a circle.
    for (webhook, course) in courses {
        health::note(unit, webhook, course).await?;
    }
    Ok(tally)
}

/// Holds the webhooks before their deliveries, as who deletes one does.
async fn hold_webhooks(unit: &WriteUnit, attempts: &[Attempted]) -> Result<()> {
    let ids: BTreeSet<Uuid> = attempts
        .iter()
        .map(|attempted| attempted.delivery.webhook_id)
        .collect();
    if ids.is_empty() {
        return Ok(());
    }
    webhook::Entity::find()
        .select_only()
        .column(webhook::Column::Id)
        .filter(webhook::Column::Id.is_in(ids))
        .order_by_asc(webhook::Column::Id)
        .lock(LockType::KeyShare)
        .into_tuple::<Uuid>()
        .all(unit.db())
        .await?;
    Ok(())
}

async fn settle_one(
    unit: &WriteUnit,
    delivery: &Delivery,
    outcome: &Outcome,
    tally: &mut Tally,
) -> Result<()> {
    let now = unit.now();
    let (state, status, error, due_at) = match outcome {
        Outcome::Unseen => {
            tally.dropped += 1;
            webhook_delivery::Entity::delete_many()
                .filter(webhook_delivery::Column::Id.eq(delivery.id))
                .filter(webhook_delivery::Column::Attempts.eq(delivery.attempts))
                .exec(unit.db())
                .await?;
            return Ok(());
        }
        Outcome::Delivered { status } => {
            tally.delivered += 1;
            (DeliveryState::Delivered, Some(*status), None, None)
        }
        Outcome::Gone => {
            tally.dead += 1;
            let error = "The receiver answered 410: it is gone.".to_owned();
            (DeliveryState::Dead, Some(410), Some(error), None)
        }
        Outcome::Failed {
            status,
            error,
            wish,
        } => {
            let failed = delivery.attempts - delivery.earlier_attempts;
            let next = schedule::next(failed, now, *wish);
            let state = if next.is_some() {
                tally.retried += 1;
                DeliveryState::Retrying
            } else {
                tally.dead += 1;
                tracing::warn!(delivery = %delivery.id, webhook = %delivery.webhook_id, attempts = failed, error, "a delivery was given up");
                DeliveryState::Dead
            };
            let error = error.chars().take(LONGEST_ERROR).collect();
            (state, *status, Some(error), next)
        }
    };
    let finished_at = due_at.is_none().then_some(now);
    still_leased(delivery)
        .col_expr(webhook_delivery::Column::State, Expr::value(state.as_str()))
        .col_expr(
            webhook_delivery::Column::LastStatus,
            Expr::value(status.map(i32::from)),
        )
        .col_expr(webhook_delivery::Column::LastError, Expr::value(error))
        .col_expr(
            webhook_delivery::Column::DueAt,
            Expr::value(due_at.unwrap_or(delivery.due_at)),
        )
        .col_expr(
            webhook_delivery::Column::LeasedUntil,
            Expr::value(None::<DateTime<Utc>>),
        )
        .col_expr(
            webhook_delivery::Column::FinishedAt,
            Expr::value(finished_at),
        )
        .exec(unit.db())
        .await?;
    Ok(())
}

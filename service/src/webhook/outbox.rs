//! Deliveries that wait: taken by one process at a time, and settled.

use std::collections::{BTreeMap, BTreeSet, HashSet};

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
#[crate::boxed]
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

/// A webhook that has something to be sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    pub(super) webhook: Uuid,
    pub(super) owner: Uuid,
    /// Whether the last attempt failed.
    pub(super) fails: bool,
}

/// What is not asked for more.
#[derive(Debug)]
pub(super) struct Busy {
    /// Webhooks for which attempts run.
    pub(super) running: Vec<Uuid>,
    /// Those among them that have as many as one may have.
    pub(super) full: Vec<Uuid>,
    /// People whose webhooks have as many as those of one person may have.
    pub(super) full_owners: Vec<Uuid>,
}

/// The webhooks that have something to be sent, from the one after `after` on and round again, so that each has its turn.
/// Those that are full are left out, and so are those that fail while an attempt runs.
pub(super) async fn due_webhooks(
    store: &Store,
    after: Uuid,
    busy: &Busy,
    most: u64,
) -> Result<Vec<Due>> {
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
        if !busy.running.is_empty() {
            let well = Expr::col(("webhook", "failing_since")).is_null();
            select.and_where(well.or(id().is_not_in(busy.running.iter().copied())));
        }
        if !busy.full.is_empty() {
            select.and_where(id().is_not_in(busy.full.iter().copied()));
        }
        if !busy.full_owners.is_empty() {
            let owner = Expr::col(("webhook", "user_id"));
            select.and_where(owner.is_not_in(busy.full_owners.iter().copied()));
        }
        for row in store.reader().query_all(&select).await? {
            let failing: Option<DateTime<Utc>> = row.try_get("", "failing_since")?;
            found.push(Due {
                webhook: row.try_get("", "id")?,
                owner: row.try_get("", "user_id")?,
                fails: failing.is_some(),
            });
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
        .columns([
            ("webhook", "id"),
            ("webhook", "user_id"),
            ("webhook", "failing_since"),
        ])
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
    // Whoever had these died before it was known what came of it: such an attempt counts for nothing.
    let cut_short = taken
        .iter_mut()
        .filter(|delivery| delivery.leased_until.is_some());
    let cut_short: Vec<Uuid> = cut_short
        .map(|delivery| {
            delivery.earlier_attempts += 1;
            delivery.id
        })
        .collect();
    if !cut_short.is_empty() {
        count_earlier(webhook_delivery::Entity::update_many())
            .filter(webhook_delivery::Column::Id.is_in(cut_short))
            .exec(unit.db())
            .await?;
    }
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

/// Counts one more attempt among those that the next ones have nothing to do with.
fn count_earlier(
    update: UpdateMany<webhook_delivery::Entity>,
) -> UpdateMany<webhook_delivery::Entity> {
    update.col_expr(
        webhook_delivery::Column::EarlierAttempts,
        Expr::col("earlier_attempts").add(1),
    )
}

/// A delivery as long as nobody else has taken it, or asked for it anew.
fn still_leased(delivery: &Delivery) -> UpdateMany<webhook_delivery::Entity> {
    use webhook_delivery::Column::{Attempts, Id, LeasedUntil};
    webhook_delivery::Entity::update_many()
        .filter(Id.eq(delivery.id))
        .filter(Attempts.eq(delivery.attempts))
        .filter(LeasedUntil.is_not_null())
}

/// Hands back what was taken and not finished, so that it is sent soon; the attempt counts for nothing.
pub(super) async fn release(unit: &WriteUnit, deliveries: &[Delivery]) -> Result<()> {
    for delivery in deliveries {
        count_earlier(still_leased(delivery))
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
    let webhooks = attempts.iter();
    let webhooks = webhooks.map(|attempted| attempted.delivery.webhook_id);
    // Before their deliveries, as who deletes one does.
    hold_webhooks(unit, webhooks.collect()).await?;
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

/// Keeps webhooks from being deleted until the commit; answers those that are there.
pub(super) async fn hold_webhooks(unit: &WriteUnit, ids: BTreeSet<Uuid>) -> Result<HashSet<Uuid>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let held = webhook::Entity::find()
        .select_only()
        .column(webhook::Column::Id)
        .filter(webhook::Column::Id.is_in(ids))
        .order_by_asc(webhook::Column::Id)
        .lock(LockType::KeyShare)
        .into_tuple::<Uuid>()
        .all(unit.db())
        .await?;
    Ok(held.into_iter().collect())
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

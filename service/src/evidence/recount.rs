//! Counting anew what shows that items work, in the transaction of whatever touched it.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use entity::adoption::{AdoptionOutcome, AdoptionState};
use entity::change::Operation;
use entity::evidence;
use entity::experience_report::{self, Consent};
use entity::item::{self, ItemType};
use entity::membership::MembershipState;
use entity::notification::NotificationReason;
use entity::pilot::{self, PilotOutcome, PilotState};
use entity::practice::{self, PracticeMaturity};
use entity::{community, membership};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::formula::{self, Counts, level};
use crate::change::row_changed;
use crate::error::{Error, Result};
use crate::item::{authors_of, entity_type};
use crate::membership::holders;
use crate::notification;
use crate::policy::{audience, work};
use crate::store::WriteUnit;

/// Counts the evidence of items anew: to be called last in every write that touches it, or a pilot. Where a level changes,
/// a change row says so; where it falls, whoever keeps the item is told. Each item is held until the commit.
pub async fn recount(unit: &mut WriteUnit, items: &[Uuid]) -> Result<()> {
    // In one order, so that two that count the same items do not wait for each other.
    let items: BTreeSet<Uuid> = items.iter().copied().collect();
    for id in items {
        recount_one(unit, id).await?;
    }
    Ok(())
}

async fn recount_one(unit: &mut WriteUnit, id: Uuid) -> Result<()> {
    let held = item::Entity::find_by_id(id).lock_exclusive();
    let Some(item) = held.one(unit.db()).await? else {
        return Ok(());
    };
    mark_pilots(unit, id).await?;
    let old = evidence::Entity::find_by_id(id).one(unit.db()).await?;
    let before = old.map(Counts::from).unwrap_or_default();
    let after = count(unit, id).await?;
    if before == after {
        return Ok(());
    }
    write(unit, id, after).await?;
    mark_unadopted(unit, &item, after).await?;
    let (from, to) = (level(before), level(after));
    if from == to {
        return Ok(());
    }
    let community = community::Entity::find_by_id(item.community_id)
        .one(unit.db())
        .await?
        .ok_or_else(|| Error::internal(format!("item {id} has no community")))?;
    let authors = authors_of(unit.db(), &[id]).await?.remove(&id);
    let audience = audience::of_item(&community, &item, &authors.unwrap_or_default());
    let fields = vec!["evidenceLevel".to_owned()];
    unit.record(row_changed(&item, Operation::Updated, fields, audience));
    if to < from {
        tell_keepers(unit, &item).await?;
    }
    Ok(())
}

/// Counts what is there, by the formula.
async fn count(unit: &WriteUnit, item: Uuid) -> Result<Counts> {
    let of_item = |table: &'static str| {
        Query::select()
            .from(table)
            .and_where(Expr::col((table, "subject_id")).eq(item))
            .take()
    };
    let number =
        |mut select: SelectStatement| Expr::from(select.expr(Expr::cust("COUNT(*)")).take());
    let mut concluded = of_item("pilot");
    concluded.and_where(Expr::col(("pilot", "state")).eq(PilotState::Concluded.as_str()));
    let mut worked = concluded.clone();
    let outcomes = PilotOutcome::ALL.iter().copied();
    let outcomes = outcomes.filter(|outcome| formula::worked(*outcome));
    worked.and_where(Expr::col(("pilot", "outcome")).is_in(outcomes.map(PilotOutcome::as_str)));
    let mut reports = of_item("experience_report");
    reports.and_where(Expr::col(("experience_report", "consent")).eq(Consent::Public.as_str()));
    let adoption = |column: &'static str| Expr::col(("adoption", column));
    let mut adoptions = of_item("adoption");
    adoptions.and_where(
        adoption("state")
            .is_in([AdoptionState::InUse, AdoptionState::Confirmed].map(AdoptionState::as_str)),
    );
    let mut confirmed = of_item("adoption");
    let not_worse = adoption("outcome")
        .is_null()
        .or(adoption("outcome").ne(AdoptionOutcome::Worse.as_str()));
    confirmed
        .and_where(adoption("state").eq(AdoptionState::Confirmed.as_str()))
        .and_where(not_worse);
    let mut settings = confirmed.clone();
    settings.expr(adoption("setting_key").count_distinct());
    let select = Query::select()
        .expr_as(number(concluded), "concluded")
        .expr_as(number(worked), "worked")
        .expr_as(number(reports), "reports")
        .expr_as(number(adoptions), "adoptions")
        .expr_as(number(confirmed), "confirmed")
        .expr_as(Expr::from(settings), "settings")
        .take();
    let row = unit.db().query_one(&select).await?;
    let row = row.ok_or_else(|| Error::internal("counting answered nothing"))?;
    let number = |name: &str| -> Result<i32> {
        let number: i64 = row.try_get("", name)?;
        Ok(i32::try_from(number).unwrap_or(i32::MAX))
    };
    Ok(Counts {
        concluded: number("concluded")?,
        worked: number("worked")?,
        reports: number("reports")?,
        adoptions: number("adoptions")?,
        confirmed: number("confirmed")?,
        settings: number("settings")?,
    })
}

async fn write(unit: &WriteUnit, item_id: Uuid, counts: Counts) -> Result<()> {
    use evidence::Column;
    let row = evidence::Model {
        item_id,
        level: level(counts),
        concluded: counts.concluded,
        worked: counts.worked,
        reports: counts.reports,
        adoptions: counts.adoptions,
        confirmed: counts.confirmed,
        settings: counts.settings,
    };
    let replace = OnConflict::column(Column::ItemId)
        .update_columns([
            Column::Level,
            Column::Concluded,
            Column::Worked,
            Column::Reports,
            Column::Adoptions,
            Column::Confirmed,
            Column::Settings,
        ])
        .to_owned();
    evidence::Entity::insert(row.into_active_model())
        .on_conflict(replace)
        .exec_without_returning(unit.db())
        .await?;
    Ok(())
}

/// Notes of a practice since when it is recommended and nobody uses it.
async fn mark_unadopted(unit: &WriteUnit, item: &item::Model, counts: Counts) -> Result<()> {
    if item.item_type != ItemType::Practice {
        return Ok(());
    }
    let row = practice::Entity::find_by_id(item.id).one(unit.db()).await?;
    let waits = row.is_some_and(|row| waits_for_adoption(row.maturity, counts));
    if waits == item.unadopted_since.is_some() {
        return Ok(());
    }
    let since = waits.then(|| unit.now());
    item::Entity::update_many()
        .col_expr(item::Column::UnadoptedSince, Expr::value(since))
        .filter(item::Column::Id.eq(item.id))
        .exec(unit.db())
        .await?;
    Ok(())
}

/// Notes of the pilots of an item that are not over when they end without anybody having told their community of it.
/// What only few may read does not show by this.
async fn mark_pilots(unit: &WriteUnit, subject: Uuid) -> Result<()> {
    let is_open =
        |pilot: &pilot::Model| matches!(pilot.state, PilotState::Planned | PilotState::Running);
    let pilots = pilot::Entity::find()
        .filter(pilot::Column::SubjectId.eq(subject))
        .filter(
            Condition::any()
                .add(pilot::Column::State.is_in([PilotState::Planned, PilotState::Running]))
                .add(pilot::Column::ReportDueAt.is_not_null()),
        )
        .all(unit.db())
        .await?;
    if pilots.is_empty() {
        return Ok(());
    }
    let told: Vec<Uuid> = experience_report::Entity::find()
        .select_only()
        .column(experience_report::Column::AboutId)
        .distinct()
        .filter(experience_report::Column::AboutId.is_in(pilots.iter().map(|row| row.id)))
        .filter(experience_report::Column::Consent.ne(Consent::Authors))
        .into_tuple()
        .all(unit.db())
        .await?;
    for pilot in pilots {
        let waits = is_open(&pilot) && !told.contains(&pilot.id);
        let due = pilot.ends_on.filter(|_| waits).map(end_of);
        if due == pilot.report_due_at {
            continue;
        }
        pilot::Entity::update_many()
            .col_expr(pilot::Column::ReportDueAt, Expr::value(due))
            .filter(pilot::Column::Id.eq(pilot.id))
            .exec(unit.db())
            .await?;
    }
    Ok(())
}

fn end_of(day: NaiveDate) -> DateTime<Utc> {
    (day + Days::new(1)).and_time(NaiveTime::MIN).and_utc()
}

/// Whether a practice is recommended and nobody uses it.
pub(crate) fn waits_for_adoption(maturity: PracticeMaturity, counts: Counts) -> bool {
    maturity == PracticeMaturity::Recommended && counts.adoptions == 0
}

/// Tells whoever keeps an item that less shows that it works than before: its steward, where that is a member still; else
/// those who are told of what nobody keeps.
async fn tell_keepers(unit: &WriteUnit, item: &item::Model) -> Result<()> {
    let steward = match item.steward_id {
        None => None,
        Some(steward) => {
            membership::Entity::find()
                .filter(membership::Column::CommunityId.eq(item.community_id))
                .filter(membership::Column::UserId.eq(steward))
                .filter(membership::Column::State.eq(MembershipState::Active))
                .one(unit.db())
                .await?
        }
    };
    let told = match steward {
        Some(steward) => BTreeSet::from([steward.user_id]),
        None => holders(unit, item.community_id, work::TOLD_WITHOUT_STEWARD).await?,
    };
    let told: Vec<Uuid> = told.into_iter().collect();
    let about = (entity_type(item.item_type), item.id);
    notification::raise(unit, NotificationReason::Due, about, &told).await
}

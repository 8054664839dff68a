//! Counting anew how much members take part: those who did something, and those for whom time alone changes something.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use entity::participation::{self, ParticipationLevel};
use entity::participation_act::ParticipationAct;
use entity::participation_change;
use futures_util::FutureExt;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::formula::{self, Counts};
use crate::error::{Error, Result};
use crate::store::{Store, WriteUnit};

/// Members in one statement, and in one unit of work.
const BATCH: usize = 500;

/// Slides the window to a day: counts anew for whom acts left it or silence lasted too long. What was done for a day is
/// not done again.
pub async fn slide(store: &Store, day: NaiveDate) -> Result<()> {
    let due = participation::Entity::find().filter(participation::Column::DueOn.lte(day));
    // Most of the times that it is asked nothing is due: that costs no write.
    if due.limit(1).one(store.reader()).await?.is_none() {
        return Ok(());
    }
    loop {
        let slid = store
            .write(None, move |unit| slide_batch(unit, day).boxed())
            .await?;
        if slid.value < BATCH {
            return Ok(());
        }
    }
}

async fn slide_batch(unit: &mut WriteUnit, day: NaiveDate) -> Result<usize> {
    let due: Vec<Uuid> = participation::Entity::find()
        .select_only()
        .column(participation::Column::MembershipId)
        .filter(participation::Column::DueOn.lte(day))
        .order_by_asc(participation::Column::DueOn)
        .order_by_asc(participation::Column::MembershipId)
        .limit(BATCH as u64)
        .into_tuple()
        .all(unit.db())
        .await?;
    recount(unit, &due, day).await?;
    Ok(due.len())
}

/// What is known of a membership beside its acts in the window.
struct Facts {
    community: Uuid,
    joined_at: Option<DateTime<Utc>>,
    last_active_at: Option<DateTime<Utc>>,
}

impl Facts {
    /// Whether the person ever joined, or did something that counts.
    fn has_trace(&self) -> bool {
        self.joined_at.is_some() || self.last_active_at.is_some()
    }

    /// The day of the last act, or of joining where that is later.
    fn last_trace(&self) -> Option<NaiveDate> {
        let traces = [self.joined_at, self.last_active_at];
        let last = traces.into_iter().flatten().max();
        last.map(|time| time.date_naive())
    }
}

/// Counts anew how much members take part on a day.
pub(super) async fn recount(unit: &WriteUnit, memberships: &[Uuid], day: NaiveDate) -> Result<()> {
    for chunk in memberships.chunks(BATCH) {
        // Locked before anything is counted: of two that count, the later one sees what the other wrote.
        let before: HashMap<Uuid, ParticipationLevel> = participation::Entity::find()
            .filter(participation::Column::MembershipId.is_in(chunk.iter().copied()))
            .order_by_asc(participation::Column::MembershipId)
            .lock_exclusive()
            .all(unit.db())
            .await?
            .into_iter()
            .map(|row| (row.membership_id, row.level))
            .collect();
        let counted = counted(unit, chunk, day).await?;
        let rows: Vec<_> = facts(unit, chunk)
            .await?
            .into_iter()
            // Who is invited, or asked to join, does not take part yet.
            .filter(|(id, facts)| facts.has_trace() || before.contains_key(id))
            .map(|(id, facts)| {
                let (counts, oldest) = counted.get(&id).copied().unwrap_or_default();
                row(id, &facts, counts, oldest, day)
            })
            .collect::<Result<_>>()?;
        note_changes(unit, &rows, &before, day).await?;
        upsert(unit, rows).await?;
    }
    Ok(())
}

fn row(
    id: Uuid,
    facts: &Facts,
    counts: Counts,
    oldest: Option<NaiveDate>,
    day: NaiveDate,
) -> Result<participation::Model> {
    let last_trace = facts.last_trace();
    let due = [
        oldest.map(formula::out_of_window),
        last_trace.map(formula::inactive_from),
    ];
    let stored = |count: u32| i32::try_from(count).map_err(Error::internal);
    Ok(participation::Model {
        membership_id: id,
        community_id: facts.community,
        level: formula::level(counts, last_trace, day),
        contributions: stored(counts.contributions)?,
        attendances: stored(counts.attendances)?,
        reactions: stored(counts.reactions)?,
        last_active_at: facts.last_active_at,
        due_on: due.into_iter().flatten().filter(|due| *due > day).min(),
    })
}

async fn facts(unit: &WriteUnit, memberships: &[Uuid]) -> Result<HashMap<Uuid, Facts>> {
    let last = Query::select()
        .expr(Expr::col(("participation_act", "at")).max())
        .from("participation_act")
        .and_where(Expr::col(("participation_act", "membership_id")).equals(("membership", "id")))
        .take();
    let select = Query::select()
        .columns([
            ("membership", "id"),
            ("membership", "community_id"),
            ("membership", "joined_at"),
        ])
        .expr_as(Expr::from(last), "last_active_at")
        .from("membership")
        .and_where(Expr::col(("membership", "id")).is_in(memberships.iter().copied()))
        .take();
    let mut facts = HashMap::with_capacity(memberships.len());
    for row in unit.db().query_all(&select).await? {
        facts.insert(
            row.try_get("", "id")?,
            Facts {
                community: row.try_get("", "community_id")?,
                joined_at: row.try_get("", "joined_at")?,
                last_active_at: row.try_get("", "last_active_at")?,
            },
        );
    }
    Ok(facts)
}

/// What members did in the window of a day, with the day of the oldest act in it.
async fn counted(
    unit: &WriteUnit,
    memberships: &[Uuid],
    day: NaiveDate,
) -> Result<HashMap<Uuid, (Counts, Option<NaiveDate>)>> {
    let start = formula::window_start(day)
        .and_time(NaiveTime::MIN)
        .and_utc();
    let at = || Expr::col(("participation_act", "at"));
    let select = Query::select()
        .columns([
            ("participation_act", "membership_id"),
            ("participation_act", "act"),
        ])
        .expr_as(Expr::cust("COUNT(*)"), "count")
        .expr_as(at().min(), "oldest")
        .from("participation_act")
        .and_where(
            Expr::col(("participation_act", "membership_id")).is_in(memberships.iter().copied()),
        )
        .and_where(at().gte(start))
        .group_by_col(("participation_act", "membership_id"))
        .group_by_col(("participation_act", "act"))
        .take();
    let mut counted: HashMap<Uuid, (Counts, Option<NaiveDate>)> = HashMap::new();
    for row in unit.db().query_all(&select).await? {
        let act: ParticipationAct = row.try_get("", "act")?;
        let count: i64 = row.try_get("", "count")?;
        let count = u32::try_from(count).map_err(Error::internal)?;
        let oldest: DateTime<Utc> = row.try_get("", "oldest")?;
        let (counts, first) = counted
            .entry(row.try_get("", "membership_id")?)
            .or_default();
        match act {
            ParticipationAct::Contribution => counts.contributions = count,
            ParticipationAct::Attendance => counts.attendances = count,
            ParticipationAct::Reaction => counts.reactions = count,
        }
        let oldest = oldest.date_naive();
        *first = Some(first.map_or(oldest, |first| std::cmp::min(first, oldest)));
    }
    Ok(counted)
}

/// Keeps the level of those for whom it is another one than before, as that of the day.
async fn note_changes(
    unit: &WriteUnit,
    rows: &[participation::Model],
    before: &HashMap<Uuid, ParticipationLevel>,
    day: NaiveDate,
) -> Result<()> {
    let changed: Vec<_> = rows
        .iter()
        .filter(|row| before.get(&row.membership_id) != Some(&row.level))
        .map(|row| participation_change::ActiveModel {
            membership_id: Set(row.membership_id),
            day: Set(day),
            level: Set(row.level),
        })
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    participation_change::Entity::insert_many(changed)
        .on_conflict(
            OnConflict::columns([
                participation_change::Column::MembershipId,
                participation_change::Column::Day,
            ])
            .update_column(participation_change::Column::Level)
            .to_owned(),
        )
        .exec_without_returning(unit.db())
        .await?;
    Ok(())
}

async fn upsert(unit: &WriteUnit, rows: Vec<participation::Model>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model);
    participation::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::column(participation::Column::MembershipId)
                .update_columns([
                    participation::Column::Level,
                    participation::Column::Contributions,
                    participation::Column::Attendances,
                    participation::Column::Reactions,
                    participation::Column::LastActiveAt,
                    participation::Column::DueOn,
                ])
                .to_owned(),
        )
        .exec_without_returning(unit.db())
        .await?;
    Ok(())
}

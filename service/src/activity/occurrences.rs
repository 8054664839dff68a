//! The occurrences of activities in a range: what the rule gives, and what is kept of single ones.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::activity::{self, ActivityState};
use entity::{attendance, occurrence};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{by_start, times};
use crate::error::{Error, Result};
use crate::schedule::{self, Ask, MOST_DAYS, MOST_HITS};
use crate::store::Store;

/// One occurrence of an activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The activity.
    pub activity_id: Uuid,
    /// The start that the rule gives; it stays when the occurrence is moved.
    pub recurrence_id: DateTime<Utc>,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// Where it stands.
    pub state: ActivityState,
    /// What is to be done, Markdown.
    pub agenda: Option<String>,
    /// What was done, Markdown.
    pub notes: Option<String>,
    /// Where the recording is.
    pub recording_url: Option<String>,
}

/// A range of time, from inclusive, to exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Range {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

impl Range {
    /// Checks a range that occurrences are asked for in.
    pub fn new(from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Self> {
        let message = if to <= from {
            "`to` must be later than `from`.".to_owned()
        } else if to - from > TimeDelta::days(MOST_DAYS) {
            format!("The range may be {MOST_DAYS} days long at most.")
        } else {
            return Ok(Self { from, to });
        };
        Err(Error::BadArgument {
            argument: "to",
            message,
        })
    }

    /// The first moment inside, and the first one after.
    pub(super) fn bounds(self) -> (DateTime<Utc>, DateTime<Utc>) {
        (self.from, self.to)
    }

    fn contains(self, time: DateTime<Utc>) -> bool {
        (self.from..self.to).contains(&time)
    }
}

type Key = (Uuid, DateTime<Utc>);

/// What is kept of the occurrences of some activities.
struct Kept {
    overrides: HashMap<Key, occurrence::Model>,
    attended: HashSet<Key>,
}

impl Kept {
    /// All that may matter to a range, in two statements.
    async fn load(store: &Store, ids: &[Uuid], range: Range) -> Result<Self> {
        use occurrence::Column;
        let within = |column: Column| {
            Condition::all()
                .add(column.gte(range.from))
                .add(column.lt(range.to))
        };
        let overrides = occurrence::Entity::find()
            .filter(Column::ActivityId.is_in(ids.iter().copied()))
            .filter(
                Condition::any()
                    .add(within(Column::RecurrenceId))
                    .add(within(Column::StartsAt)),
            )
            .all(store.reader())
            .await?;
        let attended: Vec<Key> = attendance::Entity::find()
            .select_only()
            .columns([
                attendance::Column::ActivityId,
                attendance::Column::RecurrenceId,
            ])
            .filter(attendance::Column::ActivityId.is_in(ids.iter().copied()))
            .filter(attendance::Column::RecurrenceId.gte(range.from))
            .filter(attendance::Column::RecurrenceId.lt(range.to))
            .distinct()
            .into_tuple()
            .all(store.reader())
            .await?;
        Ok(Self {
            overrides: overrides
                .into_iter()
                .map(|row| ((row.activity_id, row.recurrence_id), row))
                .collect(),
            attended: attended.into_iter().collect(),
        })
    }

    /// Starts outside the range whose occurrences were moved into it.
    fn moved_into(&self, activity: Uuid, range: Range) -> Vec<DateTime<Utc>> {
        self.overrides
            .values()
            .filter(|row| {
                row.activity_id == activity
                    && range.contains(row.starts_at)
                    && !range.contains(row.recurrence_id)
            })
            .map(|row| row.recurrence_id)
            .collect()
    }

    /// Starts that are listed even when the rule does not give them: somebody was there, or noted something.
    fn not_to_be_lost(&self, activity: Uuid) -> impl Iterator<Item = DateTime<Utc>> {
        let noted = self.overrides.values().filter(move |row| {
            row.activity_id == activity && (row.notes.is_some() || row.recording_url.is_some())
        });
        let attended = self.attended.iter().filter(move |key| key.0 == activity);
        noted
            .map(|row| row.recurrence_id)
            .chain(attended.map(|key| key.1))
    }
}

/// The occurrences of activities that the viewer was shown, each in its range, by their starts; at most 500 each.
#[crate::boxed]
pub async fn occurrences(
    store: &Store,
    wanted: &[(Arc<activity::Model>, Range)],
) -> Result<Vec<Vec<Occurrence>>> {
    let mut ids: Vec<Uuid> = wanted.iter().map(|(row, _)| row.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let hull = wanted
        .iter()
        .map(|(_, range)| *range)
        .reduce(|one, other| Range {
            from: one.from.min(other.from),
            to: one.to.max(other.to),
        });
    let Some(hull) = hull else {
        return Ok(Vec::new());
    };
    let kept = Kept::load(store, &ids, hull).await?;
    let questions = wanted
        .iter()
        .map(|(row, range)| Ask {
            times: times(row),
            from: range.from,
            to: range.to,
            others: kept.moved_into(row.id, *range),
        })
        .collect();
    let answers = schedule::ask(questions).await?;
    Ok(wanted
        .iter()
        .zip(answers)
        .map(|((row, range), given)| listed(row, *range, given, &kept))
        .collect())
}

fn listed(
    row: &activity::Model,
    range: Range,
    given: Vec<DateTime<Utc>>,
    kept: &Kept,
) -> Vec<Occurrence> {
    let mut starts: HashSet<DateTime<Utc>> = given.into_iter().collect();
    starts.extend(kept.not_to_be_lost(row.id));
    let mut found: Vec<Occurrence> = starts
        .into_iter()
        .map(|start| one(row, start, kept.overrides.get(&(row.id, start))))
        .filter(|occurrence| range.contains(occurrence.starts_at))
        .collect();
    found.sort_by_key(by_start);
    found.truncate(MOST_HITS);
    found
}

/// One occurrence of an activity, as it is with what is kept of it. The caller knows that there is one.
#[must_use]
pub fn occurrence(
    row: &activity::Model,
    recurrence_id: DateTime<Utc>,
    kept: Option<&occurrence::Model>,
) -> Occurrence {
    one(row, recurrence_id, kept)
}

fn one(
    row: &activity::Model,
    recurrence_id: DateTime<Utc>,
    kept: Option<&occurrence::Model>,
) -> Occurrence {
    // The notes and the recording of a single activity are those of its one occurrence.
    let single = row.recurrence.is_none().then_some(row);
    let own =
        |text: fn(&activity::Model) -> &Option<String>| single.and_then(|row| text(row).clone());
    Occurrence {
        activity_id: row.id,
        recurrence_id,
        starts_at: kept.map_or(recurrence_id, |kept| kept.starts_at),
        ends_at: kept.map_or(recurrence_id + times(row).duration(), |kept| kept.ends_at),
        state: kept.and_then(|kept| kept.state).unwrap_or(row.state),
        agenda: kept
            .and_then(|kept| kept.agenda.clone())
            .or_else(|| row.agenda.clone()),
        notes: kept
            .and_then(|kept| kept.notes.clone())
            .or_else(|| own(|row| &row.notes)),
        recording_url: kept
            .and_then(|kept| kept.recording_url.clone())
            .or_else(|| own(|row| &row.recording_url)),
    }
}

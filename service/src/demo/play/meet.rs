//! Meetings: planned once, held again and again.

use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, TimeZone, Utc, Weekday};
use entity::activity::{self, ActivityState};
use entity::attendance::AttendanceState;
use entity::item::ItemType;
use sea_orm::EntityTrait;

use super::{Cue, absent};
use crate::activity::{
    ActivityContent, CreateActivity, Occurrence, Range, UpdateOccurrence, occurrences,
    set_attendance, update_occurrence,
};
use crate::demo::scenes::{Meet, Meeting, Rhythm};
use crate::error::{Error, Result};
use crate::item::{ItemContent, Origin};
use crate::validation::Patch;

/// The longest from one meeting to the next.
const LONGEST_REST: TimeDelta = TimeDelta::days(40);

pub(super) async fn play(cue: &Cue<'_>, act: &Meet) -> Result<()> {
    match act {
        Meet::Plan(meeting) => plan(cue, meeting).await,
        Meet::Hold(meeting) => hold(cue, meeting).await,
        Meet::Reply(meeting, state) => {
            let row = find(cue, meeting).await?;
            let coming = listed(cue, &row, cue.at, cue.at + LONGEST_REST).await?;
            let next = coming.first().ok_or_else(|| absent(meeting.title))?;
            set_attendance(
                cue.store,
                cue.viewer,
                row.id,
                next.recurrence_id,
                *state,
                None,
            )
            .await?;
            Ok(())
        }
    }
}

/// The last of a meeting that is over, as the place where something is made.
pub(super) async fn last_origin(cue: &Cue<'_>, meeting: &Meeting) -> Result<Origin> {
    let row = find(cue, meeting).await?;
    let over = listed(cue, &row, row.starts_at, cue.at).await?;
    Ok(Origin {
        made_in_id: Some(row.id),
        occurrence: over.last().map(|occurrence| occurrence.recurrence_id),
    })
}

impl Rhythm {
    const fn rule(self) -> &'static str {
        match self {
            Self::EveryOtherWeek => "FREQ=WEEKLY;INTERVAL=2",
            Self::SecondTuesday => "FREQ=MONTHLY;BYDAY=2TU",
        }
    }

    fn may_begin_on(self, day: NaiveDate) -> bool {
        match self {
            Self::EveryOtherWeek => true,
            Self::SecondTuesday => day.weekday() == Weekday::Tue && (8..=14).contains(&day.day()),
        }
    }
}

impl Meeting {
    /// When it begins first, on the day of `from` or after.
    fn first_start(&self, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let days = from.date_naive().iter_days();
        let day = days.take(60).find(|day| self.rhythm.may_begin_on(*day))?;
        let local = day.and_hms_opt(self.hour, 0, 0)?;
        Some(self.zone.from_local_datetime(&local).earliest()?.to_utc())
    }
}

async fn plan(cue: &Cue<'_>, meeting: &Meeting) -> Result<()> {
    if cue
        .find_item(meeting.title, &[ItemType::Activity])
        .await?
        .is_some()
    {
        return Ok(());
    }
    let starts_at = meeting.first_start(cue.at).ok_or_else(|| {
        Error::internal(format!("\"{}\" finds no day to begin on", meeting.title))
    })?;
    let input = CreateActivity {
        community_id: cue.community,
        content: ItemContent {
            title: Patch::Value(meeting.title.to_owned()),
            language: Patch::Value(meeting.language.to_owned()),
            licence: Patch::Value("CC0-1.0".to_owned()),
            ..ItemContent::default()
        },
        activity: ActivityContent {
            kind: Patch::Value(meeting.kind),
            mode: Patch::Value(meeting.mode),
            starts_at: Patch::Value(starts_at),
            ends_at: Patch::Value(starts_at + TimeDelta::hours(1)),
            time_zone: Patch::Value(meeting.zone.name().to_owned()),
            recurrence: Patch::Value(meeting.rhythm.rule().to_owned()),
            join_url: Patch::Value(meeting.join_url.to_owned()),
            agenda: Patch::Value(meeting.agenda.to_owned()),
            ..ActivityContent::default()
        },
    };
    crate::activity::create(cue.store, cue.viewer, input).await?;
    Ok(())
}

/// The meetings that are over were held: with notes, and with those who were there.
async fn hold(cue: &Cue<'_>, meeting: &Meeting) -> Result<()> {
    let row = find(cue, meeting).await?;
    let over = listed(cue, &row, row.starts_at, cue.at).await?;
    for (place, occurrence) in over.into_iter().enumerate() {
        let (id, start) = (occurrence.activity_id, occurrence.recurrence_id);
        for handle in meeting.people.iter().skip(place % 2) {
            let user = Some(cue.user(handle)?);
            let attended = AttendanceState::Attended;
            set_attendance(cue.store, cue.viewer, id, start, attended, user).await?;
        }
        if occurrence.state == ActivityState::Planned {
            let notes = meeting.notes.get(place).map(|notes| (*notes).to_owned());
            let input = UpdateOccurrence {
                state: Patch::Value(ActivityState::Held),
                notes: notes.map_or(Patch::Absent, Patch::Value),
                ..UpdateOccurrence::default()
            };
            update_occurrence(cue.store, cue.viewer, id, start, input).await?;
        }
    }
    Ok(())
}

async fn find(cue: &Cue<'_>, meeting: &Meeting) -> Result<Arc<activity::Model>> {
    let item = cue
        .find_item(meeting.title, &[ItemType::Activity])
        .await?
        .ok_or_else(|| absent(meeting.title))?;
    let row = activity::Entity::find_by_id(item.id)
        .one(cue.store.reader())
        .await?;
    row.map(Arc::new).ok_or_else(|| absent(meeting.title))
}

async fn listed(
    cue: &Cue<'_>,
    row: &Arc<activity::Model>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<Occurrence>> {
    let wanted = [(Arc::clone(row), Range::new(from, to)?)];
    Ok(occurrences(cue.store, &wanted)
        .await?
        .pop()
        .unwrap_or_default())
}

//! What the members of one community of the demonstration do together, and what they say of it. All of it is made up, to
//! show what a meeting leaves behind.

use std::sync::Arc;

use chrono::{DateTime, Datelike, Months, NaiveDate, TimeDelta, TimeZone, Utc, Weekday};
use entity::activity::{self, ActivityKind, ActivityMode, ActivityState};
use entity::attendance::AttendanceState;
use entity::defining_statement::{self, StatementAspect};
use entity::goal;
use entity::item::{self, ItemType};
use entity::learning_question::{self, LearningQuestionState};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::items::Ids;
use super::load::Counter;
use super::people::{FACILITATOR, MEMBER, People, REVIEWER, STEWARD};
use crate::activity::{
    ActivityContent, CreateActivity, Occurrence, Range, UpdateOccurrence, occurrences,
    set_attendance, update_occurrence,
};
use crate::defining_statement::ProposeStatement;
use crate::error::{Error, Result};
use crate::goal::CreateGoal;
use crate::item::{ItemContent, Origin};
use crate::store::Store;
use crate::validation::Patch;

/// The community.
pub(super) const COMMUNITY: &str = "computing-instructors";
const TITLE: &str = "Monthly instructors' meeting (illustrative)";
const ZONE: chrono_tz::Tz = chrono_tz::America::Toronto;

/// What was noted of the meetings, the oldest first.
const NOTES: &[&str] = &[
    "Made up: we introduced ourselves, and each told of one lesson that went wrong.",
    "Made up: we tried two ways to begin a lesson, and kept the shorter one.",
    "Made up: we wrote down what defines us.",
];

/// Statements with who proposed and who endorsed them.
const STATEMENTS: &[(&str, StatementAspect, &str, &[&str])] = &[
    (
        "Beginners should leave each lesson with something that works. (Made up.)",
        StatementAspect::Purpose,
        MEMBER,
        &[STEWARD, REVIEWER, FACILITATOR],
    ),
    (
        "We watch each other teach, and say first what we would copy. (Made up.)",
        StatementAspect::Norm,
        STEWARD,
        &[MEMBER],
    ),
];

/// Goals, each of the community or of the one member.
const GOALS: &[(&str, bool, &str)] = &[
    (
        "Every lesson was taught by somebody who did not write it. (Made up.)",
        false,
        FACILITATOR,
    ),
    (
        "To teach one lesson without slides. (Made up.)",
        true,
        MEMBER,
    ),
];

/// Questions, and where they go.
const QUESTIONS: &[(&str, &[LearningQuestionState])] = &[
    (
        "What do learners remember after half a year? (Made up.)",
        &[
            LearningQuestionState::InInquiry,
            LearningQuestionState::Answered,
        ],
    ),
    (
        "How do we teach those who already know a little? (Made up.)",
        &[],
    ),
];

/// How many things it makes.
pub(super) const THINGS: usize = 1 + STATEMENTS.len() + GOALS.len() + QUESTIONS.len();

/// Makes what is not there yet.
pub(super) async fn load(
    store: &Store,
    people: &People,
    ids: &Ids,
    counter: &mut Counter<'_>,
) -> Result<()> {
    let community = ids.community(COMMUNITY)?;
    let meeting = meeting(store, people, community).await?;
    let now = store.clock().now();
    let held = listed(store, &meeting, meeting.starts_at, now).await?;
    hold(store, people, &held).await?;
    let after = now + TimeDelta::days(60);
    if let Some(next) = listed(store, &meeting, now, after).await?.first() {
        for (handle, state) in [
            (MEMBER, AttendanceState::Going),
            (REVIEWER, AttendanceState::Maybe),
        ] {
            let viewer = people.get(handle)?;
            set_attendance(store, viewer, meeting.id, next.recurrence_id, state, None).await?;
        }
    }
    counter.add(1);
    let made_in = Origin {
        made_in_id: Some(meeting.id),
        occurrence: held.last().map(|occurrence| occurrence.recurrence_id),
    };
    statements(store, people, community, made_in, counter).await?;
    goals(store, people, community, counter).await?;
    questions(store, people, community, meeting.id, counter).await
}

/// The second Tuesday of a month some months ago, in the evening.
fn first_start(now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let month = now.date_naive().checked_sub_months(Months::new(4))?;
    let day = NaiveDate::from_weekday_of_month_opt(month.year(), month.month(), Weekday::Tue, 2)?;
    let local = day.and_hms_opt(19, 0, 0)?;
    Some(ZONE.from_local_datetime(&local).single()?.to_utc())
}

async fn meeting(store: &Store, people: &People, community: Uuid) -> Result<Arc<activity::Model>> {
    let there = item::Entity::find()
        .filter(item::Column::CommunityId.eq(community))
        .filter(item::Column::ItemType.eq(ItemType::Activity))
        .filter(item::Column::Title.eq(TITLE))
        .one(store.reader())
        .await?;
    let id = match there {
        Some(item) => item.id,
        None => make_meeting(store, people, community).await?,
    };
    let row = activity::Entity::find_by_id(id).one(store.reader()).await?;
    row.map(Arc::new)
        .ok_or_else(|| Error::internal(format!("activity {id} lacks its details")))
}

async fn make_meeting(store: &Store, people: &People, community: Uuid) -> Result<Uuid> {
    let starts_at = first_start(store.clock().now())
        .ok_or_else(|| Error::internal("the demonstration finds no day for its meeting"))?;
    let input = CreateActivity {
        community_id: community,
        content: ItemContent {
            title: Patch::Value(TITLE.to_owned()),
            language: Patch::Value("en".to_owned()),
            licence: Patch::Value("CC0-1.0".to_owned()),
            ..ItemContent::default()
        },
        activity: ActivityContent {
            kind: Patch::Value(ActivityKind::Meeting),
            mode: Patch::Value(ActivityMode::Online),
            starts_at: Patch::Value(starts_at),
            ends_at: Patch::Value(starts_at + TimeDelta::hours(1)),
            time_zone: Patch::Value(ZONE.name().to_owned()),
            recurrence: Patch::Value("FREQ=MONTHLY;BYDAY=2TU".to_owned()),
            join_url: Patch::Value("https://meet.example.org/instructors".to_owned()),
            agenda: Patch::Value(
                "1. What went well\n2. One lesson, looked at together\n3. What we write down"
                    .to_owned(),
            ),
            ..ActivityContent::default()
        },
    };
    let made = crate::activity::create(store, people.get(FACILITATOR)?, input).await?;
    Ok(made.value.item.id)
}

async fn listed(
    store: &Store,
    meeting: &Arc<activity::Model>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<Occurrence>> {
    let wanted = [(Arc::clone(meeting), Range::new(from, to)?)];
    Ok(occurrences(store, &wanted).await?.pop().unwrap_or_default())
}

/// The meetings that are over were held: with notes, and with those who were there.
async fn hold(store: &Store, people: &People, held: &[Occurrence]) -> Result<()> {
    let facilitator = people.get(FACILITATOR)?;
    for (place, occurrence) in held.iter().enumerate() {
        let (id, start) = (occurrence.activity_id, occurrence.recurrence_id);
        if occurrence.state == ActivityState::Planned {
            let notes = NOTES.get(place).map(|notes| (*notes).to_owned());
            let input = UpdateOccurrence {
                state: Patch::Value(ActivityState::Held),
                notes: notes.map_or(Patch::Absent, Patch::Value),
                ..UpdateOccurrence::default()
            };
            update_occurrence(store, facilitator, id, start, input).await?;
        }
        for handle in [STEWARD, MEMBER, REVIEWER].into_iter().skip(place % 2) {
            let user = Some(people.get(handle)?.require_user()?);
            let attended = AttendanceState::Attended;
            set_attendance(store, facilitator, id, start, attended, user).await?;
        }
    }
    Ok(())
}

async fn statements(
    store: &Store,
    people: &People,
    community: Uuid,
    origin: Origin,
    counter: &mut Counter<'_>,
) -> Result<()> {
    for (text, aspect, author, endorsers) in STATEMENTS {
        let there = defining_statement::Entity::find()
            .filter(defining_statement::Column::CommunityId.eq(community))
            .filter(defining_statement::Column::Text.eq(*text))
            .one(store.reader())
            .await?;
        let id = if let Some(row) = there {
            row.id
        } else {
            let input = ProposeStatement {
                community_id: community,
                text: (*text).to_owned(),
                aspect: *aspect,
                origin,
                supersedes_id: None,
            };
            let viewer = people.get(author)?;
            let made = crate::defining_statement::propose(store, viewer, input).await?;
            made.value.id
        };
        for handle in *endorsers {
            crate::defining_statement::endorse(store, people.get(handle)?, id).await?;
        }
        counter.add(1);
    }
    Ok(())
}

async fn goals(
    store: &Store,
    people: &People,
    community: Uuid,
    counter: &mut Counter<'_>,
) -> Result<()> {
    for (text, individual, author) in GOALS {
        let there = goal::Entity::find()
            .filter(goal::Column::CommunityId.eq(community))
            .filter(goal::Column::Text.eq(*text))
            .one(store.reader())
            .await?;
        if there.is_none() {
            let input = CreateGoal {
                community_id: community,
                individual: *individual,
                text: (*text).to_owned(),
                target_date: None,
            };
            crate::goal::create(store, people.get(author)?, input).await?;
        }
        counter.add(1);
    }
    Ok(())
}

async fn questions(
    store: &Store,
    people: &People,
    community: Uuid,
    meeting: Uuid,
    counter: &mut Counter<'_>,
) -> Result<()> {
    let facilitator = people.get(FACILITATOR)?;
    for (text, way) in QUESTIONS {
        let there = learning_question::Entity::find()
            .filter(learning_question::Column::CommunityId.eq(community))
            .filter(learning_question::Column::Text.eq(*text))
            .one(store.reader())
            .await?;
        let row = if let Some(row) = there {
            row
        } else {
            let text = (*text).to_owned();
            let viewer = people.get(MEMBER)?;
            crate::learning_question::add(store, viewer, community, text)
                .await?
                .value
        };
        let passed = way.iter().position(|state| *state == row.state);
        for to in way.iter().skip(passed.map_or(0, |place| place + 1)) {
            let answers = if *to == LearningQuestionState::Answered {
                vec![meeting]
            } else {
                Vec::new()
            };
            crate::learning_question::set_state(store, facilitator, row.id, *to, answers).await?;
        }
        counter.add(1);
    }
    Ok(())
}

//! Making and changing activities.

use chrono::{DateTime, Utc};
use entity::activity::{self, ActivityKind, ActivityMode, ActivityState};
use entity::item::ItemType;
use entity::link::LinkRelation;
use entity::{attendance, link, occurrence};
use futures_util::FutureExt;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{row, times};
use crate::error::Result;
use crate::item::gate::{check_references, open};
use crate::item::update::check_revision;
use crate::item::{self, Details, Draft, ItemContent, ItemState};
use crate::policy::item as item_policy;
use crate::schedule::{Paths, Times};
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{BODY, Faults, Patch, TITLE};
use crate::viewer::{Scope, Viewer};

/// Where the times are in the input.
const PATHS: Paths = Paths {
    starts_at: &["input", "startsAt"],
    ends_at: &["input", "endsAt"],
    time_zone: &["input", "timeZone"],
    recurrence: &["input", "recurrence"],
};

/// What only an activity has, as a client gives it.
#[derive(Clone, Debug, Default)]
pub struct ActivityContent {
    /// What members do together.
    pub kind: Patch<ActivityKind>,
    /// Where people meet.
    pub mode: Patch<ActivityMode>,
    /// When it begins.
    pub starts_at: Patch<DateTime<Utc>>,
    /// When it ends.
    pub ends_at: Patch<DateTime<Utc>>,
    /// IANA name of a time zone.
    pub time_zone: Patch<String>,
    /// RFC 5545 RRULE.
    pub recurrence: Patch<String>,
    /// Where it is.
    pub place: Patch<String>,
    /// Where to join on the web.
    pub join_url: Patch<String>,
    /// Where the recording is.
    pub recording_url: Patch<String>,
    /// What is to be done, Markdown.
    pub agenda: Patch<String>,
    /// What was done, Markdown.
    pub notes: Patch<String>,
}

/// A new activity.
#[derive(Clone, Debug)]
pub struct CreateActivity {
    /// The community that it goes to.
    pub community_id: Uuid,
    /// What all items have.
    pub content: ItemContent,
    /// What only activities have.
    pub activity: ActivityContent,
}

/// A change of an activity.
#[derive(Clone, Debug, Default)]
pub struct UpdateActivity {
    /// What all items have.
    pub content: ItemContent,
    /// What only activities have.
    pub activity: ActivityContent,
}

impl ActivityContent {
    /// The row and the kind's name with this content put into them; what is wrong with it is noted.
    async fn apply(
        self,
        mut row: activity::Model,
        kind: Option<String>,
        faults: &mut Faults,
    ) -> Result<(activity::Model, Option<String>)> {
        let kind = match self.kind.required(faults, &["input", "kind"]) {
            Some(kind) => Some(kind.as_str().to_owned()),
            None => kind,
        };
        if let Some(mode) = self.mode.required(faults, &["input", "mode"]) {
            row.mode = mode;
        }
        let old = times(&row);
        let new = Times {
            starts_at: self
                .starts_at
                .required(faults, PATHS.starts_at)
                .unwrap_or(old.starts_at),
            ends_at: self
                .ends_at
                .required(faults, PATHS.ends_at)
                .unwrap_or(old.ends_at),
            time_zone: self
                .time_zone
                .required(faults, PATHS.time_zone)
                .unwrap_or_else(|| old.time_zone.clone()),
            recurrence: self.recurrence.or_keep(old.recurrence.clone()),
        };
        // Times that stay are not asked about again: what zones are known may have changed since.
        if new != old {
            let checked = new.checked(PATHS, faults).await?;
            row.starts_at = checked.starts_at;
            row.ends_at = checked.ends_at;
            row.time_zone = checked.time_zone;
            row.recurrence = checked.recurrence;
        }
        row.place = faults
            .text_patch(&["input", "place"], self.place, TITLE)
            .or_keep(row.place);
        row.join_url = faults
            .url_patch(&["input", "joinUrl"], self.join_url)
            .or_keep(row.join_url);
        row.recording_url = faults
            .url_patch(&["input", "recordingUrl"], self.recording_url)
            .or_keep(row.recording_url);
        row.agenda = faults
            .text_patch(&["input", "agenda"], self.agenda, BODY)
            .or_keep(row.agenda);
        row.notes = faults
            .text_patch(&["input", "notes"], self.notes, BODY)
            .or_keep(row.notes);
        Ok((row, kind))
    }
}

impl CreateActivity {
    async fn into_draft(self) -> Result<Draft> {
        let mut faults = Faults::default();
        let content = self.content.check(&mut faults);
        let blank = activity::Model {
            id: Uuid::nil(),
            mode: ActivityMode::Online,
            state: ActivityState::Planned,
            // A time that no input can be, so that the given ones are looked at.
            starts_at: DateTime::<Utc>::MIN_UTC,
            ends_at: DateTime::<Utc>::MIN_UTC,
            time_zone: String::new(),
            recurrence: None,
            place: None,
            join_url: None,
            recording_url: None,
            agenda: None,
            notes: None,
        };
        let (row, kind) = self.activity.apply(blank, None, &mut faults).await?;
        Ok(Draft {
            community_id: self.community_id,
            content,
            kind,
            details: Details::Activity(row),
            publish: false,
            faults,
        })
    }
}

/// Makes an activity, in state PLANNED. It is never a draft.
#[crate::boxed]
pub async fn create(
    store: &Store,
    viewer: &Viewer,
    input: CreateActivity,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    let draft = input.into_draft().await?;
    store
        .write(Some(actor), move |unit| {
            async move { item::create_one(unit, &viewer, draft).await }.boxed()
        })
        .await
}

/// Changes an activity. A single one that is moved takes its attendance, its notes and what was made in it along; of a
/// recurring one whose rule changes, occurrences that somebody attended or noted something of stay listed.
#[crate::boxed]
pub async fn update(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    input: UpdateActivity,
    expected_revision: Option<i32>,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(
                    unit,
                    &viewer,
                    Some(ItemType::Activity),
                    id,
                    item_policy::update,
                )
                .await?;
                let mut faults = Faults::default();
                let mut content = input.content.check(&mut faults);
                let old = row(&opened.state)?.clone();
                let kind = opened.state.item.kind.clone();
                let (new_row, kind) = input.activity.apply(old.clone(), kind, &mut faults).await?;
                check_references(unit, &opened.state, &mut content, &mut faults).await?;
                faults.check()?;
                check_revision(expected_revision, opened.state.item.revision)?;
                move_along(unit, &old, &new_row).await?;
                let mut new = opened.state.clone();
                content.apply(&mut new);
                new.item.kind = kind;
                new.details = Details::Activity(new_row);
                let base = opened.state.clone();
                item::update(unit, opened, &base, new, None).await
            }
            .boxed()
        })
        .await
}

/// The one occurrence of a single activity goes where the activity goes.
async fn move_along(unit: &WriteUnit, old: &activity::Model, new: &activity::Model) -> Result<()> {
    if old.recurrence.is_some() || new.recurrence.is_some() || old.starts_at == new.starts_at {
        return Ok(());
    }
    let (from, to) = (old.starts_at, new.starts_at);
    occurrence::Entity::update_many()
        .col_expr(occurrence::Column::RecurrenceId, Expr::value(to))
        .col_expr(occurrence::Column::StartsAt, Expr::value(to))
        .col_expr(occurrence::Column::EndsAt, Expr::value(new.ends_at))
        .filter(occurrence::Column::ActivityId.eq(old.id))
        .filter(occurrence::Column::RecurrenceId.eq(from))
        .exec(unit.db())
        .await?;
    attendance::Entity::update_many()
        .col_expr(attendance::Column::RecurrenceId, Expr::value(to))
        .filter(attendance::Column::ActivityId.eq(old.id))
        .filter(attendance::Column::RecurrenceId.eq(from))
        .exec(unit.db())
        .await?;
    link::Entity::update_many()
        .col_expr(link::Column::Occurrence, Expr::value(to))
        .filter(link::Column::ToId.eq(old.id))
        .filter(link::Column::Relation.eq(LinkRelation::MadeIn))
        .filter(link::Column::Occurrence.eq(from))
        .exec(unit.db())
        .await?;
    Ok(())
}

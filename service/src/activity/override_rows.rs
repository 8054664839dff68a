//! Changing one occurrence of an activity: the rows that hold what it has otherwise than the activity says.

use chrono::{DateTime, Utc};
use entity::activity::ActivityState;
use entity::change::Operation;
use entity::item::ItemType;
use entity::occurrence;
use futures_util::FutureExt;
use sea_orm::{EntityTrait, IntoActiveModel};
use uuid::Uuid;

use super::states::check_step;
use super::{attendance, occurrences, require_occurrence, row, times};
use crate::change::{differing, row_changed};
use crate::error::Result;
use crate::item::ItemState;
use crate::item::gate::open;
use crate::item::insert::replace_row;
use crate::policy::audience;
use crate::policy::item as policy;
use crate::schedule::{Paths, check_span, whole_seconds};
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{BODY, Faults, Patch, TextRule};
use crate::viewer::{Scope, Viewer};

/// Where the times are in the input.
const PATHS: Paths = Paths {
    starts_at: &["input", "startsAt"],
    ends_at: &["input", "endsAt"],
    time_zone: &[],
    recurrence: &[],
};

/// The agenda and the notes of one occurrence, of which there may be many.
const NOTES: TextRule = TextRule {
    max: 50_000,
    ..BODY
};

/// A change of one occurrence. Null gives a field back to the activity.
#[derive(Clone, Debug, Default)]
pub struct UpdateOccurrence {
    /// When it begins.
    pub starts_at: Patch<DateTime<Utc>>,
    /// When it ends.
    pub ends_at: Patch<DateTime<Utc>>,
    /// Where it stands.
    pub state: Patch<ActivityState>,
    /// What is to be done, Markdown.
    pub agenda: Patch<String>,
    /// What was done, Markdown.
    pub notes: Patch<String>,
    /// Where the recording is.
    pub recording_url: Patch<String>,
}

/// Changes one occurrence of an activity. Its recurrence id stays, wherever it is moved.
#[crate::boxed]
pub async fn update_occurrence(
    store: &Store,
    viewer: &Viewer,
    activity: Uuid,
    recurrence_id: DateTime<Utc>,
    input: UpdateOccurrence,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    let recurrence_id = whole_seconds(recurrence_id);
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(
                    unit,
                    &viewer,
                    Some(ItemType::Activity),
                    activity,
                    policy::run_activity,
                )
                .await
                .map_err(attendance::at_activity)?;
                let activity = row(&opened.state)?;
                let kept = find(unit, activity.id, recurrence_id).await?;
                if kept.is_none() {
                    require_occurrence(times(activity), recurrence_id).await?;
                }
                let old = kept.clone().unwrap_or_else(|| {
                    let given = occurrences::occurrence(activity, recurrence_id, None);
                    occurrence::Model {
                        activity_id: activity.id,
                        recurrence_id,
                        starts_at: given.starts_at,
                        ends_at: given.ends_at,
                        state: None,
                        agenda: None,
                        notes: None,
                        recording_url: None,
                    }
                });
                let given = recurrence_id + times(activity).duration();
                let new = input.apply(&old, given, activity.state)?;
                let fields = changed_fields(&old, &new);
                if fields.is_empty() {
                    return Ok(opened.state);
                }
                if new.starts_at != old.starts_at {
                    attendance::remind_anew(unit, activity.id, recurrence_id).await?;
                }
                match kept {
                    Some(_) => replace_row(unit, new).await?,
                    None => {
                        occurrence::Entity::insert(new.into_active_model())
                            .exec_without_returning(unit.db())
                            .await?;
                    }
                }
                let audience =
                    audience::of_item(&opened.community, &opened.state.item, &opened.state.authors);
                unit.record(row_changed(
                    &opened.state.item,
                    Operation::Updated,
                    fields,
                    audience,
                ));
                Ok(opened.state)
            }
            .boxed()
        })
        .await
}

/// What is kept of an occurrence.
pub(super) async fn find(
    unit: &WriteUnit,
    activity: Uuid,
    recurrence_id: DateTime<Utc>,
) -> Result<Option<occurrence::Model>> {
    Ok(occurrence::Entity::find_by_id((activity, recurrence_id))
        .one(unit.db())
        .await?)
}

impl UpdateOccurrence {
    fn apply(
        self,
        old: &occurrence::Model,
        given_end: DateTime<Utc>,
        of_activity: ActivityState,
    ) -> Result<occurrence::Model> {
        let mut faults = Faults::default();
        let mut new = old.clone();
        let time = |patch, old, given| match patch {
            Patch::Absent => old,
            Patch::Null => given,
            Patch::Value(time) => whole_seconds(time),
        };
        new.starts_at = time(self.starts_at, old.starts_at, old.recurrence_id);
        new.ends_at = time(self.ends_at, old.ends_at, given_end);
        check_span(new.starts_at, new.ends_at, PATHS, &mut faults);
        let text = |faults: &mut Faults, path: &[&str], patch, old: &Option<String>| {
            faults.text_patch(path, patch, NOTES).or_keep(old.clone())
        };
        new.agenda = text(&mut faults, &["input", "agenda"], self.agenda, &old.agenda);
        new.notes = text(&mut faults, &["input", "notes"], self.notes, &old.notes);
        new.recording_url = faults
            .url_patch(&["input", "recordingUrl"], self.recording_url)
            .or_keep(old.recording_url.clone());
        let to = self.state.required(&mut faults, &["input", "state"]);
        faults.check()?;
        let present = old.state.unwrap_or(of_activity);
        if let Some(to) = to.filter(|to| *to != present) {
            check_step(present, to, &["input", "state"])?;
            new.state = Some(to);
        }
        Ok(new)
    }
}

/// The names of what differs, as fields of the activity.
fn changed_fields(old: &occurrence::Model, new: &occurrence::Model) -> Vec<String> {
    differing(&[
        ("occurrences.startsAt", old.starts_at != new.starts_at),
        ("occurrences.endsAt", old.ends_at != new.ends_at),
        ("occurrences.state", old.state != new.state),
        ("occurrences.agenda", old.agenda != new.agenda),
        ("occurrences.notes", old.notes != new.notes),
        (
            "occurrences.recordingUrl",
            old.recording_url != new.recording_url,
        ),
    ])
}

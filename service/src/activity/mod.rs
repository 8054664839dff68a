//! Activities: what members do together, once or again and again, with who was there, what was noted and what was made.

mod attendance;
mod calendar;
mod content;
mod occurrences;
mod override_rows;
mod states;

#[cfg(test)]
mod tests;

pub use attendance::{Attendance, attendance_count, page_of_attendance, set_attendance};
pub use calendar::{Entry, calendars, own_calendar};
pub use content::{ActivityContent, CreateActivity, UpdateActivity, create, update};
pub use occurrences::{Occurrence, Range, occurrence, occurrences};
pub use override_rows::{UpdateOccurrence, update_occurrence};
pub use states::{next_states, set_state};

use entity::activity;
use uuid::Uuid;

use crate::error::{Error, FaultCode, Result};
use crate::item::{Details, ItemState, Listed};
use crate::schedule::{self, Times};

pub(crate) use crate::item::origin::times;

/// An activity as lists answer it.
pub type Activity = Listed<activity::Model>;

/// The order of occurrences: by their starts, those of one moment by their ids.
fn by_start(
    occurrence: &Occurrence,
) -> (
    chrono::DateTime<chrono::Utc>,
    Uuid,
    chrono::DateTime<chrono::Utc>,
) {
    let Occurrence {
        starts_at,
        activity_id,
        recurrence_id,
        ..
    } = *occurrence;
    (starts_at, activity_id, recurrence_id)
}

/// The row of an activity that was opened.
fn row(state: &ItemState) -> Result<&activity::Model> {
    match &state.details {
        Details::Activity(row) => Ok(row),
        _ => Err(lacking(state.item.id)),
    }
}

fn lacking(id: Uuid) -> Error {
    Error::internal(format!("activity {id} lacks its details"))
}

/// Refuses a recurrence id that the activity's schedule does not give.
async fn require_occurrence(times: Times, start: chrono::DateTime<chrono::Utc>) -> Result<()> {
    if schedule::has(times, start).await? {
        return Ok(());
    }
    Err(Error::fault(
        FaultCode::NotFound,
        &["recurrenceId"],
        "The activity has no occurrence with this recurrenceId; use one that `occurrences` answered.",
    ))
}

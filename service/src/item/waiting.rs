//! What waits for somebody: a question for its first answer, a revision for its review, an innovation for a decision
//! about its stage. Work queues and clocks read it from one column of the item.

use chrono::{DateTime, Utc};
use entity::discussion::{self, DiscussionState};
use entity::innovation::InnovationStage;
use entity::item::{self, PublicationStatus};

use super::Details;
use crate::discussion::is_answerable;

/// Whether the newest revision of a resource, a practice or a collection waits for its review.
pub(crate) fn for_review(item: &item::Model) -> bool {
    use PublicationStatus::{InReview, Published};
    item.status == Some(InReview)
        || (item.status == Some(Published) && item.pending_status == Some(InReview))
}

/// Whether a discussion waits for its first answer.
pub(crate) fn for_answer(row: &discussion::Model) -> bool {
    is_answerable(row.kind) && row.state == DiscussionState::Open && row.first_answered_at.is_none()
}

/// Whether an innovation in this stage waits for somebody to move it on, park it or give it up.
pub(crate) fn for_decision(stage: InnovationStage) -> bool {
    use InnovationStage::{Exploring, Idea, Piloting, Validated};
    matches!(stage, Idea | Exploring | Piloting | Validated)
}

impl Details {
    /// Whether a new item with these details waits for something from the start. A new draft does not.
    pub(super) fn waits(&self) -> bool {
        match self {
            Self::Discussion(row) => for_answer(row),
            Self::Innovation(row) => for_decision(row.stage),
            Self::Resource(_) | Self::Practice(..) | Self::Activity(_) | Self::Collection(..) => {
                false
            }
        }
    }
}

/// Notes on the item when it begins to wait, or no longer does, and answers whether one of the two happened.
pub(crate) fn mark(
    item: &mut item::Model,
    waits: impl FnOnce(&item::Model) -> bool,
    now: DateTime<Utc>,
) -> bool {
    let waits = waits(item);
    if item.waiting_since.is_some() == waits {
        return false;
    }
    restart(item, waits, now);
    true
}

/// The same where each step begins a wait of its own.
pub(crate) fn restart(item: &mut item::Model, waits: bool, now: DateTime<Utc>) {
    item.waiting_since = waits.then_some(now);
    if waits {
        item.reminded_at = None;
    }
}

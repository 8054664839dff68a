//! When what is published is to be reviewed again.

use chrono::{DateTime, TimeDelta, Utc};
use entity::community;
use entity::item::{self, PublicationStatus};

use crate::community::kind::policy_of;

/// How many days before a review is due its steward is reminded.
pub(crate) const REVIEW_REMINDER_DAYS: i64 = 14;

/// When somebody is to be reminded first of a review that is due then.
pub(crate) fn first_reminder(due_at: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    due_at.map(|due_at| due_at - TimeDelta::days(REVIEW_REMINDER_DAYS))
}

/// Starts the clock of an item that readers are shown from now on, where its community has one. A date that it has is
/// somebody's word, and stays.
pub(super) fn start_clock(
    item: &mut item::Model,
    community: &community::Model,
    now: DateTime<Utc>,
) {
    if item.status != Some(PublicationStatus::Published) || item.review_due_at.is_some() {
        return;
    }
    item.review_due_at = policy_of(community).next_review(now);
    item.review_reminder_at = first_reminder(item.review_due_at);
}

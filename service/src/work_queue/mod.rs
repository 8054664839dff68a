//! Work queues: what awaits somebody in their communities, in the order that each community's kind asks for.
//!
//! A queue is no table. Each reason is a select of its own, which an index serves: it holds what waits for that reason,
//! in its order, and nothing else. So a page costs the same however much a community holds that does not wait.

mod arms;
mod page;
#[cfg(test)]
mod tests;

pub use page::{count, page};

use chrono::{DateTime, Utc};
use entity::change::EntityType;
use uuid::Uuid;

use crate::community::kind::WorkReason;

/// Something that awaits the viewer. One object may do so for more than one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkItem {
    /// Why.
    pub reason: WorkReason,
    /// What, by its type and id.
    pub node: (EntityType, Uuid),
    /// Since when.
    pub since: DateTime<Utc>,
    /// By when it should be done, where the community says so.
    pub due_at: Option<DateTime<Utc>>,
}

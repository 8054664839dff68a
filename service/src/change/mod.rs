//! The change log: what is read from it. Writing it is the store's, in the transaction of each write.
//!
//! [`follow`] keeps the search index of this process equal to the database: it reads the log after the position that
//! the index has reached, loads what was changed as it is now, and hands it to the engine together with the new
//! position. [`reindex`] makes the index anew.
//!
//! [`feed`] tells each reader what changed, as far as they may know of it. [`forget_old`] removes rows that are so old that
//! nobody reads on from there.

mod apply;
pub mod feed;
mod follower;
mod halving;
mod installation;
mod read;
mod rebuild;
mod reindex;
mod retention;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use entity::change::{EntityType, Operation};
use entity::item;
use uuid::Uuid;

use crate::item::entity_type;
use crate::store::PendingChange;

pub use apply::catch_up;
pub use follower::follow;
pub use installation::database_id;
pub(crate) use read::load;
pub use rebuild::Losses;
pub use reindex::{ReindexError, reindex};
pub use retention::forget_old;

/// The words for something of a type in messages.
#[must_use]
pub fn noun(entity_type: EntityType) -> String {
    entity_type.as_str().to_lowercase().replace('_', " ")
}

/// The change row of an item whose audience stays the same.
#[must_use]
pub fn row_changed(
    item: &item::Model,
    operation: Operation,
    fields: Vec<String>,
    audience: BTreeSet<String>,
) -> PendingChange {
    PendingChange {
        entity_type: entity_type(item.item_type),
        entity_id: item.id,
        operation,
        community_id: Some(item.community_id),
        fields,
        audience_before: Some(audience.clone()),
        audience_after: Some(audience),
    }
}

/// The change row of a user, for those who see what was changed.
#[must_use]
pub(crate) fn user_changed(
    user: Uuid,
    fields: Vec<String>,
    audience: BTreeSet<String>,
) -> PendingChange {
    PendingChange {
        entity_type: EntityType::User,
        entity_id: user,
        operation: Operation::Updated,
        community_id: None,
        fields,
        audience_before: Some(audience.clone()),
        audience_after: Some(audience),
    }
}

/// The names of the fields that differ, of all that may.
#[must_use]
pub(crate) fn differing(fields: &[(&str, bool)]) -> Vec<String> {
    fields
        .iter()
        .filter(|(_, differs)| *differs)
        .map(|(field, _)| (*field).to_owned())
        .collect()
}

//! The change log: what is read from it. Writing it is the store's, in the transaction of each write.

use std::collections::BTreeSet;

use entity::change::Operation;
use entity::item;

use crate::item::entity_type;
use crate::store::PendingChange;

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

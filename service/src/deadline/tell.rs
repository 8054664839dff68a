//! Whom a clock tells, and of what.

use std::collections::BTreeSet;

use entity::item;
use entity::notification::NotificationReason;
use uuid::Uuid;

use crate::error::Result;
use crate::item::entity_type;
use crate::notification;
use crate::store::WriteUnit;

/// Tells each of these people once that an item has come to its time.
pub(super) async fn tell(
    unit: &WriteUnit,
    reason: NotificationReason,
    item: &item::Model,
    users: BTreeSet<Uuid>,
) -> Result<()> {
    let users: Vec<Uuid> = users.into_iter().collect();
    let about = (entity_type(item.item_type), item.id);
    notification::raise(unit, reason, about, &users).await
}

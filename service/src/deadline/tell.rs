//! Whom a clock tells, and of what.

use std::collections::BTreeSet;

use entity::item;
use entity::membership::{self, MembershipRole, MembershipState};
use entity::notification::NotificationReason;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::error::Result;
use crate::item::entity_type;
use crate::notification;
use crate::store::WriteUnit;

/// So many people are told of one thing at most, those of the oldest memberships.
const MOST_TOLD: u64 = 100;

/// The active members of a community with one of these roles.
pub(crate) async fn holders(
    unit: &WriteUnit,
    community: Uuid,
    roles: &[MembershipRole],
) -> Result<BTreeSet<Uuid>> {
    let found: Vec<Uuid> = membership::Entity::find()
        .select_only()
        .column(membership::Column::UserId)
        .filter(membership::Column::CommunityId.eq(community))
        .filter(membership::Column::State.eq(MembershipState::Active))
        .filter(membership::Column::Role.is_in(roles.iter().copied()))
        .order_by_asc(membership::Column::Id)
        .limit(MOST_TOLD)
        .into_tuple()
        .all(unit.db())
        .await?;
    Ok(found.into_iter().collect())
}

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

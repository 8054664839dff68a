//! Whom a community has in a role.

use std::collections::BTreeSet;

use entity::membership::{self, MembershipRole, MembershipState};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::error::Result;
use crate::store::WriteUnit;

/// So many of them at most are found.
const MOST: u64 = 100;

/// The active members of a community with one of these roles; of very many, those of the oldest memberships.
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
        .limit(MOST)
        .into_tuple()
        .all(unit.db())
        .await?;
    Ok(found.into_iter().collect())
}

//! Crediting people whose work goes on as another item: members as its authors, the others by name.

use std::collections::HashMap;

use entity::membership::{self, MembershipState};
use entity::user;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::error::Result;
use crate::store::WriteUnit;
use crate::user::FORMER_MEMBER;

/// Active members of a community as authors, and the names of the others as bylines, each in their order.
pub(crate) async fn credit(
    unit: &WriteUnit,
    community: Uuid,
    people: Vec<Uuid>,
) -> Result<(Vec<Uuid>, Vec<String>)> {
    let members: Vec<Uuid> = membership::Entity::find()
        .select_only()
        .column(membership::Column::UserId)
        .filter(membership::Column::CommunityId.eq(community))
        .filter(membership::Column::UserId.is_in(people.iter().copied()))
        .filter(membership::Column::State.eq(MembershipState::Active))
        .into_tuple()
        .all(unit.db())
        .await?;
    let (authors, others): (Vec<Uuid>, Vec<Uuid>) = people
        .into_iter()
        .partition(|person| members.contains(person));
    if others.is_empty() {
        return Ok((authors, Vec::new()));
    }
    let names: HashMap<Uuid, String> = user::Entity::find()
        .filter(user::Column::Id.is_in(others.iter().copied()))
        .all(unit.db())
        .await?
        .into_iter()
        .map(|user| (user.id, user))
        .map(|(id, user)| {
            let gone = user.status == user::UserStatus::Erased;
            let name = if gone {
                FORMER_MEMBER.to_owned()
            } else {
                user.display_name
            };
            (id, name)
        })
        .collect();
    let bylines = others.iter().filter_map(|id| names.get(id).cloned());
    Ok((authors, bylines.collect()))
}

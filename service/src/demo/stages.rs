//! Where a community of the demonstration is in its life, and what its members do beside their roles. All of it is made
//! up.

use entity::community::{self, CommunityStage};
use entity::membership;
use entity::membership_function::MembershipFunction;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::items::Ids;
use super::life::COMMUNITY;
use super::people::{FACILITATOR, MEMBER, People, STEWARD};
use crate::community::{SetStage, set_stage};
use crate::error::{Error, Result};
use crate::membership::set_functions;
use crate::store::Store;

const FUNCTIONS: &[(&str, MembershipFunction)] = &[
    (FACILITATOR, MembershipFunction::Coordinator),
    (STEWARD, MembershipFunction::TechnologySteward),
    (MEMBER, MembershipFunction::Broker),
];

/// Takes the community to its next stage, unless it is there; and says what its members do.
pub(super) async fn load(store: &Store, people: &People, ids: &Ids) -> Result<()> {
    let id = ids.community(COMMUNITY)?;
    let facilitator = people.get(FACILITATOR)?;
    let row = community::Entity::find_by_id(id)
        .one(store.reader())
        .await?;
    if row.is_some_and(|row| row.stage == CommunityStage::Potential) {
        let step = SetStage {
            stage: CommunityStage::Coalescing,
            reason: "Made up: we meet every month, and know what we want to find out.".to_owned(),
            outcome: None,
            overriding: false,
        };
        set_stage(store, facilitator, id, step).await?;
    }
    for (handle, function) in FUNCTIONS {
        let member = membership_of(store, id, people.get(handle)?.require_user()?).await?;
        set_functions(store, facilitator, member, vec![*function]).await?;
    }
    Ok(())
}

async fn membership_of(store: &Store, community: Uuid, user: Uuid) -> Result<Uuid> {
    membership::Entity::find()
        .filter(membership::Column::CommunityId.eq(community))
        .filter(membership::Column::UserId.eq(user))
        .one(store.reader())
        .await?
        .map(|row| row.id)
        .ok_or_else(|| Error::internal("a member of the demonstration is missing"))
}

//! People who come by an invitation that was sent by e-mail.

use entity::membership::{self, MembershipRole, MembershipState};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use uuid::Uuid;

use super::standing::{Hold, stand_in, standing};
use super::steps::{Step, begin, take};
use crate::error::Result;
use crate::policy;
use crate::store::WriteUnit;
use crate::viewer::Viewer;

/// Makes somebody invited to a community in the name of whoever invited them, who must still be allowed to. Who asked
/// to join becomes active. None where nothing comes of the invitation: whoever was barred stays so.
pub(crate) async fn welcome(
    unit: &mut WriteUnit,
    community: Uuid,
    user: Uuid,
    inviter: Uuid,
) -> Result<Option<membership::Model>> {
    let (_, found) = standing(unit, &Viewer::anonymous(), community, Hold::Exclusive).await?;
    let inviting = stand_in(unit, inviter, &[community]).await?;
    let (Some(community), Some(inviting)) = (found, inviting) else {
        return Ok(None);
    };
    if !policy::community::manage_members(&inviting, &community).allows() {
        return Ok(None);
    }
    let old = membership::Entity::find()
        .filter(membership::Column::CommunityId.eq(community.id))
        .filter(membership::Column::UserId.eq(user))
        .one(unit.db())
        .await?;
    let invitation = Step {
        state: MembershipState::Invited,
        role: MembershipRole::Member,
        reason: None,
    };
    let membership = match old {
        None => begin(unit, &community, user, invitation).await?,
        Some(old) => match old.state {
            MembershipState::Banned => return Ok(None),
            MembershipState::Active | MembershipState::Invited => return Ok(Some(old)),
            MembershipState::Requested => {
                let admission = Step::to(MembershipState::Active, &old);
                return Ok(Some(take(unit, &community, old, admission).await?));
            }
            _ => take(unit, &community, old, invitation).await?,
        },
    };
    // The step was written by the newcomer's own request.
    let mut row = membership.into_active_model();
    row.invited_by = Set(Some(inviter));
    Ok(Some(row.update(unit.db()).await?))
}

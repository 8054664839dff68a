//! The end of all memberships of somebody who goes for good, with the same care for communities as when one leaves.

use std::collections::HashMap;

use entity::community;
use entity::membership::{self, MembershipState};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use super::steps::{Step, in_need_of, write};
use crate::error::{Blocker, BlockerCode, Error, Result};
use crate::policy::community::{Access, access};
use crate::store::WriteUnit;
use crate::viewer::Viewer;

/// What somebody is in a community, or waits to be.
pub(crate) type Belonging = (community::Model, membership::Model);

/// The memberships that have not ended: what becomes of the others is history.
fn open_memberships(user: Uuid) -> Select<membership::Entity> {
    membership::Entity::find()
        .filter(membership::Column::UserId.eq(user))
        .filter(membership::Column::State.is_in([
            MembershipState::Active,
            MembershipState::Invited,
            MembershipState::Requested,
        ]))
}

/// The communities to which somebody belongs, or waits to, held until the commit. In the order of their ids, so that
/// two who hold many do not wait for each other.
pub(crate) async fn hold_communities(
    unit: &WriteUnit,
    user: Uuid,
) -> Result<Vec<community::Model>> {
    let theirs = open_memberships(user)
        .select_only()
        .column(membership::Column::CommunityId)
        .into_query();
    Ok(community::Entity::find()
        .filter(community::Column::Id.in_subquery(theirs))
        .order_by_asc(community::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(unit.db())
        .await?)
}

/// What somebody is in these communities, which are held, or waits to be.
pub(crate) async fn belongings(
    unit: &WriteUnit,
    user: Uuid,
    communities: &[community::Model],
) -> Result<Vec<Belonging>> {
    let open = open_memberships(user)
        .order_by_asc(membership::Column::Id)
        .all(unit.db())
        .await?;
    let held = communities
        .iter()
        .map(|community| (community.id, community));
    let held: HashMap<Uuid, &community::Model> = held.collect();
    open.into_iter()
        .map(|membership| {
            let home = held.get(&membership.community_id).copied();
            let home = home.cloned().ok_or_else(|| {
                Error::Unavailable(
                    "The person came into another community at the same moment; try again.".into(),
                )
            })?;
            Ok((home, membership))
        })
        .collect()
}

/// Refuses the end of one person's memberships that would leave others without a facilitator. Communities are named as far
/// as the viewer may know of them; the operator, who is no viewer, may know of all.
pub(crate) async fn leaves_nobody_alone(
    unit: &WriteUnit,
    viewer: Option<&Viewer>,
    belongings: &[Belonging],
) -> Result<()> {
    let Some((_, membership)) = belongings.first() else {
        return Ok(());
    };
    let user = membership.user_id;
    let in_need = in_need_of(unit, user).await?;
    let left: Vec<&community::Model> = belongings
        .iter()
        .map(|(community, _)| community)
        .filter(|community| in_need.contains(&community.id))
        .collect();
    if left.is_empty() {
        return Ok(());
    }
    let (seen, hidden): (Vec<_>, Vec<_>) = left.into_iter().partition(|community| {
        viewer.is_none_or(|viewer| access(viewer, community) != Access::None)
    });
    let mut names: Vec<String> = seen
        .iter()
        .map(|community| format!("“{}”", community.name))
        .collect();
    let blockers: Vec<Blocker> = names
        .iter()
        .map(|name| format!("{name} would be left without a facilitator."))
        .chain(hidden.iter().map(|_| {
            "A community that you do not see would be left without a facilitator.".to_owned()
        }))
        .map(|message| Blocker::new(BlockerCode::LastFacilitator, message))
        .collect();
    match hidden.len() {
        0 => {}
        1 => names.push("a community that you do not see".to_owned()),
        many => names.push(format!("{many} communities that you do not see")),
    }
    let remedy = if viewer.and_then(Viewer::user_id) == Some(user) {
        "You are the last facilitator there: make another member one with `setMemberRole` first"
    } else {
        "The person is the last facilitator there: have them make another member one first, or suspend them and name one \
         with `inviteMember`"
    };
    let message = format!(
        "Others would be left without a facilitator in {}. {remedy}.",
        names.join(", ")
    );
    Err(Error::invalid_transition(&[], message, blockers))
}

/// Ends memberships: active ones are left, invitations declined, and requests are answered with no.
pub(crate) async fn end(unit: &mut WriteUnit, belongings: Vec<Belonging>) -> Result<()> {
    for (community, membership) in belongings {
        let state = match membership.state {
            MembershipState::Invited => MembershipState::Declined,
            MembershipState::Requested => MembershipState::Rejected,
            _ => MembershipState::Left,
        };
        let step = Step::to(state, &membership);
        write(unit, &community, membership, step).await?;
    }
    Ok(())
}

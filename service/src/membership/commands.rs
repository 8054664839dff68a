//! What people do about their own memberships, and the answers to requests and invitations.

use entity::community::{self, JoinPolicy};
use entity::membership::{self, MembershipRole, MembershipState};
use futures_util::FutureExt;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::standing::{Hold, standing};
use super::steps::{Step, begin, take};
use crate::error::{Error, Result};
use crate::policy;
use crate::store::{Store, WriteUnit, Written};
use crate::viewer::{Scope, Viewer};

pub(super) const COMMUNITY: &str = "community";
pub(super) const MEMBERSHIP: &str = "membership";

/// Joins a community, or asks to: OPEN makes an active member, APPROVAL a request that waits for a facilitator. A
/// pending invitation is accepted. Who is a member already, or waits already, is answered as they are.
#[crate::boxed]
pub async fn join(
    store: &Store,
    viewer: &Viewer,
    community: Uuid,
) -> Result<Written<membership::Model>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            join_in(unit, viewer, community).boxed()
        })
        .await
}

/// Ends the viewer's active membership; the last facilitator cannot.
#[crate::boxed]
pub async fn leave(
    store: &Store,
    viewer: &Viewer,
    community: Uuid,
) -> Result<Written<membership::Model>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            leave_in(unit, viewer, community).boxed()
        })
        .await
}

/// Accepts or declines an invitation to the viewer, or a request to join as a facilitator.
#[crate::boxed]
pub async fn respond(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    accept: bool,
) -> Result<Written<membership::Model>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            respond_in(unit, viewer, id, accept).boxed()
        })
        .await
}

/// A community that is there and that the viewer sees, with the viewer's standing in it.
pub(super) async fn seen_community(
    unit: &WriteUnit,
    viewer: &Viewer,
    id: Uuid,
) -> Result<(Viewer, community::Model)> {
    let field = &["communityId"];
    let (viewer, community) = standing(unit, viewer, id, Hold::Exclusive).await?;
    let community = community.ok_or_else(|| Error::not_found(field, COMMUNITY))?;
    Ok((viewer, community))
}

/// A membership with its community, held, and the viewer's standing there; whether the viewer may see it is not asked.
/// One that does not exist costs the same statements.
pub(super) async fn held_membership(
    unit: &WriteUnit,
    viewer: &Viewer,
    id: Uuid,
) -> Result<(Viewer, Option<(community::Model, membership::Model)>)> {
    let community = membership::Entity::find_by_id(id)
        .one(unit.db())
        .await?
        .map_or(id, |membership| membership.community_id);
    let (viewer, community) = standing(unit, viewer, community, Hold::Exclusive).await?;
    // It may have been changed before its community was held.
    let membership = membership::Entity::find_by_id(id).one(unit.db()).await?;
    Ok((viewer, community.zip(membership)))
}

async fn join_in(
    unit: &mut WriteUnit,
    viewer: Viewer,
    community: Uuid,
) -> Result<membership::Model> {
    let user = viewer.require_user()?;
    let (viewer, community) = seen_community(unit, &viewer, community).await?;
    let old = viewer.membership(community.id).cloned();
    if let Some(old) = &old
        && old.state == MembershipState::Active
    {
        return Ok(old.clone());
    }
    policy::community::join(&viewer, &community).require(&["communityId"], COMMUNITY)?;
    let afresh = Step {
        state: if community.join_policy == JoinPolicy::Approval {
            MembershipState::Requested
        } else {
            MembershipState::Active
        },
        role: MembershipRole::Member,
        reason: None,
    };
    match old {
        None => begin(unit, &community, user, afresh).await,
        Some(old) if old.state == MembershipState::Invited => {
            let step = Step::to(MembershipState::Active, &old);
            take(unit, &community, old, step).await
        }
        Some(old) => take(unit, &community, old, afresh).await,
    }
}

async fn leave_in(
    unit: &mut WriteUnit,
    viewer: Viewer,
    community: Uuid,
) -> Result<membership::Model> {
    let (viewer, community) = seen_community(unit, &viewer, community).await?;
    if policy::community::access(&viewer, &community) == policy::community::Access::None {
        return Err(Error::not_found(&["communityId"], COMMUNITY));
    }
    let old = viewer.membership(community.id).cloned();
    match old {
        Some(old) if old.state == MembershipState::Left => Ok(old),
        Some(old) if old.state == MembershipState::Active => {
            let step = Step::to(MembershipState::Left, &old);
            take(unit, &community, old, step).await
        }
        Some(old) if old.state == MembershipState::Invited => Err(Error::not_from_here(
            &["communityId"],
            "You are invited to this community, but no member yet; decline the invitation instead.",
        )),
        _ => Err(Error::not_from_here(
            &["communityId"],
            "You are no active member of this community, so there is nothing to leave.",
        )),
    }
}

async fn respond_in(
    unit: &mut WriteUnit,
    viewer: Viewer,
    id: Uuid,
    accept: bool,
) -> Result<membership::Model> {
    let (viewer, held) = held_membership(unit, &viewer, id).await?;
    let (community, old) = held
        .filter(|(community, old)| policy::community::read_membership(&viewer, community, old))
        .ok_or_else(|| Error::not_found(&["id"], MEMBERSHIP))?;
    let own = viewer.user_id() == Some(old.user_id);
    if own && old.state != MembershipState::Requested {
        respond_to_invitation(unit, &viewer, &community, old, accept).await
    } else {
        respond_to_request(unit, &viewer, &community, old, accept).await
    }
}

async fn respond_to_invitation(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    community: &community::Model,
    old: membership::Model,
    accept: bool,
) -> Result<membership::Model> {
    match (old.state, accept) {
        (MembershipState::Active, true) | (MembershipState::Declined, false) => Ok(old),
        (MembershipState::Invited, true) => {
            policy::community::join(viewer, community).require(&["id"], MEMBERSHIP)?;
            let step = Step::to(MembershipState::Active, &old);
            take(unit, community, old, step).await
        }
        (MembershipState::Invited, false) => {
            let step = Step::to(MembershipState::Declined, &old);
            take(unit, community, old, step).await
        }
        _ => Err(Error::not_from_here(
            &["id"],
            "There is no invitation waiting for your answer here.",
        )),
    }
}

async fn respond_to_request(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    community: &community::Model,
    old: membership::Model,
    accept: bool,
) -> Result<membership::Model> {
    policy::community::manage_members(viewer, community).require(&["id"], MEMBERSHIP)?;
    match (old.state, accept) {
        (MembershipState::Active, true) | (MembershipState::Rejected, false) => Ok(old),
        (MembershipState::Requested, true) => {
            let step = Step::to(MembershipState::Active, &old);
            take(unit, community, old, step).await
        }
        (MembershipState::Requested, false) => {
            let step = Step::to(MembershipState::Rejected, &old);
            take(unit, community, old, step).await
        }
        (MembershipState::Invited, _) => Err(Error::forbidden(
            &["id"],
            "Only the invited person may answer an invitation; a facilitator can withdraw it by removing the member.",
        )),
        _ => Err(Error::not_from_here(
            &["id"],
            "There is no request to join waiting for an answer here.",
        )),
    }
}

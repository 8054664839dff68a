//! What facilitators do about the members of their community, and administrators where no facilitator is left.

use entity::membership::{self, MembershipRole, MembershipState};
use entity::user::UserStatus;
use entity::{community, user};
use futures_util::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::commands::{COMMUNITY, MEMBERSHIP, held_membership, seen_community};
use super::steps::{Step, begin, facilitators, take};
use crate::error::{Error, Result};
use crate::policy;
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{Faults, SUMMARY};
use crate::viewer::{Scope, Viewer};

/// Invites a person, as MEMBER unless another role is given. A person who asked to join becomes active; one who was
/// barred may come again. Where no facilitator is left, an administrator may invite one, and makes an active member
/// one at once.
#[crate::boxed]
pub async fn invite(
    store: &Store,
    viewer: &Viewer,
    community: Uuid,
    user: Uuid,
    role: Option<MembershipRole>,
) -> Result<Written<membership::Model>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            invite_in(unit, viewer, community, user, role).boxed()
        })
        .await
}

/// Gives an active member another role. The last facilitator keeps theirs. Where no facilitator is left, an
/// administrator may make a member one.
#[crate::boxed]
pub async fn set_role(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    role: MembershipRole,
) -> Result<Written<membership::Model>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            set_role_in(unit, viewer, id, role).boxed()
        })
        .await
}

/// Ends somebody's active membership, withdraws an invitation, or lifts a ban.
#[crate::boxed]
pub async fn remove(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    reason: Option<String>,
) -> Result<Written<membership::Model>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            remove_in(unit, viewer, id, reason).boxed()
        })
        .await
}

/// Ends somebody's membership, or keeps a person from one: until a facilitator lifts that, by [`remove`] or by an
/// invitation, the person can neither join nor ask to.
#[crate::boxed]
pub async fn ban(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    reason: Option<String>,
) -> Result<Written<membership::Model>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            ban_in(unit, viewer, id, reason).boxed()
        })
        .await
}

/// Whether the viewer, as an administrator, names a facilitator where none is left.
async fn names_facilitator(
    unit: &WriteUnit,
    viewer: &Viewer,
    community: &community::Model,
    role: MembershipRole,
) -> Result<bool> {
    // Whoever could not even where none is left is not worth counting for.
    if role != MembershipRole::Facilitator || !policy::community::name_facilitator(viewer, 0) {
        return Ok(false);
    }
    let left = facilitators(unit, community.id, None).await?;
    Ok(policy::community::name_facilitator(viewer, left))
}

async fn invite_in(
    unit: &mut WriteUnit,
    viewer: Viewer,
    community: Uuid,
    user: Uuid,
    role: Option<MembershipRole>,
) -> Result<membership::Model> {
    let (viewer, community) = seen_community(unit, &viewer, community).await?;
    let naming = match role {
        Some(role) => names_facilitator(unit, &viewer, &community, role).await?,
        None => false,
    };
    if !naming {
        policy::community::manage_members(&viewer, &community)
            .require(&["communityId"], COMMUNITY)?;
    }
    user::Entity::find_by_id(user)
        .one(unit.db())
        .await?
        .filter(|user| user.status != UserStatus::Erased)
        .ok_or_else(|| Error::not_found(&["userId"], "user"))?;
    let old = membership::Entity::find()
        .filter(membership::Column::CommunityId.eq(community.id))
        .filter(membership::Column::UserId.eq(user))
        .one(unit.db())
        .await?;
    let step = |state: MembershipState| Step {
        state,
        role: role.unwrap_or(MembershipRole::Member),
        reason: None,
    };
    let Some(old) = old else {
        return begin(unit, &community, user, step(MembershipState::Invited)).await;
    };
    match old.state {
        MembershipState::Active if naming => {
            take(unit, &community, old, step(MembershipState::Active)).await
        }
        MembershipState::Active if role.is_some_and(|role| role != old.role) => {
            Err(Error::not_from_here(
                &["userId"],
                "This person is an active member already; change their role instead.",
            ))
        }
        MembershipState::Active => Ok(old),
        MembershipState::Invited if role.is_none() => Ok(old),
        MembershipState::Requested => {
            take(unit, &community, old, step(MembershipState::Active)).await
        }
        _ => take(unit, &community, old, step(MembershipState::Invited)).await,
    }
}

async fn set_role_in(
    unit: &mut WriteUnit,
    viewer: Viewer,
    id: Uuid,
    role: MembershipRole,
) -> Result<membership::Model> {
    let (viewer, held) = held_membership(unit, &viewer, id).await?;
    let not_found = || Error::not_found(&["id"], MEMBERSHIP);
    let (community, old) = held.ok_or_else(not_found)?;
    if !names_facilitator(unit, &viewer, &community, role).await? {
        if !policy::community::read_membership(&viewer, &community, &old) {
            return Err(not_found());
        }
        policy::community::manage_members(&viewer, &community).require(&["id"], MEMBERSHIP)?;
    }
    if old.state != MembershipState::Active {
        return Err(Error::not_from_here(
            &["id"],
            "Only an active member's role can be changed.",
        ));
    }
    let step = Step {
        state: MembershipState::Active,
        role,
        reason: None,
    };
    take(unit, &community, old, step).await
}

async fn remove_in(
    unit: &mut WriteUnit,
    viewer: Viewer,
    id: Uuid,
    reason: Option<String>,
) -> Result<membership::Model> {
    let (community, old, reason) = managed(unit, viewer, id, reason).await?;
    match old.state {
        MembershipState::Removed => Ok(old),
        MembershipState::Active | MembershipState::Invited | MembershipState::Banned => {
            let step = Step {
                reason,
                ..Step::to(MembershipState::Removed, &old)
            };
            take(unit, &community, old, step).await
        }
        MembershipState::Requested => Err(Error::not_from_here(
            &["id"],
            "This person asked to join and is no member yet; decline the request instead.",
        )),
        _ => Err(Error::not_from_here(
            &["id"],
            "This membership has ended already, so there is nobody to remove.",
        )),
    }
}

async fn ban_in(
    unit: &mut WriteUnit,
    viewer: Viewer,
    id: Uuid,
    reason: Option<String>,
) -> Result<membership::Model> {
    let own = viewer.user_id();
    let (community, old, reason) = managed(unit, viewer, id, reason).await?;
    if own == Some(old.user_id) {
        return Err(Error::not_from_here(
            &["id"],
            "You cannot bar yourself; leave the community instead.",
        ));
    }
    let step = Step {
        state: MembershipState::Banned,
        // Whoever comes back after a ban begins anew.
        role: MembershipRole::Member,
        reason,
    };
    take(unit, &community, old, step).await
}

/// A membership whose community the viewer facilitates, with the reason as it is kept.
async fn managed(
    unit: &mut WriteUnit,
    viewer: Viewer,
    id: Uuid,
    reason: Option<String>,
) -> Result<(community::Model, membership::Model, Option<String>)> {
    let (viewer, held) = held_membership(unit, &viewer, id).await?;
    let (community, old) = held
        .filter(|(community, old)| policy::community::read_membership(&viewer, community, old))
        .ok_or_else(|| Error::not_found(&["id"], MEMBERSHIP))?;
    policy::community::manage_members(&viewer, &community).require(&["id"], MEMBERSHIP)?;
    let mut faults = Faults::default();
    let reason = faults.optional_text(&["reason"], reason.as_deref(), SUMMARY);
    faults.check()?;
    Ok((community, old, reason))
}

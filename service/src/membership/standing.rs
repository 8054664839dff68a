//! Who the actor is at the moment of the write: a viewer's memberships were read when the request began, and may have
//! ended since.

use std::collections::HashMap;

use entity::user::UserStatus;
use entity::{community, membership, user};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::store::{Store, WriteUnit};
use crate::viewer::{Scope, SignedIn, Viewer};

/// How a community's row is held until the commit, where the database locks rows. Neither keeps others from making
/// rows that point at the community.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Its visibility, its status and its memberships stay as they were read: what writing an item needs.
    Shared,
    /// Nobody else holds it: what changing the community or its memberships needs.
    Exclusive,
}

/// The viewer with the user's row, and the memberships of these communities, read anew inside the unit of work;
/// memberships of other communities are left out. An anonymous viewer stays one.
///
/// Answers [`Error::Unauthenticated`] when the account can no longer be used. To keep a membership from ending before
/// the commit, hold its community first: [`standing`] does both.
pub async fn refresh(unit: &WriteUnit, viewer: &Viewer, communities: &[Uuid]) -> Result<Viewer> {
    let Some(id) = viewer.user_id() else {
        return Ok(Viewer::anonymous());
    };
    let user = user::Entity::find_by_id(id)
        .one(unit.db())
        .await?
        .filter(|user| user.status == UserStatus::Active)
        .ok_or(Error::Unauthenticated)?;
    let memberships = if communities.is_empty() {
        HashMap::new()
    } else {
        membership::Entity::find()
            .filter(membership::Column::UserId.eq(id))
            .filter(membership::Column::CommunityId.is_in(communities.iter().copied()))
            .all(unit.db())
            .await?
            .into_iter()
            .map(|membership| (membership.community_id, membership))
            .collect()
    };
    Ok(with_rows(viewer, user, memberships))
}

/// Somebody as they would be if they asked now, with their memberships of these communities: for what the platform does
/// in their name. None where the account can no longer be used.
pub(crate) async fn stand_in(
    unit: &WriteUnit,
    user: Uuid,
    communities: &[Uuid],
) -> Result<Option<Viewer>> {
    let Some(user) = user::Entity::find_by_id(user).one(unit.db()).await? else {
        return Ok(None);
    };
    let viewer = Viewer::signed_in(SignedIn {
        user,
        memberships: HashMap::new(),
        scopes: Scope::ALL.to_vec(),
        only_community: None,
    });
    match refresh(unit, &viewer, communities).await {
        Ok(viewer) => Ok(Some(viewer)),
        Err(Error::Unauthenticated) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The viewer with the membership of one community read anew and all others kept: for answering a mutation that
/// changed it.
#[crate::boxed]
pub async fn reread(store: &Store, viewer: &Viewer, community: Uuid) -> Result<Viewer> {
    let Some(user) = viewer.user() else {
        return Ok(Viewer::anonymous());
    };
    let mut memberships: HashMap<_, _> = viewer
        .memberships()
        .map(|membership| (membership.community_id, membership.clone()))
        .collect();
    let found = membership::Entity::find()
        .filter(membership::Column::UserId.eq(user.id))
        .filter(membership::Column::CommunityId.eq(community))
        .one(store.reader())
        .await?;
    match found {
        Some(found) => memberships.insert(community, found),
        None => memberships.remove(&community),
    };
    Ok(with_rows(viewer, user.clone(), memberships))
}

/// The viewer with all memberships read anew: for an answer that goes by what they are at this moment at the latest.
pub(crate) async fn reread_all(store: &Store, viewer: &Viewer) -> Result<Viewer> {
    let Some(user) = viewer.user() else {
        return Ok(Viewer::anonymous());
    };
    let memberships = membership::Entity::find()
        .filter(membership::Column::UserId.eq(user.id))
        .all(store.reader())
        .await?
        .into_iter()
        .map(|membership| (membership.community_id, membership))
        .collect();
    Ok(with_rows(viewer, user.clone(), memberships))
}

fn with_rows(
    viewer: &Viewer,
    user: user::Model,
    memberships: HashMap<Uuid, membership::Model>,
) -> Viewer {
    let fresh = Viewer::signed_in(SignedIn {
        user,
        memberships,
        scopes: Scope::ALL
            .iter()
            .copied()
            .filter(|scope| viewer.has_scope(*scope))
            .collect(),
        only_community: viewer.only_community(),
    });
    match viewer.credential() {
        Some(credential) => fresh.with_credential(credential),
        None => fresh,
    }
}

/// Holds a community until the commit and reads the viewer's standing in it anew. A community that does not exist costs
/// the same statements as one that does; whether the viewer may see it is for the policy to say.
pub async fn standing(
    unit: &WriteUnit,
    viewer: &Viewer,
    community: Uuid,
    hold: Hold,
) -> Result<(Viewer, Option<community::Model>)> {
    // Weaker than FOR UPDATE, which would wait for everybody who inserts a row that points here.
    let lock = match hold {
        Hold::Shared => LockType::Share,
        Hold::Exclusive => LockType::NoKeyUpdate,
    };
    let found = community::Entity::find_by_id(community)
        .lock(lock)
        .one(unit.db())
        .await?;
    Ok((refresh(unit, viewer, &[community]).await?, found))
}

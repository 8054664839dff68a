//! What people want to hear of: communities, domains, items and other people.
//!
//! One follows what one may read. What a follower may not read any more is as if it were not followed: it is in no list
//! and no notification, and it counts again when it can be read again. Whom and what somebody follows is known to that
//! person alone, so it is in no change row.

mod queries;
#[cfg(test)]
mod tests;

pub use queries::{count, followed_by_viewer, page};

use entity::change::EntityType;
use entity::{community, follow, user};
use futures_util::FutureExt;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use crate::change::noun;
use crate::error::{Error, FaultCode, Result};
use crate::link::End;
use crate::membership;
use crate::policy::filter::{Reader, visible_communities};
use crate::policy::platform as policy;
use crate::policy::reference::Reference;
use crate::store::{Store, WriteUnit, Written};
use crate::viewer::{Scope, Viewer};

/// What can be followed.
pub const FOLLOWED_TYPES: [EntityType; 9] = [
    EntityType::Activity,
    EntityType::Collection,
    EntityType::Community,
    EntityType::Discussion,
    EntityType::Domain,
    EntityType::Innovation,
    EntityType::Practice,
    EntityType::Resource,
    EntityType::User,
];
/// So much one person follows at most.
const MOST_FOLLOWS: u64 = 1_000;

const FIELD: &[&str] = &["id"];

/// Follows a thing that the viewer may read. Following twice changes nothing.
#[crate::boxed]
pub async fn follow(store: &Store, viewer: &Viewer, target: End) -> Result<Written<()>> {
    let actor = viewer.require(Scope::Write)?;
    policy::change_own_matters(viewer).require(FIELD, "follow")?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                // One at a time of each person, or together they would be too many.
                user::Entity::find_by_id(actor)
                    .lock(LockType::NoKeyUpdate)
                    .one(unit.db())
                    .await?;
                let viewer = membership::refresh(unit, &viewer, &[]).await?;
                check(unit, &viewer, target).await?;
                insert(unit, actor, target).await
            }
            .boxed()
        })
        .await
}

/// Follows a thing no more. What was not followed, or is not there, changes nothing.
#[crate::boxed]
pub async fn unfollow(store: &Store, viewer: &Viewer, target: End) -> Result<Written<()>> {
    let actor = viewer.require(Scope::Write)?;
    policy::change_own_matters(viewer).require(FIELD, "follow")?;
    store
        .write(Some(actor), move |unit| {
            async move {
                follow::Entity::delete_by_id((actor, target.1))
                    .exec(unit.db())
                    .await?;
                Ok(())
            }
            .boxed()
        })
        .await
}

/// Checks that the thing can be followed, and that the viewer may read it.
async fn check(unit: &WriteUnit, viewer: &Viewer, (entity_type, id): End) -> Result<()> {
    let what = noun(entity_type);
    let absent = || Error::not_found(FIELD, &what);
    let reader = Reader::of(viewer).ok_or(Error::Unauthenticated)?;
    if !FOLLOWED_TYPES.contains(&entity_type) {
        return Err(absent());
    }
    if entity_type == EntityType::User {
        policy::follow_user(viewer, id).require(FIELD, &what)?;
    }
    let readable = Reference::to(entity_type, id).select_readable_by(&reader);
    if unit.db().query_one(&readable).await?.is_some() {
        return Ok(());
    }
    // Those who see what a community is about know that it is there.
    let shown = entity_type == EntityType::Community
        && community::Entity::find_by_id(id)
            .filter(visible_communities(viewer))
            .count(unit.db())
            .await?
            > 0;
    Err(if shown {
        Error::forbidden(FIELD, "Only members of this community may follow it.")
    } else {
        absent()
    })
}

async fn insert(unit: &WriteUnit, user: Uuid, (target_type, target_id): End) -> Result<()> {
    let others = follow::Entity::find()
        .filter(follow::Column::UserId.eq(user))
        .filter(follow::Column::TargetId.ne(target_id))
        .count(unit.db())
        .await?;
    if others >= MOST_FOLLOWS {
        let message =
            format!("One follows {MOST_FOLLOWS} things at most; unfollow something first.");
        return Err(Error::fault(FaultCode::LimitReached, FIELD, message));
    }
    let row = follow::ActiveModel {
        user_id: Set(user),
        target_id: Set(target_id),
        target_type: Set(target_type),
        created_at: Set(unit.now()),
    };
    follow::Entity::insert(row)
        .on_conflict(
            OnConflict::columns(["user_id", "target_id"])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(unit.db())
        .await?;
    Ok(())
}

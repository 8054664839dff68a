//! Invitations that run out.

use chrono::{DateTime, Utc};
use entity::community;
use entity::membership::{self, MembershipState};
use futures_util::FutureExt;
use sea_orm::sea_query::LockType;
use sea_orm::{EntityTrait, QuerySelect};
use uuid::Uuid;

use super::steps::{Step, take};
use crate::error::Result;
use crate::store::Store;

/// Ends an invitation that is as old as that, unless it was answered or sent again meanwhile.
pub(crate) async fn expire(store: &Store, id: Uuid, sent_before: DateTime<Utc>) -> Result<()> {
    store
        .write(None, move |unit| {
            async move {
                let Some(found) = membership::Entity::find_by_id(id).one(unit.db()).await? else {
                    return Ok(());
                };
                // Held as every step of a membership holds its community.
                let community = community::Entity::find_by_id(found.community_id)
                    .lock(LockType::NoKeyUpdate)
                    .one(unit.db())
                    .await?;
                let membership = membership::Entity::find_by_id(id).one(unit.db()).await?;
                let (Some(community), Some(old)) = (community, membership) else {
                    return Ok(());
                };
                if old.state == MembershipState::Invited && old.updated_at <= sent_before {
                    let step = Step::to(MembershipState::Expired, &old);
                    take(unit, &community, old, step).await?;
                }
                Ok(())
            }
            .boxed()
        })
        .await?;
    Ok(())
}

//! What people follow and report.

use entity::change::EntityType;
use entity::flag;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{Cue, absent};
use crate::demo::scenes::Watch;
use crate::error::Result;
use crate::flag::{RaiseFlag, raise, resolve};
use crate::follow::follow;
use crate::item::entity_type;

pub(super) async fn play(cue: &Cue<'_>, act: &Watch) -> Result<()> {
    let Cue { store, viewer, .. } = *cue;
    match act {
        Watch::FollowCommunity => {
            follow(store, viewer, (EntityType::Community, cue.community)).await?;
        }
        Watch::FollowWork(title) => {
            let work = cue.work(title).await?;
            follow(store, viewer, (entity_type(work.item_type), work.id)).await?;
        }
        Watch::FollowPerson(handle) => {
            follow(store, viewer, (EntityType::User, cue.user(handle)?)).await?;
        }
        Watch::Flag { work, reason, note } => {
            let work = cue.work(work).await?;
            let input = RaiseFlag {
                target: (entity_type(work.item_type), work.id),
                reason: *reason,
                note: Some((*note).to_owned()),
            };
            raise(store, viewer, input).await?;
        }
        Watch::Decide {
            work: title,
            upheld,
            note,
        } => {
            let newest = flag::Entity::find()
                .filter(flag::Column::TargetId.eq(cue.work(title).await?.id))
                .order_by_desc(flag::Column::Id)
                .one(store.reader())
                .await?
                .ok_or_else(|| absent(title))?;
            let note = Some((*note).to_owned());
            resolve(store, viewer, newest.id, *upheld, note).await?;
        }
    }
    Ok(())
}

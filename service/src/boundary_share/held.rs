//! The two communities of a share, held until the commit, with the actor's present standing in both.

use entity::boundary_share;
use entity::community;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{BoundaryShare, ID, WHAT};
use crate::error::{Error, Result};
use crate::item::gate::check_home;
use crate::membership;
use crate::store::WriteUnit;
use crate::viewer::Viewer;

/// Both sides of a boundary.
pub(super) struct Sides {
    pub(super) viewer: Viewer,
    pub(super) from: Option<community::Model>,
    pub(super) to: Option<community::Model>,
}

/// A share that nobody else changes until the commit; whether the actor may is still to be asked.
pub(super) struct Opened {
    pub(super) viewer: Viewer,
    pub(super) from: community::Model,
    pub(super) to: community::Model,
    pub(super) share: BoundaryShare,
}

/// Holds both communities as they are. Communities that do not exist cost the same statements as those that do.
pub(super) async fn hold(unit: &WriteUnit, viewer: &Viewer, from: Uuid, to: Uuid) -> Result<Sides> {
    let found = community::Entity::find()
        .filter(community::Column::Id.is_in([from, to]))
        .order_by_asc(community::Column::Id)
        .lock_shared()
        .all(unit.db())
        .await?;
    let of = |id: Uuid| found.iter().find(|row| row.id == id).cloned();
    Ok(Sides {
        viewer: membership::refresh(unit, viewer, &[from, to]).await?,
        from: of(from),
        to: of(to),
    })
}

/// Opens a share for a change.
pub(super) async fn open(unit: &WriteUnit, viewer: &Viewer, id: Uuid) -> Result<Opened> {
    let absent = || Error::not_found(ID, WHAT);
    // The communities are held before the share: what changes a community goes the same way.
    let found = boundary_share::Entity::find_by_id(id)
        .one(unit.db())
        .await?;
    let (from, to) = found.map_or_else(Default::default, |share| {
        (share.from_community_id, share.to_community_id)
    });
    let Sides { viewer, from, to } = hold(unit, viewer, from, to).await?;
    let share = boundary_share::Entity::find_by_id(id)
        .lock_exclusive()
        .one(unit.db())
        .await?
        .ok_or_else(absent)?;
    let (from, to) = (from.ok_or_else(absent)?, to.ok_or_else(absent)?);
    check_home(share.from_community_id, &from)?;
    check_home(share.to_community_id, &to)?;
    Ok(Opened {
        viewer,
        from,
        to,
        share,
    })
}

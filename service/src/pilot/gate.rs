//! The way in for every change of a pilot: it is held together with the item that it tries out.

use entity::pilot;
use sea_orm::{EntityTrait, QuerySelect};
use uuid::Uuid;

use super::Pilot;
use crate::error::{Error, Result};
use crate::item::gate;
use crate::policy::Decision;
use crate::policy::item::read;
use crate::store::WriteUnit;
use crate::viewer::Viewer;

/// Opens a pilot for a change, with the item that it tries out, when the viewer may read that; whether they may change
/// it is still to be asked. What is not there is said of the argument at `field`.
pub(crate) async fn open(
    unit: &WriteUnit,
    viewer: &Viewer,
    id: Uuid,
    field: &[&str],
) -> Result<(gate::Opened, Pilot)> {
    let absent = || Error::not_found(field, "pilot");
    let found = pilot::Entity::find_by_id(id).one(unit.db()).await?;
    let subject = found.map(|pilot| pilot.subject_id).unwrap_or_default();
    let readable = |viewer: &Viewer, facts: crate::policy::item::ItemFacts<'_>| {
        if read(viewer, facts) {
            Decision::Allow
        } else {
            Decision::Conceal
        }
    };
    let opened = match gate::open(unit, viewer, None, subject, readable).await {
        Err(Error::Refused(_)) => return Err(absent()),
        other => other?,
    };
    let pilot = pilot::Entity::find_by_id(id)
        .lock_exclusive()
        .one(unit.db())
        .await?
        .ok_or_else(absent)?;
    Ok((opened, pilot))
}

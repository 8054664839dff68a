//! Reading external references.

use std::collections::HashMap;

use entity::{external_reference, resource};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::ExternalReference;
use crate::error::Result;
use crate::item::{self, Listed, With, grouped};
use crate::store::Store;
use crate::viewer::Viewer;

/// What resources are called in other systems, each list in its order; whether the viewer may read the resources is
/// asked elsewhere.
#[crate::boxed]
pub async fn of_resources(
    store: &Store,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<ExternalReference>>> {
    use external_reference::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::ResourceId.is_in(ids.iter().copied()))
        .order_by_asc(Column::Place)
        .order_by_asc(Column::System)
        .order_by_asc(Column::ExternalId)
        .all(store.reader())
        .await?;
    Ok(grouped(rows.into_iter().map(|row| (row.resource_id, row))))
}

/// The resource of a community that a system calls so, if the viewer may read it. What is not there costs the same
/// statements as what may not be read.
#[crate::boxed]
pub async fn find(
    store: &Store,
    viewer: &Viewer,
    community: Uuid,
    system: &str,
    external_id: &str,
    with: With,
) -> Result<Option<Listed<resource::Model>>> {
    use external_reference::{Column, Entity};
    // No text that is kept holds a NUL, and PostgreSQL takes none in a statement.
    let storable = |text: &str| text.trim().replace('\0', "\u{fffd}");
    let id: Option<Uuid> = Entity::find()
        .select_only()
        .column(Column::ResourceId)
        .filter(Column::CommunityId.eq(community))
        .filter(Column::System.eq(storable(system)))
        .filter(Column::ExternalId.eq(storable(external_id)))
        .into_tuple()
        .one(store.reader())
        .await?;
    item::find::<resource::Entity>(store, viewer, id.unwrap_or_default(), with).await
}

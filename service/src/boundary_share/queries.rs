//! Reading shares, as far as the viewer may see them.

use std::collections::HashMap;

use entity::boundary_share::{self, BoundaryShareState};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryTrait, Select};
use uuid::Uuid;

use super::BoundaryShare;
use crate::error::Result;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::boundary_share::readable;
use crate::store::Store;
use crate::viewer::Viewer;

const NEWEST_FIRST: Keyset = Keyset {
    table: "boundary_share",
    column: None,
    id_column: "id",
    nullable: false,
    direction: Direction::Descending,
};

/// Those of the shares that the viewer may see.
#[crate::boxed]
pub async fn by_ids(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, BoundaryShare>> {
    let rows = boundary_share::Entity::find()
        .filter(boundary_share::Column::Id.is_in(ids.iter().copied()))
        .filter(readable(viewer))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// What a community offers to others, and is offered.
fn of_community(
    viewer: &Viewer,
    community: Uuid,
    state: Option<BoundaryShareState>,
) -> Select<boundary_share::Entity> {
    let either = Condition::any()
        .add(boundary_share::Column::FromCommunityId.eq(community))
        .add(boundary_share::Column::ToCommunityId.eq(community));
    let select = boundary_share::Entity::find()
        .filter(either)
        .filter(readable(viewer));
    match state {
        Some(state) => select.filter(boundary_share::Column::State.eq(state)),
        None => select,
    }
}

/// A page of what a community offers to others and is offered, as far as the viewer may see it, the newest first.
#[crate::boxed]
pub async fn page_of_community(
    store: &Store,
    viewer: &Viewer,
    community: Uuid,
    state: Option<BoundaryShareState>,
    request: &PageRequest,
) -> Result<Page<BoundaryShare>> {
    let window = request.check(&NEWEST_FIRST)?;
    let mut select = of_community(viewer, community, state);
    window.apply(QueryTrait::query(&mut select), &NEWEST_FIRST);
    let rows = store.list(select).await?;
    Ok(window.page(&NEWEST_FIRST, rows, |row| Cursor {
        value: SortValue::Id,
        id: row.id,
    }))
}

/// How many shares [`page_of_community`] lists.
#[crate::boxed]
pub async fn count_of_community(
    store: &Store,
    viewer: &Viewer,
    community: Uuid,
    state: Option<BoundaryShareState>,
) -> Result<u64> {
    let counted = of_community(viewer, community, state);
    store.count(counted.into_query()).await
}

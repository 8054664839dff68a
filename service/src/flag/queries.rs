//! Reading flags: those who decide read all of their communities, everybody else their own.

use std::collections::HashMap;

use entity::flag::{self, FlagState};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use super::Flag;
use crate::error::Result;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::filter::Reader;
use crate::policy::flag as policy;
use crate::store::Store;
use crate::viewer::Viewer;

const OLDEST_FIRST: Keyset = Keyset {
    table: "flag",
    column: None,
    id_column: "id",
    nullable: false,
    direction: Direction::Ascending,
};

/// The flags that the viewer may see; none for nobody in particular.
fn readable(viewer: &Viewer) -> Option<(Reader, Select<flag::Entity>)> {
    let reader = Reader::of(viewer)?;
    let select = flag::Entity::find().filter(policy::readable_by(&reader));
    Some((reader, select))
}

/// The flags of a community, for those who decide them.
fn of_community(
    viewer: &Viewer,
    community: Uuid,
    state: Option<FlagState>,
) -> Option<Select<flag::Entity>> {
    let (_, select) = readable(viewer).filter(|_| policy::decides(viewer, community))?;
    let select = select.filter(flag::Column::CommunityId.eq(community));
    Some(match state {
        Some(state) => select.filter(flag::Column::State.eq(state)),
        None => select,
    })
}

/// A page of the flags of a community, the oldest first; empty for those who do not decide them.
#[crate::boxed]
pub async fn page_of_community(
    store: &Store,
    viewer: &Viewer,
    community: Uuid,
    state: Option<FlagState>,
    request: &PageRequest,
) -> Result<Page<Flag>> {
    let window = request.check(&OLDEST_FIRST)?;
    let Some(mut select) = of_community(viewer, community, state) else {
        return Ok(Page::empty());
    };
    window.apply(QueryTrait::query(&mut select), &OLDEST_FIRST);
    let rows = store.list(select).await?;
    Ok(window.page(&OLDEST_FIRST, rows, |row| Cursor {
        value: SortValue::Id,
        id: row.id,
    }))
}

/// How many flags [`page_of_community`] lists.
#[crate::boxed]
pub async fn count_of_community(
    store: &Store,
    viewer: &Viewer,
    community: Uuid,
    state: Option<FlagState>,
) -> Result<u64> {
    match of_community(viewer, community, state) {
        Some(select) => store.count(select.into_query()).await,
        None => Ok(0),
    }
}

/// Those of the flags that the viewer may see.
#[crate::boxed]
pub async fn by_ids(store: &Store, viewer: &Viewer, ids: &[Uuid]) -> Result<HashMap<Uuid, Flag>> {
    let Some((_, select)) = readable(viewer) else {
        return Ok(HashMap::new());
    };
    let rows = select
        .filter(flag::Column::Id.is_in(ids.iter().copied()))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Who raised each of the flags, as far as the viewer is told.
pub async fn raisers(store: &Store, viewer: &Viewer, ids: &[Uuid]) -> Result<HashMap<Uuid, Uuid>> {
    let Some((reader, select)) = readable(viewer) else {
        return Ok(HashMap::new());
    };
    let rows: Vec<(Uuid, Option<Uuid>)> = select
        .filter(policy::raiser_shown_to(&reader))
        .filter(flag::Column::Id.is_in(ids.iter().copied()))
        .select_only()
        .columns([flag::Column::Id, flag::Column::RaisedBy])
        .into_tuple()
        .all(store.reader())
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, raised_by)| Some((id, raised_by?)))
        .collect())
}

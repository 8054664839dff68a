//! Reading one's saved searches.

use std::collections::HashMap;

use entity::saved_search;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait, Select};
use uuid::Uuid;

use super::SavedSearch;
use crate::error::Result;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::platform::own_matters;
use crate::store::Store;
use crate::viewer::Viewer;

const NEWEST_FIRST: Keyset = Keyset {
    table: "saved_search",
    column: None,
    id_column: "id",
    nullable: false,
    direction: Direction::Descending,
};

/// The viewer's saved searches; none for whom there are none.
fn own(viewer: &Viewer) -> Option<Select<saved_search::Entity>> {
    let user = own_matters(viewer)?;
    Some(saved_search::Entity::find().filter(saved_search::Column::UserId.eq(user)))
}

/// A page of the viewer's saved searches, the newest first.
#[crate::boxed]
pub async fn page(
    store: &Store,
    viewer: &Viewer,
    request: &PageRequest,
) -> Result<Page<SavedSearch>> {
    let window = request.check(&NEWEST_FIRST)?;
    let Some(mut select) = own(viewer) else {
        return Ok(Page::empty());
    };
    window.apply(QueryTrait::query(&mut select), &NEWEST_FIRST);
    let rows = store.list(select).await?;
    Ok(window.page(&NEWEST_FIRST, rows, |row| Cursor {
        value: SortValue::Id,
        id: row.id,
    }))
}

/// How many saved searches [`page`] lists.
#[crate::boxed]
pub async fn count(store: &Store, viewer: &Viewer) -> Result<u64> {
    match own(viewer) {
        Some(select) => store.count(select.into_query()).await,
        None => Ok(0),
    }
}

/// Those of the saved searches that are the viewer's.
#[crate::boxed]
pub async fn by_ids(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, SavedSearch>> {
    let Some(select) = own(viewer) else {
        return Ok(HashMap::new());
    };
    let rows = select
        .filter(saved_search::Column::Id.is_in(ids.iter().copied()))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

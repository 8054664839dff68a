//! Reading organizations.

use std::collections::HashMap;

use entity::organization;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use crate::error::Result;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::store::Store;
use crate::viewer::Viewer;

/// The order of a list of organizations.
const BY_NAME: Keyset = Keyset {
    table: "organization",
    column: Some("name_key"),
    id_column: "id",
    nullable: false,
    direction: Direction::Ascending,
};

/// Those organizations, as far as there are any.
#[crate::boxed]
pub async fn by_ids(
    store: &Store,
    _viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, organization::Model>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = organization::Entity::find()
        .filter(organization::Column::Id.is_in(ids.iter().copied()))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The organization with that slug.
#[crate::boxed]
pub async fn by_slug(
    store: &Store,
    _viewer: &Viewer,
    slug: &str,
) -> Result<Option<organization::Model>> {
    if slug.contains('\0') {
        return Ok(None);
    }
    Ok(organization::Entity::find()
        .filter(organization::Column::Slug.eq(slug))
        .one(store.reader())
        .await?)
}

/// A page of all organizations, by name.
#[crate::boxed]
pub async fn page(
    store: &Store,
    _viewer: &Viewer,
    request: &PageRequest,
) -> Result<Page<organization::Model>> {
    let window = request.check(&BY_NAME)?;
    let mut select = organization::Entity::find();
    window.apply(QueryTrait::query(&mut select), &BY_NAME);
    let rows = select.all(store.reader()).await?;
    Ok(window.page(&BY_NAME, rows, |row| Cursor {
        value: SortValue::Text(row.name_key.clone()),
        id: row.id,
    }))
}

/// How many organizations there are.
#[crate::boxed]
pub async fn count(store: &Store, _viewer: &Viewer) -> Result<u64> {
    Ok(organization::Entity::find().count(store.reader()).await?)
}

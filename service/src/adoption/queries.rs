//! Reading adoptions: those of what the viewer may read, and one's own.

use std::collections::HashMap;

use entity::adoption;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait, Select};
use uuid::Uuid;

use super::Adoption;
use crate::error::Result;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::adoption as policy;
use crate::store::Store;
use crate::viewer::Viewer;

const NEWEST_FIRST: Keyset = Keyset {
    table: "adoption",
    column: None,
    id_column: "id",
    nullable: false,
    direction: Direction::Descending,
};

fn of_subject(viewer: &Viewer, subject: Uuid) -> Select<adoption::Entity> {
    adoption::Entity::find()
        .filter(adoption::Column::SubjectId.eq(subject))
        .filter(policy::readable(viewer))
}

/// A page of the adoptions of something that the viewer may read, newest first.
#[crate::boxed]
pub async fn page_of_subject(
    store: &Store,
    viewer: &Viewer,
    subject: Uuid,
    request: &PageRequest,
) -> Result<Page<Adoption>> {
    let window = request.check(&NEWEST_FIRST)?;
    let mut select = of_subject(viewer, subject);
    window.apply(QueryTrait::query(&mut select), &NEWEST_FIRST);
    let rows = store.list(select).await?;
    Ok(window.page(&NEWEST_FIRST, rows, |row| Cursor {
        value: SortValue::Id,
        id: row.id,
    }))
}

/// How many adoptions [`page_of_subject`] lists.
#[crate::boxed]
pub async fn count_of_subject(store: &Store, viewer: &Viewer, subject: Uuid) -> Result<u64> {
    store.count(of_subject(viewer, subject).into_query()).await
}

/// Those of the adoptions that the viewer may read.
#[crate::boxed]
pub async fn by_ids(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Adoption>> {
    let rows = adoption::Entity::find()
        .filter(adoption::Column::Id.is_in(ids.iter().copied()))
        .filter(policy::readable(viewer))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

//! The immutable revisions of an item.

use std::collections::HashMap;

use entity::item::PublicationStatus;
use entity::revision;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

use crate::error::Result;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::filter::{drafts_readable, readable_items};
use crate::store::Store;
use crate::viewer::Viewer;

/// A revision of an item.
pub type Revision = revision::Model;

const NEWEST_FIRST: Keyset = Keyset {
    table: "revision",
    column: Some("number"),
    id_column: "id",
    nullable: false,
    direction: Direction::Descending,
};

/// Revisions of items that the viewer may read: those that readers were shown, and drafts for who may see drafts.
fn readable(viewer: &Viewer) -> Condition {
    let shown = [
        PublicationStatus::Published.as_str(),
        PublicationStatus::Archived.as_str(),
    ];
    let mut visible = Condition::any().add(Expr::col(("revision", "state")).is_in(shown));
    if let Some(drafts) = drafts_readable(viewer) {
        visible = visible.add(drafts);
    }
    let items = Query::select()
        .column(("item", "id"))
        .from("item")
        .and_where(Expr::col(("item", "id")).equals(("revision", "item_id")))
        .cond_where(readable_items(viewer))
        .cond_where(visible)
        .take();
    Condition::all().add(Expr::exists(items))
}

/// A page of the revisions of one item, newest first.
pub async fn page_of_revisions(
    store: &Store,
    viewer: &Viewer,
    item: Uuid,
    request: &PageRequest,
) -> Result<Page<Revision>> {
    let window = request.check(&NEWEST_FIRST)?;
    let mut select = revision::Entity::find()
        .filter(revision::Column::ItemId.eq(item))
        .filter(readable(viewer));
    window.apply(QueryTrait::query(&mut select), &NEWEST_FIRST);
    let rows = store.list(select).await?;
    Ok(window.page(&NEWEST_FIRST, rows, |row| Cursor {
        value: SortValue::Number(row.number.into()),
        id: row.id,
    }))
}

/// How many revisions of one item the viewer may see.
pub async fn revision_count(store: &Store, viewer: &Viewer, item: Uuid) -> Result<u64> {
    let select = revision::Entity::find()
        .select_only()
        .column(revision::Column::Id)
        .filter(revision::Column::ItemId.eq(item))
        .filter(readable(viewer));
    store.count(select.into_query()).await
}

/// Those of the revisions that the viewer may see.
pub async fn revisions_by_ids(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Revision>> {
    let rows = revision::Entity::find()
        .filter(revision::Column::Id.is_in(ids.iter().copied()))
        .filter(readable(viewer))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

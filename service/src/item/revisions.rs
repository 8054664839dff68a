//! The immutable revisions of an item.

use std::collections::HashMap;

use entity::item::PublicationStatus;
use entity::revision;
use futures_util::FutureExt;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::ItemState;
use super::gate::open;
use super::pending::{drop_absent, newest, revision_of};
use super::update::{check_revision, update};
use crate::error::{Error, FaultCode, Result};
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::filter::{drafts_readable, readable_items};
use crate::policy::item as policy;
use crate::store::{Store, Written};
use crate::viewer::{Scope, Viewer};

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
pub(crate) fn readable(viewer: &Viewer) -> Condition {
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
#[crate::boxed]
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
#[crate::boxed]
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

/// One revision of an item, if the viewer may see it.
#[crate::boxed]
pub async fn revision_by_number(
    store: &Store,
    viewer: &Viewer,
    item: Uuid,
    number: i32,
) -> Result<Option<Revision>> {
    Ok(revision::Entity::find()
        .filter(revision::Column::ItemId.eq(item))
        .filter(revision::Column::Number.eq(number))
        .filter(readable(viewer))
        .one(store.reader())
        .await?)
}

/// The revisions of items that wait for their review, as far as the viewer may see them: the pending one of what is
/// published, the newest one of what is not; by item.
pub async fn pending_of(
    store: &Store,
    viewer: &Viewer,
    items: &[Uuid],
) -> Result<HashMap<Uuid, Revision>> {
    let item = |column: &'static str| Expr::col(("item", column));
    let in_review = Condition::all()
        .add(item("status").eq(PublicationStatus::InReview.as_str()))
        .add(item("revision").equals(("revision", "number")));
    let waiting = Query::select()
        .expr(Expr::value(1))
        .from("item")
        .and_where(item("id").equals(("revision", "item_id")))
        .cond_where(
            Condition::any()
                .add(item("pending_revision").equals(("revision", "number")))
                .add(in_review),
        )
        .take();
    let rows = revision::Entity::find()
        .filter(revision::Column::ItemId.is_in(items.iter().copied()))
        .filter(Expr::exists(waiting))
        .filter(readable(viewer))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.item_id, row)).collect())
}

/// Makes the content of an older revision a new one; what it refers to and what is gone is left out. Restoring what the
/// newest revision says already changes nothing.
#[crate::boxed]
pub async fn restore_revision(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    number: i32,
    expected_revision: Option<i32>,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(unit, &viewer, None, id, policy::update).await?;
                check_revision(expected_revision, opened.state.newest_revision())?;
                let Some(older) = revision_of(unit, id, number).await? else {
                    let message = format!("This item has no revision {number}.");
                    return Err(Error::fault(FaultCode::NotFound, &["number"], message));
                };
                let base = newest(unit, &opened.state).await?;
                let mut new = base.with_content_of(&older)?;
                drop_absent(unit, &mut new).await?;
                let note = Some(format!("Restores revision {number}."));
                update(unit, opened, &base, new, note).await
            }
            .boxed()
        })
        .await
}

//! Reading reviews: whoever may read a revision may read what was said of it.

use std::collections::HashMap;

use entity::review;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use super::Review;
use crate::error::Result;
use crate::item::readable_revisions;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::store::Store;
use crate::viewer::Viewer;

const NEWEST_FIRST: Keyset = Keyset {
    table: "review",
    column: None,
    id_column: "id",
    nullable: false,
    direction: Direction::Descending,
};

fn readable(viewer: &Viewer) -> Condition {
    let of_revision = Query::select()
        .expr(Expr::value(1))
        .from("revision")
        .and_where(Expr::col(("revision", "id")).equals(("review", "revision_id")))
        .cond_where(readable_revisions(viewer))
        .take();
    Condition::all().add(Expr::exists(of_revision))
}

/// A page of the reviews of one item, newest first.
#[crate::boxed]
pub async fn page_of_reviews(
    store: &Store,
    viewer: &Viewer,
    item: Uuid,
    request: &PageRequest,
) -> Result<Page<Review>> {
    let window = request.check(&NEWEST_FIRST)?;
    let mut select = review::Entity::find()
        .filter(review::Column::ItemId.eq(item))
        .filter(readable(viewer));
    window.apply(QueryTrait::query(&mut select), &NEWEST_FIRST);
    let rows = select.all(store.reader()).await?;
    Ok(window.page(&NEWEST_FIRST, rows, |row| Cursor {
        value: SortValue::Id,
        id: row.id,
    }))
}

/// How many reviews of one item the viewer may see.
#[crate::boxed]
pub async fn review_count(store: &Store, viewer: &Viewer, item: Uuid) -> Result<u64> {
    Ok(review::Entity::find()
        .filter(review::Column::ItemId.eq(item))
        .filter(readable(viewer))
        .count(store.reader())
        .await?)
}

/// Those of the reviews that the viewer may see.
pub async fn reviews_by_ids(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Review>> {
    let rows = review::Entity::find()
        .filter(review::Column::Id.is_in(ids.iter().copied()))
        .filter(readable(viewer))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

//! Reading what a collection holds, as far as the viewer may read it.

use ::search::DocumentKind;
use entity::collection_entry;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait, Select};
use uuid::Uuid;

pub use crate::item::Entry;

use crate::error::Result;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::filter::readable_items;
use crate::search::{SearchFilter, SearchIndex, SearchQuery, search};
use crate::store::Store;
use crate::viewer::Viewer;

/// As the curator put them.
const BY_PLACE: Keyset = Keyset {
    table: "collection_entry",
    column: Some("place"),
    id_column: "item_id",
    nullable: false,
    direction: Direction::Ascending,
};

/// What a saved search finds: everything that is no collection itself, communities and domains left out.
const FOUND: [DocumentKind; 5] = [
    DocumentKind::Resource,
    DocumentKind::Practice,
    DocumentKind::Innovation,
    DocumentKind::Activity,
    DocumentKind::Discussion,
];

fn readable(viewer: &Viewer, collection: Uuid) -> Select<collection_entry::Entity> {
    let items = Query::select()
        .expr(Expr::value(1))
        .from("item")
        .and_where(Expr::col(("item", "id")).equals(("collection_entry", "item_id")))
        .cond_where(readable_items(viewer))
        .take();
    collection_entry::Entity::find()
        .filter(collection_entry::Column::CollectionId.eq(collection))
        .filter(Expr::exists(items))
}

/// A page of the path of a collection that the viewer was shown: the entries that the viewer may read, in their order.
#[crate::boxed]
pub async fn page_of_entries(
    store: &Store,
    viewer: &Viewer,
    collection: Uuid,
    request: &PageRequest,
) -> Result<Page<Entry>> {
    let window = request.check(&BY_PLACE)?;
    let mut select = readable(viewer, collection);
    window.apply(QueryTrait::query(&mut select), &BY_PLACE);
    let rows = store.list(select).await?;
    let page = window.page(&BY_PLACE, rows, |row| Cursor {
        value: SortValue::Number(row.place.into()),
        id: row.item_id,
    });
    Ok(page.map(|row| Entry {
        item: (row.item_type, row.item_id),
        note: row.note,
    }))
}

/// How many entries [`page_of_entries`] lists.
#[crate::boxed]
pub async fn entry_count(store: &Store, viewer: &Viewer, collection: Uuid) -> Result<u64> {
    let counted = readable(viewer, collection);
    store.count(counted.into_query()).await
}

/// A page of what a saved search finds for the viewer, the best first, and how much that is in all.
#[crate::boxed]
pub async fn page_of_search(
    store: &Store,
    index: &SearchIndex,
    viewer: &Viewer,
    query: &str,
    request: &PageRequest,
) -> Result<(Page<(DocumentKind, Uuid)>, u64)> {
    let query = SearchQuery {
        query: query.to_owned(),
        filter: SearchFilter {
            kinds: FOUND.to_vec(),
            ..SearchFilter::default()
        },
        first: request.first,
        after: request.after.clone(),
        ..SearchQuery::default()
    };
    let answer = search(store, index, viewer, query).await?;
    let rows = answer
        .hits
        .into_iter()
        .map(|hit| (hit.cursor, (hit.kind, hit.id)));
    let page = Page {
        rows: rows.collect(),
        has_next: answer.has_next_page,
        has_previous: request.after.is_some(),
    };
    Ok((page, answer.total))
}

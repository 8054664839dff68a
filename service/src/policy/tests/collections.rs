//! Collections in random worlds: each holds everything.

use std::collections::BTreeSet;

use entity::collection_entry;
use entity::item::ItemType;
use sea_orm::{EntityTrait, IntoActiveModel};
use uuid::Uuid;

use super::world::Placed;
use crate::collection::{entry_count, page_of_entries};
use crate::item::entity_type;
use crate::paging::PageRequest;
use crate::store::Store;
use crate::viewer::Viewer;

fn all(placed: &Placed) -> Vec<Uuid> {
    let collections = placed
        .items
        .iter()
        .filter(|(item, _)| item.item_type == ItemType::Collection);
    collections.map(|(item, _)| item.id).collect()
}

pub(super) async fn place(store: &Store, placed: &Placed) {
    for collection_id in all(placed) {
        let rows = (0..).zip(&placed.items).map(|(place, (item, _))| {
            collection_entry::Model {
                collection_id,
                item_id: item.id,
                item_type: entity_type(item.item_type),
                place,
                note: None,
            }
            .into_active_model()
        });
        collection_entry::Entity::insert_many(rows)
            .exec_without_returning(store.migration_connection())
            .await
            .unwrap();
    }
}

/// Everybody is shown the entries that they may read, and counts no more.
pub(super) async fn compare(
    store: &Store,
    placed: &Placed,
    viewer: &Viewer,
    readable: &BTreeSet<Uuid>,
) {
    let request = PageRequest {
        first: Some(100),
        ..PageRequest::default()
    };
    for id in all(placed) {
        let page = page_of_entries(store, viewer, id, &request).await.unwrap();
        let shown = page.rows.iter().map(|(_, entry)| entry.item.1);
        assert_eq!(&shown.collect::<BTreeSet<_>>(), readable);
        let count = entry_count(store, viewer, id).await.unwrap();
        assert_eq!(count, readable.len() as u64);
    }
}

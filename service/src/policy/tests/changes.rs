//! What may be changed is so in SQL as over plain data.

use std::collections::BTreeSet;

use entity::community::CommunityStatus;
use entity::item::{self, ItemType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::super::item::{ItemFacts, update};
use super::super::sync::changeable;
use super::world::Placed;
use crate::store::Store;
use crate::viewer::Viewer;

/// The condition holds for exactly what may be changed, in communities that are open for writing.
pub(super) async fn compare(store: &Store, placed: &Placed, viewer: &Viewer) {
    let works = || {
        placed.items.iter().filter(|(item, _)| {
            let community = placed.community(item.community_id);
            item.item_type != ItemType::Activity && community.status == CommunityStatus::Active
        })
    };
    let expected: BTreeSet<Uuid> = works()
        .filter(|(item, authors)| {
            let facts = ItemFacts {
                community: placed.community(item.community_id),
                item,
                authors,
            };
            update(viewer, facts).allows()
        })
        .map(|(item, _)| item.id)
        .collect();
    let found = item::Entity::find()
        .filter(item::Column::Id.is_in(works().map(|(item, _)| item.id)))
        .filter(changeable(viewer))
        .all(store.reader())
        .await
        .unwrap();
    let found: BTreeSet<Uuid> = found.into_iter().map(|item| item.id).collect();
    assert_eq!(found, expected, "what may be changed");
}

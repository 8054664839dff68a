//! Adoptions in random worlds: of every item one by every person, and one by nobody who is known.

use std::collections::BTreeSet;

use entity::adoption::{self, AdoptionState};
use entity::change::EntityType;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::world::Placed;
use crate::item::entity_type;
use crate::policy::adoption::{read, readable_by};
use crate::policy::audience;
use crate::policy::filter::Reader;
use crate::policy::item::ItemFacts;
use crate::policy::reference::Reference;
use crate::store::Store;
use crate::viewer::Viewer;

/// Writes them.
pub(super) async fn place(store: &Store, placed: &Placed) -> Vec<adoption::Model> {
    let people = placed.people.iter().map(|person| Some(person.id));
    let people: Vec<Option<Uuid>> = people.chain([None]).collect();
    let all: Vec<adoption::Model> = placed
        .items
        .iter()
        .flat_map(|(item, _)| {
            people.iter().map(|adopter_id| adoption::Model {
                id: Uuid::now_v7(),
                subject_type: entity_type(item.item_type),
                subject_id: item.id,
                community_id: item.community_id,
                adopter_id: *adopter_id,
                organization_id: None,
                setting: "A class".to_owned(),
                setting_key: "a class".to_owned(),
                adaptation: None,
                revision_used: 1,
                state: AdoptionState::InUse,
                outcome: None,
                story: None,
                created_at: item.created_at,
                updated_at: item.created_at,
            })
        })
        .collect();
    for chunk in all.chunks(500) {
        let rows = chunk.iter().cloned();
        adoption::Entity::insert_many(rows.map(IntoActiveModel::into_active_model))
            .exec_without_returning(store.migration_connection())
            .await
            .unwrap();
    }
    all
}

/// Rules, SQL and tokens say the same of each.
pub(super) async fn compare(
    store: &Store,
    placed: &Placed,
    viewer: &Viewer,
    all: &[adoption::Model],
) {
    let tokens = audience::of_viewer(viewer);
    let visible: BTreeSet<Uuid> = all
        .iter()
        .filter(|row| {
            let mut items = placed.items.iter();
            let (item, authors) = items.find(|(item, _)| item.id == row.subject_id).unwrap();
            let community = placed.community(item.community_id);
            let facts = ItemFacts {
                community,
                item,
                authors,
            };
            let told = audience::of_adoption(community, item, authors, row.adopter_id);
            let visible = read(viewer, facts, row.adopter_id);
            assert_eq!(!told.is_disjoint(&tokens), visible, "tokens of adoptions");
            visible
        })
        .map(|row| row.id)
        .collect();
    let ids: Vec<Uuid> = all.iter().map(|row| row.id).collect();
    let found = crate::adoption::by_ids(store, viewer, &ids).await.unwrap();
    assert_eq!(found.into_keys().collect::<BTreeSet<_>>(), visible);
    let Some(reader) = Reader::of(viewer) else {
        return;
    };
    let found = adoption::Entity::find().filter(readable_by(&reader));
    let found = found.all(store.reader()).await.unwrap();
    let found: BTreeSet<Uuid> = found.into_iter().map(|row| row.id).collect();
    assert_eq!(found, visible, "adoptions readable by a reader");
    let Some(one) = all.first() else {
        return;
    };
    let reference = Reference::to(EntityType::Adoption, one.id);
    let select = reference.select_readable_by(&reader);
    let found = store.reader().query_one(&select).await.unwrap();
    assert_eq!(found.is_some(), visible.contains(&one.id), "a reference");
}

//! What is taken back.

use entity::change::Operation;
use entity::item::ItemType;
use entity::link;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::*;

#[tokio::test]
async fn what_is_taken_back_is_gone() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let subject = scene.published().await;
    for taker in [&scene.stranger, &scene.facilitator] {
        let adopted = scene
            .report(&scene.stranger, subject, AdoptionState::InUse)
            .await
            .unwrap()
            .value;
        let refused = withdraw(&scene.store, &scene.author, adopted.id).await;
        assert_eq!(code(refused), (FaultCode::Forbidden, "id".to_owned()));
        withdraw(&scene.store, taker, adopted.id).await.unwrap();
        assert_eq!(
            scene.listed(&scene.stranger, subject).await,
            Vec::<Uuid>::new()
        );
        let refused = withdraw(&scene.store, taker, adopted.id).await;
        assert_eq!(code(refused), (FaultCode::NotFound, "id".to_owned()));
        let links = link::Entity::find()
            .filter(link::Column::FromId.eq(adopted.id))
            .all(scene.store.reader())
            .await
            .unwrap();
        assert_eq!(links, []);
        let last = testing::changes(&scene.store, EntityType::Adoption)
            .await
            .pop();
        let last = last.unwrap();
        assert_eq!(
            (last.entity_id, last.operation),
            (adopted.id, Operation::Deleted)
        );
    }
    let left = scene
        .report(&scene.stranger, subject, AdoptionState::InUse)
        .await
        .unwrap();
    let facilitator = &scene.facilitator;
    crate::item::delete(&scene.store, facilitator, ItemType::Resource, subject.1)
        .await
        .unwrap();
    let found = by_ids(&scene.store, &scene.stranger, &[left.value.id]).await;
    assert!(found.unwrap().is_empty(), "it goes with what it is of");
}

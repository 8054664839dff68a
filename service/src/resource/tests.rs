use entity::change::EntityType;
use entity::community::CommunityVisibility;
use entity::item::{ItemType, ItemVisibility};
use entity::resource;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::*;
use crate::paging::PageRequest;
use crate::pilot::testing::{School, faults};
use crate::store::recorded;
use crate::testing;

impl School {
    /// The number and the sum of the ratings, as they are kept and as they are.
    async fn ratings(&self, id: Uuid) -> (i32, i32) {
        let row = resource::Entity::find_by_id(id)
            .one(self.store.reader())
            .await;
        let row = row.unwrap().unwrap();
        let request = PageRequest::default();
        let listed = page_of_ratings(&self.store, id, &request)
            .await
            .unwrap()
            .rows;
        let sum: i32 = listed.iter().map(|(_, row)| row.rating).sum();
        let counted = (i32::try_from(listed.len()).unwrap(), sum);
        assert_eq!((row.rating_count, row.rating_sum), counted);
        counted
    }
}

#[tokio::test]
async fn each_rates_once_and_rating_again_replaces() {
    let school = School::new(CommunityVisibility::Public).await;
    let id = school.resource(true, ItemVisibility::Community).await;
    let rate = async |viewer: &Viewer, rating: i64, comment: Option<&str>| {
        rate(
            &school.store,
            viewer,
            id,
            rating,
            comment.map(str::to_owned),
        )
        .await
    };
    rate(&school.stranger, 5, None).await.unwrap();
    let first = rate(&school.member, 2, Some("Too long.")).await.unwrap();
    assert_eq!(school.ratings(id).await, (2, 7));
    let again = rate(&school.member, 2, Some("Too long.")).await.unwrap();
    assert_eq!(
        again.position, first.position,
        "the same again writes nothing"
    );
    rate(&school.member, 4, None).await.unwrap();
    assert_eq!(school.ratings(id).await, (2, 9));
    let own = rated_by_viewer(&school.store, &school.member, &[id])
        .await
        .unwrap();
    assert_eq!(own.get(&id), Some(&4));
    let nobody = rated_by_viewer(&school.store, &Viewer::anonymous(), &[id]).await;
    assert!(nobody.unwrap().is_empty());
    let changes = testing::changes(&school.store, EntityType::Resource).await;
    assert_eq!(changes.len(), 4, "its creation and three ratings");

    // What is rated may change without losing what was said of it.
    let change = UpdateResource {
        content: ItemContent {
            title: Patch::Value("Tactile cards, again".to_owned()),
            ..ItemContent::default()
        },
        resource: ResourceContent {
            description: Patch::Value("By touch.".to_owned()),
            ..ResourceContent::default()
        },
        note: None,
    };
    update(&school.store, &school.author, id, change, None)
        .await
        .unwrap();
    assert_eq!(school.ratings(id).await, (2, 9));
    item::delete(&school.store, &school.facilitator, ItemType::Resource, id)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_rating_has_bounds_and_a_subject_that_one_may_read() {
    let school = School::new(CommunityVisibility::Public).await;
    let id = school.resource(true, ItemVisibility::Community).await;
    let draft = school.resource(false, ItemVisibility::Community).await;
    for rating in [0, 6, -1, i64::MAX] {
        let long = Some("x".repeat(4_001));
        let found = faults(rate(&school.store, &school.member, id, rating, long).await);
        let found: Vec<_> = found
            .iter()
            .map(|fault| (fault.code, fault.field[0].as_str()))
            .collect();
        assert_eq!(
            found,
            [
                (FaultCode::TooLong, "comment"),
                (FaultCode::OutOfRange, "rating")
            ]
        );
    }
    let hidden = faults(rate(&school.store, &school.stranger, draft, 3, None).await);
    assert_eq!(hidden[0].code, FaultCode::NotFound);
    assert_eq!(school.ratings(id).await, (0, 0));
    assert_eq!(school.ratings(draft).await, (0, 0));
}

#[tokio::test]
async fn resources_are_found_by_their_ids_and_not_among_all() {
    let school = School::new(CommunityVisibility::Public).await;
    let id = school.resource(true, ItemVisibility::Community).await;
    for viewer in [&Viewer::anonymous(), &school.member, &school.author] {
        let ids: Vec<Uuid> = std::iter::once(id)
            .chain((0..19).map(|_| Uuid::now_v7()))
            .collect();
        let found = item::by_ids::<resource::Entity>(&school.store, viewer, &ids);
        let (found, statements) = recorded(found).await;
        assert_eq!(found.unwrap().keys().collect::<Vec<_>>(), [&id]);
        assert_eq!(statements.len(), 1);
        let plan = school.store.plan(&statements[0]).await.unwrap();
        let first = plan.first().unwrap();
        let on_postgresql = school.store.backend() == sea_orm::DatabaseBackend::Postgres;
        assert!(on_postgresql || first.ends_with("(id=?)"), "{plan:#?}");
    }
}

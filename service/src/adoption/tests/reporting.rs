//! Who adopts what, and how often.

use entity::community::CommunityStatus;
use entity::link::{self, LinkRelation};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
};

use super::*;
use crate::policy::audience;

#[tokio::test]
async fn whoever_reads_it_adopts_it_and_nobody_else() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let subject = scene.published().await;
    let adopted = scene
        .report(&scene.stranger, subject, AdoptionState::InUse)
        .await
        .unwrap()
        .value;
    assert_eq!(adopted.adopter_id, scene.stranger.user_id());
    assert_eq!(
        (adopted.revision_used, adopted.setting_key.as_str()),
        (1, "grade 3, elm school")
    );
    assert_eq!(
        scene.listed(&Viewer::anonymous(), subject).await,
        [adopted.id]
    );
    let stated = link::Entity::find()
        .filter(link::Column::FromId.eq(adopted.id))
        .one(scene.store.reader())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (stated.relation, stated.to_id),
        (LinkRelation::Adopted, subject.1)
    );
    let changes = testing::changes(&scene.store, EntityType::Adoption).await;
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].actor_id, scene.stranger.user_id());
    let told = changes[0].audience_after.clone().unwrap().0;
    assert!(told.contains(&audience::PUBLIC.to_owned()), "{told:?}");

    let draft = scene.resource(false, ItemVisibility::Community).await;
    let not_found = (FaultCode::NotFound, "input.subjectId".to_owned());
    let refused = scene
        .report(&scene.stranger, draft, AdoptionState::InUse)
        .await;
    assert_eq!(code(refused), not_found);
    let own = scene
        .report(&scene.author, draft, AdoptionState::InUse)
        .await;
    assert_eq!(
        own.unwrap().value.revision_used,
        1,
        "one's own draft one sees"
    );
    let narrow = scene.resource(true, ItemVisibility::Members).await;
    let refused = scene
        .report(&scene.stranger, narrow, AdoptionState::InUse)
        .await;
    assert_eq!(code(refused), not_found);
    let mistaken = (EntityType::Practice, subject.1);
    let refused = scene
        .report(&scene.author, mistaken, AdoptionState::InUse)
        .await;
    assert_eq!(code(refused), not_found);
    let absent = (EntityType::Resource, Uuid::now_v7());
    let refused = scene
        .report(&scene.author, absent, AdoptionState::InUse)
        .await;
    assert_eq!(code(refused), not_found);
    let nobody = scene
        .report(&Viewer::anonymous(), subject, AdoptionState::InUse)
        .await;
    assert!(matches!(nobody, Err(Error::Unauthenticated)));
}

#[tokio::test]
async fn all_faults_of_a_report_are_told_at_once() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let wrong = ReportAdoption {
        subject: (EntityType::Resource, Uuid::now_v7()),
        setting: " ".to_owned(),
        organization_id: Some(Uuid::now_v7()),
        adaptation: Some("x".repeat(4_001)),
        state: AdoptionState::Planned,
        outcome: Some(AdoptionOutcome::Improved),
        story: Some("x".repeat(20_001)),
    };
    let found = faults(report(&scene.store, &scene.stranger, wrong).await);
    let mut paths: Vec<String> = found.iter().map(|fault| fault.field.join(".")).collect();
    paths.sort_unstable();
    assert_eq!(
        paths,
        [
            "input.adaptation",
            "input.organizationId",
            "input.outcome",
            "input.setting",
            "input.story",
            "input.subjectId"
        ]
    );
    assert_eq!(
        testing::changes(&scene.store, EntityType::Adoption).await,
        []
    );
}

#[tokio::test]
async fn an_archived_community_takes_no_adoptions_and_one_person_so_many_of_one_thing() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let subject = scene.published().await;
    for _ in 0..MOST_OF_ONE {
        scene
            .report(&scene.stranger, subject, AdoptionState::Planned)
            .await
            .unwrap();
    }
    let refused = scene
        .report(&scene.stranger, subject, AdoptionState::Planned)
        .await;
    assert_eq!(
        code(refused),
        (FaultCode::LimitReached, "input.subjectId".to_owned())
    );
    let other = scene
        .report(&scene.author, subject, AdoptionState::Planned)
        .await
        .unwrap()
        .value;
    let mut row = scene.community.clone().into_active_model();
    row.status = Set(CommunityStatus::Archived);
    row.update(scene.store.migration_connection())
        .await
        .unwrap();
    let refused = scene
        .report(&scene.author, subject, AdoptionState::InUse)
        .await;
    assert_eq!(
        code(refused),
        (FaultCode::Forbidden, "input.subjectId".to_owned())
    );
    let refused = scene
        .go_on(&scene.author, &other, AdoptionState::InUse)
        .await;
    assert_eq!(code(refused), (FaultCode::Forbidden, "id".to_owned()));
    withdraw(&scene.store, &scene.author, other.id)
        .await
        .unwrap();
}

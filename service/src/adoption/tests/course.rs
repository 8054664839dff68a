//! How an adoption goes on, and whose words about it are.

use entity::transition;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
};

use super::*;
use crate::viewer::Scope;

#[tokio::test]
async fn the_adopter_alone_says_how_it_goes_on() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let subject = scene.published().await;
    let adopted = scene
        .report(&scene.stranger, subject, AdoptionState::Planned)
        .await
        .unwrap()
        .value;
    for other in [&scene.author, &scene.facilitator] {
        let refused = scene.go_on(other, &adopted, AdoptionState::InUse).await;
        assert_eq!(code(refused), (FaultCode::Forbidden, "id".to_owned()));
    }
    let early = UpdateAdoption {
        state: Some(AdoptionState::Confirmed),
        outcome: Patch::Value(AdoptionOutcome::TooEarly),
        ..UpdateAdoption::default()
    };
    let found = faults(update(&scene.store, &scene.stranger, adopted.id, early).await);
    let fields: Vec<String> = found.iter().map(|fault| fault.field.join(".")).collect();
    assert_eq!(fields, ["state", "outcome"]);

    let in_use = UpdateAdoption {
        state: Some(AdoptionState::InUse),
        outcome: Patch::Value(AdoptionOutcome::TooEarly),
        story: Patch::Value("They roll.".to_owned()),
    };
    let used = update(&scene.store, &scene.stranger, adopted.id, in_use.clone()).await;
    let used = used.unwrap();
    assert_eq!(used.value.story.as_deref(), Some("They roll."));
    let again = update(&scene.store, &scene.stranger, adopted.id, in_use)
        .await
        .unwrap();
    assert_eq!(
        again.position, used.position,
        "the same again writes nothing"
    );
    let refused = scene
        .go_on(&scene.stranger, &adopted, AdoptionState::Confirmed)
        .await;
    assert_eq!(
        code(refused),
        (FaultCode::Invalid, "outcome".to_owned()),
        "it is told apart by now"
    );
    let confirmed = UpdateAdoption {
        state: Some(AdoptionState::Confirmed),
        outcome: Patch::Value(AdoptionOutcome::Improved),
        ..UpdateAdoption::default()
    };
    update(&scene.store, &scene.stranger, adopted.id, confirmed)
        .await
        .unwrap();
    let refused = scene
        .go_on(&scene.stranger, &adopted, AdoptionState::Stopped)
        .await;
    assert_eq!(
        code(refused),
        (FaultCode::InvalidTransition, "state".to_owned())
    );
    let steps = transition::Entity::find()
        .filter(transition::Column::EntityId.eq(adopted.id))
        .all(scene.store.reader())
        .await
        .unwrap();
    let steps: Vec<&str> = steps.iter().map(|step| step.to_state.as_str()).collect();
    assert_eq!(steps, ["PLANNED", "IN_USE", "CONFIRMED"]);
    let changes = testing::changes(&scene.store, EntityType::Adoption).await;
    assert_eq!(changes[1].fields.0, ["state", "outcome", "story"]);
}

#[tokio::test]
async fn an_adopter_keeps_their_own_words_when_the_subject_is_closed_to_them() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let subject = scene.published().await;
    let adopted = scene
        .report(&scene.stranger, subject, AdoptionState::InUse)
        .await
        .unwrap()
        .value;
    let mut row = scene.community.clone().into_active_model();
    row.visibility = Set(CommunityVisibility::Unlisted);
    row.update(scene.store.migration_connection())
        .await
        .unwrap();
    assert_eq!(
        scene.listed(&Viewer::anonymous(), subject).await,
        Vec::<Uuid>::new()
    );
    assert_eq!(scene.listed(&scene.stranger, subject).await, [adopted.id]);
    let elsewhere = testing::person(&scene.store, "dan").await;
    let refused = scene
        .go_on(&elsewhere, &adopted, AdoptionState::Stopped)
        .await;
    assert_eq!(code(refused), (FaultCode::NotFound, "id".to_owned()));
    let refused = withdraw(&scene.store, &elsewhere, adopted.id).await;
    assert_eq!(code(refused), (FaultCode::NotFound, "id".to_owned()));
    let only = Some(Uuid::now_v7());
    let stranger = scene.stranger.user_id().unwrap();
    let token = testing::viewer_with(&scene.store, stranger, Scope::ALL, only).await;
    assert_eq!(scene.listed(&token, subject).await, Vec::<Uuid>::new());
    scene
        .go_on(&scene.stranger, &adopted, AdoptionState::Stopped)
        .await
        .unwrap();
}

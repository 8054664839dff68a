use entity::adoption::{AdoptionOutcome, AdoptionState};
use entity::change::{EntityType, Operation};
use entity::community::{self, CommunityStatus, CommunityVisibility};
use entity::item::{ItemType, ItemVisibility};
use entity::link::LinkRelation;
use entity::membership::{MembershipRole, MembershipState};
use entity::resource::ResourceKind;
use entity::user::PlatformRole;
use entity::{link, transition};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use uuid::Uuid;

use super::*;
use crate::error::{Error, Fault, FaultCode, Result};
use crate::item::ItemContent;
use crate::link::End;
use crate::paging::PageRequest;
use crate::policy::audience;
use crate::resource::{CreateResource, ResourceContent};
use crate::store::{Store, Written};
use crate::testing;
use crate::validation::Patch;
use crate::viewer::{Scope, Viewer};

/// A community with something that others take back to their practice.
struct Scene {
    _directory: tempfile::TempDir,
    store: Store,
    community: community::Model,
    facilitator: Viewer,
    author: Viewer,
    stranger: Viewer,
}

impl Scene {
    async fn new(visibility: CommunityVisibility) -> Self {
        let (directory, store) = testing::store().await;
        let community = testing::community(&store, "givers", visibility).await;
        let person = async |handle: &str, role: Option<MembershipRole>| {
            let user = testing::user(&store, handle, PlatformRole::Member).await;
            if let Some(role) = role {
                let active = MembershipState::Active;
                testing::membership(&store, community.id, user.id, role, active).await;
            }
            testing::viewer(&store, user.id).await
        };
        Self {
            facilitator: person("fay", Some(MembershipRole::Facilitator)).await,
            author: person("ada", Some(MembershipRole::Member)).await,
            stranger: person("eve", None).await,
            _directory: directory,
            store,
            community,
        }
    }

    async fn resource(&self, publish: bool, visibility: ItemVisibility) -> End {
        let input = CreateResource {
            community_id: self.community.id,
            content: ItemContent {
                title: Patch::Value("Story dice".to_owned()),
                visibility: Patch::Value(visibility),
                ..ItemContent::default()
            },
            resource: ResourceContent {
                kind: Patch::Value(ResourceKind::Tool),
                ..ResourceContent::default()
            },
            publish,
        };
        let made = crate::resource::create(&self.store, &self.author, input).await;
        (EntityType::Resource, made.unwrap().value.item.id)
    }

    async fn published(&self) -> End {
        self.resource(true, ItemVisibility::Community).await
    }

    async fn report(
        &self,
        viewer: &Viewer,
        subject: End,
        state: AdoptionState,
    ) -> Result<Written<Adoption>> {
        report(&self.store, viewer, input(subject, state)).await
    }

    async fn go_on(
        &self,
        viewer: &Viewer,
        adoption: &Adoption,
        state: AdoptionState,
    ) -> Result<Written<Adoption>> {
        let input = UpdateAdoption {
            state: Some(state),
            ..UpdateAdoption::default()
        };
        update(&self.store, viewer, adoption.id, input).await
    }

    async fn listed(&self, viewer: &Viewer, subject: End) -> Vec<Uuid> {
        let request = PageRequest::default();
        let page = page_of_subject(&self.store, viewer, subject.1, &request).await;
        let listed: Vec<Uuid> = page.unwrap().rows.iter().map(|row| row.1.id).collect();
        let counted = count_of_subject(&self.store, viewer, subject.1).await;
        assert_eq!(counted.unwrap(), listed.len() as u64);
        listed
    }
}

fn input(subject: End, state: AdoptionState) -> ReportAdoption {
    ReportAdoption {
        subject,
        setting: "Grade 3, Élm School".to_owned(),
        organization_id: None,
        adaptation: Some("Bigger dice.".to_owned()),
        state,
        outcome: None,
        story: None,
    }
}

fn faults<T: std::fmt::Debug>(result: Result<T>) -> Vec<Fault> {
    match result {
        Err(Error::Refused(faults)) => faults,
        other => panic!("should have been refused: {other:?}"),
    }
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> (FaultCode, String) {
    let faults = faults(result);
    assert_eq!(faults.len(), 1, "{faults:?}");
    (faults[0].code, faults[0].field.join("."))
}

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
    let elsewhere = testing::user(&scene.store, "dan", PlatformRole::Member).await;
    let elsewhere = testing::viewer(&scene.store, elsewhere.id).await;
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

use entity::community::CommunityVisibility;
use entity::experience_report::Consent;
use entity::innovation::InnovationStage;
use entity::item::ItemVisibility;
use entity::pilot::{PilotOutcome, PilotState};
use entity::practice::PracticeKind;
use entity::resource::ResourceKind;
use entity::user::PlatformRole;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::*;
use crate::error::{BlockerCode, Error};
use crate::pilot::testing::{School, faults};
use crate::practice::{CreatePractice, PracticeContent};
use crate::resource::{CreateResource, ResourceContent};
use crate::testing;

mod ways;

use InnovationStage::{Abandoned, Exploring, Idea, Parked, Piloting, Promoted, Validated};

async fn school() -> (School, Uuid) {
    let school = School::new(CommunityVisibility::Public).await;
    let authors = [&school.author, &school.member].map(|viewer| viewer.user_id().unwrap());
    let input = CreateInnovation {
        community_id: school.community.id,
        content: ItemContent {
            title: Patch::Value("Lessons on paper".to_owned()),
            author_ids: Patch::Value(authors.to_vec()),
            visibility: Patch::Value(ItemVisibility::Members),
            ..ItemContent::default()
        },
        innovation: InnovationContent {
            idea: Patch::Value("No screens.".to_owned()),
            ..InnovationContent::default()
        },
    };
    let made = create(&school.store, &school.author, input).await.unwrap();
    (school, made.value.item.id)
}

impl School {
    async fn advance(&self, id: Uuid, to: InnovationStage) -> Result<ItemState, Error> {
        let learning = (to == Abandoned).then(|| "Paper tears.".to_owned());
        let moved = advance(&self.store, &self.author, id, to, None, learning, None).await;
        Ok(moved?.value)
    }

    async fn validated(&self, id: Uuid) {
        self.advance(id, Exploring).await.unwrap();
        let pilot = self.running(id, Consent::Members).await;
        self.advance(id, Piloting).await.unwrap();
        self.go(&self.planner, pilot.id, PilotState::Concluded)
            .await
            .unwrap();
        self.advance(id, Validated).await.unwrap();
    }

    fn practice(&self, title: &str) -> CreatePractice {
        CreatePractice {
            community_id: self.community.id,
            content: ItemContent {
                title: Patch::Value(title.to_owned()),
                ..ItemContent::default()
            },
            practice: PracticeContent {
                kind: Patch::Value(PracticeKind::Method),
                ..PracticeContent::default()
            },
            publish: false,
        }
    }

    async fn promote(
        &self,
        viewer: &Viewer,
        id: Uuid,
        to_practice: Option<CreatePractice>,
        to_resource: Option<CreateResource>,
    ) -> Result<ItemState, Error> {
        let input = PromoteInnovation {
            to_practice,
            to_resource,
        };
        Ok(promote(&self.store, viewer, id, input).await?.value)
    }
}

fn blockers(result: Result<ItemState, Error>) -> Vec<BlockerCode> {
    let found = faults(result);
    assert_eq!(found.len(), 1, "{found:?}");
    found[0]
        .blocked_by
        .iter()
        .map(|blocker| blocker.code)
        .collect()
}

#[tokio::test]
async fn pilots_open_the_way() {
    let (school, id) = school().await;
    school.advance(id, Exploring).await.unwrap();
    assert_eq!(
        blockers(school.advance(id, Piloting).await),
        [BlockerCode::PilotMissing]
    );
    let dropped = school.try_plan(&school.planner, id).await.unwrap();
    school
        .go(&school.planner, dropped.id, PilotState::Cancelled)
        .await
        .unwrap();
    assert_eq!(
        blockers(school.advance(id, Piloting).await),
        [BlockerCode::PilotMissing]
    );
    school.try_plan(&school.planner, id).await.unwrap();
    school.advance(id, Piloting).await.unwrap();
    assert_eq!(
        blockers(school.advance(id, Validated).await),
        [BlockerCode::PilotMissing]
    );
    school.concluded(id, PilotOutcome::Mixed).await;
    let mixed = blockers(school.advance(id, Validated).await);
    assert_eq!(mixed, [BlockerCode::PilotMissing], "it must have worked");
    school.concluded(id, PilotOutcome::WorkedWithChanges).await;
    // What was parked comes back without a new pilot.
    school.advance(id, Parked).await.unwrap();
    school.advance(id, Piloting).await.unwrap();
    school.advance(id, Validated).await.unwrap();
    let promoted = blockers(school.advance(id, Promoted).await);
    assert_eq!(promoted, [BlockerCode::PromotedItemMissing]);
    assert_eq!(
        blockers(school.advance(id, Idea).await),
        [BlockerCode::NotFromHere]
    );
    school.advance(id, Abandoned).await.unwrap();
}

#[tokio::test]
async fn what_is_made_of_it_has_its_authors_and_says_so() {
    let (school, id) = school().await;
    school.validated(id).await;
    let leaving = school.member.clone();
    crate::membership::leave(&school.store, &leaving, school.community.id)
        .await
        .unwrap();
    let made = school
        .promote(
            &school.steward,
            id,
            Some(school.practice("Paper first")),
            None,
        )
        .await
        .unwrap();
    assert_eq!(
        made.authors,
        school.author.user_id().as_slice(),
        "who left is named"
    );
    assert_eq!(made.item.bylines.0, ["cleo"]);
    assert_eq!(
        made.item.visibility,
        ItemVisibility::Members,
        "it is seen by no more"
    );
    let found = promoted_to(&school.store, &school.author, &[id])
        .await
        .unwrap();
    assert_eq!(
        found[&id],
        [(entity::change::EntityType::Practice, made.item.id)]
    );
    let found = promoted_to(&school.store, &school.stranger, &[id])
        .await
        .unwrap();
    assert!(found.is_empty(), "a draft is not for strangers");
    let listed =
        item::find::<innovation::Entity>(&school.store, &school.author, id, item::With::default());
    assert_eq!(listed.await.unwrap().unwrap().details.stage, Promoted);
    let twice = school
        .promote(
            &school.author,
            id,
            Some(school.practice("Paper again")),
            None,
        )
        .await;
    assert_eq!(blockers(twice), [BlockerCode::NotFromHere]);
}

#[tokio::test]
async fn an_author_who_left_is_named_until_they_are_erased() {
    let (school, id) = school().await;
    school.validated(id).await;
    let leaving = school.member.clone();
    crate::membership::leave(&school.store, &leaving, school.community.id)
        .await
        .unwrap();
    let mut practice = school.practice("Paper first");
    practice.content.bylines = Patch::Value(vec!["Grace".to_owned()]);
    let made = school.promote(&school.steward, id, Some(practice), None);
    let made = made.await.unwrap();
    assert_eq!(made.item.bylines.0, ["cleo", "Grace"]);
    let admin = testing::user(&school.store, "root", PlatformRole::Admin).await;
    let admin = testing::viewer(&school.store, admin.id).await;
    crate::user::erase(&school.store, &admin, leaving.user_id().unwrap())
        .await
        .unwrap();
    let left = entity::item::Entity::find_by_id(made.item.id)
        .one(school.store.reader())
        .await;
    assert_eq!(left.unwrap().unwrap().bylines.0, ["Former member", "Grace"]);
}

#[tokio::test]
async fn all_that_is_wrong_with_a_promotion_is_told_at_once_and_nothing_is_written() {
    let (school, id) = school().await;
    let resource = || CreateResource {
        community_id: school.community.id,
        content: ItemContent {
            title: Patch::Value(String::new()),
            ..ItemContent::default()
        },
        resource: ResourceContent {
            kind: Patch::Value(ResourceKind::Guide),
            ..ResourceContent::default()
        },
        publish: false,
    };
    let before = school.store.position().await.unwrap();
    let fields = |result: Result<ItemState, Error>| {
        let found = faults(result);
        let fields = found
            .iter()
            .map(|fault| (fault.code, fault.field.join(".")));
        fields.collect::<Vec<_>>()
    };
    let early = (FaultCode::InvalidTransition, "id".to_owned());
    let refused = school
        .promote(&school.author, id, None, Some(resource()))
        .await;
    let untitled = (FaultCode::Required, "toResource.title".to_owned());
    assert_eq!(fields(refused), [early.clone(), untitled]);
    let refused = school.promote(&school.author, id, None, None).await;
    let neither = (FaultCode::Required, "toPractice".to_owned());
    assert_eq!(fields(refused), [early.clone(), neither]);
    let practice = Some(school.practice("Both"));
    let refused = school
        .promote(&school.author, id, practice, Some(resource()))
        .await;
    let both = (FaultCode::Invalid, "toResource".to_owned());
    assert_eq!(fields(refused), [early, both]);
    let practice = || Some(school.practice("Stolen"));
    let refused = school.promote(&school.planner, id, practice(), None).await;
    assert_eq!(fields(refused)[0], (FaultCode::Forbidden, "id".to_owned()));
    let refused = school.promote(&school.stranger, id, practice(), None).await;
    assert_eq!(fields(refused)[0], (FaultCode::NotFound, "id".to_owned()));
    assert_eq!(school.store.position().await.unwrap(), before);
    school.validated(id).await;
    let before = school.store.position().await.unwrap();
    let refused = school
        .promote(&school.author, id, None, Some(resource()))
        .await;
    assert_eq!(fields(refused)[0].1, "toResource.title");
    assert_eq!(
        school.store.position().await.unwrap(),
        before,
        "it is not PROMOTED"
    );
}

use entity::change::EntityType;
use entity::community::{CommunityKind, CommunityVisibility};
use entity::item::ItemType;
use entity::link;
use entity::membership::MembershipRole;
use entity::pilot::PilotOutcome;
use entity::practice::{PracticeKind, PracticeMaturity};
use entity::review::ReviewVerdict;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use super::*;
use crate::error::{BlockerCode, Error, Fault};
use crate::pilot::testing::{School, faults};
use crate::review::{ReviewInput, review};
use crate::testing;

use PracticeMaturity::{Emerging, Recommended, Retired, Superseded, Trialled};

/// A community in which practices are proven.
struct Workshop {
    school: School,
    reviewers: [Viewer; 2],
}

impl Workshop {
    async fn new(kind: CommunityKind) -> Self {
        let mut school = School::new(CommunityVisibility::Public).await;
        let mut row = school.community.clone().into_active_model();
        row.kind = Set(kind);
        school.community = row
            .update(school.store.migration_connection())
            .await
            .unwrap();
        let reviewer = async |handle: &str| {
            let role = MembershipRole::Reviewer;
            testing::member(&school.store, school.community.id, handle, role).await
        };
        let reviewers = [reviewer("rita").await, reviewer("rob").await];
        Self { school, reviewers }
    }

    async fn draft(&self) -> Uuid {
        let input = CreatePractice {
            community_id: self.school.community.id,
            content: ItemContent {
                title: Patch::Value("Reading in pairs".to_owned()),
                ..ItemContent::default()
            },
            practice: PracticeContent {
                kind: Patch::Value(PracticeKind::Routine),
                ..PracticeContent::default()
            },
            publish: false,
        };
        let made = create(&self.school.store, &self.school.author, input).await;
        made.unwrap().value.item.id
    }

    async fn approve(&self, id: Uuid, reviewer: &Viewer, revision: i32) {
        let input = ReviewInput {
            id,
            verdict: ReviewVerdict::Approve,
            comment: None,
            revision,
        };
        review(&self.school.store, reviewer, input).await.unwrap();
    }

    async fn published(&self) -> Uuid {
        let id = self.draft().await;
        item::submit(&self.school.store, &self.school.author, id)
            .await
            .unwrap();
        for reviewer in &self.reviewers {
            if kind_asks_for_two(&self.school) || reviewer.user_id() == self.reviewers[0].user_id()
            {
                self.approve(id, reviewer, 1).await;
            }
        }
        id
    }

    async fn recommended(&self) -> Uuid {
        let id = self.published().await;
        self.school.concluded(id, PilotOutcome::Worked).await;
        for to in [Trialled, Recommended] {
            self.go(&self.school.author, id, to).await.unwrap();
        }
        id
    }

    async fn go(
        &self,
        viewer: &Viewer,
        id: Uuid,
        to: PracticeMaturity,
    ) -> Result<ItemState, Error> {
        self.step(viewer, id, to, Some("It is time.".to_owned()), None)
            .await
    }

    async fn step(
        &self,
        viewer: &Viewer,
        id: Uuid,
        to: PracticeMaturity,
        reason: Option<String>,
        superseded_by: Option<Uuid>,
    ) -> Result<ItemState, Error> {
        let input = SetMaturity {
            to,
            reason,
            superseded_by,
        };
        Ok(set_maturity(&self.school.store, viewer, id, input)
            .await?
            .value)
    }

    async fn set(&self, id: Uuid, maturity: PracticeMaturity) {
        let row = practice::Entity::find_by_id(id)
            .one(self.school.store.reader())
            .await;
        let mut row = row.unwrap().unwrap().into_active_model();
        row.maturity = Set(maturity);
        row.update(self.school.store.migration_connection())
            .await
            .unwrap();
    }
}

fn kind_asks_for_two(school: &School) -> bool {
    crate::community::kind::policy_of(&school.community).practice_quorum > 1
}

fn maturity(state: &ItemState) -> PracticeMaturity {
    match &state.details {
        Details::Practice(row, _) => row.maturity,
        other => panic!("{other:?} is no practice"),
    }
}

fn blockers(result: Result<ItemState, Error>) -> Vec<BlockerCode> {
    let found = faults(result);
    let steps = found
        .iter()
        .filter(|fault| fault.code == FaultCode::InvalidTransition);
    let blocked: Vec<&Fault> = steps.collect();
    assert_eq!(blocked.len(), 1, "{found:?}");
    assert_eq!(blocked[0].field, ["maturity"]);
    blocked[0]
        .blocked_by
        .iter()
        .map(|blocker| blocker.code)
        .collect()
}

#[tokio::test]
async fn each_step_has_its_guard() {
    let shop = Workshop::new(CommunityKind::BestPractice).await;
    let author = &shop.school.author;
    let id = shop.published().await;
    assert_eq!(
        blockers(shop.go(author, id, Trialled).await),
        [BlockerCode::PilotMissing]
    );
    assert_eq!(
        blockers(shop.go(author, id, Recommended).await),
        [BlockerCode::NotFromHere, BlockerCode::EvidenceMissing]
    );
    shop.school.concluded(id, PilotOutcome::Mixed).await;
    let tried = shop.go(author, id, Trialled).await.unwrap();
    assert_eq!(maturity(&tried), Trialled);
    let mixed = blockers(shop.go(author, id, Recommended).await);
    assert_eq!(
        mixed,
        [BlockerCode::EvidenceMissing],
        "a pilot that worked for some recommends nothing"
    );
    let confirmed = shop.school.confirmed((EntityType::Practice, id)).await;
    let recommended = shop.go(author, id, Recommended).await.unwrap();
    assert_eq!(maturity(&recommended), Recommended);
    // What it rests on may be taken back; whether it stays recommended is for its keepers to say.
    crate::adoption::withdraw(&shop.school.store, &shop.school.member, confirmed[0].id)
        .await
        .unwrap();
    let again = shop.go(author, id, Recommended).await.unwrap();
    assert_eq!(
        maturity(&again),
        Recommended,
        "what it is already asks for nothing"
    );
}

#[tokio::test]
async fn approvals_are_of_the_published_revision_and_drafts_are_not_recommended() {
    let shop = Workshop::new(CommunityKind::BestPractice).await;
    let author = &shop.school.author;
    let id = shop.draft().await;
    let people = [author, author];
    shop.school
        .concluded_by(people, id, PilotOutcome::Worked)
        .await;
    shop.go(author, id, Trialled).await.unwrap();
    assert_eq!(
        blockers(shop.go(author, id, Recommended).await),
        [BlockerCode::CriterionUnmet, BlockerCode::QuorumMissing]
    );
    item::submit(&shop.school.store, author, id).await.unwrap();
    for reviewer in &shop.reviewers {
        shop.approve(id, reviewer, 1).await;
    }
    // A change of it waits for its review; the published revision keeps its approvals.
    let change = UpdatePractice {
        content: ItemContent {
            title: Patch::Value("Reading in threes".to_owned()),
            ..ItemContent::default()
        },
        ..UpdatePractice::default()
    };
    update(&shop.school.store, author, id, change, None)
        .await
        .unwrap();
    let recommended = shop.go(author, id, Recommended).await.unwrap();
    assert_eq!(maturity(&recommended), Recommended);
}

#[tokio::test]
async fn other_kinds_ask_for_their_quorum_alone() {
    let shop = Workshop::new(CommunityKind::Helping).await;
    let id = shop.published().await;
    shop.school.concluded(id, PilotOutcome::DidNotWork).await;
    for to in [Trialled, Recommended] {
        shop.go(&shop.school.author, id, to).await.unwrap();
    }
}

#[tokio::test]
async fn the_ways_between_all_pairs() {
    let shop = Workshop::new(CommunityKind::BestPractice).await;
    let id = shop.published().await;
    let successor = shop.published().await;
    shop.school.concluded(id, PilotOutcome::Worked).await;
    let open = [
        (Emerging, Trialled),
        (Trialled, Recommended),
        (Recommended, Superseded),
        (Recommended, Retired),
    ];
    for from in PracticeMaturity::ALL {
        for to in PracticeMaturity::ALL {
            shop.set(id, *from).await;
            link::Entity::delete_many()
                .exec(shop.school.store.migration_connection())
                .await
                .unwrap();
            let successor = (*to == Superseded).then_some(successor);
            let reason = Some("So it is.".to_owned());
            let before = shop.school.store.position().await.unwrap();
            let outcome = shop
                .step(&shop.school.steward, id, *to, reason, successor)
                .await;
            let after = shop.school.store.position().await.unwrap();
            if open.contains(&(*from, *to)) {
                assert_eq!(maturity(&outcome.unwrap()), *to);
            } else if from == to && successor.is_none() {
                outcome.unwrap();
                assert_eq!(before, after, "{from:?} to itself");
            } else {
                let codes = blockers(outcome);
                assert_eq!(
                    codes.first(),
                    Some(&BlockerCode::NotFromHere),
                    "{from:?} to {to:?}"
                );
                assert_eq!(before, after, "nothing is written");
            }
        }
    }
}

#[tokio::test]
async fn a_successor_takes_its_place_and_no_circle_closes() {
    let shop = Workshop::new(CommunityKind::BestPractice).await;
    let steward = &shop.school.steward;
    let old = shop.recommended().await;
    let new = shop.recommended().await;
    let draft = shop.draft().await;
    let reason = || Some("A better one is there.".to_owned());
    let none = shop.step(steward, old, Superseded, reason(), None).await;
    assert_eq!(blockers(none), [BlockerCode::SuccessorMissing]);
    let field = |result: Result<ItemState, Error>| {
        let found = faults(result);
        (found[0].code, found[0].field.join("."))
    };
    let at_successor = |code: FaultCode| (code, "supersededById".to_owned());
    for (successor, code) in [
        (old, FaultCode::Invalid),
        (draft, FaultCode::Invalid),
        (Uuid::now_v7(), FaultCode::NotFound),
    ] {
        let refused = shop
            .step(steward, old, Superseded, reason(), Some(successor))
            .await;
        assert_eq!(field(refused), at_successor(code));
    }
    let refused = shop.step(steward, old, Retired, reason(), Some(new)).await;
    assert_eq!(field(refused), at_successor(FaultCode::Invalid));
    let refused = shop
        .step(&shop.school.author, old, Superseded, reason(), Some(new))
        .await;
    assert_eq!(field(refused), (FaultCode::Forbidden, "id".to_owned()));

    shop.step(steward, old, Superseded, reason(), Some(new))
        .await
        .unwrap();
    let found = superseded_by(&shop.school.store, &Viewer::anonymous(), &[old])
        .await
        .unwrap();
    assert_eq!(found.get(&old), Some(&new));
    shop.step(steward, old, Superseded, reason(), Some(new))
        .await
        .unwrap();
    let other = shop.recommended().await;
    let refused = shop
        .step(steward, old, Superseded, reason(), Some(other))
        .await;
    assert_eq!(
        blockers(refused),
        [BlockerCode::NotFromHere],
        "it has its successor"
    );
    let circle = shop
        .step(steward, new, Superseded, reason(), Some(old))
        .await;
    assert_eq!(field(circle), at_successor(FaultCode::Invalid));

    let silent = shop.step(steward, new, Retired, None, None).await;
    assert_eq!(field(silent), (FaultCode::Required, "reason".to_owned()));
    shop.step(steward, new, Retired, reason(), None)
        .await
        .unwrap();
    let request = crate::paging::PageRequest::default();
    let steps = page_of_steps(&shop.school.store, new, &request)
        .await
        .unwrap();
    let steps: Vec<_> = steps
        .rows
        .iter()
        .map(|(_, row)| row.to_state.as_str())
        .collect();
    assert_eq!(steps, ["TRIALLED", "RECOMMENDED", "RETIRED"]);
    assert_eq!(step_count(&shop.school.store, new).await.unwrap(), 3);
}

#[tokio::test]
async fn only_those_who_may_say_so() {
    let shop = Workshop::new(CommunityKind::BestPractice).await;
    let id = shop.published().await;
    shop.school.concluded(id, PilotOutcome::Worked).await;
    for stranger in [
        &shop.school.stranger,
        &shop.school.member,
        &shop.reviewers[0],
    ] {
        let found = faults(shop.go(stranger, id, Trialled).await);
        assert_eq!(found[0].code, FaultCode::Forbidden);
    }
    let hidden = shop.draft().await;
    let found = faults(shop.go(&shop.school.stranger, hidden, Trialled).await);
    assert_eq!(found[0].code, FaultCode::NotFound);
    let opened = item_row::Entity::find_by_id(id)
        .one(shop.school.store.reader())
        .await;
    assert_eq!(opened.unwrap().unwrap().item_type, ItemType::Practice);
    shop.go(&shop.school.facilitator, id, Trialled)
        .await
        .unwrap();
}

use entity::change::EntityType;
use entity::community;
use entity::community::{
    CommunityStage, CommunityStatus, CommunityVisibility, TransformationOutcome,
};
use entity::membership::{MembershipRole, MembershipState};
use entity::user::PlatformRole;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::step::{Way, way};
use super::*;
use crate::error::{BlockerCode, Error, Fault, FaultCode, Result};
use crate::store::Store;
use crate::testing;
use crate::transition::testing::{Home, Step, try_step};
use crate::viewer::Viewer;

use CommunityStage::{Coalescing, Maturing, Potential, Stewardship, Transformation};

fn fault<T: std::fmt::Debug>(outcome: Result<T>) -> Fault {
    match outcome {
        Err(Error::Refused(mut faults)) if faults.len() == 1 => faults.remove(0),
        other => panic!("one fault was expected: {other:?}"),
    }
}

#[test]
fn the_ways_between_all_pairs_of_stages() {
    let on = [
        (Potential, Coalescing),
        (Coalescing, Maturing),
        (Maturing, Stewardship),
        (Stewardship, Transformation),
        (Transformation, Coalescing),
    ];
    let back = [
        (Coalescing, Potential),
        (Maturing, Coalescing),
        (Stewardship, Maturing),
        (Transformation, Stewardship),
    ];
    for from in CommunityStage::ALL {
        for to in CommunityStage::ALL {
            let pair = (*from, *to);
            let expected = if on.contains(&pair) {
                Some(Way::On)
            } else {
                back.contains(&pair).then_some(Way::Back)
            };
            let found = way(*from, *to, None);
            assert_eq!(
                next_stages(*from).contains(to),
                expected.is_some(),
                "{pair:?}"
            );
            if let Some(expected) = expected {
                assert_eq!(found.unwrap(), expected, "{pair:?}");
            } else {
                let fault = fault(found);
                assert_eq!(fault.code, FaultCode::InvalidTransition, "{pair:?}");
                assert_eq!(fault.blocked_by[0].code, BlockerCode::NotFromHere);
            }
        }
    }
}

#[test]
fn the_outcomes_of_all_pairs_of_stages() {
    use TransformationOutcome::{Merged, Renewed, Split};
    for outcome in TransformationOutcome::ALL {
        for from in CommunityStage::ALL {
            for to in CommunityStage::ALL {
                let found = way(*from, *to, Some(*outcome));
                let (leads_to, expected) = if *outcome == Renewed {
                    (Coalescing, Way::On)
                } else {
                    (Transformation, Way::End)
                };
                let by_themselves = !matches!(outcome, Split | Merged);
                if by_themselves && *from == Transformation && *to == leads_to {
                    assert_eq!(found.unwrap(), expected, "{outcome:?}");
                } else {
                    let fault = fault(found);
                    let misdirected = by_themselves && *from == Transformation;
                    let code = if misdirected {
                        FaultCode::Invalid
                    } else {
                        FaultCode::InvalidTransition
                    };
                    assert_eq!(fault.code, code, "{outcome:?} from {from:?} to {to:?}");
                }
            }
        }
    }
}

#[test]
fn statuses_lead_to_each_other() {
    for from in CommunityStatus::ALL {
        for to in CommunityStatus::ALL {
            assert_eq!(next_statuses(*from).contains(to), from != to);
        }
    }
}

#[test]
fn every_stage_but_the_first_asks_for_something_by_names_of_its_own() {
    for stage in CommunityStage::ALL {
        let keys: Vec<_> = criteria(*stage).iter().map(|asked| asked.key).collect();
        assert_eq!(keys.is_empty(), *stage == Potential, "{stage:?}");
        let distinct: std::collections::HashSet<_> = keys.iter().collect();
        assert_eq!(distinct.len(), keys.len(), "{stage:?}");
    }
}

async fn community_at(store: &Store, stage: CommunityStage) -> (community::Model, Viewer) {
    let row = testing::community(store, "walkers", CommunityVisibility::Public).await;
    let mut row = sea_orm::IntoActiveModel::into_active_model(row);
    row.stage = sea_orm::ActiveValue::Set(stage);
    let row = community::Entity::update(row)
        .exec(store.migration_connection())
        .await
        .unwrap();
    let ada = testing::user(store, "ada", PlatformRole::Member).await;
    let (role, state) = (MembershipRole::Facilitator, MembershipState::Active);
    testing::membership(store, row.id, ada.id, role, state).await;
    (row, testing::viewer(store, ada.id).await)
}

fn to(stage: CommunityStage) -> SetStage {
    SetStage {
        stage,
        reason: "As we decided.".to_owned(),
        outcome: None,
        overriding: false,
    }
}

async fn history(store: &Store, id: Uuid) -> Vec<StageChange> {
    let mut found = history_of(store.reader(), &[id]).await.unwrap();
    found.remove(&id).unwrap_or_default()
}

#[tokio::test]
async fn every_step_is_taken_or_refused_and_what_is_refused_writes_nothing() {
    let home = Home::new().await;
    let (store, id) = (&home.store, home.community.id);
    for from in CommunityStage::ALL {
        for target in CommunityStage::ALL {
            for overriding in [false, true] {
                let mut at = sea_orm::IntoActiveModel::into_active_model(home.community.clone());
                at.stage = sea_orm::ActiveValue::Set(*from);
                community::Entity::update(at)
                    .exec(store.migration_connection())
                    .await
                    .unwrap();
                // An empty community has little of what any stage asks for, but nothing open either.
                let asks = leads_on(*from, *target) && *target != Transformation;
                let step = Step {
                    of: id,
                    from: from.as_str(),
                    to: target.as_str(),
                    open: next_stages(*from).iter().map(|to| to.as_str()).collect(),
                    guard: (asks && !overriding).then_some(BlockerCode::CriterionUnmet),
                };
                let input = SetStage {
                    overriding,
                    ..to(*target)
                };
                let row = async || {
                    let found = community::Entity::find_by_id(id).one(store.reader()).await;
                    found.unwrap().unwrap()
                };
                let stage = |community: &community::Model| community.stage.as_str();
                let take = set_stage(store, &home.facilitator, id, input);
                try_step(store, &step, row, stage, take).await;
            }
        }
    }
}

#[tokio::test]
async fn unmet_criteria_hold_a_community_back_unless_they_are_overridden() {
    let (_directory, store) = testing::store().await;
    let (community, ada) = community_at(&store, Potential).await;
    let held_back = fault(set_stage(&store, &ada, community.id, to(Coalescing)).await);
    assert_eq!(held_back.field, ["stage"]);
    assert_eq!(held_back.blocked_by.len(), 3, "only a facilitator is there");
    assert!(
        held_back
            .blocked_by
            .iter()
            .all(|blocker| blocker.code == BlockerCode::CriterionUnmet)
    );
    assert_eq!(history(&store, community.id).await, []);
    let overriding = SetStage {
        overriding: true,
        ..to(Coalescing)
    };
    let gone_on = set_stage(&store, &ada, community.id, overriding.clone())
        .await
        .unwrap();
    assert_eq!(gone_on.value.stage, Coalescing);
    let again = set_stage(&store, &ada, community.id, overriding)
        .await
        .unwrap();
    assert_eq!(
        again.position, gone_on.position,
        "the same stage appends nothing"
    );
    let steps = history(&store, community.id).await;
    assert_eq!(steps.len(), 1);
    let overrode = steps[0].overrode.clone().unwrap();
    assert_eq!(overrode.0, ["DOMAIN", "MEMBERS", "QUESTION"]);
    assert_eq!(steps[0].actor_id, ada.user_id());
    let rows = testing::changes(&store, EntityType::Community).await;
    assert_eq!(rows[0].fields.0, ["stageHistory", "stage"]);

    let back = set_stage(&store, &ada, community.id, to(Potential)).await;
    assert_eq!(
        back.unwrap().value.stage,
        Potential,
        "back nothing is asked"
    );
}

#[tokio::test]
async fn an_ended_community_is_archived_and_can_be_renewed() {
    let (_directory, store) = testing::store().await;
    let (community, ada) = community_at(&store, Transformation).await;
    let faded = SetStage {
        outcome: Some(TransformationOutcome::Faded),
        ..to(Transformation)
    };
    let ended = set_stage(&store, &ada, community.id, faded).await.unwrap();
    assert_eq!(ended.value.stage, Transformation);
    assert_eq!(ended.value.status, CommunityStatus::Archived);
    let closed = fault(set_stage(&store, &ada, community.id, to(Stewardship)).await);
    assert_eq!(closed.code, FaultCode::Forbidden, "what is archived stays");
    crate::community::restore(&store, &ada, community.id)
        .await
        .unwrap();
    let renewed = SetStage {
        overriding: true,
        ..to(Coalescing)
    };
    set_stage(&store, &ada, community.id, renewed)
        .await
        .unwrap();
    let outcomes: Vec<_> = history(&store, community.id)
        .await
        .into_iter()
        .map(|step| step.outcome)
        .collect();
    assert_eq!(
        outcomes,
        [
            Some(TransformationOutcome::Faded),
            Some(TransformationOutcome::Renewed)
        ]
    );
}

#[tokio::test]
async fn stages_are_for_facilitators_and_for_reasons() {
    let (_directory, store) = testing::store().await;
    let (community, ada) = community_at(&store, Potential).await;
    let ben = testing::user(&store, "ben", PlatformRole::Admin).await;
    let ben = testing::viewer(&store, ben.id).await;
    let refused = fault(set_stage(&store, &ben, community.id, to(Coalescing)).await);
    assert_eq!(refused.code, FaultCode::Forbidden);
    let blank = SetStage {
        reason: " ".to_owned(),
        ..to(Coalescing)
    };
    let unreasoned = fault(set_stage(&store, &ada, community.id, blank).await);
    assert_eq!(unreasoned.code, FaultCode::Required);
    assert_eq!(unreasoned.field, ["reason"]);
}

use entity::change::{EntityType, Operation};
use entity::community::CommunityVisibility;
use entity::experience_report::{self, Consent};
use entity::item::{ItemType, ItemVisibility};
use entity::pilot::PilotOutcome;
use entity::pilot::PilotState::{self, Cancelled, Concluded, Planned, Running};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use uuid::Uuid;

use super::testing::{School, code, faults};
use super::*;
use crate::change::catch_up;
use crate::error::{BlockerCode, FaultCode};
use crate::item;
use crate::paging::PageRequest;
use crate::policy::item::ItemFacts;
use crate::search::{SearchIndex, SearchQuery, search};
use crate::store::Store;
use crate::testing as shared;
use crate::viewer::Viewer;

#[test]
fn every_pair_of_states_is_open_or_not() {
    let open = [
        (Planned, Running),
        (Planned, Cancelled),
        (Running, Concluded),
        (Running, Cancelled),
    ];
    for from in PilotState::ALL {
        for to in PilotState::ALL {
            let expected = open.contains(&(*from, *to));
            assert_eq!(
                next_states(*from).contains(to),
                expected,
                "{from:?} → {to:?}"
            );
        }
    }
}

#[tokio::test]
async fn every_step_is_taken_or_refused_for_its_reason() {
    let school = School::new(CommunityVisibility::Public).await;
    let ways: [(PilotState, &[PilotState]); 4] = [
        (Planned, &[]),
        (Running, &[Running]),
        (Concluded, &[Running, Concluded]),
        (Cancelled, &[Cancelled]),
    ];
    for (from, way) in ways {
        for to in PilotState::ALL {
            let pilot = school.pilot().await;
            report(&school.store, &pilot).await;
            for step in way {
                school.go(&school.planner, pilot.id, *step).await.unwrap();
            }
            let before = school.store.position().await.unwrap();
            let taken = school.go(&school.planner, pilot.id, *to).await;
            if next_states(from).contains(to) && *to != Running {
                assert_eq!(taken.unwrap().state, *to);
            } else if next_states(from).contains(to) {
                let taken = taken.unwrap();
                assert_eq!((taken.state, taken.outcome), (Running, None));
            } else if from == *to {
                taken.unwrap();
                assert_eq!(school.store.position().await.unwrap(), before, "{from:?}");
            } else {
                let found = faults(taken);
                let path: Vec<_> = found.iter().map(|fault| fault.field.join(".")).collect();
                assert_eq!(path, ["state"], "{from:?} → {to:?}");
                assert_eq!(found[0].blocked_by[0].code, BlockerCode::NotFromHere);
                assert_eq!(school.store.position().await.unwrap(), before, "{from:?}");
            }
        }
    }
}

/// Somebody tells how a pilot went.
async fn report(store: &Store, pilot: &Pilot) {
    let row = experience_report::Model {
        id: Uuid::new_v4(),
        about_type: EntityType::Pilot,
        about_id: pilot.id,
        owner_id: pilot.planner_id,
        subject_type: pilot.subject_type,
        subject_id: pilot.subject_id,
        community_id: pilot.community_id,
        author_id: None,
        anonymous: false,
        secret_hash: None,
        text: "Well.".to_owned(),
        media_url: None,
        rating: None,
        would_reuse: None,
        consent: Consent::Public,
        created_at: None,
    };
    let row = row.into_active_model();
    row.insert(store.migration_connection()).await.unwrap();
}

#[tokio::test]
async fn a_conclusion_needs_outcome_findings_and_a_report_and_says_all_that_is_missing() {
    let school = School::new(CommunityVisibility::Public).await;
    let pilot = school.pilot().await;
    school.go(&school.planner, pilot.id, Running).await.unwrap();
    let bare = Step {
        to: Concluded,
        outcome: None,
        findings: Some("  ".to_owned()),
        reason: None,
    };
    let missing = faults(set_state(&school.store, &school.planner, pilot.id, bare.clone()).await);
    let said: Vec<_> = missing
        .iter()
        .map(|fault| (fault.code, fault.field.join(".")))
        .collect();
    assert_eq!(
        said,
        [
            (FaultCode::Required, "outcome".to_owned()),
            (FaultCode::Required, "findings".to_owned()),
            (FaultCode::InvalidTransition, "state".to_owned()),
        ]
    );
    assert_eq!(missing[2].blocked_by[0].code, BlockerCode::ReportMissing);
    let silent = Step {
        to: Cancelled,
        ..bare.clone()
    };
    let silent = set_state(&school.store, &school.planner, pilot.id, silent).await;
    assert_eq!(faults(silent)[0].field, ["reason"]);
    report(&school.store, &pilot).await;
    let concluded = school
        .go(&school.planner, pilot.id, Concluded)
        .await
        .unwrap();
    assert_eq!(concluded.outcome, Some(PilotOutcome::Worked));
    assert_eq!(concluded.findings.as_deref(), Some("They help."));
}

#[tokio::test]
async fn only_those_who_run_a_pilot_learn_whether_it_was_reported_on() {
    let school = School::new(CommunityVisibility::Public).await;
    let pilot = school.pilot().await;
    let pilot = school.go(&school.planner, pilot.id, Running).await.unwrap();
    let states = item::load_many(school.store.reader(), &[pilot.subject_id]).await;
    let state = states.unwrap().remove(0);
    let facts = ItemFacts {
        community: &school.community,
        item: &state.item,
        authors: &state.authors,
    };
    for (viewer, runs) in [
        (&school.planner, true),
        (&school.author, true),
        (&school.steward, true),
        (&school.member, false),
        (&school.stranger, false),
        (&Viewer::anonymous(), false),
    ] {
        let without = transitions(viewer, facts, &pilot, false);
        let with = transitions(viewer, facts, &pilot, true);
        assert_eq!(without != with, runs);
        let refused = school.go(viewer, pilot.id, Running).await.is_err();
        assert_eq!(refused, !runs);
    }
}

#[tokio::test]
async fn what_one_may_not_see_has_no_pilots_and_gets_none() {
    let school = School::new(CommunityVisibility::Public).await;
    let draft = school.resource(false, ItemVisibility::Community).await;
    let hidden = school.try_plan(&school.member, draft).await;
    assert_eq!(code(hidden), FaultCode::NotFound);
    let own = school.try_plan(&school.author, draft).await.unwrap();
    let unseen = school.go(&school.member, own.id, Running).await;
    assert_eq!(code(unseen), FaultCode::NotFound);
    for (viewer, seen) in [(&school.author, true), (&school.member, false)] {
        let found = by_ids(&school.store, viewer, &[own.id]).await.unwrap();
        assert_eq!(found.contains_key(&own.id), seen);
        for scope in [
            PilotScope::Community(school.community.id),
            PilotScope::Subject(draft),
        ] {
            let request = PageRequest::default();
            let listed = page(&school.store, viewer, scope, None, &request).await;
            assert_eq!(listed.unwrap().rows.len(), usize::from(seen));
            let counted = count(&school.store, viewer, scope, None).await;
            assert_eq!(counted.unwrap(), u64::from(seen));
        }
    }
    let open = school.resource(true, ItemVisibility::Community).await;
    let from_outside = school.try_plan(&school.stranger, open).await;
    assert_eq!(code(from_outside), FaultCode::Forbidden);
}

#[tokio::test]
async fn pilots_go_with_what_they_try_out_and_say_so_in_the_log() {
    let school = School::new(CommunityVisibility::Public).await;
    let draft = school.resource(false, ItemVisibility::Community).await;
    let pilot = school.try_plan(&school.author, draft).await.unwrap();
    crate::item::delete(&school.store, &school.author, ItemType::Resource, draft)
        .await
        .unwrap();
    let told = shared::changes(&school.store, EntityType::Pilot).await;
    let operations: Vec<_> = told.iter().map(|row| row.operation).collect();
    assert_eq!(operations, [Operation::Created, Operation::Deleted]);
    assert_eq!(told[0].audience_after, told[1].audience_before);
    let of_deleted = school.go(&school.author, pilot.id, Running).await;
    assert_eq!(code(of_deleted), FaultCode::NotFound);
    assert_eq!(
        code(school.try_plan(&school.author, draft).await),
        FaultCode::NotFound
    );
    let steps = crate::transition::count(&school.store, pilot.id).await;
    assert_eq!(steps.unwrap(), 0);
}

#[tokio::test]
async fn what_pilots_ask_and_find_is_found_in_what_they_try_out() {
    let school = School::new(CommunityVisibility::Public).await;
    let index = SearchIndex::in_memory().unwrap();
    let pilot = school.pilot().await;
    report(&school.store, &pilot).await;
    for to in [Running, Concluded] {
        school.go(&school.planner, pilot.id, to).await.unwrap();
    }
    catch_up(&school.store, &index).await.unwrap();
    for query in ["\"two classes\"", "\"they help\""] {
        let query = SearchQuery {
            query: query.to_owned(),
            ..SearchQuery::default()
        };
        let found = search(&school.store, &index, &Viewer::anonymous(), query).await;
        let hits: Vec<Uuid> = found.unwrap().hits.iter().map(|hit| hit.id).collect();
        assert_eq!(hits, [pilot.subject_id]);
    }
}

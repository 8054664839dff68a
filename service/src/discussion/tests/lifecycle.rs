use chrono::TimeDelta;
use entity::item::ItemVisibility;
use entity::transition;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::*;
use crate::error::BlockerCode;
use crate::policy::item::ItemFacts;

/// A request of the asker that is in this state, with an answer of the helper.
async fn in_state(circle: &Circle, state: DiscussionState) -> (Discussion, Post) {
    let asked = circle.ask("Fractions").await;
    let answer = circle.post(&circle.helper, &asked, "Like this.").await;
    let (store, id) = (&circle.store, asked.item.id);
    match state {
        DiscussionState::Open => {}
        DiscussionState::Resolved => {
            accept_post(store, &circle.asker, answer.id).await.unwrap();
        }
        DiscussionState::Closed => {
            close(store, &circle.asker, id, CloseReason::Stale)
                .await
                .unwrap();
        }
    }
    (asked, answer)
}

#[tokio::test]
async fn every_pair_of_states_is_allowed_refused_or_nothing() {
    use DiscussionState::{Closed, Open, Resolved};
    let circle = Circle::new(CommunityVisibility::Public).await;
    for from in DiscussionState::ALL {
        for to in DiscussionState::ALL {
            let (asked, answer) = in_state(&circle, *from).await;
            let id = asked.item.id;
            let before = circle.store.position().await.unwrap();
            let taken = match to {
                Open => reopen(&circle.store, &circle.asker, id).await,
                Resolved => accept_post(&circle.store, &circle.asker, answer.id).await,
                Closed => close(&circle.store, &circle.asker, id, CloseReason::Stale).await,
            };
            let after = circle.store.position().await.unwrap();
            match (from, to) {
                (from, to) if from == to => {
                    assert_eq!(taken.unwrap().position, before, "{from:?} to itself");
                }
                (Open, Resolved | Closed) | (Resolved | Closed, Open) => {
                    let row = taken.unwrap().value.details;
                    assert_eq!(row.state, *to);
                    assert_eq!(row.accepted_post_id.is_some(), *to == Resolved);
                    assert_eq!(row.resolved_at.is_some(), *to == Resolved);
                    assert_eq!(row.close_reason.is_some(), *to == Closed);
                }
                _ => {
                    let fault = fault(taken);
                    assert_eq!(
                        fault.code,
                        FaultCode::InvalidTransition,
                        "{from:?} to {to:?}"
                    );
                    assert_eq!(fault.blocked_by[0].code, BlockerCode::NotFromHere);
                    assert_eq!(after, before);
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_said_to_be_open_is_open_and_nothing_else() {
    let circle = Circle::new(CommunityVisibility::Public).await;
    let viewers = [
        (&circle.asker, "asker"),
        (&circle.helper, "helper"),
        (&circle.steward, "steward"),
        (&circle.stranger, "stranger"),
    ];
    for from in DiscussionState::ALL {
        for (viewer, who) in viewers {
            for to in DiscussionState::ALL.iter().filter(|to| *to != from) {
                let (asked, answer) = in_state(&circle, *from).await;
                let id = asked.item.id;
                let authors = [circle.asker.user_id().unwrap()];
                let facts = ItemFacts {
                    community: &circle.community,
                    item: &asked.item,
                    authors: &authors,
                };
                let posted = !posted_by_viewer(&circle.store, viewer, &[id])
                    .await
                    .unwrap()
                    .is_empty();
                let said = transitions(viewer, facts, &circle.row(id).await, posted);
                let (_, blockers) = said.iter().find(|(state, _)| state == to).unwrap();
                let taken = match to {
                    DiscussionState::Open => reopen(&circle.store, viewer, id).await,
                    DiscussionState::Resolved => {
                        accept_post(&circle.store, viewer, answer.id).await
                    }
                    DiscussionState::Closed => {
                        close(&circle.store, viewer, id, CloseReason::OffTopic).await
                    }
                };
                assert_eq!(
                    taken.is_ok(),
                    blockers.is_empty(),
                    "{who}: {from:?} to {to:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn an_answer_is_accepted_changed_and_taken_back_with_its_history() {
    let circle = Circle::new(CommunityVisibility::Public).await;
    let (asked, first) = circle.resolved("Fractions").await;
    let id = asked.item.id;
    let better = circle.post(&circle.steward, &asked, "Better.").await;
    let refused = accept_post(&circle.store, &circle.helper, better.id).await;
    assert_eq!(code(refused), FaultCode::Forbidden);
    let changed = accept_post(&circle.store, &circle.steward, better.id)
        .await
        .unwrap();
    let row = changed.value.details;
    assert_eq!(row.accepted_post_id, Some(better.id));
    assert_eq!(
        row.resolved_at, asked.details.resolved_at,
        "it was resolved before"
    );
    reopen(&circle.store, &circle.helper, id).await.unwrap();
    let closed = close(&circle.store, &circle.asker, id, CloseReason::Duplicate).await;
    let closed = closed.unwrap();
    let corrected = close(&circle.store, &circle.asker, id, CloseReason::Stale).await;
    assert!(corrected.unwrap().position > closed.position);
    let refused = circle
        .try_post(&circle.helper, id, Some(first.id), "But")
        .await;
    assert_eq!(fault(refused).blocked_by[0].code, BlockerCode::NotFromHere);
    let steps = transition::Entity::find()
        .filter(transition::Column::EntityId.eq(id))
        .order_by_asc(transition::Column::Id)
        .all(circle.store.reader())
        .await
        .unwrap();
    let steps: Vec<_> = steps
        .iter()
        .map(|step| (step.to_state.as_str(), step.reason.as_deref()))
        .collect();
    assert_eq!(
        steps,
        [
            ("OPEN", None),
            ("RESOLVED", None),
            ("OPEN", None),
            ("CLOSED", Some("DUPLICATE"))
        ]
    );
}

#[tokio::test]
async fn the_first_answer_is_that_of_somebody_else() {
    let circle = Circle::new(CommunityVisibility::Public).await;
    let asked = circle.ask("Fractions").await;
    circle.post(&circle.asker, &asked, "I mean these.").await;
    assert_eq!(circle.row(asked.item.id).await.first_answered_at, None);
    circle.store.clock().advance(TimeDelta::hours(3));
    let answer = circle.post(&circle.helper, &asked, "So.").await;
    circle.store.clock().advance(TimeDelta::hours(3));
    circle.post(&circle.steward, &asked, "Or so.").await;
    let row = circle.row(asked.item.id).await;
    assert_eq!(row.first_answered_at, Some(answer.created_at));
    assert!(row.last_post_at > row.first_answered_at);
}

#[tokio::test]
async fn only_requests_and_problems_are_resolved_and_only_facilitators_announce() {
    let circle = Circle::new(CommunityVisibility::Public).await;
    for kind in [DiscussionKind::Discussion, DiscussionKind::Announcement] {
        let input = circle.input(kind, "News");
        let begun = create(&circle.store, &circle.facilitator, input)
            .await
            .unwrap();
        let post = circle.post(&circle.helper, &begun.value, "Thanks.").await;
        let refused = accept_post(&circle.store, &circle.facilitator, post.id).await;
        assert_eq!(code(refused), FaultCode::InvalidTransition);
    }
    for viewer in [&circle.asker, &circle.steward] {
        let input = circle.input(DiscussionKind::Announcement, "News");
        let refused = fault(create(&circle.store, viewer, input).await);
        assert_eq!(refused.code, FaultCode::Forbidden);
        assert_eq!(refused.field, ["input", "kind"]);
    }
}

#[tokio::test]
async fn all_faults_of_a_new_discussion_are_told_at_once() {
    let circle = Circle::new(CommunityVisibility::Public).await;
    let mut input = circle.input(DiscussionKind::HelpRequest, "");
    input.content.body = Patch::Value(" ".to_owned());
    input.content.tags = Patch::Value(vec![String::new()]);
    input.about_id = Some(Uuid::now_v7());
    let Err(Error::Refused(faults)) = create(&circle.store, &circle.stranger, input).await else {
        panic!("five faults")
    };
    let mut paths: Vec<_> = faults.iter().map(|fault| fault.field.join(".")).collect();
    paths.sort();
    assert_eq!(
        paths,
        [
            "input.aboutId",
            "input.body",
            "input.communityId",
            "input.tags.0",
            "input.title"
        ]
    );
}

#[tokio::test]
async fn a_discussion_is_about_what_its_author_may_read() {
    let circle = Circle::new(CommunityVisibility::Public).await;
    let mut input = circle.input(DiscussionKind::Discussion, "Among stewards");
    input.content.visibility = Patch::Value(ItemVisibility::Stewards);
    let secret = create(&circle.store, &circle.steward, input.clone())
        .await
        .unwrap();
    let secret = secret.value.item.id;
    let mut about = circle.input(DiscussionKind::Discussion, "About that");
    about.about_id = Some(secret);
    let refused = fault(create(&circle.store, &circle.asker, about.clone()).await);
    assert_eq!(refused.field, ["input", "aboutId"]);
    let begun = create(&circle.store, &circle.steward, about)
        .await
        .unwrap()
        .value;
    assert_eq!(begun.details.about_id, Some(secret));
    let none = UpdateDiscussion {
        about_id: Patch::Null,
        ..UpdateDiscussion::default()
    };
    let id = begun.item.id;
    let written = update(&circle.store, &circle.steward, id, none, Some(1))
        .await
        .unwrap();
    assert_eq!(written.value.details.about_id, None);
    assert_eq!(written.value.item.revision, 2);
    let emptied = UpdateDiscussion {
        content: ItemContent {
            body: Patch::Null,
            ..ItemContent::default()
        },
        ..UpdateDiscussion::default()
    };
    let refused = update(&circle.store, &circle.steward, id, emptied, None).await;
    assert_eq!(code(refused), FaultCode::Required);
}

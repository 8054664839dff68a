//! What waits longer than the policy of its community allows.

use entity::discussion::CloseReason;
use entity::innovation::InnovationStage;

use super::*;

#[tokio::test]
async fn a_question_without_an_answer_is_escalated_once() {
    let circle = Circle::new(CommunityKind::Helping).await;
    let question = circle.ask(DiscussionKind::HelpRequest).await;
    let answered = circle.ask(DiscussionKind::Problem).await;
    let closed = circle.ask(DiscussionKind::HelpRequest).await;
    circle.ask(DiscussionKind::Discussion).await;
    circle.answer(answered).await;
    discussion::close(&circle.store, &circle.author, closed, CloseReason::Stale)
        .await
        .unwrap();
    let asked_at = circle.item(question).await.waiting_since.unwrap();

    circle.turn(HOUR * 47);
    let early = circle.run().await;
    assert_eq!(early.done, 0);
    assert_eq!(early.next, Some(asked_at + HOUR * 48));

    circle.turn(HOUR);
    // Two processes at the same time.
    let (one, other) = tokio::join!(run_due(&circle.store), run_due(&circle.store));
    assert_eq!(one.unwrap().done + other.unwrap().done, 1);
    assert_eq!(circle.run().await, Ran::default());
    assert_eq!(circle.escalations().await, 1);
    assert!(circle.item(question).await.reminded_at.is_some());
    let reason = NotificationReason::Escalated;
    let expected = Circle::expected(&[&circle.facilitator], reason, question);
    assert_eq!(circle.told().await, expected);

    // That it was escalated stays known when it is answered.
    circle.answer(question).await;
    let item = circle.item(question).await;
    assert_eq!(item.waiting_since, None);
    assert!(item.reminded_at.is_some());
}

#[tokio::test]
async fn a_question_whose_only_answer_is_hidden_waits_again() {
    let circle = Circle::new(CommunityKind::Helping).await;
    let question = circle.ask(DiscussionKind::HelpRequest).await;
    let answer = circle.answer(question).await;
    circle.turn(HOUR * 100);
    assert_eq!(circle.run().await, Ran::default());
    let reason = "It is no answer.".to_owned();
    discussion::hide_post(&circle.store, &circle.steward, answer, reason)
        .await
        .unwrap();
    let waits = circle.run().await;
    assert_eq!(waits.done, 0, "the clock begins anew");
    assert!(waits.next.is_some());
    circle.turn(HOUR * 48);
    assert_eq!(circle.run().await.done, 1);
}

#[tokio::test]
async fn another_policy_or_kind_holds_at_once() {
    let circle = Circle::new(CommunityKind::Innovation).await;
    circle.ask(DiscussionKind::HelpRequest).await;
    circle.turn(HOUR * 24);
    assert_eq!(circle.run().await, Ran::default(), "there is no such clock");
    circle
        .set_policy(UpdatePolicy {
            first_answer_target_hours: Patch::Value(25),
            ..UpdatePolicy::default()
        })
        .await;
    let soon = circle.run().await;
    assert_eq!(soon.done, 0);
    assert!(
        soon.next
            .is_some_and(|next| next > circle.store.clock().now())
    );
    circle
        .set_policy(UpdatePolicy {
            first_answer_target_hours: Patch::Null,
            ..UpdatePolicy::default()
        })
        .await;
    circle.turn(HOUR * 24);
    assert_eq!(circle.run().await, Ran::default());
    let (id, kind) = (circle.community.id, CommunityKind::Helping);
    crate::community::set_kind(&circle.store, &circle.facilitator, id, kind, false)
        .await
        .unwrap();
    assert_eq!(circle.run().await.done, 1);
}

#[tokio::test]
async fn an_innovation_that_stays_in_a_stage_is_to_be_decided() {
    let circle = Circle::new(CommunityKind::Innovation).await;
    let idea = circle.idea().await;
    circle.turn(DAY * 59);
    advance(&circle, idea, InnovationStage::Exploring).await;
    circle.turn(DAY * 59);
    assert_eq!(circle.run().await.done, 0, "each stage has its time");
    circle.turn(DAY);
    assert_eq!(circle.run().await.done, 1);
    assert_eq!(circle.run().await.done, 0);
    let people = [&circle.facilitator, &circle.steward, &circle.author];
    let expected = Circle::expected(&people, NotificationReason::Due, idea);
    assert_eq!(circle.told().await, expected);

    advance(&circle, idea, InnovationStage::Parked).await;
    circle.turn(DAY * 100);
    assert_eq!(
        circle.run().await,
        Ran::default(),
        "what is parked may rest"
    );
    advance(&circle, idea, InnovationStage::Exploring).await;
    circle.turn(DAY * 60);
    assert_eq!(circle.run().await.done, 1);
}

async fn advance(circle: &Circle, id: Uuid, to: InnovationStage) {
    innovation::advance(&circle.store, &circle.author, id, to, None, None, None)
        .await
        .unwrap();
}

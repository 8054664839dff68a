use entity::item::{ItemType, PublicationStatus};
use entity::link::LinkRelation;

use super::*;
use crate::item::{self, Details};

#[tokio::test]
async fn what_is_resolved_becomes_a_draft_that_credits_those_who_helped() {
    let circle = Circle::new(CommunityVisibility::Public).await;
    let asked = circle.ask("Fractions").await;
    let early = capture(
        &circle.store,
        &circle.helper,
        asked.item.id,
        CaptureDiscussion::default(),
    );
    assert_eq!(code(early.await), FaultCode::InvalidTransition);
    let answer = circle.post(&circle.helper, &asked, "Fold *paper*.").await;
    accept_post(&circle.store, &circle.asker, answer.id)
        .await
        .unwrap();
    let id = asked.item.id;
    let captured = capture(
        &circle.store,
        &circle.steward,
        id,
        CaptureDiscussion::default(),
    );
    let made = captured.await.unwrap().value;
    let person = |viewer: &Viewer| viewer.user_id().unwrap();
    assert_eq!(
        made.authors,
        [
            person(&circle.helper),
            person(&circle.asker),
            person(&circle.steward)
        ]
    );
    assert_eq!(made.item.status, Some(PublicationStatus::Draft));
    assert_eq!(made.item.kind.as_deref(), Some("ARTICLE"));
    assert_eq!(made.item.title, "Fractions");
    assert!(matches!(made.details, Details::Resource(_)));
    assert_eq!(
        made.body.as_deref(),
        Some("## Question\n\nFractions: how?\n\n## Answer\n\nFold *paper*.")
    );
    let links = captured_as(&circle.store, &[id]).await.unwrap();
    assert_eq!(links[&id], made.item.id);
    let input = CaptureDiscussion::default;
    let again = capture(&circle.store, &circle.helper, id, input()).await;
    assert_eq!(code(again), FaultCode::Taken);
    item::delete(
        &circle.store,
        &circle.helper,
        ItemType::Resource,
        made.item.id,
    )
    .await
    .unwrap();
    let again = capture(&circle.store, &circle.helper, id, input())
        .await
        .unwrap();
    assert_ne!(again.value.item.id, made.item.id);
    assert_eq!(LinkRelation::CapturedFrom.as_str(), "CAPTURED_FROM");
}

#[tokio::test]
async fn who_has_left_is_credited_by_name() {
    let circle = Circle::new(CommunityVisibility::Public).await;
    let (asked, _) = circle.resolved("Fractions").await;
    circle.leave(&circle.helper).await;
    let input = CaptureDiscussion {
        title: Some("Folding paper".to_owned()),
        kind: Some(entity::resource::ResourceKind::Guide),
        body: Some("Fold it.".to_owned()),
    };
    let made = capture(&circle.store, &circle.asker, asked.item.id, input).await;
    let made = made.unwrap().value;
    assert_eq!(made.authors, [circle.asker.user_id().unwrap()]);
    assert_eq!(made.item.bylines.0, ["ben"]);
    assert_eq!(made.item.title, "Folding paper");
    assert_eq!(made.body.as_deref(), Some("Fold it."));
}

#[tokio::test]
async fn what_waits_for_no_answer_is_captured_in_words_of_ones_own() {
    let circle = Circle::new(CommunityVisibility::Public).await;
    let input = circle.input(DiscussionKind::Discussion, "Corridors");
    let begun = create(&circle.store, &circle.asker, input)
        .await
        .unwrap()
        .value;
    let id = begun.item.id;
    let refused = capture(
        &circle.store,
        &circle.helper,
        id,
        CaptureDiscussion::default(),
    );
    assert_eq!(fault(refused.await).field, ["input", "body"]);
    let input = CaptureDiscussion {
        body: Some("What we found.".to_owned()),
        ..CaptureDiscussion::default()
    };
    capture(&circle.store, &circle.helper, id, input)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_deleted_discussion_takes_its_posts_and_what_they_showed_with_it() {
    use entity::change::{EntityType, Operation};
    let circle = Circle::new(CommunityVisibility::Public).await;
    let (asked, answer) = circle.resolved("Fractions").await;
    let id = asked.item.id;
    let refused = delete(&circle.store, &circle.asker, id).await;
    assert_eq!(code(refused), FaultCode::Forbidden);
    delete(&circle.store, &circle.facilitator, id)
        .await
        .unwrap();
    let found = posts_by_ids(&circle.store, &circle.asker, &[answer.id]).await;
    assert!(found.unwrap().is_empty());
    let changes = testing::changes(&circle.store, EntityType::Post).await;
    assert_eq!(changes.last().unwrap().operation, Operation::Deleted);
}

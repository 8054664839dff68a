//! The next review of what is published.

use entity::item::PublicationStatus;

use super::*;

#[tokio::test]
async fn the_next_review_is_due_first_soon_and_then_now() {
    let circle = Circle::new(CommunityKind::Helping).await;
    let (kept, unkept) = (circle.published().await, circle.published().await);
    let due_at = circle.store.clock().now() + DAY * 60;
    for (id, steward) in [(kept, circle.member.user_id()), (unkept, None)] {
        let steward = steward.map_or(Patch::Absent, Patch::Value);
        let due_at = Patch::Value(due_at);
        crate::review::set_steward(&circle.store, &circle.steward, id, steward, due_at)
            .await
            .unwrap();
    }
    let soon = due_at - DAY * 14;
    assert_eq!(circle.run().await.next, Some(soon));
    circle.turn(DAY * 46);
    let first = circle.run().await;
    assert_eq!((first.done, first.next), (2, Some(due_at)));
    let mut expected = Circle::expected(&[&circle.member], NotificationReason::Due, kept);
    expected.extend(Circle::expected(
        &[&circle.facilitator],
        NotificationReason::Due,
        unkept,
    ));
    assert_eq!(circle.told().await, expected);
    assert_eq!(circle.run().await.done, 0);
    circle.turn(DAY * 14);
    assert_eq!(
        circle.run().await,
        Ran {
            done: 2,
            next: None
        }
    );
    assert_eq!(circle.run().await, Ran::default());
    assert_eq!(
        circle.item(kept).await.status,
        Some(PublicationStatus::Published)
    );

    // Another date is another reminder.
    let later = Patch::Value(circle.store.clock().now() + DAY * 30);
    crate::review::set_steward(&circle.store, &circle.steward, kept, Patch::Absent, later)
        .await
        .unwrap();
    circle.turn(DAY * 16);
    assert_eq!(circle.run().await.done, 1);
}

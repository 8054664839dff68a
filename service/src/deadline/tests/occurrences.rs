//! Meetings to which people come.

use entity::activity::ActivityState;

use super::*;
use crate::activity::UpdateOccurrence;

#[tokio::test]
async fn who_comes_is_reminded_a_day_before() {
    let circle = Circle::new(CommunityKind::Helping).await;
    let starts_at = crate::schedule::whole_seconds(circle.store.clock().now() + DAY * 10);
    let id = circle.meeting(starts_at).await;
    let (second, third) = (starts_at + DAY * 10, starts_at + DAY * 20);
    for (who, state, start) in [
        (&circle.author, AttendanceState::Going, starts_at),
        (&circle.member, AttendanceState::Maybe, starts_at),
        (&circle.author, AttendanceState::Going, second),
        (&circle.author, AttendanceState::Going, third),
    ] {
        activity::set_attendance(&circle.store, who, id, start, state, None)
            .await
            .unwrap();
    }
    assert_eq!(circle.run().await.next, Some(starts_at - DAY));
    circle.turn(DAY * 9);
    assert_eq!(circle.run().await.done, 1);
    let expected = Circle::expected(&[&circle.author], NotificationReason::Due, id);
    assert_eq!(circle.told().await, expected);
    assert_eq!(circle.run().await.done, 0);

    // The second is moved to after the third; the third is called off.
    change(
        &circle,
        id,
        second,
        UpdateOccurrence {
            starts_at: Patch::Value(third + DAY * 5),
            ends_at: Patch::Value(third + DAY * 5 + HOUR),
            ..UpdateOccurrence::default()
        },
    )
    .await;
    change(
        &circle,
        id,
        third,
        UpdateOccurrence {
            state: Patch::Value(ActivityState::Cancelled),
            ..UpdateOccurrence::default()
        },
    )
    .await;
    notification::Entity::delete_many()
        .exec(circle.store.migration_connection())
        .await
        .unwrap();
    circle.turn(DAY * 10);
    assert_eq!(circle.run().await.done, 0, "it was moved away");
    circle.turn(DAY * 10);
    assert_eq!(circle.run().await.done, 1);
    assert_eq!(circle.told().await, [], "it does not take place");
    circle.turn(DAY * 5);
    assert_eq!(circle.run().await.done, 1);
    assert_eq!(circle.told().await, expected, "it was moved here");
}

async fn change(circle: &Circle, id: Uuid, start: DateTime<Utc>, input: UpdateOccurrence) {
    activity::update_occurrence(&circle.store, &circle.facilitator, id, start, input)
        .await
        .unwrap();
}

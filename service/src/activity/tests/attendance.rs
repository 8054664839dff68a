//! Who says of whom that they come, or were there.

use super::*;

#[tokio::test]
async fn attendance_is_said_of_occurrences_that_there_are_and_by_who_may() {
    use AttendanceState::{Attended, Declined, Going, Maybe};
    let (_directory, store) = testing::store().await;
    let (community, facilitator, member) = circle(&store).await;
    let stranger = person(&store, "cleo").await;
    let made = create(
        &store,
        &facilitator,
        weekly(community.id, Some("FREQ=WEEKLY")),
    )
    .await;
    let id = made.unwrap().value.item.id;
    let past = time("2026-01-13T00:00:00Z");
    let future = time("2199-01-02T00:00:00Z");
    let other = member.user_id();
    let nobody = stranger.user_id();
    let outside = past + TimeDelta::hours(1);
    for (viewer, start, state, user, expected) in [
        (
            &member,
            outside,
            Going,
            None,
            (FaultCode::NotFound, "recurrenceId"),
        ),
        (
            &member,
            future,
            Going,
            None,
            (FaultCode::NotFound, "recurrenceId"),
        ),
        (
            &stranger,
            past,
            Going,
            None,
            (FaultCode::Forbidden, "activityId"),
        ),
        (
            &member,
            past,
            Attended,
            facilitator.user_id(),
            (FaultCode::Forbidden, "activityId"),
        ),
        (
            &facilitator,
            past,
            Going,
            other,
            (FaultCode::Forbidden, "state"),
        ),
        (
            &facilitator,
            past,
            Attended,
            nobody,
            (FaultCode::NotFound, "userId"),
        ),
    ] {
        let refused = set_attendance(&store, viewer, id, start, state, user).await;
        assert_eq!(
            field(refused),
            (expected.0, expected.1.into()),
            "{start} {state:?}"
        );
    }
    let before = testing::changes(&store, EntityType::Activity).await.len();
    for state in [Going, Maybe, Declined, Attended, Attended] {
        set_attendance(&store, &member, id, past, state, None)
            .await
            .unwrap();
    }
    set_attendance(&store, &facilitator, id, past, Attended, other)
        .await
        .unwrap();
    let changes = testing::changes(&store, EntityType::Activity).await;
    assert_eq!(
        changes.len(),
        before + 4,
        "saying the same again changes nothing"
    );
    let told = changes.last().unwrap().audience_after.clone().unwrap();
    assert!(
        !told.0.contains(&"public".to_owned()),
        "only members hear who comes: {told:?}"
    );

    membership::leave(&store, &member, community.id)
        .await
        .unwrap();
    let refused = set_attendance(&store, &member, id, past, Going, None).await;
    assert_eq!(
        field(refused),
        (FaultCode::Forbidden, "activityId".into()),
        "who left no longer comes"
    );
}

#[tokio::test]
async fn nobody_attended_what_has_not_begun() {
    let (_directory, store) = testing::store().await;
    let (community, facilitator, member) = circle(&store).await;
    let soon = crate::schedule::whole_seconds(store.clock().now()) + TimeDelta::days(1);
    let mut input = weekly(community.id, None);
    input.activity.starts_at = Patch::Value(soon);
    input.activity.ends_at = Patch::Value(soon + TimeDelta::hours(1));
    let id = create(&store, &facilitator, input)
        .await
        .unwrap()
        .value
        .item
        .id;
    let attended = AttendanceState::Attended;
    let refused = set_attendance(&store, &member, id, soon, attended, None).await;
    assert_eq!(field(refused), (FaultCode::Invalid, "state".into()));
    store.clock().advance(TimeDelta::days(2));
    set_attendance(&store, &member, id, soon, attended, None)
        .await
        .unwrap();
}

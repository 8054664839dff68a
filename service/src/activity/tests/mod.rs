mod attendance;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::activity::{ActivityKind, ActivityMode, ActivityState};
use entity::attendance::AttendanceState;
use entity::change::EntityType;
use entity::community::{self, CommunityKind, CommunityVisibility};
use entity::revision;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::*;
use crate::community::CreateCommunity;
use crate::item::ItemContent;
use crate::membership;
use crate::store::Store;
use crate::testing::{self, person};
use crate::validation::Patch;
use crate::viewer::Viewer;

const ZONE: &str = "America/Toronto";

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn field<T: std::fmt::Debug>(result: Result<T>) -> (FaultCode, String) {
    match result {
        Err(Error::Refused(faults)) => (faults[0].code, faults[0].field.join(".")),
        other => panic!("should have been refused: {other:?}"),
    }
}

/// A community with its facilitator and a member.
async fn circle(store: &Store) -> (community::Model, Viewer, Viewer) {
    let (facilitator, member) = (person(store, "ada").await, person(store, "ben").await);
    let input = CreateCommunity {
        visibility: Some(CommunityVisibility::Public),
        ..CreateCommunity::new("Circle", "To be tested.", CommunityKind::Helping)
    };
    let community = crate::community::create(store, &facilitator, input).await;
    let community = community.unwrap().value;
    membership::join(store, &member, community.id)
        .await
        .unwrap();
    (community, facilitator, member)
}

fn weekly(community: Uuid, recurrence: Option<&str>) -> CreateActivity {
    let starts_at = time("2026-01-06T00:00:00Z");
    CreateActivity {
        community_id: community,
        content: ItemContent {
            title: Patch::Value("Monday meeting".into()),
            ..ItemContent::default()
        },
        activity: ActivityContent {
            kind: Patch::Value(ActivityKind::Meeting),
            mode: Patch::Value(ActivityMode::Online),
            starts_at: Patch::Value(starts_at),
            ends_at: Patch::Value(starts_at + TimeDelta::hours(1)),
            time_zone: Patch::Value(ZONE.into()),
            recurrence: recurrence.map_or(Patch::Absent, |rule| Patch::Value(rule.into())),
            join_url: Patch::Value("https://meet.example.org/secret".into()),
            ..ActivityContent::default()
        },
    }
}

async fn listed(store: &Store, state: &ItemState, from: &str, to: &str) -> Vec<Occurrence> {
    let row = row(state).unwrap().clone();
    let range = Range::new(time(from), time(to)).unwrap();
    let found = occurrences(store, &[(Arc::new(row), range)]).await;
    found.unwrap().remove(0)
}

fn changed(recurrence: Patch<String>, starts_at: Option<&str>) -> UpdateActivity {
    let times = starts_at.map(time);
    UpdateActivity {
        activity: ActivityContent {
            recurrence,
            starts_at: times.map_or(Patch::Absent, Patch::Value),
            ends_at: times.map_or(Patch::Absent, |time| {
                Patch::Value(time + TimeDelta::hours(1))
            }),
            ..ActivityContent::default()
        },
        ..UpdateActivity::default()
    }
}

#[tokio::test]
async fn where_to_join_is_told_in_no_revision_and_no_change() {
    let (_directory, store) = testing::store().await;
    let (community, facilitator, _) = circle(&store).await;
    let made = create(&store, &facilitator, weekly(community.id, None)).await;
    let made = made.unwrap().value;
    let moved = UpdateActivity {
        activity: ActivityContent {
            join_url: Patch::Value("https://meet.example.org/other-secret".into()),
            ..ActivityContent::default()
        },
        ..UpdateActivity::default()
    };
    let updated = update(&store, &facilitator, made.item.id, moved, Some(1)).await;
    let updated = updated.unwrap().value;
    assert_eq!(updated.item.revision, 2);
    assert_eq!(
        row(&updated).unwrap().join_url.as_deref(),
        Some("https://meet.example.org/other-secret")
    );
    let changes = testing::changes(&store, EntityType::Activity).await;
    assert_eq!(changes.len(), 2);
    assert!(changes.iter().all(|change| change.fields.0.is_empty()));
    for revision in revision::Entity::find().all(store.reader()).await.unwrap() {
        assert!(!revision.content.to_string().contains("meet.example.org"));
    }
}

#[tokio::test]
async fn an_occurrence_that_is_moved_keeps_its_id() {
    let (_directory, store) = testing::store().await;
    let (community, facilitator, member) = circle(&store).await;
    let made = create(
        &store,
        &facilitator,
        weekly(community.id, Some("FREQ=WEEKLY")),
    )
    .await;
    let made = made.unwrap().value;
    let id = time("2026-01-13T00:00:00Z");
    let input = UpdateOccurrence {
        starts_at: Patch::Value(time("2026-02-01T00:00:00Z")),
        ends_at: Patch::Value(time("2026-02-01T02:00:00Z")),
        notes: Patch::Value("We met late.".into()),
        ..UpdateOccurrence::default()
    };
    let refused = update_occurrence(&store, &member, made.item.id, id, input.clone()).await;
    assert_eq!(field(refused), (FaultCode::Forbidden, "activityId".into()));
    let moved = update_occurrence(&store, &facilitator, made.item.id, id, input.clone()).await;
    let position = moved.unwrap().position;
    let again = update_occurrence(&store, &facilitator, made.item.id, id, input).await;
    assert_eq!(
        again.unwrap().position,
        position,
        "the same again changes nothing"
    );

    let january = listed(
        &store,
        &made,
        "2026-01-01T00:00:00Z",
        "2026-01-31T00:00:00Z",
    )
    .await;
    assert_eq!(january.len(), 3, "one of four was moved away");
    let february = listed(
        &store,
        &made,
        "2026-01-31T00:00:00Z",
        "2026-02-04T00:00:00Z",
    )
    .await;
    assert_eq!(february.len(), 2);
    assert_eq!(february[0].recurrence_id, id);
    assert_eq!(february[0].starts_at, time("2026-02-01T00:00:00Z"));
    assert_eq!(february[0].notes.as_deref(), Some("We met late."));

    let back = UpdateOccurrence {
        starts_at: Patch::Null,
        ends_at: Patch::Null,
        ..UpdateOccurrence::default()
    };
    update_occurrence(&store, &facilitator, made.item.id, id, back)
        .await
        .unwrap();
    let january = listed(
        &store,
        &made,
        "2026-01-01T00:00:00Z",
        "2026-01-31T00:00:00Z",
    )
    .await;
    assert_eq!(january.len(), 4);
    assert_eq!(january[1].ends_at, time("2026-01-13T01:00:00Z"));
}

#[tokio::test]
async fn a_changed_rule_loses_nothing_that_was_noted_or_attended() {
    let (_directory, store) = testing::store().await;
    let (community, facilitator, member) = circle(&store).await;
    let made = create(
        &store,
        &facilitator,
        weekly(community.id, Some("FREQ=WEEKLY")),
    )
    .await;
    let made = made.unwrap().value;
    let (attended, noted, kept) = (
        time("2026-01-13T00:00:00Z"),
        time("2026-01-20T00:00:00Z"),
        time("2026-02-03T00:00:00Z"),
    );
    let going = AttendanceState::Going;
    set_attendance(&store, &member, made.item.id, attended, going, None)
        .await
        .unwrap();
    for (start, notes) in [(noted, "We counted."), (kept, "And counted on.")] {
        let input = UpdateOccurrence {
            notes: Patch::Value(notes.into()),
            ..UpdateOccurrence::default()
        };
        update_occurrence(&store, &facilitator, made.item.id, start, input)
            .await
            .unwrap();
    }
    let empty = UpdateOccurrence {
        agenda: Patch::Value("To come.".into()),
        ..UpdateOccurrence::default()
    };
    let unnoted = time("2026-01-27T00:00:00Z");
    update_occurrence(&store, &facilitator, made.item.id, unnoted, empty)
        .await
        .unwrap();

    let monthly = changed(Patch::Value("FREQ=WEEKLY;INTERVAL=4".into()), None);
    let updated = update(&store, &facilitator, made.item.id, monthly, None).await;
    let updated = updated.unwrap().value;
    let found = listed(
        &store,
        &updated,
        "2026-01-01T00:00:00Z",
        "2026-02-10T00:00:00Z",
    )
    .await;
    let starts: Vec<_> = found.iter().map(|one| one.recurrence_id).collect();
    assert_eq!(
        starts,
        [time("2026-01-06T00:00:00Z"), attended, noted, kept]
    );
    assert_eq!(found[3].notes.as_deref(), Some("And counted on."));
}

#[tokio::test]
async fn a_single_activity_takes_what_is_known_of_it_along() {
    let (_directory, store) = testing::store().await;
    let (community, facilitator, member) = circle(&store).await;
    let made = create(&store, &facilitator, weekly(community.id, None)).await;
    let made = made.unwrap().value;
    let old = time("2026-01-06T00:00:00Z");
    let going = AttendanceState::Going;
    set_attendance(&store, &member, made.item.id, old, going, None)
        .await
        .unwrap();
    let later = changed(Patch::Absent, Some("2026-03-01T10:00:00Z"));
    let updated = update(&store, &facilitator, made.item.id, later, None).await;
    let updated = updated.unwrap().value;
    let found = listed(
        &store,
        &updated,
        "2026-01-01T00:00:00Z",
        "2026-12-31T00:00:00Z",
    )
    .await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].recurrence_id, time("2026-03-01T10:00:00Z"));
    let request = crate::paging::PageRequest::default();
    let activity = (community.id, row(&updated).unwrap());
    let viewer = testing::viewer(&store, member.user_id().unwrap()).await;
    let page = page_of_attendance(
        &store,
        &viewer,
        activity,
        found[0].recurrence_id,
        None,
        &request,
    )
    .await;
    assert_eq!(page.unwrap().rows.len(), 1);
    let stranger = person(&store, "cleo").await;
    let count = attendance_count(&store, &stranger, activity, found[0].recurrence_id, None).await;
    assert_eq!(count.unwrap(), 0, "attendance is for members");
}

#[tokio::test]
async fn an_activity_is_held_or_cancelled_once() {
    let (_directory, store) = testing::store().await;
    let (community, facilitator, member) = circle(&store).await;
    let made = create(&store, &facilitator, weekly(community.id, None)).await;
    let id = made.unwrap().value.item.id;
    let (held, cancelled) = (ActivityState::Held, ActivityState::Cancelled);
    let reason = || Some("Snow.".to_owned());
    let refused = set_state(&store, &member, id, held, None).await;
    assert_eq!(field(refused), (FaultCode::Forbidden, "id".into()));
    let refused = set_state(&store, &facilitator, id, cancelled, None).await;
    assert_eq!(field(refused), (FaultCode::Required, "reason".into()));
    let first = set_state(&store, &facilitator, id, cancelled, reason())
        .await
        .unwrap();
    let again = set_state(&store, &facilitator, id, cancelled, reason())
        .await
        .unwrap();
    assert_eq!(first.position, again.position);
    let refused = set_state(&store, &facilitator, id, held, None).await;
    assert_eq!(
        field(refused),
        (FaultCode::InvalidTransition, "state".into())
    );
}

#[test]
fn every_pair_of_states_is_open_or_not() {
    use ActivityState::{Cancelled, Held, Planned};
    let open = [(Planned, Held), (Planned, Cancelled)];
    for from in ActivityState::ALL {
        for to in ActivityState::ALL {
            let pair = (*from, *to);
            assert_eq!(
                next_states(*from).contains(to),
                open.contains(&pair),
                "{pair:?}"
            );
        }
    }
}

#[test]
fn a_range_is_bounded() {
    let from = time("2026-01-01T00:00:00Z");
    for (days, fine) in [
        (-1, false),
        (0, false),
        (1, true),
        (400, true),
        (401, false),
    ] {
        assert_eq!(
            Range::new(from, from + TimeDelta::days(days)).is_ok(),
            fine,
            "{days}"
        );
    }
}

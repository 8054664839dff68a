//! Who comes to the activities of random worlds: members who may read of an activity see it, nobody else.

use std::collections::BTreeSet;

use entity::activity;
use entity::attendance::{self, AttendanceState};
use sea_orm::{EntityTrait, IntoActiveModel};
use uuid::Uuid;

use super::world::Placed;
use crate::activity::{attendance_count, page_of_attendance};
use crate::paging::PageRequest;
use crate::policy::audience;
use crate::store::Store;
use crate::viewer::Viewer;

/// Everybody says something of every activity.
pub(super) async fn place(store: &Store, placed: &Placed) -> Vec<activity::Model> {
    let activities = activity::Entity::find().all(store.reader()).await.unwrap();
    let states = AttendanceState::ALL;
    let rows = activities.iter().flat_map(|activity| {
        let people = placed.people.iter().enumerate();
        people.map(|(number, person)| {
            attendance::Model {
                activity_id: activity.id,
                recurrence_id: activity.starts_at,
                user_id: person.id,
                state: states[number % states.len()],
                updated_at: person.created_at,
                reminded_at: None,
            }
            .into_active_model()
        })
    });
    if !activities.is_empty() {
        attendance::Entity::insert_many(rows)
            .exec_without_returning(store.migration_connection())
            .await
            .unwrap();
    }
    activities
}

/// Lists, counts and tokens say the same of each activity that the viewer may read.
pub(super) async fn compare(
    store: &Store,
    placed: &Placed,
    viewer: &Viewer,
    readable: &BTreeSet<Uuid>,
    activities: &[activity::Model],
) {
    let tokens = audience::of_viewer(viewer);
    let request = PageRequest {
        first: Some(100),
        ..PageRequest::default()
    };
    for activity in activities {
        let mut items = placed.items.iter();
        let (item, authors) = items.find(|(item, _)| item.id == activity.id).unwrap();
        let community = placed.community(item.community_id);
        let reads = readable.contains(&item.id);
        let sees = reads && viewer.role(community.id).is_some();
        let told = audience::of_item_for_members(community, item, authors);
        assert_eq!(!told.is_disjoint(&tokens), sees, "tokens of attendance");
        if !reads {
            continue;
        }
        let of = (community.id, activity);
        let start = activity.starts_at;
        let page = page_of_attendance(store, viewer, of, start, None, &request).await;
        let listed: BTreeSet<Uuid> = page
            .unwrap()
            .rows
            .iter()
            .map(|(_, row)| row.user_id)
            .collect();
        let everybody = placed.people.iter().map(|person| person.id);
        let expected: BTreeSet<Uuid> = everybody.filter(|_| sees).collect();
        assert_eq!(listed, expected, "attendance");
        let count = attendance_count(store, viewer, of, start, None).await;
        assert_eq!(count.unwrap(), expected.len() as u64);
    }
}

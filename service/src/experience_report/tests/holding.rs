//! Anonymous reports are held back until their day is over.

use chrono::Days;
use entity::held_report;
use entity::pilot::PilotState::{Concluded, Running};

use super::*;

#[tokio::test]
async fn an_anonymous_report_comes_with_the_others_of_its_day() {
    let school = School::new(CommunityVisibility::Public).await;
    let pilot = school.pilot().await;
    school.go(&school.planner, pilot.id, Running).await.unwrap();
    let before = school.store.position().await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let told = school.told(&school.member, &pilot, Public, true).await;
        assert_eq!(told.position, before, "the log does not move");
        let report = told.value.report;
        assert_eq!((report.author_id, report.created_at), (None, None));
        assert_eq!(report.id.get_version_num(), 4);
        ids.push(report.id);
    }
    let day = school.store.clock().now().date_naive();
    let held = held_report::Entity::find().all(school.store.reader()).await;
    for row in held.unwrap() {
        assert_eq!(row.held_until, day.checked_add_days(Days::new(1)).unwrap());
    }
    let due = run_due(&school.store).await.unwrap();
    assert_eq!(due.done, 0);
    let tomorrow = day.checked_add_days(Days::new(1)).unwrap();
    let midnight = tomorrow.and_time(chrono::NaiveTime::MIN).and_utc();
    assert_eq!(
        due.next,
        Some(midnight),
        "the next run is when the day is over"
    );
    for viewer in [&school.member, &school.author, &school.planner] {
        assert_eq!(school.listed(viewer, &pilot).await, [] as [Uuid; 0]);
        assert!(!school.sees(viewer, ids[0]).await);
    }
    let concluded = school.go(&school.planner, pilot.id, Concluded).await;
    assert_eq!(
        faults(concluded)[0].blocked_by[0].code,
        BlockerCode::ReportMissing
    );

    school.next_day().await;
    ids.sort_unstable();
    assert_eq!(school.listed(&Viewer::anonymous(), &pilot).await, ids);
    let changes = school.changes().await;
    let logged: Vec<_> = changes.iter().map(|row| row.entity_id).collect();
    assert_eq!(
        logged, ids,
        "in the order of their ids, not of their writing"
    );
    for row in changes {
        assert_eq!((row.actor_id, row.operation), (None, Operation::Created));
        assert!(row.at >= midnight);
    }
    let held = held_report::Entity::find()
        .count(school.store.reader())
        .await;
    assert_eq!(held.unwrap(), 0);
    school
        .go(&school.planner, pilot.id, Concluded)
        .await
        .unwrap();
}

use entity::adoption::{AdoptionOutcome, AdoptionState};
use entity::change::EntityType;
use entity::community::CommunityVisibility;
use entity::experience_report::Consent;
use entity::item::ItemVisibility;
use entity::notification::{self, NotificationReason};
use entity::pilot::PilotOutcome;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::*;
use crate::adoption::{UpdateAdoption, update, withdraw};
use crate::experience_report::{self, ReportScope};
use crate::link::End;
use crate::pilot::testing::School;
use crate::review::set_steward;
use crate::testing;
use crate::validation::Patch;
use crate::viewer::Viewer;

async fn school() -> (School, End) {
    let school = School::new(CommunityVisibility::Public).await;
    let id = school.resource(true, ItemVisibility::Community).await;
    (school, (EntityType::Resource, id))
}

impl School {
    async fn level(&self, subject: End) -> EvidenceLevel {
        let found = of_items(self.store.reader(), &[subject.1]).await.unwrap();
        let row = found.get(&subject.1).copied();
        let counts = row.map(Counts::from).unwrap_or_default();
        let level = row.map_or(EvidenceLevel::None, |row| row.level);
        assert_eq!(formula::level(counts), level, "{counts:?}");
        level
    }

    /// How often the change log says that a level changed.
    async fn changes_of_level(&self) -> usize {
        let changes = testing::changes(&self.store, EntityType::Resource).await;
        let said = changes
            .iter()
            .filter(|row| row.fields.0 == ["evidenceLevel"]);
        said.count()
    }

    async fn notified(&self, viewer: &Viewer) -> Vec<(NotificationReason, Uuid)> {
        let rows = notification::Entity::find()
            .filter(notification::Column::UserId.eq(viewer.user_id().unwrap()))
            .all(self.store.reader())
            .await
            .unwrap();
        rows.into_iter()
            .map(|row| (row.reason, row.about_id))
            .collect()
    }
}

#[tokio::test]
async fn using_it_is_evidence_and_planning_or_stopping_is_none() {
    let (school, subject) = school().await;
    assert_eq!(school.level(subject).await, EvidenceLevel::None);
    let planned = school
        .adopted(&school.member, subject, "Elm", AdoptionState::Planned, None)
        .await;
    assert_eq!(school.level(subject).await, EvidenceLevel::None);
    for (state, level) in [
        (AdoptionState::InUse, EvidenceLevel::Reported),
        (AdoptionState::Stopped, EvidenceLevel::None),
    ] {
        let input = UpdateAdoption {
            state: Some(state),
            ..UpdateAdoption::default()
        };
        update(&school.store, &school.member, planned.id, input)
            .await
            .unwrap();
        assert_eq!(school.level(subject).await, level, "{state:?}");
    }
    assert_eq!(school.changes_of_level().await, 2);
    let story = UpdateAdoption {
        story: Patch::Value("They played.".to_owned()),
        ..UpdateAdoption::default()
    };
    update(&school.store, &school.member, planned.id, story)
        .await
        .unwrap();
    assert_eq!(
        school.changes_of_level().await,
        2,
        "a story changes no level"
    );
}

#[tokio::test]
async fn several_people_in_several_settings_confirm_it_and_taking_back_tells_who_keeps_it() {
    let (school, subject) = school().await;
    let steward = school.steward.user_id().unwrap();
    set_steward(
        &school.store,
        &school.facilitator,
        subject.1,
        Patch::Value(steward),
        Patch::Absent,
    )
    .await
    .unwrap();
    let worse = Some(AdoptionOutcome::Worse);
    let confirmed = AdoptionState::Confirmed;
    school
        .adopted(&school.author, subject, "Far away", confirmed, worse)
        .await;
    let adopted = school.confirmed(subject).await;
    assert_eq!(school.level(subject).await, EvidenceLevel::Confirmed);
    assert_eq!(
        school.notified(&school.steward).await,
        [],
        "nobody lost anything"
    );

    // Without the other setting two of one are left.
    withdraw(&school.store, &school.stranger, adopted[2].id)
        .await
        .unwrap();
    assert_eq!(school.level(subject).await, EvidenceLevel::Reported);
    let due = (NotificationReason::Due, subject.1);
    assert_eq!(school.notified(&school.steward).await, [due]);
    assert_eq!(school.notified(&school.facilitator).await, []);
}

#[tokio::test]
async fn where_nobody_keeps_it_facilitators_are_told() {
    let (school, subject) = school().await;
    let adopted = school
        .adopted(&school.stranger, subject, "Elm", AdoptionState::InUse, None)
        .await;
    withdraw(&school.store, &school.stranger, adopted.id)
        .await
        .unwrap();
    let due = (NotificationReason::Due, subject.1);
    assert_eq!(school.notified(&school.facilitator).await, [due]);
    assert_eq!(school.notified(&school.steward).await, []);
}

#[tokio::test]
async fn a_concluded_pilot_pilots_whatever_it_came_to() {
    let (school, subject) = school().await;
    school.running(subject.1, Consent::Members).await;
    let level = school.level(subject).await;
    assert_eq!(
        level,
        EvidenceLevel::None,
        "what not all may read counts for nothing"
    );
    school.concluded(subject.1, PilotOutcome::DidNotWork).await;
    assert_eq!(school.level(subject).await, EvidenceLevel::Piloted);
    let found = of_items(school.store.reader(), &[subject.1]).await.unwrap();
    let counts = Counts::from(found[&subject.1]);
    assert_eq!((counts.concluded, counts.worked), (1, 0));
    assert!(!formula::recommends(counts));
    school
        .concluded(subject.1, PilotOutcome::WorkedWithChanges)
        .await;
    let found = of_items(school.store.reader(), &[subject.1]).await.unwrap();
    assert!(formula::recommends(Counts::from(found[&subject.1])));
    assert_eq!(school.changes_of_level().await, 1);
}

#[tokio::test]
async fn a_report_counts_as_long_as_everybody_may_read_it() {
    let (school, subject) = school().await;
    let pilot = school.running(subject.1, Consent::Public).await;
    assert_eq!(school.level(subject).await, EvidenceLevel::Reported);
    let scope = ReportScope::About(pilot.id);
    let request = crate::paging::PageRequest::default();
    let page = experience_report::page(&school.store, &school.member, scope, &request).await;
    let report = page.unwrap().rows[0].1.id;
    experience_report::narrow(
        &school.store,
        &school.member,
        report,
        Consent::Members,
        None,
    )
    .await
    .unwrap();
    assert_eq!(school.level(subject).await, EvidenceLevel::None);
}

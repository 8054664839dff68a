use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};
use entity::activity::{ActivityKind, ActivityMode};
use entity::attendance::AttendanceState;
use entity::community::{CommunityKind, CommunityVisibility};
use entity::defining_statement::StatementAspect;
use entity::participation::{self, ParticipationLevel};
use entity::participation_act;
use entity::user::PlatformRole;
use entity::{community, membership};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::*;
use crate::activity::{ActivityContent, CreateActivity, set_attendance};
use crate::community::CreateCommunity;
use crate::defining_statement::ProposeStatement;
use crate::item::{ItemContent, Origin};
use crate::store::Store;
use crate::testing;
use crate::validation::Patch;
use crate::viewer::Viewer;
use crate::{defining_statement, innovation, projection};

struct Group {
    _directory: tempfile::TempDir,
    store: Store,
    community: community::Model,
    /// Facilitates.
    ada: Viewer,
    /// A member.
    ben: Viewer,
}

async fn group() -> Group {
    let (directory, store) = testing::store().await;
    let ada = testing::user(&store, "ada", PlatformRole::Member).await;
    let ben = testing::user(&store, "ben", PlatformRole::Member).await;
    let founder = testing::viewer(&store, ada.id).await;
    let input = CreateCommunity::new("Walkers", "To walk.", CommunityKind::Helping);
    let community = crate::community::create(&store, &founder, input)
        .await
        .unwrap()
        .value;
    let ben = testing::viewer(&store, ben.id).await;
    crate::membership::join(&store, &ben, community.id)
        .await
        .unwrap();
    Group {
        ada: testing::viewer(&store, ada.id).await,
        ben: testing::viewer(&store, ben.user_id().unwrap()).await,
        _directory: directory,
        store,
        community,
    }
}

impl Group {
    async fn member(&self, of: &Viewer) -> membership::Model {
        membership::Entity::find()
            .filter(membership::Column::CommunityId.eq(self.community.id))
            .filter(membership::Column::UserId.eq(of.user_id().unwrap()))
            .one(self.store.reader())
            .await
            .unwrap()
            .unwrap()
    }

    /// How much somebody takes part, as somebody is told.
    async fn told(&self, to: &Viewer, of: &Viewer) -> Participation {
        projection::catch_up(&self.store).await.unwrap();
        let member = Member::from(&self.member(of).await);
        let mut found = of_members(&self.store, to, &[member]).await.unwrap();
        found.remove(&member).unwrap()
    }

    async fn level(&self, of: &Viewer) -> ParticipationLevel {
        self.told(of, of).await.level
    }

    fn today(&self) -> NaiveDate {
        self.store.clock().now().date_naive()
    }

    async fn turn(&self, days: i64) {
        self.store.clock().advance(TimeDelta::days(days));
        slide(&self.store, self.today()).await.unwrap();
    }

    async fn state_something(&self, by: &Viewer) -> Uuid {
        let input = ProposeStatement {
            community_id: self.community.id,
            text: "We walk.".to_owned(),
            aspect: StatementAspect::Norm,
            origin: Origin::default(),
            supersedes_id: None,
        };
        let made = defining_statement::propose(&self.store, by, input).await;
        made.unwrap().value.id
    }

    async fn idea(&self, by: &Viewer) -> Uuid {
        let input = innovation::CreateInnovation {
            community_id: self.community.id,
            content: ItemContent {
                title: Patch::Value("Walk backwards".to_owned()),
                ..ItemContent::default()
            },
            innovation: innovation::InnovationContent {
                idea: Patch::Value("Turn around.".to_owned()),
                ..innovation::InnovationContent::default()
            },
        };
        let made = innovation::create(&self.store, by, input).await;
        made.unwrap().value.item.id
    }

    async fn meeting(&self) -> (Uuid, chrono::DateTime<chrono::Utc>) {
        let starts_at = crate::schedule::whole_seconds(self.store.clock().now());
        let input = CreateActivity {
            community_id: self.community.id,
            content: ItemContent {
                title: Patch::Value("Walk".to_owned()),
                ..ItemContent::default()
            },
            activity: ActivityContent {
                kind: Patch::Value(ActivityKind::Meeting),
                mode: Patch::Value(ActivityMode::FaceToFace),
                starts_at: Patch::Value(starts_at),
                ends_at: Patch::Value(starts_at + TimeDelta::hours(1)),
                time_zone: Patch::Value("UTC".to_owned()),
                ..ActivityContent::default()
            },
        };
        let made = crate::activity::create(&self.store, &self.ada, input).await;
        (made.unwrap().value.item.id, starts_at)
    }

    async fn acts(&self, of: &Viewer) -> Vec<participation_act::Model> {
        let id = self.member(of).await.id;
        participation_act::Entity::find()
            .filter(participation_act::Column::MembershipId.eq(id))
            .all(self.store.reader())
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn each_kind_of_act_counts_once() {
    let group = group().await;
    let (store, ben) = (&group.store, &group.ben);
    let statement = group.state_something(&group.ada).await;
    let idea = group.idea(ben).await;
    let (meeting, start) = group.meeting().await;
    for _ in 0..2 {
        defining_statement::endorse(store, ben, statement)
            .await
            .unwrap();
        let attended = AttendanceState::Attended;
        set_attendance(store, &group.ada, meeting, start, attended, ben.user_id())
            .await
            .unwrap();
        innovation::support(store, ben, idea).await.unwrap();
        innovation::withdraw_support(store, ben, idea)
            .await
            .unwrap();
        innovation::support(store, ben, idea).await.unwrap();
    }
    let told = group.told(ben, ben).await;
    let counts = formula::Counts {
        contributions: 1,
        attendances: 1,
        reactions: 2,
    };
    assert_eq!(told.counts, counts, "however often it is said");
    assert_eq!(
        told.level,
        formula::level(counts, Some(group.today()), group.today())
    );
    let of_ada = group.told(&group.ada, &group.ada).await;
    assert_eq!(
        (of_ada.counts.contributions, of_ada.counts.attendances),
        (2, 0),
        "a facilitator who notes attendance did not attend by that"
    );
}

#[tokio::test]
async fn what_is_taken_back_or_deleted_no_longer_counts() {
    let group = group().await;
    let (store, ben) = (&group.store, &group.ben);
    let idea = group.idea(ben).await;
    let (meeting, start) = group.meeting().await;
    innovation::support(store, ben, idea).await.unwrap();
    set_attendance(store, ben, meeting, start, AttendanceState::Attended, None)
        .await
        .unwrap();
    assert_eq!(group.told(ben, ben).await.counts.score(), 5 + 3 + 1);
    innovation::withdraw_support(store, ben, idea)
        .await
        .unwrap();
    set_attendance(store, ben, meeting, start, AttendanceState::Declined, None)
        .await
        .unwrap();
    assert_eq!(group.told(ben, ben).await.counts.score(), 5);
    let innovation = entity::item::ItemType::Innovation;
    crate::item::delete(store, &group.ada, innovation, idea)
        .await
        .unwrap();
    assert_eq!(group.told(ben, ben).await.counts.score(), 0);
    assert_eq!(group.acts(ben).await, []);
}

#[tokio::test]
async fn the_window_slides_by_itself() {
    let group = group().await;
    let ben = &group.ben;
    assert_eq!(group.level(ben).await, ParticipationLevel::Peripheral);
    group.idea(ben).await;
    assert_eq!(group.level(ben).await, ParticipationLevel::Occasional);
    group.turn(89).await;
    assert_eq!(group.level(ben).await, ParticipationLevel::Occasional);
    group.turn(1).await;
    let told = group.told(ben, ben).await;
    assert_eq!(told.level, ParticipationLevel::Peripheral);
    assert_eq!(told.counts, formula::Counts::default());
    assert!(told.last_active_at.is_some(), "it was done all the same");
    group.turn(89).await;
    assert_eq!(group.level(ben).await, ParticipationLevel::Peripheral);
    group.turn(1).await;
    assert_eq!(group.level(ben).await, ParticipationLevel::Inactive);
    // Nothing is due any more, and doing something counts at once.
    let due = participation::Entity::find().filter(participation::Column::DueOn.lte(group.today()));
    assert_eq!(due.all(group.store.reader()).await.unwrap(), []);
    group.turn(1).await;
    group.idea(ben).await;
    assert_eq!(group.level(ben).await, ParticipationLevel::Occasional);

    let id = group.member(ben).await.id;
    let history: HashMap<_, _> = history_of(&group.store, &[id]).await.unwrap();
    let levels: Vec<_> = history[&id].iter().map(|(_, level)| *level).collect();
    assert_eq!(
        levels,
        [
            ParticipationLevel::Occasional,
            ParticipationLevel::Peripheral,
            ParticipationLevel::Inactive,
            ParticipationLevel::Occasional,
        ]
    );
    assert_eq!(
        history[&id][1].0 - history[&id][0].0,
        TimeDelta::days(90),
        "each with the day it changed"
    );
}

#[tokio::test]
async fn numbers_are_for_the_member_and_facilitators() {
    let group = group().await;
    let cleo = testing::user(&group.store, "cleo", PlatformRole::Admin).await;
    let stranger = testing::viewer(&group.store, cleo.id).await;
    for _ in 0..4 {
        group.idea(&group.ben).await;
    }
    let whole = group.told(&group.ada, &group.ben).await;
    assert!(whole.whole);
    assert_eq!(
        (whole.level, whole.counts.contributions),
        (ParticipationLevel::Active, 4)
    );
    assert_eq!(group.told(&group.ben, &group.ben).await, whole);
    let bens = group.told(&group.ben, &group.ada).await;
    assert!(!bens.whole && bens.last_active_at.is_none());
    assert_eq!(bens.counts, formula::Counts::default());
    let strangers = group.told(&stranger, &group.ben).await;
    assert_eq!(
        (strangers.level, strangers.whole),
        (ParticipationLevel::Peripheral, false),
        "to those outside it says nothing"
    );

    group.turn(200).await;
    assert_eq!(group.level(&group.ada).await, ParticipationLevel::Inactive);
    let silent = group.told(&group.ben, &group.ada).await;
    assert_eq!(
        silent.level,
        ParticipationLevel::Peripheral,
        "never shown as a failing"
    );
}

#[tokio::test]
async fn a_day_slides_once() {
    let (_directory, store) = testing::store().await;
    let community = testing::community(&store, "many", CommunityVisibility::Public).await;
    let ada = testing::user(&store, "ada", PlatformRole::Member).await;
    let today = store.clock().now().date_naive();
    let role = entity::membership::MembershipRole::Member;
    let state = entity::membership::MembershipState::Active;
    let member = testing::membership(&store, community.id, ada.id, role, state).await;
    let row = participation::Model {
        membership_id: member.id,
        community_id: community.id,
        level: ParticipationLevel::Core,
        contributions: 30,
        attendances: 0,
        reactions: 0,
        last_active_at: None,
        due_on: Some(today),
    };
    participation::Entity::insert(sea_orm::IntoActiveModel::into_active_model(row))
        .exec_without_returning(store.migration_connection())
        .await
        .unwrap();
    slide(&store, today - chrono::Days::new(1)).await.unwrap();
    let level = async || {
        let row = participation::Entity::find_by_id(member.id).one(store.reader());
        row.await.unwrap().unwrap().level
    };
    assert_eq!(level().await, ParticipationLevel::Core, "it is not due yet");
    slide(&store, today).await.unwrap();
    assert_eq!(level().await, ParticipationLevel::Peripheral);
    slide(&store, today).await.unwrap();
    assert_eq!(
        level().await,
        ParticipationLevel::Peripheral,
        "once is enough"
    );
}

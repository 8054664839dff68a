use chrono::TimeDelta;
use entity::activity::{ActivityKind, ActivityMode, ActivityState};
use entity::attendance::AttendanceState;
use entity::change::EntityType;
use entity::community::{self, CommunityKind, CommunityVisibility};
use entity::discussion::{CloseReason, DiscussionKind};
use entity::innovation::InnovationStage;
use entity::item::{self, PublicationStatus};
use entity::membership::{self, MembershipRole, MembershipState};
use entity::notification::{self, NotificationReason};
use entity::user::PlatformRole;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, QueryOrder};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::activity::{self, ActivityContent, CreateActivity, UpdateOccurrence};
use crate::community::UpdatePolicy;
use crate::discussion::{self, AddPost, CreateDiscussion};
use crate::innovation::{self, CreateInnovation, InnovationContent};
use crate::item::ItemContent;
use crate::resource::{self, CreateResource, ResourceContent};
use crate::testing;
use crate::validation::Patch;
use crate::viewer::Viewer;

mod processes;

/// A community with a facilitator, a steward and two members.
struct Circle {
    directory: TempDir,
    store: Store,
    community: community::Model,
    facilitator: Viewer,
    steward: Viewer,
    author: Viewer,
    member: Viewer,
}

impl Circle {
    async fn new(kind: CommunityKind) -> Self {
        let (directory, store) = testing::store().await;
        let row = testing::community(&store, "circle", CommunityVisibility::Public).await;
        let mut row = row.into_active_model();
        row.kind = Set(kind);
        let community = row.update(store.migration_connection()).await.unwrap();
        let person = async |handle: &str, role| {
            let user = testing::user(&store, handle, PlatformRole::Member).await;
            let active = MembershipState::Active;
            testing::membership(&store, community.id, user.id, role, active).await;
            testing::viewer(&store, user.id).await
        };
        Self {
            facilitator: person("fay", MembershipRole::Facilitator).await,
            steward: person("stella", MembershipRole::Steward).await,
            author: person("ada", MembershipRole::Member).await,
            member: person("ben", MembershipRole::Member).await,
            directory,
            store,
            community,
        }
    }

    fn content(title: &str) -> ItemContent {
        ItemContent {
            title: Patch::Value(title.to_owned()),
            body: Patch::Value(format!("{title}, in more words.")),
            ..ItemContent::default()
        }
    }

    async fn ask(&self, kind: DiscussionKind) -> Uuid {
        let input = CreateDiscussion {
            community_id: self.community.id,
            content: Self::content("How do I begin?"),
            kind,
            about_id: None,
        };
        let made = discussion::create(&self.store, &self.author, input).await;
        made.unwrap().value.item.id
    }

    async fn answer(&self, discussion_id: Uuid) -> Uuid {
        let input = AddPost {
            discussion_id,
            body: "Like this.".into(),
            parent_id: None,
        };
        let posted = discussion::add_post(&self.store, &self.member, input).await;
        posted.unwrap().value.id
    }

    async fn idea(&self) -> Uuid {
        let input = CreateInnovation {
            community_id: self.community.id,
            content: ItemContent {
                title: Patch::Value("Counting by walking".into()),
                ..ItemContent::default()
            },
            innovation: InnovationContent {
                idea: Patch::Value("Each step is a number.".into()),
                ..InnovationContent::default()
            },
        };
        let made = innovation::create(&self.store, &self.author, input).await;
        made.unwrap().value.item.id
    }

    async fn published(&self) -> Uuid {
        let input = CreateResource {
            community_id: self.community.id,
            content: Self::content("Walking lessons"),
            resource: ResourceContent {
                kind: Patch::Value(entity::resource::ResourceKind::Guide),
                ..ResourceContent::default()
            },
            publish: true,
        };
        let made = resource::create(&self.store, &self.author, input).await;
        made.unwrap().value.item.id
    }

    /// A meeting of an hour, every ten days.
    async fn meeting(&self, starts_at: DateTime<Utc>) -> Uuid {
        let input = CreateActivity {
            community_id: self.community.id,
            content: ItemContent {
                title: Patch::Value("Monthly meeting".into()),
                ..ItemContent::default()
            },
            activity: ActivityContent {
                kind: Patch::Value(ActivityKind::Meeting),
                mode: Patch::Value(ActivityMode::Online),
                starts_at: Patch::Value(starts_at),
                ends_at: Patch::Value(starts_at + HOUR),
                time_zone: Patch::Value("UTC".into()),
                recurrence: Patch::Value("FREQ=DAILY;INTERVAL=10".into()),
                ..ActivityContent::default()
            },
        };
        let made = activity::create(&self.store, &self.facilitator, input).await;
        made.unwrap().value.item.id
    }

    fn turn(&self, by: TimeDelta) {
        self.store.clock().advance(by);
    }

    async fn run(&self) -> Ran {
        run_due(&self.store).await.unwrap()
    }

    async fn item(&self, id: Uuid) -> item::Model {
        let found = item::Entity::find_by_id(id).one(self.store.reader()).await;
        found.unwrap().unwrap()
    }

    /// Who was told of what by a clock, by their handles' order.
    async fn told(&self) -> Vec<(Uuid, NotificationReason, Uuid)> {
        let rows = notification::Entity::find()
            .order_by_asc(notification::Column::Id)
            .all(self.store.reader())
            .await
            .unwrap();
        let by_clock = rows.into_iter().filter(|row| {
            matches!(
                row.reason,
                NotificationReason::Escalated | NotificationReason::Due
            )
        });
        let mut told: Vec<_> = by_clock
            .map(|row| (row.user_id, row.reason, row.about_id))
            .collect();
        told.sort_by_key(|(user, _, about)| (*about, *user));
        told
    }

    fn expected(
        people: &[&Viewer],
        reason: NotificationReason,
        about: Uuid,
    ) -> Vec<(Uuid, NotificationReason, Uuid)> {
        let mut users: Vec<Uuid> = people.iter().filter_map(|who| who.user_id()).collect();
        users.sort_unstable();
        users
            .into_iter()
            .map(|user| (user, reason, about))
            .collect()
    }

    async fn set_policy(&self, input: UpdatePolicy) {
        let id = self.community.id;
        crate::community::update_policy(&self.store, &self.facilitator, id, input)
            .await
            .unwrap();
    }

    async fn escalations(&self) -> usize {
        let changes = testing::changes(&self.store, EntityType::Discussion).await;
        let escalated = changes
            .iter()
            .filter(|change| change.fields.0.iter().any(|field| field == "escalatedAt"));
        escalated.count()
    }
}

const HOUR: TimeDelta = TimeDelta::hours(1);
const DAY: TimeDelta = TimeDelta::days(1);

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

#[tokio::test]
async fn an_invitation_runs_out_after_thirty_days() {
    let circle = Circle::new(CommunityKind::Helping).await;
    let guest = testing::user(&circle.store, "gus", PlatformRole::Member).await;
    let (facilitator, community) = (&circle.facilitator, circle.community.id);
    let invited = crate::membership::invite(&circle.store, facilitator, community, guest.id, None)
        .await
        .unwrap()
        .value;
    circle.turn(DAY * 29);
    let early = circle.run().await;
    assert_eq!(
        early,
        Ran {
            done: 0,
            next: Some(invited.updated_at + DAY * 30),
        }
    );
    circle.turn(DAY);
    assert_eq!(
        circle.run().await,
        Ran {
            done: 1,
            next: None
        }
    );
    let found = membership::Entity::find_by_id(invited.id);
    let found = found.one(circle.store.reader()).await.unwrap().unwrap();
    assert_eq!(found.state, MembershipState::Expired);
    let last = testing::changes(&circle.store, EntityType::Membership).await;
    assert_eq!(last.last().and_then(|change| change.actor_id), None);
}

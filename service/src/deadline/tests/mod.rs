mod invitations;
mod occurrences;
mod processes;
mod reviews;
mod waiting;

use chrono::TimeDelta;
use entity::activity::{ActivityKind, ActivityMode};
use entity::attendance::AttendanceState;
use entity::change::EntityType;
use entity::community::{self, CommunityKind, CommunityVisibility};
use entity::discussion::DiscussionKind;
use entity::item;
use entity::membership::{self, MembershipRole, MembershipState};
use entity::notification::{self, NotificationReason};
use entity::user::PlatformRole;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, QueryOrder};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::activity::{self, ActivityContent, CreateActivity};
use crate::community::UpdatePolicy;
use crate::discussion::{self, AddPost, CreateDiscussion};
use crate::innovation::{self, CreateInnovation, InnovationContent};
use crate::item::ItemContent;
use crate::resource::{self, CreateResource, ResourceContent};
use crate::testing;
use crate::validation::Patch;
use crate::viewer::Viewer;

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
        let member =
            async |handle: &str, role| testing::member(&store, community.id, handle, role).await;
        Self {
            facilitator: member("fay", MembershipRole::Facilitator).await,
            steward: member("stella", MembershipRole::Steward).await,
            author: member("ada", MembershipRole::Member).await,
            member: member("ben", MembershipRole::Member).await,
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

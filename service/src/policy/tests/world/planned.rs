//! The rows of an item of a random world.

use chrono::{DateTime, TimeDelta, Utc};
use entity::activity::{ActivityMode, ActivityState};
use entity::discussion::{DiscussionKind, DiscussionState};
use entity::innovation::InnovationStage;
use entity::item::{ItemType, ItemVisibility, PublicationStatus};
use entity::pilot::PilotState;
use entity::practice::PracticeMaturity;
use entity::{
    TextList, activity, collection, discussion, innovation, item, pilot, post, practice, resource,
};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use uuid::Uuid;

use crate::item::entity_type;
use crate::policy::pilot::TRIED_TYPES;

/// An item before it is written: others are named by their place in the lists of its world.
#[derive(Clone, Debug)]
pub(super) struct PlannedItem {
    pub(super) community: usize,
    pub(super) item_type: ItemType,
    pub(super) visibility: ItemVisibility,
    pub(super) status: PublicationStatus,
    pub(super) authors: Vec<usize>,
    /// Who keeps it.
    pub(super) steward: Option<usize>,
    /// Who planned the pilot of it.
    pub(super) planner: Option<usize>,
    /// What time has brought about.
    pub(super) due: PlannedDue,
    /// Of a question whether it waits for an answer, of an innovation whether it is only an idea, of a practice whether
    /// it is recommended and nobody uses it.
    pub(super) open: bool,
}

/// Whether the day has come of what has its day: a review, the report of a pilot, a decision about a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PlannedDue {
    /// There is no such day.
    Never,
    /// It is still to come.
    Later,
    /// It is past.
    Past,
}

impl PlannedDue {
    pub(super) const ALL: &'static [Self] = &[Self::Never, Self::Later, Self::Past];

    /// Further from now than any clock of a community is long.
    fn day(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let far = TimeDelta::days(2_000);
        match self {
            Self::Never => None,
            Self::Later => Some(now + far),
            Self::Past => Some(now - far),
        }
    }
}

impl PlannedItem {
    /// Since when it waits for somebody, as far as its row tells.
    fn waiting_since(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self.item_type {
            ItemType::Innovation => self.due.day(now).filter(|day| *day < now).or(Some(now)),
            ItemType::Discussion => self.open.then_some(now),
            ItemType::Resource | ItemType::Practice | ItemType::Collection => {
                (self.status == PublicationStatus::InReview).then_some(now)
            }
            ItemType::Activity => None,
        }
    }

    pub(super) fn row(
        &self,
        now: DateTime<Utc>,
        community_id: Uuid,
        steward_id: Option<Uuid>,
        number: usize,
    ) -> item::Model {
        let unadopted = self.item_type == ItemType::Practice && self.open;
        let title = format!("Commonword {number}");
        let has_status = matches!(
            self.item_type,
            ItemType::Resource | ItemType::Practice | ItemType::Collection
        );
        let status = has_status.then_some(self.status);
        let published = status.is_none_or(|status| {
            matches!(
                status,
                PublicationStatus::Published | PublicationStatus::Archived
            )
        });
        item::Model {
            id: Uuid::now_v7(),
            item_type: self.item_type,
            community_id,
            title_key: title.to_lowercase(),
            title,
            kind: None,
            status,
            published,
            published_at: (published && status.is_some()).then_some(now),
            visibility: self.visibility,
            language: None,
            licence: None,
            attribution: None,
            url: None,
            bylines: TextList::default(),
            revision: 1,
            pending_revision: None,
            pending_status: None,
            steward_id,
            review_due_at: has_status.then(|| self.due.day(now)).flatten(),
            review_reminder_at: None,
            waiting_since: self.waiting_since(now),
            reminded_at: None,
            unadopted_since: unadopted.then_some(now),
            compared_revision: None,
            created_at: now,
            updated_at: now,
        }
    }

    pub(super) async fn insert_details(
        &self,
        connection: &impl sea_orm::ConnectionTrait,
        item: &item::Model,
    ) {
        let id = item.id;
        match self.item_type {
            ItemType::Resource => {
                let row = resource::Model {
                    id,
                    description: None,
                    educational_levels: TextList::default(),
                    time_required_minutes: None,
                    rating_count: 0,
                    rating_sum: 0,
                };
                row.into_active_model().insert(connection).await.unwrap();
            }
            ItemType::Practice => {
                let row = practice::Model {
                    id,
                    summary: None,
                    problem: None,
                    context: None,
                    maturity: if self.open {
                        PracticeMaturity::Recommended
                    } else {
                        PracticeMaturity::Emerging
                    },
                    recommended_at: self.open.then_some(item.created_at),
                };
                row.into_active_model().insert(connection).await.unwrap();
            }
            ItemType::Innovation => {
                let row = innovation::Model {
                    id,
                    problem: None,
                    idea: "An idea.".to_owned(),
                    hypothesis: None,
                    learning: None,
                    stage: if self.open {
                        InnovationStage::Idea
                    } else {
                        InnovationStage::Exploring
                    },
                    supporter_count: 0,
                };
                row.into_active_model().insert(connection).await.unwrap();
            }
            ItemType::Activity => {
                let now = chrono::DateTime::UNIX_EPOCH;
                let row = activity::Model {
                    id,
                    mode: ActivityMode::Online,
                    state: ActivityState::Planned,
                    starts_at: now,
                    ends_at: now + chrono::TimeDelta::hours(1),
                    time_zone: "UTC".to_owned(),
                    recurrence: None,
                    place: None,
                    join_url: None,
                    recording_url: None,
                    agenda: None,
                    notes: None,
                };
                row.into_active_model().insert(connection).await.unwrap();
            }
            ItemType::Discussion => insert_discussion(connection, item, self.open).await,
            ItemType::Collection => {
                let row = collection::Model {
                    id,
                    description: None,
                    search_query: None,
                };
                row.into_active_model().insert(connection).await.unwrap();
            }
        }
    }
}

/// The pilot of an item in these worlds: its id is made of the item's.
pub(in crate::policy::tests) fn pilot_of(item: Uuid) -> Uuid {
    Uuid::from_u128(item.as_u128() ^ 2)
}

/// A pilot of what can be tried.
pub(super) async fn insert_pilot(
    connection: &impl sea_orm::ConnectionTrait,
    item: &item::Model,
    planner_id: Option<Uuid>,
    due: PlannedDue,
) -> Option<pilot::Model> {
    if !TRIED_TYPES.contains(&item.item_type) {
        return None;
    }
    let row = pilot::Model {
        id: pilot_of(item.id),
        community_id: item.community_id,
        subject_type: entity_type(item.item_type),
        subject_id: item.id,
        planner_id,
        question: "Does it work?".to_owned(),
        setting: "Here.".to_owned(),
        audience: None,
        sites: TextList::default(),
        measures: TextList::default(),
        participant_count: None,
        starts_on: None,
        ends_on: None,
        report_due_at: due.day(item.created_at),
        state: PilotState::Running,
        outcome: None,
        findings: None,
        created_at: item.created_at,
        updated_at: item.created_at,
    };
    let inserted = row.clone().into_active_model().insert(connection).await;
    inserted.unwrap();
    Some(row)
}

/// The post of a discussion in these worlds: its id is made of the discussion's.
pub(in crate::policy::tests) fn post_of(discussion: Uuid) -> Uuid {
    Uuid::from_u128(discussion.as_u128() ^ 1)
}

/// A discussion with a post, in which stands a word that only this discussion has.
async fn insert_discussion(
    connection: &impl sea_orm::ConnectionTrait,
    item: &item::Model,
    open: bool,
) {
    let resolved = !open;
    let row = discussion::Model {
        id: item.id,
        community_id: item.community_id,
        kind: DiscussionKind::HelpRequest,
        state: if open {
            DiscussionState::Open
        } else {
            DiscussionState::Resolved
        },
        close_reason: None,
        about_type: None,
        about_id: None,
        accepted_post_id: resolved.then(|| post_of(item.id)),
        first_answered_at: None,
        resolved_at: resolved.then_some(item.created_at),
        post_count: 1,
        last_post_at: Some(item.created_at),
        last_activity_at: item.created_at,
    };
    row.into_active_model().insert(connection).await.unwrap();
    let row = post::Model {
        id: post_of(item.id),
        discussion_id: item.id,
        community_id: item.community_id,
        parent_id: None,
        number: 1,
        depth: 1,
        path: "00000001".to_owned(),
        author_id: None,
        body: word_of(item.id),
        hidden: false,
        hidden_by: None,
        hidden_reason: None,
        created_at: item.created_at,
        updated_at: item.created_at,
    };
    row.into_active_model().insert(connection).await.unwrap();
}

/// A word that only the post of this discussion has: no digit in it is taken for a misspelt one.
pub(in crate::policy::tests) fn word_of(discussion: Uuid) -> String {
    let letters = discussion.simple().to_string();
    letters
        .chars()
        .map(|digit| char::from(b'g' + u8::try_from(digit.to_digit(16).unwrap()).unwrap()))
        .collect()
}

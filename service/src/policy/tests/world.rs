//! Random worlds: people, communities, memberships and items in every combination of what the policy looks at.

use std::collections::HashMap;

use ::search::Change;
use entity::activity::{ActivityMode, ActivityState};
use entity::community::{CommunityStatus, CommunityVisibility};
use entity::discussion::{DiscussionKind, DiscussionState};
use entity::innovation::InnovationStage;
use entity::item::{ItemType, ItemVisibility, PublicationStatus};
use entity::membership::{MembershipRole, MembershipState};
use entity::pilot::PilotState;
use entity::practice::PracticeMaturity;
use entity::user::PlatformRole;
use entity::{
    TextList, activity, collection, community, discussion, innovation, item, item_author, item_tag,
    membership, pilot, post, practice, resource, user,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, TransactionTrait};
use uuid::Uuid;

use super::revisions::{self, Reviewed};
use crate::item::entity_type;
use crate::policy::pilot::TRIED_TYPES;
use crate::search::SearchIndex;
use crate::search::document::Source;
use crate::store::Store;
use crate::testing;
use crate::viewer::{Scope, Viewer};

/// A world before it is written: others are named by their place in its lists.
#[derive(Clone, Debug)]
pub(super) struct World {
    people: Vec<PlatformRole>,
    communities: Vec<(CommunityVisibility, CommunityStatus)>,
    memberships: Vec<(usize, usize, MembershipRole, MembershipState)>,
    items: Vec<PlannedItem>,
}

#[derive(Clone, Debug)]
struct PlannedItem {
    community: usize,
    item_type: ItemType,
    visibility: ItemVisibility,
    status: PublicationStatus,
    authors: Vec<usize>,
}

/// What was written of it.
pub(super) struct Placed {
    pub(super) people: Vec<user::Model>,
    pub(super) communities: Vec<community::Model>,
    /// Each with its authors.
    pub(super) items: Vec<(item::Model, Vec<Uuid>)>,
    /// Two revisions of each.
    pub(super) reviewed: Vec<Reviewed>,
}

pub(super) fn worlds() -> impl Strategy<Value = World> {
    let person = select(PlatformRole::ALL);
    let community = (
        select(CommunityVisibility::ALL),
        select(CommunityStatus::ALL),
    );
    // Half of the memberships are active, or few would see anything.
    let state = prop_oneof![Just(MembershipState::Active), select(MembershipState::ALL)];
    let membership = (0..8_usize, 0..8_usize, select(MembershipRole::ALL), state);
    let item = (
        0..8_usize,
        select(ItemType::ALL),
        select(ItemVisibility::ALL),
        select(PublicationStatus::ALL),
        vec(0..8_usize, 0..3),
    );
    let item = item.prop_map(
        |(community, item_type, visibility, status, authors)| PlannedItem {
            community,
            item_type,
            visibility,
            status,
            authors,
        },
    );
    (
        vec(person, 1..5),
        vec(community, 1..5),
        vec(membership, 0..12),
        vec(item, 0..30),
    )
        .prop_map(|(people, communities, memberships, items)| World {
            people,
            communities,
            memberships,
            items,
        })
}

/// Removes the world before.
pub(super) async fn clear(store: &Store) {
    let connection = store.migration_connection();
    item::Entity::delete_many().exec(connection).await.unwrap();
    community::Entity::delete_many()
        .exec(connection)
        .await
        .unwrap();
    user::Entity::delete_many().exec(connection).await.unwrap();
}

/// A tag that only this item has.
pub(super) fn tag_of(item: Uuid) -> String {
    format!("tag-{}", item.simple())
}

impl World {
    pub(super) async fn place(&self, store: &Store) -> Placed {
        let mut people = Vec::new();
        for (place, role) in self.people.iter().enumerate() {
            people.push(testing::user(store, &format!("person-{place}"), *role).await);
        }
        let mut communities = Vec::new();
        for (place, (visibility, status)) in self.communities.iter().enumerate() {
            let slug = format!("commonword-{place}");
            let mut row = testing::community(store, &slug, *visibility)
                .await
                .into_active_model();
            row.status = Set(*status);
            communities.push(row.update(store.migration_connection()).await.unwrap());
        }
        let mut placed = Placed {
            people,
            communities,
            items: Vec::new(),
            reviewed: Vec::new(),
        };
        self.place_memberships(store, &placed).await;
        placed.items = self.place_items(store, &placed).await;
        let connection = store.migration_connection().begin().await.unwrap();
        for (item, _) in &placed.items {
            let reviewed = revisions::place(&connection, item).await;
            placed.reviewed.extend(reviewed);
        }
        connection.commit().await.unwrap();
        placed
    }

    async fn place_memberships(&self, store: &Store, placed: &Placed) {
        let mut chosen = HashMap::new();
        for (person, community, role, state) in &self.memberships {
            let community = placed.communities[community % placed.communities.len()].id;
            let person = placed.people[person % placed.people.len()].id;
            chosen.insert((community, person), (*role, *state));
        }
        for ((community, person), (role, state)) in chosen {
            testing::membership(store, community, person, role, state).await;
        }
    }

    async fn place_items(&self, store: &Store, placed: &Placed) -> Vec<(item::Model, Vec<Uuid>)> {
        let connection = store.migration_connection().begin().await.unwrap();
        let mut items = Vec::new();
        for (number, plan) in self.items.iter().enumerate() {
            let community = &placed.communities[plan.community % placed.communities.len()];
            let row = plan.row(store, community.id, number);
            let mut authors: Vec<Uuid> = plan
                .authors
                .iter()
                .map(|author| placed.people[author % placed.people.len()].id)
                .collect();
            authors.sort_unstable();
            authors.dedup();
            row.clone()
                .into_active_model()
                .insert(&connection)
                .await
                .unwrap();
            plan.insert_details(&connection, &row).await;
            let tag = item_tag::ActiveModel {
                item_id: Set(row.id),
                tag_key: Set(tag_of(row.id)),
                tag: Set(tag_of(row.id)),
                place: Set(0),
            };
            tag.insert(&connection).await.unwrap();
            for (place, author) in (0..).zip(&authors) {
                let author = item_author::ActiveModel {
                    item_id: Set(row.id),
                    user_id: Set(*author),
                    place: Set(place),
                };
                author.insert(&connection).await.unwrap();
            }
            insert_pilot(&connection, &row, authors.first().copied()).await;
            items.push((row, authors));
        }
        connection.commit().await.unwrap();
        items
    }
}

impl PlannedItem {
    /// Whether it waits for somebody, as far as its row tells.
    fn waits(&self) -> bool {
        match self.item_type {
            ItemType::Discussion | ItemType::Innovation => true,
            ItemType::Resource | ItemType::Practice | ItemType::Collection => {
                self.status == PublicationStatus::InReview
            }
            ItemType::Activity => false,
        }
    }

    fn row(&self, store: &Store, community_id: Uuid, number: usize) -> item::Model {
        let now = store.clock().now();
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
            steward_id: None,
            review_due_at: None,
            review_reminder_at: None,
            waiting_since: self.waits().then_some(now),
            reminded_at: None,
            unadopted_since: None,
            compared_revision: None,
            created_at: now,
            updated_at: now,
        }
    }

    async fn insert_details(&self, connection: &impl sea_orm::ConnectionTrait, item: &item::Model) {
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
                    maturity: PracticeMaturity::Emerging,
                    recommended_at: None,
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
                    stage: InnovationStage::Idea,
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
            ItemType::Discussion => insert_discussion(connection, item).await,
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
pub(super) fn pilot_of(item: Uuid) -> Uuid {
    Uuid::from_u128(item.as_u128() ^ 2)
}

/// A pilot of what can be tried.
async fn insert_pilot(
    connection: &impl sea_orm::ConnectionTrait,
    item: &item::Model,
    planner_id: Option<Uuid>,
) {
    if !TRIED_TYPES.contains(&item.item_type) {
        return;
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
        report_due_at: None,
        state: PilotState::Running,
        outcome: None,
        findings: None,
        created_at: item.created_at,
        updated_at: item.created_at,
    };
    row.into_active_model().insert(connection).await.unwrap();
}

/// The post of a discussion in these worlds: its id is made of the discussion's.
pub(super) fn post_of(discussion: Uuid) -> Uuid {
    Uuid::from_u128(discussion.as_u128() ^ 1)
}

/// A discussion with a post, in which stands a word that only this discussion has.
async fn insert_discussion(connection: &impl sea_orm::ConnectionTrait, item: &item::Model) {
    let row = discussion::Model {
        id: item.id,
        community_id: item.community_id,
        kind: DiscussionKind::HelpRequest,
        state: DiscussionState::Resolved,
        close_reason: None,
        about_type: None,
        about_id: None,
        accepted_post_id: Some(post_of(item.id)),
        first_answered_at: None,
        resolved_at: Some(item.created_at),
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
pub(super) fn word_of(discussion: Uuid) -> String {
    let letters = discussion.simple().to_string();
    letters
        .chars()
        .map(|digit| char::from(b'g' + u8::try_from(digit.to_digit(16).unwrap()).unwrap()))
        .collect()
}

impl Placed {
    pub(super) fn community(&self, id: Uuid) -> &community::Model {
        self.communities.iter().find(|row| row.id == id).unwrap()
    }

    /// Everything in an index.
    pub(super) async fn index(&self, store: &Store, stories: &[Uuid]) -> SearchIndex {
        let index = SearchIndex::in_memory().unwrap();
        let items: Vec<Uuid> = self.items.iter().map(|(item, _)| item.id).collect();
        let communities: Vec<Uuid> = self.communities.iter().map(|row| row.id).collect();
        let mut documents = Source::Items
            .documents(store.reader(), &items)
            .await
            .unwrap();
        let of_communities = Source::Communities.documents(store.reader(), &communities);
        documents.extend(of_communities.await.unwrap());
        let of_stories = Source::ValueStories.documents(store.reader(), stories);
        documents.extend(of_stories.await.unwrap());
        let puts = documents.into_iter().map(Box::new).map(Change::Put);
        index.engine().apply(puts.collect(), 0).unwrap();
        index
    }

    /// Nobody in particular, everybody by a session, and everybody by a credential for each community.
    pub(super) async fn viewers(&self, store: &Store) -> Vec<Viewer> {
        let mut viewers = vec![Viewer::anonymous()];
        for person in &self.people {
            viewers.push(testing::viewer(store, person.id).await);
            for community in &self.communities {
                let only = Some(community.id);
                viewers.push(testing::viewer_with(store, person.id, Scope::ALL, only).await);
            }
        }
        viewers
    }
}

/// A membership that the viewers of a world carry is one that its database has.
#[tokio::test]
async fn a_cleared_world_is_empty() {
    let (_directory, store) = testing::store().await;
    let world = World {
        people: vec![PlatformRole::Member],
        communities: vec![(CommunityVisibility::Public, CommunityStatus::Active)],
        memberships: vec![(0, 0, MembershipRole::Member, MembershipState::Active)],
        items: vec![PlannedItem {
            community: 0,
            item_type: ItemType::Resource,
            visibility: ItemVisibility::Community,
            status: PublicationStatus::Published,
            authors: vec![0],
        }],
    };
    assert_eq!(world.place(&store).await.items.len(), 1);
    clear(&store).await;
    let left = membership::Entity::find()
        .all(store.reader())
        .await
        .unwrap();
    assert_eq!(left, []);
}

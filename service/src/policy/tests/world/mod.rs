//! Random worlds: people, communities, memberships and items in every combination of what the policy looks at.

mod planned;

use std::collections::HashMap;

use ::search::Change;
use entity::community::{CommunityKind, CommunityStatus, CommunityVisibility};
use entity::item::{ItemType, ItemVisibility, PublicationStatus};
use entity::membership::{MembershipRole, MembershipState};
use entity::user::PlatformRole;
use entity::{community, item, item_author, item_tag, membership, pilot, user};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, TransactionTrait};
use uuid::Uuid;

use super::revisions::{self, Reviewed};
use crate::search::SearchIndex;
use crate::search::document::Source;
use crate::store::Store;
use crate::testing;
use crate::viewer::{Scope, Viewer};
use planned::{PlannedDue, PlannedItem, insert_pilot};
pub(super) use planned::{pilot_of, post_of, word_of};

/// A world before it is written: others are named by their place in its lists.
#[derive(Clone, Debug)]
pub(super) struct World {
    people: Vec<PlatformRole>,
    communities: Vec<(CommunityVisibility, CommunityStatus, CommunityKind)>,
    memberships: Vec<(usize, usize, MembershipRole, MembershipState)>,
    items: Vec<PlannedItem>,
}

/// What was written of it.
pub(super) struct Placed {
    pub(super) people: Vec<user::Model>,
    pub(super) communities: Vec<community::Model>,
    /// Each with its authors.
    pub(super) items: Vec<(item::Model, Vec<Uuid>)>,
    /// Of each that can be tried.
    pub(super) pilots: Vec<pilot::Model>,
    /// Two revisions of each.
    pub(super) reviewed: Vec<Reviewed>,
}

pub(super) fn worlds() -> impl Strategy<Value = World> {
    let person = select(PlatformRole::ALL);
    let community = (
        select(CommunityVisibility::ALL),
        select(CommunityStatus::ALL),
        select(CommunityKind::ALL),
    );
    // Half of the memberships are active, or few would see anything.
    let state = prop_oneof![Just(MembershipState::Active), select(MembershipState::ALL)];
    let membership = (0..8_usize, 0..8_usize, select(MembershipRole::ALL), state);
    // Two of a kind are to be found in most worlds, and what is offered too.
    let item_type = prop_oneof![1 => Just(ItemType::Resource), 4 => select(ItemType::ALL)];
    let published = PublicationStatus::Published;
    let status = prop_oneof![1 => Just(published), 3 => select(PublicationStatus::ALL)];
    let item = (
        0..8_usize,
        item_type,
        select(ItemVisibility::ALL),
        status,
        vec(0..8_usize, 0..3),
        option::of(0..8_usize),
        option::of(0..8_usize),
        select(PlannedDue::ALL),
        any::<bool>(),
    );
    let item = item.prop_map(
        |(community, item_type, visibility, status, authors, steward, planner, due, open)| {
            PlannedItem {
                community,
                item_type,
                visibility,
                status,
                authors,
                steward,
                planner,
                due,
                open,
            }
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
    /// Two communities in which something waits for every reason that there is.
    pub(super) fn of_all_work() -> Self {
        use CommunityKind::{BestPractice, KnowledgeStewarding};
        let open = |kind| (CommunityVisibility::Public, CommunityStatus::Active, kind);
        let (keeper, other, asks) = (0, 1, 2);
        let item = |community, item_type, status| PlannedItem {
            community,
            item_type,
            visibility: ItemVisibility::Community,
            status,
            authors: vec![other],
            steward: None,
            planner: None,
            due: PlannedDue::Past,
            open: true,
        };
        let published = PublicationStatus::Published;
        let active = MembershipState::Active;
        Self {
            people: vec![PlatformRole::Member; 3],
            communities: vec![open(KnowledgeStewarding), open(BestPractice)],
            memberships: vec![
                (keeper, 0, MembershipRole::Facilitator, active),
                (keeper, 1, MembershipRole::Facilitator, active),
                (other, 0, MembershipRole::Member, active),
                (asks, 0, MembershipRole::Member, MembershipState::Requested),
            ],
            items: vec![
                item(0, ItemType::Resource, published),
                item(0, ItemType::Resource, published),
                item(0, ItemType::Practice, PublicationStatus::InReview),
                item(0, ItemType::Innovation, published),
                item(0, ItemType::Discussion, published),
                item(0, ItemType::Discussion, published),
                item(1, ItemType::Practice, published),
            ],
        }
    }

    pub(super) async fn place(&self, store: &Store) -> Placed {
        let mut people = Vec::new();
        for (place, role) in self.people.iter().enumerate() {
            people.push(testing::user(store, &format!("person-{place}"), *role).await);
        }
        let mut communities = Vec::new();
        for (place, (visibility, status, kind)) in self.communities.iter().enumerate() {
            let slug = format!("commonword-{place}");
            let mut row = testing::community(store, &slug, *visibility)
                .await
                .into_active_model();
            row.status = Set(*status);
            row.kind = Set(*kind);
            communities.push(row.update(store.migration_connection()).await.unwrap());
        }
        let mut placed = Placed {
            people,
            communities,
            items: Vec::new(),
            pilots: Vec::new(),
            reviewed: Vec::new(),
        };
        self.place_memberships(store, &placed).await;
        self.place_items(store, &mut placed).await;
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

    async fn place_items(&self, store: &Store, placed: &mut Placed) {
        let connection = store.migration_connection().begin().await.unwrap();
        for (number, plan) in self.items.iter().enumerate() {
            let community = &placed.communities[plan.community % placed.communities.len()];
            let people = &placed.people;
            let person = |place: usize| people[place % people.len()].id;
            let steward = plan.steward.map(person);
            let row = plan.row(store.clock().now(), community.id, steward, number);
            let mut authors: Vec<Uuid> = plan.authors.iter().copied().map(person).collect();
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
                item_type: Set(row.item_type),
                community_id: Set(row.community_id),
                updated_at: Set(row.updated_at),
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
            let planner = plan.planner.map(person);
            let pilot = insert_pilot(&connection, &row, planner, plan.due).await;
            placed.pilots.extend(pilot);
            placed.items.push((row, authors));
        }
        connection.commit().await.unwrap();
    }
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
    let world = World::of_all_work();
    let many = world.items.len();
    assert_eq!(world.place(&store).await.items.len(), many);
    clear(&store).await;
    let left = membership::Entity::find()
        .all(store.reader())
        .await
        .unwrap();
    assert_eq!(left, []);
}

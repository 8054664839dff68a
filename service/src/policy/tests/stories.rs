//! Value stories and shares in random worlds: of every person and every consent, between any two communities.

use std::collections::BTreeSet;

use entity::boundary_share::{self, BoundaryShareState};
use entity::item::ItemType;
use entity::value_story::{self, Consent};
use sea_orm::{EntityTrait, IntoActiveModel};
use uuid::Uuid;

use super::world::Placed;
use crate::paging::PageRequest;
use crate::policy::{audience, boundary_share as shares, value_story as stories};
use crate::store::Store;
use crate::viewer::Viewer;

/// What was placed of each.
pub(super) struct Told {
    stories: Vec<value_story::Model>,
    shares: Vec<boundary_share::Model>,
}

impl Told {
    pub(super) async fn place(store: &Store, placed: &Placed) -> Self {
        let now = store.clock().now();
        let mut told = Self {
            stories: Vec::new(),
            shares: Vec::new(),
        };
        for (place, community) in placed.communities.iter().enumerate() {
            let authors = placed.people.iter().map(|person| Some(person.id));
            for author_id in authors.chain([None]) {
                for consent in Consent::ALL {
                    told.stories.push(value_story::Model {
                        id: Uuid::now_v7(),
                        community_id: community.id,
                        author_id,
                        title: "Commonword".to_owned(),
                        consent: *consent,
                        created_at: now,
                        updated_at: now,
                    });
                }
            }
            for (number, state) in BoundaryShareState::ALL.iter().enumerate() {
                let other = &placed.communities[(place + number) % placed.communities.len()];
                let broker = &placed.people[number % placed.people.len()];
                told.shares.push(boundary_share::Model {
                    id: Uuid::now_v7(),
                    // Whatever the item is: the share says nothing of it.
                    item_id: Uuid::now_v7(),
                    item_type: ItemType::Resource,
                    from_community_id: community.id,
                    to_community_id: other.id,
                    broker_id: (number != 1).then_some(broker.id),
                    note: None,
                    state: *state,
                    adaptation_id: None,
                    created_at: now,
                    updated_at: now,
                });
            }
        }
        let connection = store.migration_connection();
        let rows = told.stories.iter().cloned();
        value_story::Entity::insert_many(rows.map(IntoActiveModel::into_active_model))
            .exec_without_returning(connection)
            .await
            .unwrap();
        let rows = told.shares.iter().cloned();
        boundary_share::Entity::insert_many(rows.map(IntoActiveModel::into_active_model))
            .exec_without_returning(connection)
            .await
            .unwrap();
        told
    }

    /// The ids of the stories that the rules let the viewer read.
    pub(super) fn readable(&self, placed: &Placed, viewer: &Viewer) -> BTreeSet<Uuid> {
        let tokens = audience::of_viewer(viewer);
        let readable = self.stories.iter().filter(|row| {
            let community = placed.community(row.community_id);
            let readable = stories::read(viewer, community, row);
            let told = !audience::of_value_story(community, row).is_disjoint(&tokens);
            assert_eq!(told, readable, "tokens of {row:?}");
            readable
        });
        readable.map(|row| row.id).collect()
    }

    /// All of them, for the index.
    pub(super) fn ids(&self) -> Vec<Uuid> {
        self.stories.iter().map(|row| row.id).collect()
    }

    /// The community of a story.
    pub(super) fn community_of(&self, id: Uuid) -> Option<Uuid> {
        let story = self.stories.iter().find(|row| row.id == id);
        story.map(|row| row.community_id)
    }

    /// Rules, SQL and tokens say the same of each.
    pub(super) async fn check(&self, store: &Store, placed: &Placed, viewer: &Viewer) {
        let readable = self.readable(placed, viewer);
        let found = crate::value_story::by_ids(store, viewer, &self.ids()).await;
        assert_eq!(
            found.unwrap().into_keys().collect::<BTreeSet<_>>(),
            readable
        );
        let tokens = audience::of_viewer(viewer);
        let seen: BTreeSet<Uuid> = self
            .shares
            .iter()
            .filter(|row| {
                let to = placed.community(row.to_community_id);
                let seen = shares::read(viewer, row, to);
                let told = !audience::of_boundary_share(row, to).is_disjoint(&tokens);
                assert_eq!(told, seen, "tokens of {row:?}");
                seen
            })
            .map(|row| row.id)
            .collect();
        let ids: Vec<Uuid> = self.shares.iter().map(|row| row.id).collect();
        let found = crate::boundary_share::by_ids(store, viewer, &ids).await;
        assert_eq!(found.unwrap().into_keys().collect::<BTreeSet<_>>(), seen);
        self.lists(store, placed, viewer, &readable, &seen).await;
    }

    /// Lists and counts show the same as lookups.
    async fn lists(
        &self,
        store: &Store,
        placed: &Placed,
        viewer: &Viewer,
        stories: &BTreeSet<Uuid>,
        shares: &BTreeSet<Uuid>,
    ) {
        let request = PageRequest {
            first: Some(100),
            ..PageRequest::default()
        };
        let mut told = BTreeSet::new();
        let mut shared = BTreeSet::new();
        for community in &placed.communities {
            let of = community.id;
            let page = crate::value_story::page_of_community(store, viewer, of, &request).await;
            let page = page.unwrap();
            let count = crate::value_story::count_of_community(store, viewer, of).await;
            assert_eq!(count.unwrap(), page.rows.len() as u64);
            told.extend(page.rows.iter().map(|(_, row)| row.id));
            let page = crate::boundary_share::page_of_community(store, viewer, of, None, &request);
            let page = page.await.unwrap();
            let count = crate::boundary_share::count_of_community(store, viewer, of, None).await;
            assert_eq!(count.unwrap(), page.rows.len() as u64);
            shared.extend(page.rows.iter().map(|(_, row)| row.id));
        }
        assert_eq!(&told, stories);
        assert_eq!(&shared, shares);
    }
}

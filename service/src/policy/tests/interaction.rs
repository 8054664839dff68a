//! Follows, flags and notifications in random worlds: of every thing, by every person.

use std::collections::BTreeSet;

use entity::change::EntityType;
use entity::flag::{FlagReason, FlagState};
use entity::item::ItemType;
use entity::notification::NotificationReason;
use entity::{flag, follow, notification};
use futures_util::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::world::{Placed, pilot_of, post_of};
use crate::item::entity_type;
use crate::link::End;
use crate::policy::community::{Access, access};
use crate::policy::item::{ItemFacts, read};
use crate::policy::pilot::TRIED_TYPES;
use crate::policy::{audience, flag as policy};
use crate::store::Store;
use crate::viewer::Viewer;

/// What was placed of each, by the people and things of a world.
pub(super) struct Interaction {
    things: Vec<End>,
    flags: Vec<flag::Model>,
    /// One about every thing for every person, whether they may read it or not.
    notifications: Vec<notification::Model>,
}

impl Interaction {
    pub(super) async fn place(store: &Store, placed: &Placed) -> Self {
        let mut things: Vec<End> = Vec::new();
        for (item, _) in &placed.items {
            things.push((entity_type(item.item_type), item.id));
            if item.item_type == ItemType::Discussion {
                things.push((EntityType::Post, post_of(item.id)));
            }
            if TRIED_TYPES.contains(&item.item_type) {
                things.push((EntityType::Pilot, pilot_of(item.id)));
            }
        }
        let communities = placed.communities.iter();
        things.extend(communities.map(|row| (EntityType::Community, row.id)));
        let all = Self {
            flags: flags(store, placed),
            notifications: notifications(store, placed, &things),
            things,
        };
        all.insert(store, placed).await;
        all.raise(store, placed).await;
        all
    }

    async fn insert(&self, store: &Store, placed: &Placed) {
        let connection = store.migration_connection();
        let follows = placed.people.iter().flat_map(|person| {
            self.things.iter().map(|(target_type, target_id)| {
                let row = follow::Model {
                    user_id: person.id,
                    target_id: *target_id,
                    target_type: *target_type,
                    created_at: person.created_at,
                };
                row.into_active_model()
            })
        });
        follow::Entity::insert_many(follows)
            .exec_without_returning(connection)
            .await
            .unwrap();
        // A world may be without items.
        if !self.flags.is_empty() {
            let flags = self.flags.iter().cloned();
            flag::Entity::insert_many(flags.map(IntoActiveModel::into_active_model))
                .exec_without_returning(connection)
                .await
                .unwrap();
        }
        let notifications = self.notifications.iter().cloned();
        notification::Entity::insert_many(notifications.map(IntoActiveModel::into_active_model))
            .exec_without_returning(connection)
            .await
            .unwrap();
    }

    /// Tells every person of every thing.
    async fn raise(&self, store: &Store, placed: &Placed) {
        let things = self.things.clone();
        let people: Vec<Uuid> = placed.people.iter().map(|person| person.id).collect();
        store
            .write(None, move |unit| {
                async move {
                    for thing in things {
                        let reason = NotificationReason::Due;
                        crate::notification::raise(unit, reason, thing, &people).await?;
                    }
                    Ok(())
                }
                .boxed()
            })
            .await
            .unwrap();
    }

    /// Rules, SQL and tokens say the same of each.
    pub(super) async fn check(&self, store: &Store, placed: &Placed, viewer: &Viewer) {
        self.check_flags(store, viewer).await;
        let readable: BTreeSet<Uuid> = self
            .things
            .iter()
            .filter(|thing| is_readable(placed, viewer, **thing))
            .map(|(_, id)| *id)
            .collect();
        if let Some(user) = viewer.user_id()
            && viewer.only_community().is_none()
        {
            let told = notification::Entity::find()
                .filter(notification::Column::UserId.eq(user))
                .filter(notification::Column::Reason.eq(NotificationReason::Due))
                .all(store.reader())
                .await
                .unwrap();
            let told: BTreeSet<Uuid> = told.iter().map(|row| row.about_id).collect();
            assert_eq!(told, readable, "who is told of what");
            self.check_own(store, viewer, &readable).await;
        } else {
            self.check_own(store, viewer, &BTreeSet::new()).await;
        }
    }

    async fn check_flags(&self, store: &Store, viewer: &Viewer) {
        let tokens = audience::of_viewer(viewer);
        let visible: BTreeSet<Uuid> = self
            .flags
            .iter()
            .filter(|row| {
                let told = audience::of_flag(row.community_id, row.raised_by);
                let visible = policy::read(viewer, row.community_id, row.raised_by);
                assert_eq!(!told.is_disjoint(&tokens), visible, "tokens of flags");
                visible
            })
            .map(|row| row.id)
            .collect();
        let ids: Vec<Uuid> = self.flags.iter().map(|row| row.id).collect();
        let found = crate::flag::by_ids(store, viewer, &ids).await.unwrap();
        assert_eq!(found.into_keys().collect::<BTreeSet<_>>(), visible);
    }

    /// What the viewer follows and is told of is what they may read.
    async fn check_own(&self, store: &Store, viewer: &Viewer, expected: &BTreeSet<Uuid>) {
        let ids: Vec<Uuid> = self.things.iter().map(|(_, id)| *id).collect();
        let followed = crate::follow::followed_by_viewer(store, viewer, &ids).await;
        let followed: BTreeSet<Uuid> = followed.unwrap().into_iter().collect();
        assert_eq!(&followed, expected, "follows");
        let count = crate::follow::count(store, viewer).await.unwrap();
        assert_eq!(count, expected.len() as u64);
        let ids: Vec<Uuid> = self.notifications.iter().map(|row| row.id).collect();
        let found = crate::notification::by_ids(store, viewer, &ids).await;
        let found: BTreeSet<Uuid> = found
            .unwrap()
            .into_values()
            .map(|row| {
                assert_eq!(Some(row.user_id), viewer.user_id());
                row.about_id
            })
            .collect();
        assert_eq!(&found, expected, "notifications");
        let count = crate::notification::count(store, viewer, true).await;
        assert_eq!(count.unwrap(), 2 * expected.len() as u64);
    }
}

fn flags(store: &Store, placed: &Placed) -> Vec<flag::Model> {
    let by_person = placed.people.iter().flat_map(|person| {
        placed.items.iter().map(|(item, _)| flag::Model {
            id: Uuid::now_v7(),
            target_type: entity_type(item.item_type),
            target_id: item.id,
            community_id: item.community_id,
            raised_by: Some(person.id),
            reason: FlagReason::Other,
            note: None,
            state: FlagState::Open,
            decided_by: None,
            decided_at: None,
            decision_note: None,
            created_at: store.clock().now(),
        })
    });
    by_person.collect()
}

fn notifications(store: &Store, placed: &Placed, things: &[End]) -> Vec<notification::Model> {
    let of_person = placed.people.iter().flat_map(|person| {
        things
            .iter()
            .map(|(about_type, about_id)| notification::Model {
                id: Uuid::now_v7(),
                user_id: person.id,
                reason: NotificationReason::Escalated,
                about_type: *about_type,
                about_id: *about_id,
                actor_id: None,
                raised_at: store.clock().now(),
                read_at: None,
                mailed_at: None,
            })
    });
    of_person.collect()
}

/// Whether the rules let the viewer read a thing.
fn is_readable(placed: &Placed, viewer: &Viewer, (entity_type, id): End) -> bool {
    if entity_type == EntityType::Community {
        return access(viewer, placed.community(id)) == Access::Full;
    }
    let mut items = placed.items.iter();
    let of_item = |item: Uuid| [item, post_of(item), pilot_of(item)].contains(&id);
    let found = items.find(|(item, _)| of_item(item.id));
    found.is_some_and(|(item, authors)| {
        let facts = ItemFacts {
            community: placed.community(item.community_id),
            item,
            authors,
        };
        read(viewer, facts)
    })
}

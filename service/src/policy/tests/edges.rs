//! The edges of connections: what a community lists of its items and members, and what a person lists of memberships,
//! is what may be read, counted alike.

use std::collections::BTreeSet;

use entity::membership::{self, MembershipState};
use entity::{activity, collection, discussion, innovation, practice, resource};
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::world::Placed;
use crate::item::{self, ItemFilter, ItemKind, ItemOrder, List, ListScope, With};
use crate::membership::{
    MemberFilter, count_of_community, count_of_user, page_of_community, page_of_user,
};
use crate::paging::{Direction, Page, PageRequest};
use crate::policy::community::{Access, access, read_membership};
use crate::store::Store;
use crate::viewer::Viewer;

fn all() -> PageRequest {
    PageRequest {
        first: Some(100),
        ..PageRequest::default()
    }
}

pub(super) async fn compare(
    store: &Store,
    placed: &Placed,
    viewer: &Viewer,
    readable: &BTreeSet<Uuid>,
) {
    for community in &placed.communities {
        let scope = ListScope::Community(community.id);
        let mut listed = of_kind::<resource::Entity>(store, viewer, scope).await;
        listed.extend(of_kind::<practice::Entity>(store, viewer, scope).await);
        listed.extend(of_kind::<innovation::Entity>(store, viewer, scope).await);
        listed.extend(of_kind::<activity::Entity>(store, viewer, scope).await);
        listed.extend(of_kind::<discussion::Entity>(store, viewer, scope).await);
        listed.extend(of_kind::<collection::Entity>(store, viewer, scope).await);
        let expected = placed
            .items
            .iter()
            .filter(|(item, _)| item.community_id == community.id && readable.contains(&item.id));
        assert_eq!(listed, expected.map(|(item, _)| item.id).collect());
    }
    memberships(store, placed, viewer).await;
}

async fn of_kind<K>(store: &Store, viewer: &Viewer, scope: ListScope) -> BTreeSet<Uuid>
where
    K: ItemKind,
    K::Model: item::DetailsRow,
{
    let filter = ItemFilter::default();
    let list = List {
        filter: &filter,
        scope,
        keyset: ItemOrder::Title.keyset(Direction::Ascending),
    };
    let page = item::page::<K>(store, viewer, list, &all(), With::default()).await;
    let page = page.unwrap();
    let listed: BTreeSet<Uuid> = page.rows.iter().map(|(_, row)| row.item.id).collect();
    let count = item::count::<K>(store, viewer, &filter, scope).await;
    assert_eq!(count.unwrap(), listed.len() as u64);
    listed
}

fn ids(page: &Page<membership::Model>, count: u64) -> BTreeSet<Uuid> {
    assert_eq!(page.rows.len() as u64, count);
    page.rows.iter().map(|(_, row)| row.id).collect()
}

async fn memberships(store: &Store, placed: &Placed, viewer: &Viewer) {
    let rows = membership::Entity::find()
        .all(store.reader())
        .await
        .unwrap();
    let are = |shown: &dyn Fn(&membership::Model) -> bool| -> BTreeSet<Uuid> {
        rows.iter()
            .filter(|row| shown(row))
            .map(|row| row.id)
            .collect()
    };
    let every: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let found = crate::membership::by_ids(store, viewer, &every)
        .await
        .unwrap();
    let readable = are(&|row| read_membership(viewer, placed.community(row.community_id), row));
    assert_eq!(found.into_keys().collect::<BTreeSet<_>>(), readable, "node");
    for community in &placed.communities {
        for state in MembershipState::ALL {
            let filter = MemberFilter {
                state: Some(*state),
                ..MemberFilter::default()
            };
            let page = page_of_community(store, viewer, community, filter, &all()).await;
            let count = count_of_community(store, viewer, community, filter).await;
            let listed = ids(&page.unwrap(), count.unwrap());
            // Of the community's list others than facilitators see active members, where they see the community whole.
            let expected = are(&|row| {
                row.community_id == community.id
                    && row.state == *state
                    && access(viewer, community) == Access::Full
                    && readable.contains(&row.id)
                    && (*state == MembershipState::Active
                        || crate::policy::community::read_all_memberships(viewer, community))
            });
            assert_eq!(listed, expected, "members that are {state:?}");
        }
    }
    for person in &placed.people {
        let page = page_of_user(store, viewer, person.id, &all()).await;
        let count = count_of_user(store, viewer, person.id).await;
        let listed = ids(&page.unwrap(), count.unwrap());
        let own = viewer.user_id() == Some(person.id);
        let expected = are(&|row| {
            row.user_id == person.id
                && if own {
                    viewer
                        .only_community()
                        .is_none_or(|only| only == row.community_id)
                } else {
                    row.state == MembershipState::Active && readable.contains(&row.id)
                }
        });
        assert_eq!(listed, expected, "memberships of a person");
    }
}

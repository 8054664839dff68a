//! How deep communities may be parts of each other.

use entity::community::CommunityVisibility;
use entity::membership::{MembershipRole, MembershipState};
use futures_util::FutureExt;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use super::{faults, person};
use crate::community::*;
use crate::domain::DEEPEST;
use crate::error::FaultCode;
use crate::store::Store;
use crate::testing;
use crate::validation::Patch;
use crate::viewer::Viewer;

/// Communities, each of them a part of the one before.
async fn chain(store: &Store, name: &str, length: i32) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = Vec::new();
    for number in 0..length {
        let slug = format!("{name}-{number}");
        let made = testing::community(store, &slug, CommunityVisibility::Public).await;
        let parent = ids.last().copied();
        make_part(store, made.id, parent).await;
        ids.push(made.id);
    }
    ids
}

async fn make_part(store: &Store, id: Uuid, parent: Option<Uuid>) {
    let found = entity::community::Entity::find_by_id(id);
    let found = found.one(store.reader()).await.unwrap().unwrap();
    let mut row = found.into_active_model();
    row.parent_id = Set(parent);
    row.update(store.migration_connection()).await.unwrap();
}

/// The same person as the facilitator of these.
async fn facilitating(store: &Store, viewer: &Viewer, communities: &[Uuid]) -> Viewer {
    let user = viewer.user_id().unwrap();
    let (role, state) = (MembershipRole::Facilitator, MembershipState::Active);
    for community in communities {
        testing::membership(store, *community, user, role, state).await;
    }
    testing::viewer(store, user).await
}

#[tokio::test]
async fn no_part_comes_to_have_too_many_above_it() {
    let (_directory, store) = testing::store().await;
    let upper = chain(&store, "upper", DEEPEST / 2).await;
    let lower = chain(&store, "lower", DEEPEST / 2 + 2).await;
    let (end, top, second) = (*upper.last().unwrap(), lower[0], lower[1]);
    let ada = person(&store, "ada").await;
    let ada = facilitating(&store, &ada, &[end, top, second]).await;
    let into = || UpdateCommunity {
        parent_id: Patch::Value(end),
        ..UpdateCommunity::default()
    };
    let refused = faults(update(&store, &ada, top, into()).await);
    assert_eq!(refused[0].code, FaultCode::LimitReached);
    assert_eq!(refused[0].field, ["input", "parentId"]);
    // Without the topmost they just have room.
    let moved = update(&store, &ada, second, into()).await.unwrap();
    assert_eq!(moved.value.parent_id, Some(end));
}

#[tokio::test]
async fn levels_are_counted_down_from_the_broadest_also_in_a_ring() {
    let (_directory, store) = testing::store().await;
    let communities = chain(&store, "level", 3).await;
    let counted = async |from: Vec<Uuid>| {
        let counting = store.write(None, move |unit| {
            async move { levels(unit, from).await }.boxed()
        });
        counting.await.unwrap().value
    };
    assert_eq!(counted(Vec::new()).await, 0);
    assert_eq!(counted(vec![communities[2]]).await, 1);
    assert_eq!(counted(vec![communities[1], communities[0]]).await, 3);
    make_part(&store, communities[0], Some(communities[2])).await;
    assert_eq!(counted(vec![communities[0]]).await, DEEPEST + 1);
}

use entity::community::CommunityVisibility;
use entity::membership::{MembershipRole, MembershipState};
use entity::user::PlatformRole;
use sea_orm::IntoActiveModel;

use super::*;
use crate::paging::PageRequest;
use crate::testing;

/// Somebody who may follow, in a private community.
struct Scene {
    _directory: tempfile::TempDir,
    store: Store,
    community: community::Model,
    ada: user::Model,
}

impl Scene {
    async fn new() -> Self {
        let (directory, store) = testing::store().await;
        let community = testing::community(&store, "among-us", CommunityVisibility::Private).await;
        let ada = testing::user(&store, "ada", PlatformRole::Member).await;
        let (role, state) = (MembershipRole::Member, MembershipState::Active);
        testing::membership(&store, community.id, ada.id, role, state).await;
        Self {
            _directory: directory,
            store,
            community,
            ada,
        }
    }

    fn here(&self) -> End {
        (EntityType::Community, self.community.id)
    }

    async fn viewer(&self) -> Viewer {
        testing::viewer(&self.store, self.ada.id).await
    }

    async fn followed(&self) -> Vec<End> {
        let viewer = self.viewer().await;
        let request = PageRequest::default();
        let page = page(&self.store, &viewer, &request).await.unwrap();
        let listed: Vec<End> = page.rows.into_iter().map(|(_, end)| end).collect();
        let counted = count(&self.store, &viewer).await.unwrap();
        assert_eq!(counted, listed.len() as u64);
        let ids: Vec<Uuid> = listed.iter().map(|(_, id)| *id).collect();
        let found = followed_by_viewer(&self.store, &viewer, &ids).await;
        assert_eq!(found.unwrap().len(), listed.len());
        listed
    }
}

fn code(result: Result<Written<()>>) -> FaultCode {
    match result {
        Err(Error::Refused(faults)) if faults.len() == 1 => faults[0].code,
        other => panic!("should have been refused for one reason: {other:?}"),
    }
}

#[tokio::test]
async fn following_twice_is_following_once() {
    let scene = Scene::new().await;
    let viewer = scene.viewer().await;
    for _ in 0..2 {
        follow(&scene.store, &viewer, scene.here()).await.unwrap();
    }
    assert_eq!(scene.followed().await, [scene.here()]);
    for _ in 0..2 {
        unfollow(&scene.store, &viewer, scene.here()).await.unwrap();
    }
    assert_eq!(scene.followed().await, []);
}

#[tokio::test]
async fn what_one_may_not_read_is_not_followed() {
    let scene = Scene::new().await;
    let eve = testing::user(&scene.store, "eve", PlatformRole::Admin).await;
    let stranger = testing::viewer(&scene.store, eve.id).await;
    let store = &scene.store;
    let refused = async |target: End| code(follow(store, &stranger, target).await);
    // She sees that it is there.
    assert_eq!(refused(scene.here()).await, FaultCode::Forbidden);
    let unlisted = testing::community(store, "unlisted", CommunityVisibility::Unlisted).await;
    assert_eq!(
        refused((EntityType::Community, unlisted.id)).await,
        FaultCode::NotFound
    );
    // The id of one type under the name of another.
    assert_eq!(
        refused((EntityType::User, scene.community.id)).await,
        FaultCode::NotFound
    );
    assert_eq!(
        refused((EntityType::Membership, scene.ada.id)).await,
        FaultCode::NotFound
    );
    assert_eq!(
        refused((EntityType::User, eve.id)).await,
        FaultCode::Forbidden
    );
    follow(store, &stranger, (EntityType::User, scene.ada.id))
        .await
        .unwrap();
}

#[tokio::test]
async fn who_leaves_a_private_community_follows_it_only_when_back() {
    let scene = Scene::new().await;
    let viewer = scene.viewer().await;
    follow(&scene.store, &viewer, scene.here()).await.unwrap();
    crate::membership::leave(&scene.store, &viewer, scene.community.id)
        .await
        .unwrap();
    assert_eq!(scene.followed().await, []);
    let ids = [scene.community.id];
    let found = followed_by_viewer(&scene.store, &scene.viewer().await, &ids).await;
    assert!(found.unwrap().is_empty());
    crate::membership::join(&scene.store, &viewer, scene.community.id)
        .await
        .unwrap();
    assert_eq!(scene.followed().await, [scene.here()]);
}

#[tokio::test]
async fn a_credential_for_one_community_neither_changes_nor_shows_what_its_owner_follows() {
    let scene = Scene::new().await;
    follow(&scene.store, &scene.viewer().await, scene.here())
        .await
        .unwrap();
    let only = Some(scene.community.id);
    let token = testing::viewer_with(&scene.store, scene.ada.id, Scope::ALL, only).await;
    let store = &scene.store;
    assert_eq!(
        code(follow(store, &token, scene.here()).await),
        FaultCode::Forbidden
    );
    assert_eq!(
        code(unfollow(store, &token, scene.here()).await),
        FaultCode::Forbidden
    );
    assert_eq!(count(store, &token).await.unwrap(), 0);
    let followed = followed_by_viewer(store, &token, &[scene.community.id]).await;
    assert!(followed.unwrap().is_empty());
    assert_eq!(count(store, &Viewer::anonymous()).await.unwrap(), 0);
}

#[tokio::test]
async fn one_follows_so_much_at_most() {
    let scene = Scene::new().await;
    let now = scene.store.clock().now();
    let rows = (0..MOST_FOLLOWS).map(|number| {
        follow::Model {
            user_id: scene.ada.id,
            target_id: Uuid::from_u128(u128::from(number)),
            target_type: EntityType::Resource,
            created_at: now,
        }
        .into_active_model()
    });
    follow::Entity::insert_many(rows)
        .exec_without_returning(scene.store.migration_connection())
        .await
        .unwrap();
    let viewer = scene.viewer().await;
    let one_more = follow(&scene.store, &viewer, scene.here()).await;
    assert_eq!(code(one_more), FaultCode::LimitReached);
    let gone = (EntityType::Resource, Uuid::from_u128(7));
    unfollow(&scene.store, &viewer, gone).await.unwrap();
    follow(&scene.store, &viewer, scene.here()).await.unwrap();
}

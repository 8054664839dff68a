//! What comes of following.

use entity::item::ItemVisibility;
use sea_orm::EntityTrait;

use super::*;
use crate::discussion::CreateDiscussion;
use crate::resource::UpdateResource;

#[tokio::test]
async fn who_follows_community_person_or_domain_is_told_once_of_what_is_new() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let ada = scene.member("ada", MembershipRole::Member).await;
    let ben = scene.stranger("ben").await;
    let cleo = scene.stranger("cleo").await;
    let dan = scene.stranger("dan").await;
    let root = testing::user(&scene.store, "root", PlatformRole::Admin).await;
    let root = testing::viewer(&scene.store, root.id).await;
    let domain = async |name: &str, parent_id: Option<Uuid>| {
        let input = crate::domain::CreateDomain {
            name: name.to_owned(),
            parent_id,
            ..crate::domain::CreateDomain::default()
        };
        let made = crate::domain::create(&scene.store, &root, input).await;
        made.unwrap().value.id
    };
    let gardens = domain("Gardens", None).await;
    let roofs = domain("Roof gardens", Some(gardens)).await;

    scene.follow(&ben, scene.here()).await;
    scene.follow(&ben, (EntityType::User, id(&ada))).await;
    scene.follow(&cleo, (EntityType::Domain, gardens)).await;
    scene.follow(&ada, scene.here()).await;
    let filed = ItemContent {
        domain_ids: Patch::Value(vec![roofs]),
        ..ItemContent::default()
    };
    let shared = scene.share(&ada, true, filed).await;
    let told = [(NotificationReason::Followed, shared)];
    assert_eq!(scene.news(&ben).await, told);
    assert_eq!(scene.news(&cleo).await, told);
    assert_eq!(scene.news(&ada).await, NOTHING, "it is her own act");
    assert_eq!(scene.news(&dan).await, NOTHING);
}

#[tokio::test]
async fn a_draft_is_news_when_it_is_published_and_to_those_who_may_read_it() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let ada = scene.member("ada", MembershipRole::Member).await;
    let ben = scene.member("ben", MembershipRole::Reviewer).await;
    let eve = scene.stranger("eve").await;
    for viewer in [&ben, &eve] {
        scene.follow(viewer, scene.here()).await;
    }
    let among_us = ItemContent {
        visibility: Patch::Value(ItemVisibility::Members),
        ..ItemContent::default()
    };
    let draft = scene.share(&ada, false, among_us).await;
    assert_eq!(scene.news(&ben).await, NOTHING, "he could read it already");
    let item_type = entity::item::ItemType::Resource;
    crate::item::publish(&scene.store, &ada, item_type, draft.1, None)
        .await
        .unwrap();
    assert_eq!(
        scene.news(&ben).await,
        [(NotificationReason::Followed, draft)]
    );
    assert_eq!(scene.news(&eve).await, NOTHING);
}

#[tokio::test]
async fn who_follows_an_item_is_told_of_its_news() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let ada = scene.member("ada", MembershipRole::Member).await;
    let ben = scene.stranger("ben").await;
    let shared = scene.share(&ada, true, ItemContent::default()).await;
    scene.follow(&ben, shared).await;
    assert_eq!(scene.news(&ben).await, NOTHING);
    let reword = async |content: ItemContent| {
        let input = UpdateResource {
            content,
            ..UpdateResource::default()
        };
        crate::resource::update(&scene.store, &ada, shared.1, input, None)
            .await
            .unwrap();
    };
    reword(ItemContent {
        body: Patch::Value("Twice as many.".to_owned()),
        ..ItemContent::default()
    })
    .await;
    let told = [(NotificationReason::Followed, shared)];
    assert_eq!(scene.news(&ben).await, told);
    reword(ItemContent {
        tags: Patch::Value(vec!["trees".to_owned()]),
        ..ItemContent::default()
    })
    .await;
    assert_eq!(scene.news(&ben).await, NOTHING, "it only keeps it in order");

    let item_type = entity::item::ItemType::Resource;
    crate::item::archive(&scene.store, &ada, item_type, shared.1, None)
        .await
        .unwrap_err();
    let steward = scene.member("stella", MembershipRole::Facilitator).await;
    crate::item::archive(&scene.store, &steward, item_type, shared.1, None)
        .await
        .unwrap();
    assert_eq!(scene.news(&ben).await, told);
}

#[tokio::test]
async fn who_follows_an_item_is_told_of_discussions_about_it() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let ada = scene.member("ada", MembershipRole::Member).await;
    let ben = scene.member("ben", MembershipRole::Member).await;
    let among_us = ItemContent {
        visibility: Patch::Value(ItemVisibility::Members),
        ..ItemContent::default()
    };
    let shared = scene.share(&ada, true, among_us).await;
    scene.follow(&ben, shared).await;
    let discuss = async || {
        let input = CreateDiscussion {
            about_id: Some(shared.1),
            ..scene.request("Who tried them?", &[])
        };
        let made = crate::discussion::create(&scene.store, &ada, input).await;
        (EntityType::Discussion, made.unwrap().value.item.id)
    };
    let discussed = discuss().await;
    assert_eq!(
        scene.news(&ben).await,
        [(NotificationReason::Followed, discussed)]
    );
    crate::membership::leave(&scene.store, &ben, scene.community.id)
        .await
        .unwrap();
    discuss().await;
    assert_eq!(scene.news(&ben).await, NOTHING, "he follows it no more");
}

#[tokio::test]
async fn of_many_new_things_at_once_one_is_told_as_one() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let ada = scene.member("ada", MembershipRole::Member).await;
    let ben = scene.stranger("ben").await;
    scene.follow(&ben, scene.here()).await;
    scene.follow(&ben, (EntityType::User, id(&ada))).await;
    for _ in 0..11 {
        scene.share(&ada, true, ItemContent::default()).await;
    }
    assert_eq!(
        scene.news(&ben).await,
        [(NotificationReason::Followed, scene.here())]
    );
    for _ in 0..10 {
        scene.share(&ada, true, ItemContent::default()).await;
    }
    assert_eq!(scene.news(&ben).await.len(), 10);
}

#[tokio::test]
async fn what_is_deleted_is_neither_followed_nor_told_of() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let ada = scene.member("ada", MembershipRole::Facilitator).await;
    let ben = scene.stranger("ben").await;
    scene.follow(&ben, scene.here()).await;
    let shared = scene.share(&ada, true, ItemContent::default()).await;
    catch_up(&scene.store).await.unwrap();
    crate::follow::unfollow(&scene.store, &ben, scene.here())
        .await
        .unwrap();
    scene.follow(&ben, shared).await;
    assert_eq!(scene.seen(&ben, true).await.len(), 1);
    let item_type = entity::item::ItemType::Resource;
    crate::item::delete(&scene.store, &ada, item_type, shared.1)
        .await
        .unwrap();
    assert_eq!(scene.seen(&ben, false).await, [], "at once");
    catch_up(&scene.store).await.unwrap();
    let follow = entity::follow::Entity::find().one(scene.store.reader());
    assert_eq!(follow.await.unwrap(), None);
    let left = entity::notification::Entity::find().one(scene.store.reader());
    assert_eq!(left.await.unwrap(), None);
}

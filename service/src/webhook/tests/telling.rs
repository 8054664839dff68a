//! Telling: who is told of what, at the time that it happens and when it is sent.

use entity::membership;
use entity::user::{self, UserStatus};
use entity::webhook_delivery::{DeliveryState, Operation};
use futures_util::FutureExt;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};

use super::super::projection::insert;
use super::*;
use crate::item;
use crate::viewer::Scope;

const ALL: &[WebhookEvent] = &[WebhookEvent::Change];
const PUBLISHED: &[WebhookEvent] = &[WebhookEvent::ResourcePublished];

async fn member(scene: &Scene, handle: &str, role: MembershipRole) -> Viewer {
    testing::member(&scene.store, scene.community.id, handle, role).await
}

/// What each webhook is told, by the ids of webhooks and things.
fn told(deliveries: &[Delivery]) -> Vec<(Uuid, Uuid)> {
    let told = deliveries.iter();
    told.map(|delivery| (delivery.webhook_id, delivery.entity_id))
        .collect()
}

#[tokio::test]
async fn each_webhook_is_told_what_its_owner_may_see_from_then_on() {
    let scene = Scene::new(CommunityVisibility::Private).await;
    scene.share("Before").await;
    let ben = member(&scene, "ben", MembershipRole::Member).await;
    let eve = testing::user(&scene.store, "eve", PlatformRole::Admin).await;
    let eve = testing::viewer(&scene.store, eve.id).await;
    let of_ben = scene.hook(&ben, PUBLISHED, None).await;
    scene.hook(&eve, PUBLISHED, None).await;
    let bound = scene.hook(&ben, PUBLISHED, Some(scene.community.id)).await;
    let shared = scene.share("Walking lessons").await;
    let deliveries = scene.deliveries().await;
    assert_eq!(
        told(&deliveries),
        [(of_ben.id, shared), (bound.id, shared)],
        "nobody else, administrators neither, and nothing from before"
    );
    assert_eq!(deliveries[0].operation, Operation::Created);
    assert_eq!(scene.deliveries().await.len(), 2, "each once");
}

#[tokio::test]
async fn a_webhook_that_was_deleted_meanwhile_is_told_nothing() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let webhook = scene.hook(&scene.author, PUBLISHED, None).await;
    scene.share("Walking lessons").await;
    let mut rows = scene.deliveries().await;
    rows.push(Delivery {
        webhook_id: Uuid::now_v7(),
        ..rows[0].clone()
    });
    for row in &mut rows {
        row.id = Uuid::now_v7();
    }
    let inserted = scene.store.write(None, move |unit| {
        async move { insert(unit, rows).await }.boxed()
    });
    inserted.await.unwrap();
    let deliveries = scene.deliveries().await;
    assert_eq!(deliveries.len(), 2, "the first, and the one that is there");
    let of = |delivery: &Delivery| delivery.webhook_id == webhook.id;
    assert!(deliveries.iter().all(of));
}

#[tokio::test]
async fn a_webhook_of_a_community_is_told_no_more_than_a_token_for_it_shows() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let open = testing::community(&scene.store, "elsewhere", CommunityVisibility::Public).await;
    let bound = testing::viewer_with(
        &scene.store,
        scene.author.user_id().unwrap(),
        Scope::ALL,
        Some(scene.community.id),
    )
    .await;
    let elsewhere = CreateWebhook {
        url: scene.counter.url(),
        events: ALL.to_vec(),
        community_id: Some(open.id),
    };
    assert!(create(&scene.store, OPEN, &bound, elsewhere).await.is_err());
    let webhook = scene.hook(&bound, ALL, Some(scene.community.id)).await;
    let shared = scene.share("Walking lessons").await;
    // A change of the owner's own, in no community.
    let rename = scene.store.write(None, move |unit| {
        async move {
            let mut change = testing::change_of(Uuid::now_v7());
            change.audience_after = Some(["public".to_owned()].into());
            unit.record(change);
            Ok(())
        }
        .boxed()
    });
    rename.await.unwrap();
    assert_eq!(told(&scene.deliveries().await), [(webhook.id, shared)]);
}

#[tokio::test]
async fn what_may_not_be_seen_any_more_is_dropped_when_it_is_sent() {
    let scene = Scene::new(CommunityVisibility::Private).await;
    let ben = member(&scene, "ben", MembershipRole::Member).await;
    let id = ben.user_id().unwrap();
    let events = [PUBLISHED, &[WebhookEvent::ResourceDeleted]].concat();
    scene.hook(&ben, &events, None).await;
    let shared = scene.share("Walking lessons").await;
    let gone = scene.share("Running lessons").await;
    assert_eq!(scene.deliveries().await.len(), 2);
    item::delete(
        &scene.store,
        &scene.author,
        entity::item::ItemType::Resource,
        gone,
    )
    .await
    .unwrap();
    let deliveries = scene.deliveries().await;
    assert_eq!(deliveries.len(), 3, "two that were published, one deleted");
    assert_eq!(deliveries[2].operation, Operation::Deleted);
    membership::Entity::update_many()
        .col_expr(
            membership::Column::State,
            Expr::value(MembershipState::Left.as_str()),
        )
        .filter(membership::Column::UserId.eq(id))
        .exec(scene.store.migration_connection())
        .await
        .unwrap();
    let tally = scene.dispatcher(OPEN).send_due().await.unwrap();
    assert_eq!((tally.delivered, tally.dropped), (0, 3), "{shared}");
    assert_eq!(scene.deliveries().await, []);
    assert_eq!(scene.counter.counted().1, 0);
}

#[tokio::test]
async fn who_may_not_sign_in_is_told_nothing() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let ben = member(&scene, "ben", MembershipRole::Member).await;
    scene.hook(&ben, PUBLISHED, None).await;
    scene.share("Walking lessons").await;
    assert_eq!(scene.deliveries().await.len(), 1);
    user::Entity::update_many()
        .col_expr(
            user::Column::Status,
            Expr::value(UserStatus::Suspended.as_str()),
        )
        .filter(user::Column::Id.eq(ben.user_id().unwrap()))
        .exec(scene.store.migration_connection())
        .await
        .unwrap();
    scene.share("Running lessons").await;
    assert_eq!(scene.deliveries().await.len(), 1);
    let tally = scene.dispatcher(OPEN).send_due().await.unwrap();
    assert_eq!((tally.delivered, tally.dropped), (0, 1));
}

#[tokio::test]
async fn what_is_deleted_before_it_is_sent_is_told_as_deleted_only() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let events = [PUBLISHED, &[WebhookEvent::ResourceDeleted]].concat();
    scene.hook(&scene.author, &events, None).await;
    let gone = scene.share("Walking lessons").await;
    assert_eq!(scene.deliveries().await.len(), 1);
    item::delete(
        &scene.store,
        &scene.author,
        entity::item::ItemType::Resource,
        gone,
    )
    .await
    .unwrap();
    assert_eq!(scene.deliveries().await.len(), 2);
    let tally = scene.dispatcher(OPEN).send_due().await.unwrap();
    assert_eq!((tally.delivered, tally.dropped), (1, 1));
    let deliveries = scene.deliveries().await;
    assert_eq!(deliveries[0].event, WebhookEvent::ResourceDeleted);
    assert_eq!(deliveries[0].state, DeliveryState::Delivered);
}

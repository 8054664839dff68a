//! Receivers that never answer take none of the places of others.

use entity::webhook;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use tokio_util::sync::CancellationToken;

use super::*;

/// A receiver that connections can be made to, as long as it is kept, and that answers nobody; and where it is.
async fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    (listener, url)
}

/// Somebody who reads what everybody reads.
async fn reader(scene: &Scene) -> Viewer {
    let user = testing::user(&scene.store, "ben", PlatformRole::Member).await;
    testing::viewer(&scene.store, user.id).await
}

/// Sends until the receiver has been told so often.
async fn send_until(scene: &Scene, options: WebhookOptions, told: usize) {
    let stop = CancellationToken::new();
    let running = tokio::spawn(scene.dispatcher(options).run(stop.clone(), |_| {}));
    let all_told = async {
        while scene.counter.counted().1 < told {
            tokio::task::yield_now().await;
        }
    };
    let patience = Duration::from_secs(30);
    tokio::time::timeout(patience, all_told)
        .await
        .expect("the others are told meanwhile");
    stop.cancel();
    running.await.unwrap();
}

/// Shares ten lessons, and sends until somebody beside the author was told of them all: the webhook of this one.
async fn another_is_told(scene: &Scene) -> Webhook {
    let other = reader(scene).await;
    let well = scene.hook(&other, PUBLISHED, None).await;
    for number in 0..10 {
        scene.share(&format!("Lesson {number}")).await;
    }
    scene.deliveries().await;
    let options = WebhookOptions {
        request_time: Duration::from_mins(1),
        ..OPEN
    };
    send_until(scene, options, 10).await;
    well
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_takes_the_places_of_others() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    // So far none of the attempts has failed.
    let (_silent, url) = silent().await;
    for _ in 0..4 {
        let webhook = scene.hook(&scene.author, PUBLISHED, None).await;
        lead_to(&scene, &webhook, url.clone()).await;
    }
    let well = another_is_told(&scene).await;
    let deliveries = scene.deliveries().await;
    let held = deliveries
        .iter()
        .filter(|delivery| delivery.webhook_id != well.id);
    let begun = held.filter(|delivery| delivery.attempts > 0).count();
    assert_eq!(
        begun,
        OPEN.at_once / 4,
        "the places of one person are a quarter"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_receivers_hold_up_nobody_and_what_they_hold_is_handed_back_at_the_end() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let (_silent, url) = silent().await;
    for _ in 0..2 {
        let webhook = scene.hook(&scene.author, PUBLISHED, None).await;
        webhook::Entity::update_many()
            .col_expr(webhook::Column::Url, Expr::value(url.clone()))
            .col_expr(
                webhook::Column::FailingSince,
                Expr::value(scene.store.clock().now()),
            )
            .filter(webhook::Column::Id.eq(webhook.id))
            .exec(scene.store.migration_connection())
            .await
            .unwrap();
    }
    let well = another_is_told(&scene).await;
    let (told, held): (Vec<_>, Vec<_>) = scene
        .deliveries()
        .await
        .into_iter()
        .partition(|delivery| delivery.webhook_id == well.id);
    assert!(
        told.iter()
            .all(|delivery| delivery.state == DeliveryState::Delivered)
    );
    assert!(held.iter().all(
        |delivery| delivery.state == DeliveryState::Pending && delivery.leased_until.is_none()
    ));
    let begun = held.iter().filter(|delivery| delivery.attempts == 1);
    assert_eq!(begun.count(), 2, "one at a time for each that fails");
}

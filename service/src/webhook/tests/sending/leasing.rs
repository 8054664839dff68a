//! One process at a time sends a delivery, and leaves it to others when it ends.

use chrono::TimeDelta;
use futures_util::FutureExt;

use super::*;
use crate::webhook::outbox::{self, Attempted, Outcome};

async fn lease(scene: &Scene, webhook: Uuid, most: u64) -> Vec<Delivery> {
    let leased = scene.store.write(None, move |unit| {
        async move { outbox::lease(unit, &[(webhook, most)], OPEN.lease()).await }.boxed()
    });
    leased.await.unwrap().value
}

async fn settle(scene: &Scene, delivery: Delivery, outcome: Outcome) {
    let settled = scene.store.write(None, move |unit| {
        async move { outbox::settle(unit, &[Attempted { delivery, outcome }]).await }.boxed()
    });
    settled.await.unwrap();
}

fn failed(status: u16, error: &str) -> Outcome {
    Outcome::Failed {
        status: Some(status),
        error: error.to_owned(),
        wish: None,
    }
}

/// The delivery, where there is no other.
async fn only(scene: &Scene) -> Delivery {
    let mut deliveries = scene.deliveries().await;
    assert_eq!(deliveries.len(), 1);
    deliveries.remove(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_dispatchers_one_sends_each_delivery() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    for _ in 0..3 {
        scene.hook(&scene.author, PUBLISHED, None).await;
    }
    for number in 0..20 {
        scene.share(&format!("Lesson {number}")).await;
    }
    assert_eq!(scene.deliveries().await.len(), 60);
    let rounds = (0..4).map(|_| {
        let dispatcher = scene.dispatcher(OPEN);
        tokio::spawn(async move { dispatcher.send_due().await.unwrap().delivered })
    });
    let mut delivered = 0;
    for round in futures_util::future::join_all(rounds).await {
        delivered += round.unwrap();
    }
    assert_eq!(delivered, 60);
    assert_eq!(scene.counter.counted().1, 60);
    let deliveries = scene.deliveries().await;
    assert!(
        deliveries
            .iter()
            .all(|delivery| delivery.state == DeliveryState::Delivered && delivery.attempts == 1)
    );
    assert_eq!(waiting(&scene.store).await.unwrap(), 0);
}

#[tokio::test]
async fn a_process_that_dies_while_it_sends_leaves_the_delivery_to_another() {
    let (scene, webhook) = one_waits().await;
    let taken = lease(&scene, webhook.id, 5).await;
    assert_eq!(taken.len(), 1);
    let dispatcher = scene.dispatcher(OPEN);
    assert_eq!(dispatcher.send_due().await.unwrap(), Tally::default());
    scene
        .store
        .clock()
        .advance(OPEN.lease() + TimeDelta::seconds(1));
    assert_eq!(dispatcher.send_due().await.unwrap().delivered, 1);
    // The first one was only slow; what it says comes too late to matter.
    settle(&scene, taken[0].clone(), failed(500, "late")).await;
    let delivery = only(&scene).await;
    assert_eq!(delivery.state, DeliveryState::Delivered);
    assert_eq!((delivery.attempts, delivery.last_status), (2, Some(204)));
}

#[tokio::test]
async fn an_attempt_that_was_cut_short_counts_for_nothing() {
    let (scene, webhook) = one_waits().await;
    let most = i32::try_from(MOST_ATTEMPTS).unwrap();
    for _ in 0..most {
        assert_eq!(lease(&scene, webhook.id, 1).await.len(), 1);
        let clock = scene.store.clock();
        clock.advance(OPEN.lease() + TimeDelta::seconds(1));
    }
    let stopped = lease(&scene, webhook.id, 1).await;
    let released = scene.store.write(None, move |unit| {
        async move { outbox::release(unit, &stopped).await }.boxed()
    });
    released.await.unwrap();
    let taken = lease(&scene, webhook.id, 1).await.remove(0);
    settle(&scene, taken, failed(500, "busy")).await;
    let delivery = only(&scene).await;
    assert_eq!(delivery.state, DeliveryState::Retrying);
    assert_eq!(
        (delivery.attempts, delivery.earlier_attempts),
        (most + 2, most + 1)
    );
    let pause = delivery.due_at - scene.store.clock().now();
    assert!(pause < TimeDelta::seconds(7), "that of a first failure");
}

#[tokio::test]
async fn what_is_asked_for_anew_while_it_is_sent_is_sent_again() {
    let (scene, webhook) = one_waits().await;
    let taken = lease(&scene, webhook.id, 1).await.remove(0);
    settle(&scene, taken, failed(500, "busy")).await;
    scene.store.clock().advance(TimeDelta::seconds(7));
    let taken = lease(&scene, webhook.id, 1).await.remove(0);
    let asked = redeliver(&scene.store, &scene.author, taken.id).await;
    assert_eq!(asked.unwrap().value.state, DeliveryState::Pending);
    settle(&scene, taken, Outcome::Delivered { status: 200 }).await;
    assert_eq!(states(&scene).await, [DeliveryState::Pending]);
    let tally = scene.dispatcher(OPEN).send_due().await.unwrap();
    assert_eq!(tally.delivered, 1);
}

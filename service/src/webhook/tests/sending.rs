//! Sending: by one process at a time, where it may lead, and what is kept.

use chrono::TimeDelta;
use entity::notification::NotificationReason;
use entity::webhook::{self, DisabledReason};
use entity::webhook_delivery::DeliveryState;
use futures_util::FutureExt;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use tokio_util::sync::CancellationToken;

use super::super::outbox::{self, Attempted, Outcome};
use super::super::upkeep;
use super::*;
use crate::notification;
use crate::paging::PageRequest;

const PUBLISHED: &[WebhookEvent] = &[WebhookEvent::ResourcePublished];

async fn states(scene: &Scene) -> Vec<DeliveryState> {
    let deliveries = scene.deliveries().await;
    deliveries.iter().map(|delivery| delivery.state).collect()
}

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
    let scene = Scene::new(CommunityVisibility::Public).await;
    let webhook = scene.hook(&scene.author, PUBLISHED, None).await;
    scene.share("Walking lessons").await;
    scene.deliveries().await;
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
    let late = Outcome::Failed {
        status: Some(500),
        error: "late".to_owned(),
        wish: None,
    };
    settle(&scene, taken[0].clone(), late).await;
    let [delivery] = &scene.deliveries().await[..] else {
        panic!("one delivery")
    };
    assert_eq!(delivery.state, DeliveryState::Delivered);
    assert_eq!((delivery.attempts, delivery.last_status), (2, Some(204)));
}

#[tokio::test]
async fn an_attempt_that_was_cut_short_counts_for_nothing() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let webhook = scene.hook(&scene.author, PUBLISHED, None).await;
    scene.share("Walking lessons").await;
    scene.deliveries().await;
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
    let failed = Outcome::Failed {
        status: Some(500),
        error: "busy".to_owned(),
        wish: None,
    };
    settle(&scene, taken, failed).await;
    let [delivery] = &scene.deliveries().await[..] else {
        panic!("one delivery")
    };
    assert_eq!(delivery.state, DeliveryState::Retrying);
    assert_eq!(
        (delivery.attempts, delivery.earlier_attempts),
        (most + 2, most + 1)
    );
    let pause = delivery.due_at - scene.store.clock().now();
    assert!(pause < TimeDelta::seconds(7), "that of a first failure");
}

#[tokio::test]
async fn an_attempt_is_decided_by_the_status_of_the_answer() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let webhook = scene.hook(&scene.author, PUBLISHED, None).await;
    let receiver = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/", receiver.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = receiver.accept().await {
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                head(&mut stream).await;
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
                stream.write_all(answer).await.unwrap();
                // The body never comes.
                let _ = stream.read_to_end(&mut Vec::new()).await;
            });
        }
    });
    let input = UpdateWebhook {
        url: Some(url),
        ..UpdateWebhook::default()
    };
    update(&scene.store, OPEN, &scene.author, webhook.id, input)
        .await
        .unwrap();
    scene.share("Walking lessons").await;
    scene.deliveries().await;
    let options = WebhookOptions {
        // Less than it is waited for the rest of an answer.
        request_time: Duration::from_millis(900),
        ..OPEN
    };
    let tally = scene.dispatcher(options).send_due().await.unwrap();
    assert_eq!(tally.delivered, 1);
}

#[tokio::test]
async fn what_is_asked_for_anew_while_it_is_sent_is_sent_again() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let webhook = scene.hook(&scene.author, PUBLISHED, None).await;
    scene.share("Walking lessons").await;
    scene.deliveries().await;
    let failed = |status| Outcome::Failed {
        status: Some(status),
        error: "busy".to_owned(),
        wish: None,
    };
    let taken = lease(&scene, webhook.id, 1).await.remove(0);
    settle(&scene, taken, failed(500)).await;
    scene.store.clock().advance(TimeDelta::seconds(7));
    let taken = lease(&scene, webhook.id, 1).await.remove(0);
    let asked = redeliver(&scene.store, &scene.author, taken.id).await;
    assert_eq!(asked.unwrap().value.state, DeliveryState::Pending);
    settle(&scene, taken, Outcome::Delivered { status: 200 }).await;
    assert_eq!(states(&scene).await, [DeliveryState::Pending]);
    let tally = scene.dispatcher(OPEN).send_due().await.unwrap();
    assert_eq!(tally.delivered, 1);
}

#[tokio::test]
async fn what_an_address_leads_to_is_judged_when_it_is_sent() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let webhook = scene.hook(&scene.author, PUBLISHED, None).await;
    scene.share("Walking lessons").await;
    scene.deliveries().await;
    // The switch that it was made under is off now.
    let strict = scene.misled(&["127.0.0.1"]);
    assert_eq!(strict.send_due().await.unwrap().retried, 1);
    let error = scene.deliveries().await.remove(0).last_error.unwrap();
    assert!(error.contains("https://"), "{error}");
    // A name that was public once leads to this machine.
    let port = scene.counter.address.port();
    let name = UpdateWebhook {
        url: Some(format!("https://learn.example.org:{port}/hooks")),
        ..UpdateWebhook::default()
    };
    let closed = WebhookOptions::default();
    update(&scene.store, closed, &scene.author, webhook.id, name)
        .await
        .unwrap();
    for addresses in [&["127.0.0.1"], &["::1"], &["::ffff:127.0.0.1"]] {
        scene.store.clock().advance(TimeDelta::hours(1));
        let tally = scene.misled(addresses).send_due().await.unwrap();
        assert_eq!(tally.retried, 1, "{addresses:?}");
        let error = scene.deliveries().await.remove(0).last_error.unwrap();
        assert_eq!(error, "The receiver's name leads to no public address.");
    }
    assert_eq!(scene.counter.counted(), (0, 0), "nobody was connected to");
}

#[tokio::test]
async fn failures_say_little_of_the_network() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let webhook = scene.hook(&scene.author, PUBLISHED, None).await;
    let free = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let closed = free.local_addr().unwrap();
    drop(free);
    scene.share("Walking lessons").await;
    scene.deliveries().await;
    let plain = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let plain_address = plain.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            let answer = b"HTTP/1.1 400 Bad Request\r\n\r\n";
            stream.write_all(answer).await.unwrap();
            // Closed by whoever cannot read this.
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    });
    for (url, expected) in [
        (
            format!("http://{closed}/"),
            "The receiver could not be connected to.",
        ),
        (
            format!("https://{plain_address}/"),
            "No secure connection could be made",
        ),
        (
            "http://learn.example.org/".to_owned(),
            "The receiver's name could not be resolved.",
        ),
    ] {
        let input = UpdateWebhook {
            url: Some(url.clone()),
            ..UpdateWebhook::default()
        };
        update(&scene.store, OPEN, &scene.author, webhook.id, input)
            .await
            .unwrap();
        scene.store.clock().advance(TimeDelta::hours(1));
        let nameless = Arc::new(|_: &str| Err(std::io::Error::other("there is no such name")));
        let store = scene.store.clone();
        let dispatcher = Dispatcher::with_lookup(store, OPEN, RowNames, nameless).unwrap();
        dispatcher.send_due().await.unwrap();
        let error = scene.deliveries().await.remove(0).last_error.unwrap();
        assert!(error.starts_with(expected), "{url}: {error}");
        assert!(!error.contains("127.0.0.1"), "{error}");
    }
}

#[tokio::test]
async fn a_webhook_for_which_too_much_waits_is_switched_off() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let webhook = scene.hook(&scene.author, PUBLISHED, None).await;
    for number in 0..4 {
        scene.share(&format!("Lesson {number}")).await;
    }
    scene.deliveries().await;
    upkeep::switch_off_overdue(&scene.store, 4).await.unwrap();
    let found = by_ids(&scene.store, &scene.author, &[webhook.id]).await;
    assert!(found.unwrap()[&webhook.id].enabled);
    upkeep::switch_off_overdue(&scene.store, 3).await.unwrap();
    let found = by_ids(&scene.store, &scene.author, &[webhook.id]).await;
    let found = found.unwrap().remove(&webhook.id).unwrap();
    assert_eq!(found.disabled_reason, Some(DisabledReason::Overdue));
    let tally = scene.dispatcher(OPEN).send_due().await.unwrap();
    assert_eq!(tally, Tally::default(), "nothing is sent while it is off");
    let request = PageRequest::default();
    let told = notification::page(&scene.store, &scene.author, true, &request).await;
    let told = told.unwrap().rows;
    let [(_, told)] = &told[..] else {
        panic!("one notification")
    };
    assert_eq!(
        (told.reason, told.about_id),
        (NotificationReason::WebhookDisabled, webhook.id)
    );
    let on = UpdateWebhook {
        enabled: Some(true),
        ..UpdateWebhook::default()
    };
    update(&scene.store, OPEN, &scene.author, webhook.id, on)
        .await
        .unwrap();
    let tally = scene.dispatcher(OPEN).send_due().await.unwrap();
    assert_eq!(tally.delivered, 4, "what waited goes on");
}

#[tokio::test]
async fn deliveries_are_kept_for_a_month() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    scene.hook(&scene.author, PUBLISHED, None).await;
    scene.share("Walking lessons").await;
    scene.deliveries().await;
    scene.dispatcher(OPEN).send_due().await.unwrap();
    assert_eq!(tidy(&scene.store).await.unwrap(), 0);
    scene
        .store
        .clock()
        .advance(TimeDelta::days(KEPT_DAYS) + TimeDelta::minutes(1));
    assert_eq!(tidy(&scene.store).await.unwrap(), 1);
    assert_eq!(states(&scene).await, []);
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_takes_the_places_of_others() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    // Connections to it are made, and nobody answers; so far none of the attempts has failed.
    let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    for _ in 0..4 {
        let webhook = scene.hook(&scene.author, PUBLISHED, None).await;
        let input = UpdateWebhook {
            url: Some(format!("http://{}/", silent.local_addr().unwrap())),
            ..UpdateWebhook::default()
        };
        update(&scene.store, OPEN, &scene.author, webhook.id, input)
            .await
            .unwrap();
    }
    let other = reader(&scene).await;
    let well = scene.hook(&other, PUBLISHED, None).await;
    for number in 0..10 {
        scene.share(&format!("Lesson {number}")).await;
    }
    scene.deliveries().await;
    let options = WebhookOptions {
        request_time: Duration::from_mins(1),
        ..OPEN
    };
    send_until(&scene, options, 10).await;
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
    // Connections to it are made, and nobody answers.
    let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
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
    let other = reader(&scene).await;
    let well = scene.hook(&other, PUBLISHED, None).await;
    for number in 0..10 {
        scene.share(&format!("Lesson {number}")).await;
    }
    scene.deliveries().await;
    let options = WebhookOptions {
        request_time: Duration::from_mins(1),
        ..OPEN
    };
    send_until(&scene, options, 10).await;
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

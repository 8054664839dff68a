//! How much may wait, and for how long deliveries are kept.

use chrono::TimeDelta;
use entity::notification::NotificationReason;
use entity::webhook::DisabledReason;

use super::*;
use crate::notification;
use crate::paging::PageRequest;
use crate::webhook::upkeep;

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
    let (scene, _) = one_waits().await;
    scene.dispatcher(OPEN).send_due().await.unwrap();
    assert_eq!(tidy(&scene.store).await.unwrap(), 0);
    scene
        .store
        .clock()
        .advance(TimeDelta::days(KEPT_DAYS) + TimeDelta::minutes(1));
    assert_eq!(tidy(&scene.store).await.unwrap(), 1);
    assert_eq!(states(&scene).await, []);
}

//! Sending: by one process at a time, where it may lead, and what is kept.

mod keeping;
mod leasing;
mod places;
mod receivers;

use entity::webhook_delivery::DeliveryState;

use super::*;

const PUBLISHED: &[WebhookEvent] = &[WebhookEvent::ResourcePublished];

/// A webhook of the author's, which is to be told of one lesson.
async fn one_waits() -> (Scene, Webhook) {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let webhook = scene.hook(&scene.author, PUBLISHED, None).await;
    scene.share("Walking lessons").await;
    scene.deliveries().await;
    (scene, webhook)
}

/// Gives a webhook of the author's another address.
async fn lead_to(scene: &Scene, webhook: &Webhook, url: String) {
    let input = UpdateWebhook {
        url: Some(url),
        ..UpdateWebhook::default()
    };
    update(&scene.store, OPEN, &scene.author, webhook.id, input)
        .await
        .unwrap();
}

/// The states of all deliveries, oldest first.
async fn states(scene: &Scene) -> Vec<DeliveryState> {
    let deliveries = scene.deliveries().await;
    deliveries.iter().map(|delivery| delivery.state).collect()
}

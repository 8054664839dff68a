//! Mutations of webhooks.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use service::webhook::{self, CreateWebhook, UpdateWebhook, WithSecret};

use super::{Webhook, WebhookDelivery, WebhookEvent};
use crate::graphql::errors::UserError;
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::mutation::{DeletePayload, Settled, payload, settle};
use crate::graphql::request::{app, store, viewer};
use crate::graphql::scalars::{Position, Url};

/// A new webhook of your own.
#[derive(Clone, Debug, InputObject)]
pub struct CreateWebhookInput {
    /// Where to post to: a public address that begins with https://, without name, password and fragment, at most 2,000
    /// characters. Redirects are not followed.
    pub url: Url,
    /// What it is told of; at least one.
    pub events: Vec<WebhookEvent>,
    /// The one community that it is told of, which you may read; all if not given.
    pub community_id: Option<ID>,
}

/// The outcome of a mutation of a webhook.
#[derive(Clone, Debug, SimpleObject)]
pub struct WebhookPayload {
    /// The webhook as it is now; null when the input was refused.
    webhook: Option<Webhook>,
    /// The secret that signs from now on, where the mutation made one: `whsec_` and a key in base64, as libraries of
    /// Standard Webhooks take it. It is shown this once.
    secret: Option<String>,
    /// Why the input was refused; empty when it was not. Nothing was written then.
    user_errors: Vec<UserError>,
    /// The place of this write in the change log.
    position: Option<Position>,
}

impl From<Settled<WithSecret>> for WebhookPayload {
    fn from(settled: Settled<WithSecret>) -> Self {
        let (webhook, secret) = settled
            .value
            .map(|made| (made.webhook.into(), made.secret))
            .unzip();
        Self {
            webhook,
            secret: secret.flatten().map(service::auth::Secret::into_inner),
            user_errors: settled.user_errors,
            position: settled.position,
        }
    }
}

payload!(WebhookDeliveryPayload, delivery: WebhookDelivery, "delivery");

/// Mutations of webhooks.
#[derive(Debug, Default)]
pub struct WebhookMutation;

#[Object]
impl WebhookMutation {
    /// Makes a webhook, which is told of what happens from now on; one person has at most 20. A token needs the scope SYNC,
    /// and one for a community makes webhooks for that community only. It stays when the token ends.
    async fn create_webhook(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What it is.")] input: CreateWebhookInput,
    ) -> Result<Option<WebhookPayload>> {
        let mut decoder = Decoder::default();
        let community = input.community_id.as_ref();
        let input = CreateWebhook {
            url: input.url.0,
            events: input.events.into_iter().map(Into::into).collect(),
            community_id: community
                .map(|id| decoder.id(&["input", "communityId"], id, NodeType::Community)),
        };
        let options = app(context)?.webhooks;
        let outcome = webhook::create(store(context)?, options, &viewer(context)?, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Changes a webhook of yours; what is left out, or null, stays as it is. What waits goes to the new address, and one
    /// that is enabled again goes on with what waited for it.
    async fn update_webhook(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the webhook.")] id: ID,
        #[graphql(desc = "Whether it is told at all.")] enabled: Option<bool>,
        #[graphql(desc = "Where to post to, as `createWebhook` takes it.")] url: Option<Url>,
        #[graphql(desc = "What it is told of; at least one.")] events: Option<Vec<WebhookEvent>>,
    ) -> Result<Option<WebhookPayload>> {
        let mut decoder = Decoder::default();
        let row = decoder.id(&["id"], &id, NodeType::Webhook);
        let input = UpdateWebhook {
            url: url.map(|url| url.0),
            events: events.map(|events| events.into_iter().map(Into::into).collect()),
            enabled,
        };
        let options = app(context)?.webhooks;
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = webhook::update(store, options, &viewer, row, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Deletes a webhook of yours with its deliveries. Nothing is sent to it any more.
    async fn delete_webhook(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the webhook.")] id: ID,
    ) -> Result<Option<DeletePayload>> {
        let mut decoder = Decoder::default();
        let row = decoder.id(&["id"], &id, NodeType::Webhook);
        let outcome = webhook::delete(store(context)?, &viewer(context)?, row).await;
        let outcome = outcome.map(|written| written.map(|()| id));
        Ok(Some(DeletePayload::new(settle(context, decoder, outcome)?)))
    }

    /// Makes a new secret for a webhook of yours. The old one signs too for a day: each delivery carries both signatures
    /// then. At most five sign at the same time.
    async fn rotate_webhook_secret(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the webhook.")] id: ID,
    ) -> Result<Option<WebhookPayload>> {
        let mut decoder = Decoder::default();
        let row = decoder.id(&["id"], &id, NodeType::Webhook);
        let outcome = webhook::rotate_secret(store(context)?, &viewer(context)?, row).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Sends a delivery again, now and under the same `webhook-id`, whatever became of it: for a receiver that was down for
    /// longer than a day, or lost what it took.
    async fn redeliver_webhook(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the delivery.")] delivery_id: ID,
    ) -> Result<Option<WebhookDeliveryPayload>> {
        let mut decoder = Decoder::default();
        let row = decoder.id(&["deliveryId"], &delivery_id, NodeType::WebhookDelivery);
        let outcome = webhook::redeliver(store(context)?, &viewer(context)?, row).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }
}

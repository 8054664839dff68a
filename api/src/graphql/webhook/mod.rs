//! Webhooks in the schema.

mod delivery;
pub mod loaders;
mod mutations;
mod names;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result};
use service::paging::Page;
use service::webhook;

pub use delivery::{DeliveryState, WebhookDelivery, WebhookDeliveryConnection};
pub use mutations::{CreateWebhookInput, WebhookDeliveryPayload, WebhookMutation, WebhookPayload};
pub use names::ApiNames;

use super::community::Community;
use super::community::loaders::CommunityById;
use super::connection::{Total, connection, page_request, reads_page};
use super::errors::IntoGraphql;
use super::ids::{NodeType, encode};
use super::request::{ask, store, viewer};
use super::scalars::{DateTime, Url};

/// What a webhook is told of. A receiver gets the name in lower case with a dot after the first word, such as
/// `resource.published`. More values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::webhook::WebhookEvent")]
pub enum WebhookEvent {
    /// A resource was published, came back from the archive, or is shown to you for the first time.
    ResourcePublished,
    /// A resource that is published was changed; `fields` says what.
    ResourceUpdated,
    /// A resource was archived.
    ResourceArchived,
    /// A resource was deleted, or you may not see it any more.
    ResourceDeleted,
    /// A practice was published, came back from the archive, or is shown to you for the first time.
    PracticePublished,
    /// A practice is recommended from now on.
    PracticeRecommended,
    /// An innovation came to another stage.
    InnovationAdvanced,
    /// A discussion began, or is shown to you for the first time.
    DiscussionCreated,
    /// A discussion was resolved by an accepted post.
    DiscussionResolved,
    /// A membership began, or its state, role or functions were changed.
    MembershipChanged,
    /// A search that you saved with `alerts` found something newly. Your own acts count, too.
    SearchAlert,
    /// Anything at all was changed that you may see, as `changes` tells it.
    Change,
}

/// Why nothing is sent to a webhook. More values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::webhook::DisabledReason")]
pub enum WebhookDisabledReason {
    /// You switched it off.
    Owner,
    /// No attempt succeeded for five days, and at least 20 failed.
    Failing,
    /// The receiver answered 410: it is gone.
    Gone,
    /// More than 100,000 deliveries waited.
    Overdue,
}

/// An address of another system that is told of what happens, by the specification of Standard Webhooks.
#[derive(Clone, Debug)]
pub struct Webhook {
    row: Arc<webhook::Webhook>,
}

impl From<webhook::Webhook> for Webhook {
    fn from(row: webhook::Webhook) -> Self {
        Self { row: Arc::new(row) }
    }
}

/// An address of another system that is told of what happens, by the specification of Standard Webhooks. It is told of
/// what you may see, and nobody but you sees it. A delivery arrives at least once, under the same `webhook-id` each time,
/// and in no certain order: `position` in its data says which came first.
#[Object]
impl Webhook {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::Webhook, self.row.id)
    }

    /// Where deliveries are posted to.
    async fn url(&self) -> Url {
        self.row.url.clone().into()
    }

    /// What it is told of.
    async fn events(&self) -> Vec<WebhookEvent> {
        let events = self.row.events.0.iter().copied();
        events.map(Into::into).collect()
    }

    /// The one community that it is told of; null where it is told of all, and where you may not see that community any
    /// more. Such a webhook is told what a token for that community alone would show.
    async fn community(&self, context: &Context<'_>) -> Result<Option<Community>> {
        match self.row.community_id {
            Some(id) => Ok(ask(context, CommunityById(id)).await?.map(Into::into)),
            None => Ok(None),
        }
    }

    /// Whether it is told at all. What happens while it is not is not delivered later: read `changes` for that.
    async fn enabled(&self) -> bool {
        self.row.enabled
    }

    /// Why it is not enabled; null while it is.
    async fn disabled_reason(&self) -> Option<WebhookDisabledReason> {
        self.row.disabled_reason.map(Into::into)
    }

    /// When the first attempt failed after the last that the receiver took; null while all goes well.
    async fn failing_since(&self) -> Option<DateTime> {
        self.row.failing_since.map(Into::into)
    }

    /// What it was told of in the last 30 days and is to be told of, the newest first.
    async fn deliveries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
    ) -> Result<WebhookDeliveryConnection> {
        let request = page_request(first, after, None, None);
        WebhookDeliveryConnection::of(context, &self.row, &request).await
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

connection!(WebhookConnection, WebhookEdge, Webhook, "webhooks");

/// Queries of webhooks.
#[derive(Debug, Default)]
pub struct WebhookQuery;

#[Object]
impl WebhookQuery {
    /// Your webhooks, the newest first; empty for an anonymous request and for a token without the scope SYNC. A token for
    /// one community shows the webhooks of that community.
    async fn webhooks(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
    ) -> Result<WebhookConnection> {
        let request = page_request(first, after, None, None);
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
        let page = if reads_page(context, &request) {
            webhook::page(&store, &viewer, &request).await.graphql()?
        } else {
            Page::empty()
        };
        let total = Total::by(move || {
            let (store, viewer) = (store.clone(), viewer.clone());
            Box::pin(async move { webhook::count(&store, &viewer).await })
        });
        Ok(WebhookConnection::new(page.map(Webhook::from), total))
    }
}

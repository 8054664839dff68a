//! Deliveries of webhooks in the schema.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result};
use service::paging::{Page, PageRequest};
use service::webhook;

use super::WebhookEvent;
use crate::graphql::connection::{Total, connection, reads_page};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::{NodeType, encode};
use crate::graphql::request::store;
use crate::graphql::scalars::DateTime;

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::webhook_delivery::DeliveryState")]
pub enum DeliveryState {
    /// It is to be sent, or asked for anew.
    Pending,
    /// The receiver took it: it answered with a status from 200 to 299.
    Delivered,
    /// An attempt failed; it is tried again.
    Retrying,
    /// It was given up: eleven attempts over a day failed, or the receiver is gone.
    Dead,
}

/// One event that a webhook is told of, and what became of it.
#[derive(Clone, Debug)]
pub struct WebhookDelivery {
    row: Arc<webhook::Delivery>,
}

impl From<webhook::Delivery> for WebhookDelivery {
    fn from(row: webhook::Delivery) -> Self {
        Self { row: Arc::new(row) }
    }
}

/// One event that a webhook is told of, and what became of it. It is kept for 30 days. One of which you may not be told
/// any more when it is to be sent is not sent, and gone.
#[Object]
impl WebhookDelivery {
    /// Global id. The receiver is given it as `webhook-id`, at each attempt the same.
    pub async fn id(&self) -> ID {
        encode(NodeType::WebhookDelivery, self.row.id)
    }

    /// What it tells of.
    async fn event(&self) -> WebhookEvent {
        self.row.event.into()
    }

    /// Where it stands.
    async fn state(&self) -> DeliveryState {
        self.row.state.into()
    }

    /// How often somebody began to send it.
    async fn attempts(&self) -> i32 {
        self.row.attempts
    }

    /// The HTTP status that the receiver answered last; null where it did not answer.
    async fn last_status(&self) -> Option<i32> {
        self.row.last_status
    }

    /// Why the last attempt failed, as a sentence; null after one that did not.
    async fn last_error(&self) -> Option<&str> {
        self.row.last_error.as_deref()
    }

    /// When it is next to be sent, while its webhook is enabled; null where it is not to be sent any more.
    async fn next_attempt_at(&self) -> Option<DateTime> {
        let is_waiting = self.row.finished_at.is_none();
        is_waiting.then(|| self.row.due_at.into())
    }

    /// When it was written.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

connection!(
    WebhookDeliveryConnection,
    WebhookDeliveryEdge,
    WebhookDelivery,
    "deliveries of a webhook"
);

impl WebhookDeliveryConnection {
    /// The deliveries of a webhook that the viewer was shown.
    pub async fn of(
        context: &Context<'_>,
        webhook: &webhook::Webhook,
        request: &PageRequest,
    ) -> Result<Self> {
        let (store, id) = (store(context)?.clone(), webhook.id);
        let page = if reads_page(context, request) {
            webhook::page_of_deliveries(&store, id, request)
                .await
                .graphql()?
        } else {
            Page::empty()
        };
        let total = Total::by(move || {
            let store = store.clone();
            Box::pin(async move { webhook::delivery_count(&store, id).await })
        });
        Ok(Self::new(page.map(WebhookDelivery::from), total))
    }
}

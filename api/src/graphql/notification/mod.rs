//! Notifications in the schema: what you are told of.

pub mod loaders;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result};
use service::notification::{count, mark_read, page};
use service::paging::Page;

use super::connection::{Total, connection, page_request, reads_page};
use super::errors::IntoGraphql;
use super::ids::{Decoder, NodeType, encode};
use super::mutation::{DonePayload, settle};
use super::node::{self, Node};
use super::request::{store, viewer};
use super::scalars::DateTime;
use super::user::{self, User};

/// Why you are told of something. More values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::notification::NotificationReason")]
pub enum NotificationReason {
    /// There is something new in a community, under a domain, by a person or about an item that you follow, or news of an
    /// item that you follow; `about` is the item, or the community where many things are new at once.
    Followed,
    /// A discussion or a post names you.
    Mentioned,
    /// You are suggested as a helper of a new help request.
    AskedToHelp,
    /// Another community offers something to one that you look after; `about` is the boundary share.
    Offered,
    /// Something waits for a review that you may make.
    AskedToReview,
    /// Somebody posted to a discussion that you began or follow, or answered your post; `about` is the discussion. Or a
    /// share that you brokered was answered, adapted or taken back; `about` is the share.
    Replied,
    /// You are invited to a community, or your request to join it was decided; `about` is your membership.
    Invited,
    /// A target was missed, and you are to see to it.
    Escalated,
    /// The time for something that you look after has come.
    Due,
    /// A search that you saved finds something new; `about` is what it finds.
    SearchAlert,
    /// Nothing is sent to a webhook of yours any more, since its receiver failed for days or said that it is gone; `about`
    /// is the webhook.
    WebhookDisabled,
}

/// What you are told of.
#[derive(Clone, Debug)]
pub struct Notification {
    row: Arc<service::notification::Notification>,
}

impl From<service::notification::Notification> for Notification {
    fn from(row: service::notification::Notification) -> Self {
        Self { row: Arc::new(row) }
    }
}

/// What you are told of. While it is unread, a further one of the same reason about the same thing renews it. Nobody but
/// you sees it, and you only as long as you may read what it is about.
#[Object]
impl Notification {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::Notification, self.row.id)
    }

    /// Why you are told.
    async fn reason(&self) -> NotificationReason {
        self.row.reason.into()
    }

    /// What it is about.
    async fn about(&self, context: &Context<'_>) -> Result<Option<Node>> {
        let node_type = node::node_type(self.row.about_type);
        node::find(context, node_type, self.row.about_id).await
    }

    /// Whose act it was last; null where the platform itself tells you, and where that is not known any more.
    async fn actor(&self, context: &Context<'_>) -> Result<Option<User>> {
        match self.row.actor_id {
            Some(id) => user::one(context, id).await,
            None => Ok(None),
        }
    }

    /// Whether you marked it as read.
    async fn read(&self) -> bool {
        self.row.read_at.is_some()
    }

    /// When it was made, or last renewed while it was unread.
    async fn created_at(&self) -> DateTime {
        self.row.raised_at.into()
    }
}

connection!(
    NotificationConnection,
    NotificationEdge,
    Notification,
    "notifications"
);

/// Queries of notifications.
#[derive(Debug, Default)]
pub struct NotificationQuery;

#[Object]
impl NotificationQuery {
    /// What you are told of, the newest first; empty for an anonymous request, and for a token that is good for one
    /// community only. Those that you have read are kept for 90 days, others for a year. `totalCount` with `unreadOnly` is how many wait.
    async fn notifications(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only those that you have not read.")] unread_only: Option<bool>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
    ) -> Result<Option<NotificationConnection>> {
        let request = page_request(first, after, None, None);
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
        let unread_only = unread_only.unwrap_or(false);
        let page = if reads_page(context, &request) {
            page(&store, &viewer, unread_only, &request)
                .await
                .graphql()?
        } else {
            Page::empty()
        };
        let total = Total::by(move || {
            let (store, viewer) = (store.clone(), viewer.clone());
            Box::pin(async move { count(&store, &viewer, unread_only).await })
        });
        let page = page.map(Notification::from);
        Ok(Some(NotificationConnection::new(page, total)))
    }
}

/// Mutations of notifications.
#[derive(Debug, Default)]
pub struct NotificationMutation;

#[Object]
impl NotificationMutation {
    /// Says that you have read notifications. What you have read already stays so.
    async fn mark_notifications_read(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Ids of at most 100 notifications of yours.")] ids: Vec<ID>,
    ) -> Result<Option<DonePayload>> {
        let mut decoder = Decoder::default();
        let ids = decoder.id_list(&["ids"], &ids, NodeType::Notification);
        let outcome = mark_read(store(context)?, &viewer(context)?, ids).await;
        Ok(Some(DonePayload::new(settle(context, decoder, outcome)?)))
    }
}

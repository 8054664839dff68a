//! A review in the schema.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result};
use service::paging::PageRequest;
use service::review::{page_of_reviews, review_count};
use uuid::Uuid;

use super::node_type;
use crate::graphql::connection::{Total, connection};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::{NodeType, encode};
use crate::graphql::node::{self, Node};
use crate::graphql::request::{store, viewer};
use crate::graphql::scalars::DateTime;
use crate::graphql::user::{self, User};

/// What a review comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::review::ReviewVerdict")]
pub enum ReviewVerdict {
    /// Readers may be shown the revision.
    Approve,
    /// The revision is to be changed first; it goes back to its authors.
    RequestChanges,
    /// A remark that decides nothing.
    Comment,
}

/// What a reviewer says of one revision of an item.
#[derive(Clone, Debug)]
pub struct Review {
    row: Arc<service::review::Review>,
}

impl From<service::review::Review> for Review {
    fn from(row: service::review::Review) -> Self {
        Self { row: Arc::new(row) }
    }
}

/// What a reviewer says of one revision of an item. Whoever may read the revision may read it.
#[Object]
impl Review {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::Review, self.row.id)
    }

    /// The resource or practice; null when you may not see it any more.
    async fn subject(&self, context: &Context<'_>) -> Result<Option<Node>> {
        node::find(context, node_type(self.row.item_type), self.row.item_id).await
    }

    /// Who reviewed it; null where that is not known any more.
    async fn author(&self, context: &Context<'_>) -> Result<Option<User>> {
        match self.row.author_id {
            Some(id) => user::one(context, id).await,
            None => Ok(None),
        }
    }

    /// What it comes to.
    async fn verdict(&self) -> ReviewVerdict {
        self.row.verdict.into()
    }

    /// What the reviewer says of it.
    async fn comment(&self) -> Option<&str> {
        self.row.comment.as_deref()
    }

    /// The number of the revision that was reviewed.
    async fn revision(&self) -> i32 {
        self.row.revision
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

connection!(ReviewConnection, ReviewEdge, Review, "reviews of an item");

impl ReviewConnection {
    /// The reviews of an item that the viewer sees.
    pub async fn of(context: &Context<'_>, item: Uuid, request: &PageRequest) -> Result<Self> {
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
        let page = page_of_reviews(&store, &viewer, item, request)
            .await
            .graphql()?;
        let total = Total::by(move || {
            let (store, viewer) = (store.clone(), viewer.clone());
            Box::pin(async move { review_count(&store, &viewer, item).await })
        });
        Ok(Self::new(page.map(Review::from), total))
    }
}

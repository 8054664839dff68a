//! Posts in the schema.

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Object, Result};
use service::discussion::{is_answerable, page_of_posts};
use service::entity::{discussion, post};
use service::paging::{Page, PageRequest};
use service::policy::discussion::{post_actions, read_hidden};
use service::policy::item::ItemFacts;

use super::Discussion;
use super::loaders::PostById;
use crate::graphql::community;
use crate::graphql::connection::{Total, connection, reads_page};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::{NodeType, encode};
use crate::graphql::item::Action;
use crate::graphql::item::loaders::{AuthorsOf, DiscussionById};
use crate::graphql::request::{ask, store, viewer};
use crate::graphql::scalars::DateTime;
use crate::graphql::user::{self, User};

/// A post of a discussion.
#[derive(Clone, Debug)]
pub struct Post {
    row: Arc<post::Model>,
}

impl Post {
    /// The row, to whom its text may be shown.
    fn shown(&self, context: &Context<'_>) -> Result<Option<&post::Model>> {
        let row = &self.row;
        let shown = !row.hidden || read_hidden(&viewer(context)?, row.community_id, row.author_id);
        Ok(shown.then_some(row))
    }

    async fn required_discussion(&self, context: &Context<'_>) -> Result<Discussion> {
        let found = ask(context, DiscussionById(self.row.discussion_id)).await?;
        found.ok_or_else(|| {
            Error::new(format!(
                "the viewer does not see discussion {}",
                self.row.discussion_id
            ))
        })
    }
}

impl From<post::Model> for Post {
    fn from(row: post::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

/// A post of a discussion: an answer to it, or to another post.
#[Object]
impl Post {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::Post, self.row.id)
    }

    /// The discussion that it belongs to.
    async fn discussion(&self, context: &Context<'_>) -> Result<Discussion> {
        self.required_discussion(context).await
    }

    /// The post that it answers; null where it answers the discussion itself.
    async fn parent(&self, context: &Context<'_>) -> Result<Option<Post>> {
        match self.row.parent_id {
            Some(id) => ask(context, PostById(id)).await,
            None => Ok(None),
        }
    }

    /// Its level in the reply tree: 1 where it answers the discussion itself, at most 4.
    async fn depth(&self) -> i32 {
        self.row.depth
    }

    /// Who wrote it; null where that is not known any more.
    async fn author(&self, context: &Context<'_>) -> Result<Option<User>> {
        match self.row.author_id {
            Some(id) => user::one(context, id).await,
            None => Ok(None),
        }
    }

    /// The text, Markdown; null when hidden, except to its author and to stewards and facilitators. See `bodyHtml` for
    /// something to show.
    async fn body(&self, context: &Context<'_>) -> Result<Option<&str>> {
        Ok(self.shown(context)?.map(|row| row.body.as_str()))
    }

    /// Sanitized HTML of the Markdown text: safe to put into a page; null where `body` is.
    async fn body_html(&self, context: &Context<'_>) -> Result<Option<String>> {
        let row = self.shown(context)?;
        Ok(row.map(|row| service::text::markdown_to_html(&row.body)))
    }

    /// Whether a steward hid it.
    async fn hidden(&self) -> bool {
        self.row.hidden
    }

    /// Why it was hidden; for its author and for stewards and facilitators, null for everyone else.
    async fn hidden_reason(&self, context: &Context<'_>) -> Result<Option<&str>> {
        let row = self.shown(context)?;
        Ok(row.and_then(|row| row.hidden_reason.as_deref()))
    }

    /// What you may do with it now.
    async fn viewer_can(&self, context: &Context<'_>) -> Result<Vec<Action>> {
        let discussion = self.required_discussion(context).await?;
        let community = community::required(context, self.row.community_id).await?;
        let authors = ask(context, AuthorsOf(self.row.discussion_id)).await?;
        let facts = ItemFacts {
            community: community.row(),
            item: &discussion.item,
            authors: authors.as_deref().unwrap_or_default(),
        };
        let details = &discussion.details;
        let acceptable = !self.row.hidden
            && is_answerable(details.kind)
            && details.state != discussion::DiscussionState::Closed
            && details.accepted_post_id != Some(self.row.id);
        let actions = post_actions(&viewer(context)?, facts, self.row.author_id, acceptable);
        Ok(actions.into_iter().map(Into::into).collect())
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// When its text was last changed.
    async fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }
}

connection!(PostConnection, PostEdge, Post, "posts");

impl PostConnection {
    /// The posts of a discussion that the viewer was shown.
    pub async fn of(
        context: &Context<'_>,
        discussion: &discussion::Model,
        request: &PageRequest,
    ) -> Result<Self> {
        let page = if reads_page(context, request) {
            page_of_posts(store(context)?, discussion.id, request)
                .await
                .graphql()?
        } else {
            Page::empty()
        };
        let count = u64::try_from(discussion.post_count).unwrap_or_default();
        Ok(Self::new(page.map(Post::from), Total::known(count)))
    }
}

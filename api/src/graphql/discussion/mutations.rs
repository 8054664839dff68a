//! Mutations of discussions and posts.

use async_graphql::{Context, ID, Object, Result};
use service::discussion;

use super::{
    AddPostInput, CaptureDiscussionInput, CloseReason, CreateDiscussionInput, Discussion, Post,
    UpdateDiscussionInput,
};
use crate::graphql::ids::{Decoder, NodeType, encode};
use crate::graphql::mutation::{DeletePayload, payload, settle};
use crate::graphql::request::{store, viewer};
use crate::graphql::resource::ResourcePayload;

payload!(DiscussionPayload, discussion: Discussion, "discussion");
payload!(PostPayload, post: Post, "post");

/// Mutations of discussions.
#[derive(Debug, Default)]
pub struct DiscussionMutation;

#[Object]
impl DiscussionMutation {
    /// Begins a discussion; for active members of the community. An announcement is for its facilitators.
    async fn create_discussion(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The new discussion.")] input: CreateDiscussionInput,
    ) -> Result<Option<DiscussionPayload>> {
        let mut decoder = Decoder::default();
        let input = input.read(&mut decoder);
        let outcome = discussion::create(store(context)?, &viewer(context)?, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Changes what a discussion says; for its author, and stewards and facilitators of its community.
    async fn update_discussion(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the discussion.")] id: ID,
        #[graphql(desc = "What to change.")] input: UpdateDiscussionInput,
        #[graphql(desc = "The revision that you changed; a newer one is a CONFLICT.")]
        expected_revision: Option<i32>,
    ) -> Result<Option<DiscussionPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Discussion);
        let input = input.read(&mut decoder);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = discussion::update(store, &viewer, id, input, expected_revision).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Closes an OPEN discussion; for its author, as an active member, and stewards and facilitators. Nobody posts to
    /// it until it is reopened.
    async fn close_discussion(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the discussion.")] id: ID,
        #[graphql(desc = "Why.")] reason: CloseReason,
    ) -> Result<Option<DiscussionPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Discussion);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = discussion::close(store, &viewer, id, reason.into()).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Opens a RESOLVED or CLOSED discussion again; for its author and members who posted to it, and stewards and
    /// facilitators. An accepted post becomes an answer among others.
    async fn reopen_discussion(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the discussion.")] id: ID,
    ) -> Result<Option<DiscussionPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Discussion);
        let outcome = discussion::reopen(store(context)?, &viewer(context)?, id).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Makes a resource DRAFT of a RESOLVED discussion, with a link back, for active members of its community. Who
    /// asked, who gave the accepted answer and you become its authors. Discussions and announcements, which wait for
    /// no answer, are captured with a `body`. A discussion is captured once, unless that resource was deleted.
    async fn capture_discussion(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the discussion.")] id: ID,
        #[graphql(desc = "What the resource says otherwise than the discussion.")] input: Option<
            CaptureDiscussionInput,
        >,
    ) -> Result<Option<ResourcePayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Discussion);
        let input = input.unwrap_or_default().into();
        let outcome = discussion::capture(store(context)?, &viewer(context)?, id, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Deletes a discussion with its posts for good; for facilitators of its community.
    async fn delete_discussion(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the discussion.")] id: ID,
    ) -> Result<Option<DeletePayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Discussion);
        let outcome = discussion::delete(store(context)?, &viewer(context)?, id).await;
        let outcome = outcome.map(|written| written.map(|id| encode(NodeType::Discussion, id)));
        Ok(Some(DeletePayload::new(settle(context, decoder, outcome)?)))
    }
}

/// Mutations of posts.
#[derive(Debug, Default)]
pub struct PostMutation;

#[Object]
impl PostMutation {
    /// Posts to a discussion, or answers a post; for active members of its community. A CLOSED discussion takes none.
    async fn add_post(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The new post.")] input: AddPostInput,
    ) -> Result<Option<PostPayload>> {
        let mut decoder = Decoder::default();
        let input = input.read(&mut decoder);
        let outcome = discussion::add_post(store(context)?, &viewer(context)?, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Changes the text of a post; for its author, as an active member.
    async fn update_post(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the post.")] id: ID,
        #[graphql(desc = "The new text, Markdown; at most 50,000 characters.")] body: String,
    ) -> Result<Option<PostPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Post);
        let outcome = discussion::update_post(store(context)?, &viewer(context)?, id, body).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Hides the text of a post from all but its author, stewards and facilitators; for stewards and facilitators. An
    /// accepted answer that is hidden is none any more: its discussion is OPEN again.
    async fn hide_post(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the post.")] id: ID,
        #[graphql(desc = "Why; its author is shown it.")] reason: String,
    ) -> Result<Option<PostPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Post);
        let outcome = discussion::hide_post(store(context)?, &viewer(context)?, id, reason).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Shows a hidden post again; for stewards and facilitators.
    async fn show_post(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the post.")] id: ID,
    ) -> Result<Option<PostPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Post);
        let outcome = discussion::show_post(store(context)?, &viewer(context)?, id).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Accepts a post as the answer to its help request or problem, which becomes RESOLVED; for who asked, as an
    /// active member, and stewards and facilitators. Another post can be accepted in its place.
    async fn accept_post(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the post.")] id: ID,
    ) -> Result<Option<DiscussionPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Post);
        let outcome = discussion::accept_post(store(context)?, &viewer(context)?, id).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }
}

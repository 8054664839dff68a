//! Discussions and posts in the schema.

mod inputs;
pub mod loaders;
mod mutations;
mod post;
mod queries;

use async_graphql::{Context, Enum, Result};
use service::discussion as discussions;
use service::entity::discussion;
use service::item::{Details, Edges, ItemState, Listed};
use service::policy::{self, item::ItemFacts};

pub use inputs::{
    AddPostInput, CaptureDiscussionInput, CreateDiscussionInput, DiscussionFilter,
    UpdateDiscussionInput,
};
pub use mutations::{DiscussionMutation, DiscussionPayload, PostMutation, PostPayload};
pub use post::{Post, PostConnection};
pub use queries::{DiscussionQuery, page};

use super::community;
use super::connection::{connection, page_request};
use super::errors::IntoGraphql;
use super::item::loaders::{AuthorsOf, DiscussionById, ResourceById};
use super::item::{Lifecycle, TransitionOption, item_object, plain_item_fields};
use super::node::{self, Node};
use super::plain::plain_enums;
use super::request::{app, ask, ask_many, viewer};
use super::resource::Resource;
use super::scalars::DateTime;
use super::user::{self, User};

/// What a discussion is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::discussion::DiscussionKind")]
pub enum DiscussionKind {
    /// Talking something over.
    Discussion,
    /// Somebody asks for help; a post can be accepted as the answer.
    HelpRequest,
    /// Something does not work; a post can be accepted as the answer.
    Problem,
    /// Something to be known by all; facilitators make them.
    Announcement,
}

/// Where a discussion stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::discussion::DiscussionState")]
pub enum DiscussionState {
    /// Goes on.
    Open,
    /// A post was accepted as the answer; posting goes on.
    Resolved,
    /// Ended without an answer; nobody posts until it is reopened.
    Closed,
}

/// Why a discussion was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::discussion::CloseReason")]
pub enum CloseReason {
    /// The same is talked about elsewhere.
    Duplicate,
    /// Nobody needs it any more.
    Stale,
    /// It does not belong here.
    OffTopic,
}

item_object! {
    /// A question, a problem, an announcement or a talk in a community, with the posts that answer it.
    Discussion, discussion::Model, Discussion {
        /// What it is for.
        pub async fn kind(&self) -> DiscussionKind {
            self.details.kind.into()
        }

        /// Where it stands. `availableTransitions` says where it can go.
        pub async fn state(&self) -> DiscussionState {
            self.details.state.into()
        }

        /// Why it was closed; null unless it is CLOSED.
        pub async fn close_reason(&self) -> Option<CloseReason> {
            self.details.close_reason.map(Into::into)
        }

        /// The item that it is about; null where there is none that you may see.
        pub async fn about(&self, context: &Context<'_>) -> Result<Option<Node>> {
            match self.details.about_type.zip(self.details.about_id) {
                Some((of_type, id)) => node::find(context, node::node_type(of_type), id).await,
                None => Ok(None),
            }
        }

        /// What was posted to it, as the reply tree is read: each post before its answers, answers in the order in
        /// which they were given; `depth` says how far to indent. A page is found by the place of its first post in
        /// the tree, which an index holds: it takes the same time in a discussion of 20 posts and in one of 20,000.
        pub async fn posts(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<i32>,
            #[graphql(desc = "Start after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
            #[graphql(desc = "End before this cursor.")] before: Option<String>,
        ) -> Result<PostConnection> {
            let request = page_request(first, after, last, before);
            PostConnection::of(context, &self.details, &request).await
        }

        /// The post that was accepted as the answer; null unless it is RESOLVED.
        pub async fn accepted_post(&self, context: &Context<'_>) -> Result<Option<Post>> {
            match self.details.accepted_post_id {
                Some(id) => ask(context, loaders::PostById(id)).await,
                None => Ok(None),
            }
        }

        /// When somebody else than its author first posted to it; what is hidden does not count.
        pub async fn first_answered_at(&self) -> Option<DateTime> {
            self.details.first_answered_at.map(Into::into)
        }

        /// When it had waited for its first answer as long as the community's `firstAnswerTargetHours` say, and the
        /// facilitators were told; null where that never happened. Members see it, for everybody else it is null.
        pub async fn escalated_at(&self, context: &Context<'_>) -> Result<Option<DateTime>> {
            let is_member = policy::community::read_as_member(&viewer(context)?, self.item.community_id);
            let escalated_at = self.item.reminded_at.filter(|_| is_member);
            Ok(escalated_at.map(Into::into))
        }

        /// When an answer was accepted; null unless it is RESOLVED.
        pub async fn resolved_at(&self) -> Option<DateTime> {
            self.details.resolved_at.map(Into::into)
        }

        /// When it was made, posted to, or last changed its state.
        pub async fn last_activity_at(&self) -> DateTime {
            self.details.last_activity_at.into()
        }

        /// Resolved help requests and problems like this one that you may see, best first.
        pub async fn similar(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "How many; 5 if not given, at most 20.")] first: Option<i32>,
        ) -> Result<Vec<Discussion>> {
            let question = loaders::SimilarTo {
                id: self.item.id,
                first: discussions::check_first(first).graphql()?,
                index: app(context)?.index.clone(),
            };
            let found = ask(context, question).await?.unwrap_or_default();
            ask_many(context, found.into_iter().map(DiscussionById).collect()).await
        }

        /// At most five active members to ask, all of whom may read it, best first: those whose accepted answers, then
        /// whose peers, then who themselves say that they know about its domains and tags, less what they are busy with.
        /// Empty unless it is an OPEN help request or problem.
        pub async fn suggested_helpers(&self, context: &Context<'_>) -> Result<Vec<User>> {
            let found = ask(context, loaders::HelpersFor(self.item.id)).await?;
            user::many(context, &found.unwrap_or_default()).await
        }

        /// The resource that was made of it; null where there is none that you may see.
        pub async fn captured_as(&self, context: &Context<'_>) -> Result<Option<Resource>> {
            match ask(context, loaders::CapturedAs(self.item.id)).await? {
                Some(id) => ask(context, ResourceById(id)).await,
                None => Ok(None),
            }
        }

        /// The states that it can go to, and what stands in your way to each. RESOLVED is reached by `acceptPost`,
        /// CLOSED by `closeDiscussion`, OPEN by `reopenDiscussion`.
        pub async fn available_transitions(&self, context: &Context<'_>) -> Result<Vec<TransitionOption>> {
            let community = community::required(context, self.item.community_id).await?;
            let authors = ask(context, AuthorsOf(self.item.id)).await?.unwrap_or_default();
            let posted = ask(context, loaders::PostedByViewer(self.item.id)).await?.is_some();
            let facts = ItemFacts {
                community: community.row(),
                item: &self.item,
                authors: &authors,
            };
            let open = discussions::transitions(&viewer(context)?, facts, &self.details, posted);
            Ok(open
                .into_iter()
                .map(|(to, blocked_by)| {
                    TransitionOption::new(Lifecycle::State, to.as_str(), blocked_by)
                })
                .collect())
        }
    }
}

impl From<ItemState> for Discussion {
    fn from(mut state: ItemState) -> Self {
        let edges = Edges::from(&mut state);
        let details = match state.details {
            Details::Discussion(row) => row,
            _ => discussion::Model {
                id: state.item.id,
                community_id: state.item.community_id,
                kind: discussion::DiscussionKind::Discussion,
                state: discussion::DiscussionState::Open,
                close_reason: None,
                about_type: None,
                about_id: None,
                accepted_post_id: None,
                first_answered_at: None,
                resolved_at: None,
                post_count: 0,
                last_post_at: None,
                last_activity_at: state.item.created_at,
            },
        };
        Listed {
            item: state.item,
            details,
            edges,
        }
        .into()
    }
}

plain_item_fields!(Discussion {
    "body" => body,
    "url" => url,
    "kind" => kind,
    "state" => state,
    "closeReason" => close_reason,
    "firstAnsweredAt" => first_answered_at,
    "resolvedAt" => resolved_at,
    "lastActivityAt" => last_activity_at,
});

connection!(
    plain DiscussionConnection,
    DiscussionEdge,
    Discussion,
    "discussions"
);

plain_enums!(DiscussionKind, DiscussionState, CloseReason);

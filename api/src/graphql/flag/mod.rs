//! Flags in the schema.

pub mod loaders;
mod mutations;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result};
use service::flag::{count_of_community, next_states, page_of_community};
use service::paging::{Page, PageRequest};
use service::policy::flag::decide;
use uuid::Uuid;

pub use mutations::{FlagMutation, FlagPayload};

use super::community::{Community, loaders::CommunityById};
use super::connection::{Total, connection, reads_page};
use super::errors::IntoGraphql;
use super::ids::{NodeType, encode};
use super::item::{Lifecycle, TransitionOption};
use super::node::{self, Node};
use super::request::{ask, store, viewer};
use super::scalars::DateTime;
use super::user::{self, User};
use loaders::RaiserOf;

/// What is wrong with what is flagged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::flag::FlagReason")]
pub enum FlagReason {
    /// It is not true.
    Inaccurate,
    /// It no longer holds.
    Outdated,
    /// The same is there already.
    Duplicate,
    /// It hurts people.
    Offensive,
    /// It belongs to somebody who did not allow it.
    Copyright,
    /// It advertises.
    Spam,
    /// Something else; say in the note what.
    Other,
}

/// Where a flag stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::flag::FlagState")]
pub enum FlagState {
    /// It waits for a decision.
    Open,
    /// It was found right.
    Upheld,
    /// It was found wrong.
    Dismissed,
}

/// What somebody reports to those who look after a community.
#[derive(Clone, Debug)]
pub struct Flag {
    row: Arc<service::flag::Flag>,
}

impl From<service::flag::Flag> for Flag {
    fn from(row: service::flag::Flag) -> Self {
        Self { row: Arc::new(row) }
    }
}

/// What somebody reports to those who look after a community. Its stewards and facilitators see it and decide; who
/// raised it sees it too. It changes nothing of what it is about.
#[Object]
impl Flag {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::Flag, self.row.id)
    }

    /// What is flagged; null when it was deleted, or you may not see it.
    async fn target(&self, context: &Context<'_>) -> Result<Option<Node>> {
        let node_type = node::node_type(self.row.target_type);
        node::find(context, node_type, self.row.target_id).await
    }

    /// The community of what is flagged; null when you may not see it any more.
    async fn community(&self, context: &Context<'_>) -> Result<Option<Community>> {
        let found = ask(context, CommunityById(self.row.community_id)).await?;
        Ok(found.map(Into::into))
    }

    /// What is wrong.
    async fn reason(&self) -> FlagReason {
        self.row.reason.into()
    }

    /// What who raised it says of it.
    async fn note(&self) -> Option<&str> {
        self.row.note.as_deref()
    }

    /// Who raised it. You see it where it was you; those who decide see it unless what is flagged is their own work or is
    /// gone. Null otherwise.
    async fn raised_by(&self, context: &Context<'_>) -> Result<Option<User>> {
        match ask(context, RaiserOf(self.row.id)).await? {
            Some(id) => user::one(context, id).await,
            None => Ok(None),
        }
    }

    /// Where it stands.
    async fn state(&self) -> FlagState {
        self.row.state.into()
    }

    /// How `resolveFlag` can decide it, and what holds each decision back for you.
    async fn available_transitions(&self, context: &Context<'_>) -> Result<Vec<TransitionOption>> {
        let Some(community) = ask(context, CommunityById(self.row.community_id)).await? else {
            return Ok(Vec::new());
        };
        let decision = decide(&viewer(context)?, &community, self.row.raised_by);
        let states = next_states(self.row.state).iter();
        Ok(states
            .map(|to| TransitionOption::decided(Lifecycle::State, to.as_str(), decision))
            .collect())
    }

    /// Who decided; null while it is OPEN, and where that is not known any more.
    async fn decided_by(&self, context: &Context<'_>) -> Result<Option<User>> {
        match self.row.decided_by {
            Some(id) => user::one(context, id).await,
            None => Ok(None),
        }
    }

    /// When it was decided; null while it is OPEN.
    async fn decided_at(&self) -> Option<DateTime> {
        self.row.decided_at.map(Into::into)
    }

    /// What who decided says of it.
    async fn decision_note(&self) -> Option<&str> {
        self.row.decision_note.as_deref()
    }

    /// When it was raised.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

connection!(FlagConnection, FlagEdge, Flag, "flags");

impl FlagConnection {
    /// The flags of a community, for those who decide them.
    pub async fn of_community(
        context: &Context<'_>,
        community: Uuid,
        state: Option<FlagState>,
        request: &PageRequest,
    ) -> Result<Self> {
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
        let state = state.map(Into::into);
        let page = if reads_page(context, request) {
            page_of_community(&store, &viewer, community, state, request)
                .await
                .graphql()?
        } else {
            Page::empty()
        };
        let total = Total::by(move || {
            let (store, viewer) = (store.clone(), viewer.clone());
            Box::pin(async move { count_of_community(&store, &viewer, community, state).await })
        });
        Ok(Self::new(page.map(Flag::from), total))
    }
}

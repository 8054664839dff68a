//! Goals in the schema.

pub mod loaders;
mod mutations;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result};
use service::entity::goal::GoalState as State;
use service::goal::{Goal as Row, GoalScope, count, page};
use service::paging::{Page, PageRequest};

pub use mutations::{CreateGoalInput, GoalMutation, GoalPayload};

use super::community::{self, Community};
use super::connection::{Total, connection, reads_page};
use super::errors::IntoGraphql;
use super::ids::{NodeType, encode};
use super::membership::{Membership, loaders::MembershipById};
use super::node::{Node, load, node_type};
use super::request::{ask, store, viewer};
use super::scalars::{Date, DateTime};
use loaders::EvidenceOf;

/// Where a goal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::goal::GoalState")]
pub enum GoalState {
    /// It is pursued.
    Open,
    /// It was reached.
    Met,
    /// It was given up.
    Dropped,
}

/// What a community, or one of its members, wants to reach.
#[derive(Clone, Debug)]
pub struct Goal {
    row: Arc<Row>,
}

impl From<Row> for Goal {
    fn from(row: Row) -> Self {
        Self { row: Arc::new(row) }
    }
}

/// What a community, or one of its members, wants to reach.
#[Object]
impl Goal {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::Goal, self.row.id)
    }

    /// The community.
    async fn community(&self, context: &Context<'_>) -> Result<Community> {
        community::required(context, self.row.community_id).await
    }

    /// The membership whose goal it is; null for a group goal.
    async fn membership(&self, context: &Context<'_>) -> Result<Option<Membership>> {
        match self.row.membership_id {
            Some(id) => ask(context, MembershipById(id)).await,
            None => Ok(None),
        }
    }

    /// What it says.
    async fn text(&self) -> &str {
        &self.row.text
    }

    /// The day by which it is to be reached.
    async fn target_date(&self) -> Option<Date> {
        self.row.target_date.map(Into::into)
    }

    /// Where it stands.
    async fn state(&self) -> GoalState {
        self.row.state.into()
    }

    /// What shows that it was met, as far as you may see it; at most 50.
    async fn evidence(&self, context: &Context<'_>) -> Result<Vec<Node>> {
        let found = ask(context, EvidenceOf(self.row.id)).await?;
        let ids: Vec<_> = found
            .into_iter()
            .flatten()
            .map(|(entity_type, id)| (node_type(entity_type), id))
            .collect();
        Ok(load(context, &ids).await?.into_iter().flatten().collect())
    }

    /// When it was set.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

connection!(GoalConnection, GoalEdge, Goal, "goals");

impl GoalConnection {
    /// The goals of a list that the viewer may see.
    pub async fn of(
        context: &Context<'_>,
        scope: GoalScope,
        state: Option<State>,
        request: &PageRequest,
    ) -> Result<Self> {
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
        let page = if reads_page(context, request) {
            page(&store, &viewer, scope, state, request)
                .await
                .graphql()?
        } else {
            Page::empty()
        };
        let total = Total::by(move || {
            let (store, viewer) = (store.clone(), viewer.clone());
            Box::pin(async move { count(&store, &viewer, scope, state).await })
        });
        Ok(Self::new(page.map(Goal::from), total))
    }
}

//! Defining statements in the schema.

pub mod loaders;
mod mutations;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result};
use service::defining_statement::{Statement, count_of_community, page_of_community};
use service::entity::defining_statement::StatementState as State;
use service::paging::{Page, PageRequest};
use uuid::Uuid;

pub use mutations::{ProposeStatementInput, StatementMutation, StatementPayload};

use super::activity::{self, Activity};
use super::community::{self, Community};
use super::connection::{Total, connection, reads_page};
use super::errors::IntoGraphql;
use super::ids::{NodeType, encode};
use super::request::{ask, store, viewer};
use super::scalars::DateTime;
use super::user::{self, User};
use loaders::{EndorsedByViewer, StatementById};

/// What of a community a statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::defining_statement::StatementAspect")]
pub enum StatementAspect {
    /// The concern that members share.
    Concern,
    /// What the community is for.
    Purpose,
    /// What it knows about.
    Domain,
    /// How members are together.
    Community,
    /// What members do.
    Practice,
    /// What members expect of each other.
    Norm,
}

/// Where a statement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::defining_statement::StatementState")]
pub enum StatementState {
    /// Somebody wrote it; members endorse it.
    Proposed,
    /// Enough members endorsed it.
    Adopted,
    /// Another one took its place.
    Superseded,
    /// It was taken back.
    Withdrawn,
}

/// One answer of a community to the question what defines it.
#[derive(Clone, Debug)]
pub struct DefiningStatement {
    row: Arc<Statement>,
}

impl From<Statement> for DefiningStatement {
    fn from(row: Statement) -> Self {
        Self { row: Arc::new(row) }
    }
}

/// One answer of a community to the question what defines it: proposed by a member, adopted when enough others endorse
/// it.
#[Object]
impl DefiningStatement {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::DefiningStatement, self.row.id)
    }

    /// Who proposed it; null where that is not known any more.
    async fn author(&self, context: &Context<'_>) -> Result<Option<User>> {
        match self.row.author_id {
            Some(id) => user::one(context, id).await,
            None => Ok(None),
        }
    }

    /// The community.
    async fn community(&self, context: &Context<'_>) -> Result<Community> {
        community::required(context, self.row.community_id).await
    }

    /// What it says.
    async fn text(&self) -> &str {
        &self.row.text
    }

    /// What it is about.
    async fn aspect(&self) -> StatementAspect {
        self.row.aspect.into()
    }

    /// Where it stands.
    async fn state(&self) -> StatementState {
        self.row.state.into()
    }

    /// The activity that it was made in; null where it says none, and where you may not see the activity.
    async fn made_in(&self, context: &Context<'_>) -> Result<Option<Activity>> {
        let found = activity::made_in(context, self.row.id).await?;
        Ok(found.map(|(activity, _)| activity))
    }

    /// The recurrenceId of the occurrence that it was made in.
    async fn made_in_occurrence(&self, context: &Context<'_>) -> Result<Option<DateTime>> {
        let found = activity::made_in(context, self.row.id).await?;
        Ok(found.and_then(|(_, occurrence)| occurrence).map(Into::into))
    }

    /// How many members endorsed it.
    async fn endorsement_count(&self) -> i32 {
        self.row.endorsement_count
    }

    /// Whether you endorsed it.
    async fn viewer_endorses(&self, context: &Context<'_>) -> Result<bool> {
        Ok(ask(context, EndorsedByViewer(self.row.id)).await?.is_some())
    }

    /// The adopted statement whose place it is to take, or took.
    async fn supersedes(&self, context: &Context<'_>) -> Result<Option<DefiningStatement>> {
        match self.row.supersedes_id {
            Some(id) => ask(context, StatementById(id)).await,
            None => Ok(None),
        }
    }

    /// The statement that took its place.
    async fn superseded_by(&self, context: &Context<'_>) -> Result<Option<DefiningStatement>> {
        match self.row.superseded_by_id {
            Some(id) => ask(context, StatementById(id)).await,
            None => Ok(None),
        }
    }

    /// When it was proposed.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

connection!(
    DefiningStatementConnection,
    DefiningStatementEdge,
    DefiningStatement,
    "defining statements"
);

impl DefiningStatementConnection {
    /// The statements of a community that the viewer may see.
    pub async fn of_community(
        context: &Context<'_>,
        community: Uuid,
        state: Option<State>,
        request: &PageRequest,
    ) -> Result<Self> {
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
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
        Ok(Self::new(page.map(DefiningStatement::from), total))
    }
}

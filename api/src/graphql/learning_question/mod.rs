//! Learning agendas in the schema.

pub mod loaders;
mod mutations;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result};
use service::learning_question::{LearningQuestion as Row, count_of_community, page_of_community};
use service::paging::{Page, PageRequest};
use uuid::Uuid;

pub use mutations::{LearningQuestionMutation, LearningQuestionPayload};

use super::community::{self, Community};
use super::connection::{Total, connection, reads_page};
use super::errors::IntoGraphql;
use super::ids::{NodeType, encode};
use super::node::{Node, load, node_type};
use super::request::{ask, store, viewer};
use super::scalars::DateTime;
use loaders::AnswersOf;

/// Where a question of the learning agenda stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::learning_question::LearningQuestionState")]
pub enum LearningQuestionState {
    /// It waits.
    Open,
    /// Members look into it.
    InInquiry,
    /// It is answered.
    Answered,
    /// It is set aside; it can be taken up again.
    Parked,
}

/// One question of a community's learning agenda.
#[derive(Clone, Debug)]
pub struct LearningQuestion {
    row: Arc<Row>,
}

impl From<Row> for LearningQuestion {
    fn from(row: Row) -> Self {
        Self { row: Arc::new(row) }
    }
}

/// One question of a community's learning agenda.
#[Object]
impl LearningQuestion {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::LearningQuestion, self.row.id)
    }

    /// The community.
    async fn community(&self, context: &Context<'_>) -> Result<Community> {
        community::required(context, self.row.community_id).await
    }

    /// What it asks.
    async fn text(&self) -> &str {
        &self.row.text
    }

    /// Its place in the agenda, from 1.
    async fn rank(&self) -> i32 {
        self.row.rank
    }

    /// Where it stands.
    async fn state(&self) -> LearningQuestionState {
        self.row.state.into()
    }

    /// The activities and other items that answer it, as far as you may see them; at most 50.
    async fn answers(&self, context: &Context<'_>) -> Result<Vec<Node>> {
        let found = ask(context, AnswersOf(self.row.id)).await?;
        let ids: Vec<_> = found
            .into_iter()
            .flatten()
            .map(|(entity_type, id)| (node_type(entity_type), id))
            .collect();
        Ok(load(context, &ids).await?.into_iter().flatten().collect())
    }

    /// When it was added.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

connection!(
    LearningQuestionConnection,
    LearningQuestionEdge,
    LearningQuestion,
    "questions of a learning agenda"
);

impl LearningQuestionConnection {
    /// The learning agenda of a community, as far as the viewer may see it.
    pub async fn of_community(
        context: &Context<'_>,
        community: Uuid,
        request: &PageRequest,
    ) -> Result<Self> {
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
        let page = if reads_page(context, request) {
            page_of_community(&store, &viewer, community, request)
                .await
                .graphql()?
        } else {
            Page::empty()
        };
        let total = Total::by(move || {
            let (store, viewer) = (store.clone(), viewer.clone());
            Box::pin(async move { count_of_community(&store, &viewer, community).await })
        });
        Ok(Self::new(page.map(LearningQuestion::from), total))
    }
}

//! Value stories in the schema.

pub mod loaders;
mod mutations;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result};
use service::paging::{Page, PageRequest};
use service::value_story::{count_of_community, page_of_community};
use uuid::Uuid;

pub use mutations::{StoryMutation, ValueStepInput, ValueStoryInput, ValueStoryPayload};

use self::loaders::StepsOf;
use super::community::{self, Community};
use super::connection::{Total, connection, reads_page};
use super::consent::Consent;
use super::errors::IntoGraphql;
use super::ids::{NodeType, encode};
use super::node::{self, Node, node_type};
use super::request::{ask, store, viewer};
use super::scalars::DateTime;
use super::user::{self, User};

/// The cycles of value creation of Wenger, Trayner and de Laat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::value_step::ValueCycle")]
pub enum ValueCycle {
    /// What taking part was worth in itself.
    Immediate,
    /// What was learned or made that may be of use.
    Potential,
    /// What was done with it in practice.
    Applied,
    /// What got better by it.
    Realized,
    /// What is seen otherwise since.
    Reframing,
}

/// What a member tells of the value that a community had for them.
#[derive(Clone, Debug)]
pub struct ValueStory {
    row: Arc<service::value_story::ValueStory>,
}

impl From<service::value_story::ValueStory> for ValueStory {
    fn from(row: service::value_story::ValueStory) -> Self {
        Self { row: Arc::new(row) }
    }
}

/// What a member tells of the value that a community had for them, step by step.
#[Object]
impl ValueStory {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::ValueStory, self.row.id)
    }

    /// The community.
    async fn community(&self, context: &Context<'_>) -> Result<Community> {
        community::required(context, self.row.community_id).await
    }

    /// Who tells it; null where that is not known any more.
    async fn author(&self, context: &Context<'_>) -> Result<Option<User>> {
        match self.row.author_id {
            Some(id) => user::one(context, id).await,
            None => Ok(None),
        }
    }

    /// Its title, one line.
    async fn title(&self) -> &str {
        &self.row.title
    }

    /// Who may read it.
    async fn consent(&self) -> Consent {
        self.row.consent.into()
    }

    /// Its steps, in their order; at most 50.
    async fn steps(&self, context: &Context<'_>) -> Result<Vec<ValueStep>> {
        let steps = ask(context, StepsOf(self.row.id)).await?;
        let steps = steps.unwrap_or_default().into_iter();
        Ok(steps.map(|row| ValueStep { row }).collect())
    }

    /// When it was told.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

/// One step of a value story.
#[derive(Clone, Debug)]
pub struct ValueStep {
    row: service::value_story::ValueStep,
}

/// One step of a value story.
#[Object]
impl ValueStep {
    /// Which kind of value it tells of.
    async fn cycle(&self) -> ValueCycle {
        self.row.cycle.into()
    }

    /// What it says.
    async fn text(&self) -> &str {
        &self.row.text
    }

    /// What it points at, as far as you may see it; at most 10.
    async fn references(&self, context: &Context<'_>) -> Result<Vec<Node>> {
        let ends = self.row.references.iter();
        let ids: Vec<_> = ends.map(|end| (node_type(end.0), end.1)).collect();
        let nodes = node::load(context, &ids).await?;
        Ok(nodes.into_iter().flatten().collect())
    }
}

connection!(
    ValueStoryConnection,
    ValueStoryEdge,
    ValueStory,
    "value stories"
);

impl ValueStoryConnection {
    /// The stories of a community that the viewer may read.
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
        Ok(Self::new(page.map(ValueStory::from), total))
    }
}

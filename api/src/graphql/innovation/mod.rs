//! Innovations in the schema.

mod inputs;
pub mod loaders;
mod mutations;
mod queries;
mod transition;

use async_graphql::{Context, Result};
use service::entity::innovation;
use service::item::{Details, Edges, ItemState, Listed};

pub use inputs::{CreateInnovationInput, InnovationFilter, InnovationOrder, UpdateInnovationInput};
pub use mutations::{InnovationMutation, InnovationPayload};
pub use queries::{InnovationQuery, page};
pub use transition::{InnovationTransition, InnovationTransitionConnection};

use super::connection::{connection, page_request};
use super::item::item_object;
use super::request::ask;

/// Where an innovation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(remote = "service::entity::innovation::InnovationStage")]
pub enum InnovationStage {
    /// An idea.
    Idea,
    /// Being explored.
    Exploring,
    /// Being tried.
    Piloting,
    /// A pilot worked.
    Validated,
    /// A practice or resource was made from it.
    Promoted,
    /// Set aside; it can come back to where it was.
    Parked,
    /// Given up; what was learned is in `learning`.
    Abandoned,
}

item_object! {
    /// An idea on its way to becoming practice.
    Innovation, innovation::Model, Innovation {
        /// What it is to solve.
        pub async fn problem(&self) -> Option<&str> {
            self.details.problem.as_deref()
        }

        /// The idea, Markdown.
        pub async fn idea(&self) -> &str {
            &self.details.idea
        }

        /// Sanitized HTML of the idea.
        pub async fn idea_html(&self) -> Option<String> {
            Some(service::text::markdown_to_html(&self.details.idea))
        }

        /// What is expected to happen.
        pub async fn hypothesis(&self) -> Option<&str> {
            self.details.hypothesis.as_deref()
        }

        /// What was learned.
        pub async fn learning(&self) -> Option<&str> {
            self.details.learning.as_deref()
        }

        /// Where it stands.
        pub async fn stage(&self) -> InnovationStage {
            self.details.stage.into()
        }

        /// The steps from stage to stage, oldest first.
        pub async fn transitions(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<i32>,
            #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        ) -> Result<InnovationTransitionConnection> {
            let request = page_request(first, after, None, None);
            InnovationTransitionConnection::of(context, self.item.id, &request).await
        }

        /// How many people support it.
        pub async fn supporter_count(&self) -> i32 {
            self.details.supporter_count
        }

        /// Whether you support it.
        pub async fn viewer_supports(&self, context: &Context<'_>) -> Result<bool> {
            Ok(ask(context, loaders::SupportedByViewer(self.item.id)).await?.is_some())
        }

        /// The activity that it was made in; null where it says none, and where you may not see the activity.
        pub async fn made_in(
            &self,
            context: &async_graphql::Context<'_>,
        ) -> async_graphql::Result<Option<super::activity::Activity>> {
            let found = super::activity::made_in(context, self.item.id).await?;
            Ok(found.map(|(activity, _)| activity))
        }

        /// The recurrenceId of the occurrence that it was made in.
        pub async fn made_in_occurrence(
            &self,
            context: &async_graphql::Context<'_>,
        ) -> async_graphql::Result<Option<super::scalars::DateTime>> {
            let found = super::activity::made_in(context, self.item.id).await?;
            Ok(found.and_then(|(_, occurrence)| occurrence).map(Into::into))
        }
    }
}

impl From<ItemState> for Innovation {
    fn from(mut state: ItemState) -> Self {
        let edges = Edges::from(&mut state);
        let id = state.item.id;
        let details = match state.details {
            Details::Innovation(row) => row,
            _ => innovation::Model {
                id,
                problem: None,
                idea: String::new(),
                hypothesis: None,
                learning: None,
                stage: innovation::InnovationStage::Idea,
                supporter_count: 0,
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

connection!(
    InnovationConnection,
    InnovationEdge,
    Innovation,
    "innovations"
);

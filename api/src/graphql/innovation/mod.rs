//! Innovations in the schema.

mod inputs;
pub mod loaders;
mod mutations;
mod queries;
mod transition;

use async_graphql::{Context, Result};
use service::community::kind::clock::Clock;
use service::community::stage_label;
use service::entity::innovation;
use service::innovation::{guards, next_stages};
use service::item::{Details, Edges, ItemState, Listed};
use service::policy::item::{self as policy, ItemFacts};

pub use inputs::{CreateInnovationInput, InnovationFilter, InnovationOrder, UpdateInnovationInput};
pub use mutations::{InnovationMutation, InnovationPayload};
pub use queries::{InnovationQuery, page};
pub use transition::{InnovationTransition, InnovationTransitionConnection};

use super::community;
use super::connection::{connection, page_request};
use super::evidence::{self, EvidenceLevel};
use super::item::loaders::AuthorsOf;
use super::item::{Lifecycle, TransitionOption, plain_item_fields, tried_object};
use super::node::{self, Node};
use super::plain::plain_enums;
use super::request::{ask, viewer};
use super::review::loaders::ParkedFrom;
use super::scalars::DateTime;

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

tried_object! {
    item_object:
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

        /// The name under which its community shows the stage.
        pub async fn stage_label(&self, context: &Context<'_>) -> Result<String> {
            let community = community::required(context, self.item.community_id).await?;
            Ok(stage_label(community.row(), self.details.stage).to_owned())
        }

        /// Since when it has been in its stage, waiting for somebody to move it on, park it or give it up; null when it
        /// is PARKED, PROMOTED or ABANDONED.
        pub async fn undecided_since(&self) -> Option<DateTime> {
            self.item.waiting_since.map(Into::into)
        }

        /// When it will have been in its stage for as long as its community's `stageAgeLimitDays` allow: then its authors
        /// and those who look after the community are told (DUE) to move it on, park it or give it up. Null where nothing
        /// is to be decided, and where the community has no such limit.
        pub async fn decision_due_at(&self, context: &Context<'_>) -> Result<Option<DateTime>> {
            let Some(since) = self.item.waiting_since else {
                return Ok(None);
            };
            let community = community::required(context, self.item.community_id).await?;
            Ok(Clock::StageAge.runs_out(community.row(), since).map(Into::into))
        }

        /// What was made of it by `promoteInnovation`, as far as you may see it.
        pub async fn promoted_to(&self, context: &Context<'_>) -> Result<Vec<Node>> {
            let made = ask(context, loaders::PromotedTo(self.item.id)).await?.unwrap_or_default();
            let made: Vec<_> = made
                .into_iter()
                .map(|(entity_type, id)| (node::node_type(entity_type), id))
                .collect();
            Ok(node::load(context, &made).await?.into_iter().flatten().collect())
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

        /// The stages that lead on from its present one, and what holds each back for you.
        pub async fn available_transitions(&self, context: &Context<'_>) -> Result<Vec<TransitionOption>> {
            let community = community::required(context, self.item.community_id).await?;
            let authors = ask(context, AuthorsOf(self.item.id)).await?.unwrap_or_default();
            let facts = ItemFacts { community: community.row(), item: &self.item, authors: &authors };
            let permission = policy::advance(&viewer(context)?, facts).blocker();
            let parked = self.details.stage == innovation::InnovationStage::Parked;
            let parked_from = if parked { ask(context, ParkedFrom(self.item.id)).await? } else { None };
            let stages = next_stages(self.details.stage, parked_from);
            let tried = ask(context, loaders::TriedOut(self.item.id)).await?.unwrap_or_default();
            Ok(stages
                .into_iter()
                .map(|to| {
                    let guards = guards(&self.details, tried, to);
                    let blockers = permission.clone().into_iter().chain(guards);
                    TransitionOption::new(Lifecycle::Stage, to.as_str(), blockers.collect())
                })
                .collect())
        }

        /// How much shows that it works.
        pub async fn evidence_level(&self, context: &Context<'_>) -> Result<EvidenceLevel> {
            evidence::level(context, self.item.id).await
        }

        /// How many people support it.
        pub async fn supporter_count(&self) -> i32 {
            self.details.supporter_count
        }

        /// Whether you support it.
        pub async fn viewer_supports(&self, context: &Context<'_>) -> Result<bool> {
            Ok(ask(context, loaders::SupportedByViewer(self.item.id)).await?.is_some())
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

plain_item_fields!(Innovation {
    "body" => body,
    "url" => url,
    "problem" => problem,
    "idea" => idea,
    "hypothesis" => hypothesis,
    "learning" => learning,
    "stage" => stage,
    "supporterCount" => supporter_count,
    "undecidedSince" => undecided_since,
});

connection!(
    plain InnovationConnection,
    InnovationEdge,
    Innovation,
    "innovations"
);

plain_enums!(InnovationStage);

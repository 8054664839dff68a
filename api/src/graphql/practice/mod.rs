//! Practices in the schema.

mod inputs;
pub mod loaders;
mod maturity;
mod mutations;
mod queries;

use async_graphql::{Context, Result};
use service::entity::practice;
use service::item::{Details, Edges, ItemState, ListScope, Listed};

pub use inputs::{CreatePracticeInput, PracticeFilter, PracticeOrder, UpdatePracticeInput};
pub use maturity::{MaturityStep, MaturityStepConnection};
pub use mutations::{PracticeMutation, PracticePayload};
pub use queries::{PracticeQuery, page};

use super::connection::{connection, page_request};
use super::evidence::{self, Evidence, EvidenceLevel};
use super::item::loaders::PracticeById;
use super::item::{
    PublicationStatus, TransitionOption, plain_item_fields, publication_options, tried_object,
};
use super::plain::plain_enums;
use super::request::ask;
use super::resource::{self, ResourceConnection};
use maturity::maturity_options;

/// What a practice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(remote = "service::entity::practice::PracticeKind")]
pub enum PracticeKind {
    /// A guideline.
    Guideline,
    /// A strategy.
    Strategy,
    /// A method.
    Method,
    /// A routine.
    Routine,
    /// A standard.
    Standard,
    /// A pattern.
    Pattern,
}

/// How well a practice is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(remote = "service::entity::practice::PracticeMaturity")]
pub enum PracticeMaturity {
    /// Written down.
    Emerging,
    /// A pilot was concluded.
    Trialled,
    /// Reviewed, with evidence.
    Recommended,
    /// A successor took its place.
    Superseded,
    /// No longer advised.
    Retired,
}

tried_object! {
    reviewed_object:
    /// A proven way of doing something, that members take back to their own work.
    Practice, practice::Model, Practice {
        /// What it is, in short.
        pub async fn summary(&self) -> Option<&str> {
            self.details.summary.as_deref()
        }

        /// What it solves.
        pub async fn problem(&self) -> Option<&str> {
            self.details.problem.as_deref()
        }

        /// Where it works.
        pub async fn context(&self) -> Option<&str> {
            self.details.context.as_deref()
        }

        /// What kind of practice it is.
        pub async fn kind(&self) -> Result<PracticeKind> {
            let kind = self.item.kind.as_deref().and_then(practice::PracticeKind::parse);
            kind.map(Into::into).ok_or_else(|| async_graphql::Error::new(format!("{} has no known kind", self.item.id)))
        }

        /// Where it stands.
        pub async fn status(&self) -> PublicationStatus {
            self.item.status.unwrap_or(service::entity::item::PublicationStatus::Draft).into()
        }

        /// How well it is proven.
        pub async fn maturity(&self) -> PracticeMaturity {
            self.details.maturity.into()
        }

        /// The steps that lead on from its present status and maturity, and what holds each back for you.
        pub async fn available_transitions(&self, context: &Context<'_>) -> Result<Vec<TransitionOption>> {
            let mut options = publication_options(context, &self.item).await?;
            options.extend(maturity_options(context, &self.item, self.details.maturity).await?);
            Ok(options)
        }

        /// The steps from maturity to maturity, oldest first.
        pub async fn maturity_history(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<i32>,
            #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        ) -> Result<MaturityStepConnection> {
            let request = page_request(first, after, None, None);
            MaturityStepConnection::of(context, self.item.id, &request).await
        }

        /// The practice that took its place; null where it is not SUPERSEDED, and where you may not see that one.
        pub async fn superseded_by(&self, context: &Context<'_>) -> Result<Option<Practice>> {
            match ask(context, loaders::SuccessorOf(self.item.id)).await? {
                Some(id) => ask(context, PracticeById(id)).await,
                None => Ok(None),
            }
        }

        /// How much shows that it works.
        pub async fn evidence_level(&self, context: &Context<'_>) -> Result<EvidenceLevel> {
            evidence::level(context, self.item.id).await
        }

        /// What shows that it works: pilots, reports, adoptions and resources.
        pub async fn evidence(&self) -> Evidence {
            Evidence::of(self.item.id)
        }

        /// The resources that it uses, as far as you may see them.
        pub async fn resources(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<i32>,
            #[graphql(desc = "Start after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
            #[graphql(desc = "End before this cursor.")] before: Option<String>,
        ) -> Result<ResourceConnection> {
            let request = page_request(first, after, last, before);
            resource::page(context, None, None, ListScope::UsedBy(self.item.id), &request).await
        }
    }
}

impl From<ItemState> for Practice {
    fn from(mut state: ItemState) -> Self {
        let edges = Edges::from(&mut state);
        let id = state.item.id;
        let details = match state.details {
            Details::Practice(row, _) => row,
            _ => practice::Model {
                id,
                summary: None,
                problem: None,
                context: None,
                maturity: practice::PracticeMaturity::Emerging,
                recommended_at: None,
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

plain_item_fields!(Practice {
    "body" => body,
    "url" => url,
    "summary" => summary,
    "problem" => problem,
    "context" => context,
    "kind" => kind,
    "status" => status,
    "maturity" => maturity,
    "reviewDueAt" => review_due_at,
});

connection!(plain PracticeConnection, PracticeEdge, Practice, "practices");

plain_enums!(PracticeKind, PracticeMaturity);

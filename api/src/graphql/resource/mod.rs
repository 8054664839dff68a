//! Resources in the schema.

mod inputs;
pub mod loaders;
mod mutations;
mod queries;
mod rating;

use async_graphql::{Context, Result};
use service::entity::{item, resource};

pub use inputs::{CreateResourceInput, ResourceFilter, ResourceOrder, UpdateResourceInput};
pub use mutations::{ResourceMutation, ResourcePayload};
pub use queries::{ResourceQuery, page};
pub use rating::{Rating, RatingConnection};

use service::item::{Details, Edges, ItemState, Listed};
use service::policy::item::{self as policy, ItemFacts};

use super::community;
use super::connection::{connection, page_request};
use super::errors::IntoGraphql;
use super::evidence::{self, EvidenceLevel};
use super::external_reference::{self, ExternalReference};
use super::item::loaders::{AuthorsOf, ResourceById};
use super::item::{
    PublicationStatus, TransitionOption, plain_item_fields, publication_options, tried_object,
};
use super::plain::plain_enums;
use super::request::{app, ask, ask_many, viewer};
use super::scalars::DateTime;

/// What a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(remote = "service::entity::resource::ResourceKind")]
pub enum ResourceKind {
    /// An article.
    Article,
    /// A document.
    Document,
    /// A guide.
    Guide,
    /// A plan for a lesson.
    LessonPlan,
    /// A video.
    Video,
    /// A sound recording.
    Audio,
    /// Slides.
    Presentation,
    /// Data.
    Dataset,
    /// A tool.
    Tool,
    /// A template.
    Template,
    /// A case study.
    CaseStudy,
    /// A story.
    Story,
    /// A recording of an activity.
    Recording,
    /// An assessment.
    Assessment,
    /// A link.
    Link,
    /// Anything else.
    Other,
}

tried_object! {
    reviewed_object:
    /// Something that a community collects and shares: a guide, a lesson plan, a video, a link.
    Resource, resource::Model, Resource {
        /// What it is, in short.
        pub async fn description(&self) -> Option<&str> {
            self.details.description.as_deref()
        }

        /// What kind of resource it is.
        pub async fn kind(&self) -> async_graphql::Result<ResourceKind> {
            let kind = self.item.kind.as_deref().and_then(resource::ResourceKind::parse);
            kind.map(Into::into).ok_or_else(|| async_graphql::Error::new(format!("{} has no known kind", self.item.id)))
        }

        /// LRMI educational levels that it is for.
        pub async fn educational_levels(&self) -> &[String] {
            &self.details.educational_levels.0
        }

        /// How long it takes to work through, in minutes.
        pub async fn time_required_minutes(&self) -> Option<i32> {
            self.details.time_required_minutes
        }

        /// Where it stands.
        pub async fn status(&self) -> PublicationStatus {
            self.item.status.unwrap_or(service::entity::item::PublicationStatus::Draft).into()
        }

        /// When it was first published.
        pub async fn published_at(&self) -> Option<DateTime> {
            self.item.published_at.map(Into::into)
        }

        /// The steps that lead on from its present status, and what holds each back for you.
        pub async fn available_transitions(
            &self,
            context: &async_graphql::Context<'_>,
        ) -> async_graphql::Result<Vec<TransitionOption>> {
            publication_options(context, &self.item).await
        }

        /// How much shows that it works.
        pub async fn evidence_level(
            &self,
            context: &async_graphql::Context<'_>,
        ) -> async_graphql::Result<EvidenceLevel> {
            evidence::level(context, self.item.id).await
        }

        /// What people find of it on average, from 1 to 5; null while nobody rated it.
        pub async fn average_rating(&self) -> Option<f64> {
            let count = self.details.rating_count;
            (count > 0).then(|| f64::from(self.details.rating_sum) / f64::from(count))
        }

        /// How many people rated it.
        pub async fn rating_count(&self) -> i32 {
            self.details.rating_count
        }

        /// What you rated it; null where you did not.
        pub async fn viewer_rating(
            &self,
            context: &async_graphql::Context<'_>,
        ) -> async_graphql::Result<Option<i32>> {
            ask(context, loaders::RatedByViewer(self.item.id)).await
        }

        /// How people rated it, the last first.
        pub async fn ratings(
            &self,
            context: &async_graphql::Context<'_>,
            #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<i32>,
            #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        ) -> async_graphql::Result<RatingConnection> {
            let request = page_request(first, after, None, None);
            RatingConnection::of(context, &self.details, &request).await
        }

        /// What it is called in other systems; at most 20.
        pub async fn external_references(
            &self,
            context: &async_graphql::Context<'_>,
        ) -> async_graphql::Result<Vec<ExternalReference>> {
            external_reference::of_resource(context, self.item.id).await
        }

        /// Resources of the same community that are likely the same, at most 10, the likeliest first: for its authors,
        /// and stewards and facilitators of its community; empty for everyone else.
        pub async fn likely_duplicates(
            &self,
            context: &async_graphql::Context<'_>,
        ) -> async_graphql::Result<Vec<Resource>> {
            likely_duplicates(context, &self.item).await
        }
    }
}

async fn likely_duplicates(context: &Context<'_>, item: &item::Model) -> Result<Vec<Resource>> {
    let community = community::required(context, item.community_id).await?;
    let authors = ask(context, AuthorsOf(item.id)).await?.unwrap_or_default();
    let facts = ItemFacts {
        community: community.row(),
        item,
        authors: &authors,
    };
    let viewer = viewer(context)?;
    if !policy::compare(&viewer, facts) {
        return Ok(Vec::new());
    }
    let app = app(context)?;
    let found = service::review::likely_duplicates(&app.store, &app.index, &viewer, item).await;
    ask_many(
        context,
        found.graphql()?.into_iter().map(ResourceById).collect(),
    )
    .await
}

impl From<ItemState> for Resource {
    fn from(mut state: ItemState) -> Self {
        let edges = Edges::from(&mut state);
        let id = state.item.id;
        let details = match state.details {
            Details::Resource(row) => row,
            _ => resource::Model {
                id,
                description: None,
                educational_levels: service::entity::TextList::default(),
                time_required_minutes: None,
                rating_count: 0,
                rating_sum: 0,
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

plain_item_fields!(Resource {
    "body" => body,
    "url" => url,
    "description" => description,
    "kind" => kind,
    "educationalLevels" => educational_levels,
    "timeRequiredMinutes" => time_required_minutes,
    "status" => status,
    "publishedAt" => published_at,
    "reviewDueAt" => review_due_at,
});

connection!(plain ResourceConnection, ResourceEdge, Resource, "resources");

plain_enums!(ResourceKind);

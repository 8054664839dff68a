//! What search finds, loaded by its id.

use async_graphql::{Context, Object, Result, Union};
use service::search as service_search;
use service::search::DocumentKind;
use uuid::Uuid;

use super::SearchKind;
use crate::graphql::activity::Activity;
use crate::graphql::collection::Collection;
use crate::graphql::community::Community;
use crate::graphql::community::loaders::CommunityById;
use crate::graphql::discussion::Discussion;
use crate::graphql::domain::Domain;
use crate::graphql::domain::loaders::DomainById;
use crate::graphql::experience_report::ExperienceReport;
use crate::graphql::experience_report::loaders::ReportById;
use crate::graphql::innovation::Innovation;
use crate::graphql::item::loaders::{
    ActivityById, CollectionById, DiscussionById, InnovationById, PracticeById, ResourceById,
};
use crate::graphql::practice::Practice;
use crate::graphql::request::ask;
use crate::graphql::resource::Resource;
use crate::graphql::value_story::{ValueStory, loaders::ValueStoryById};

/// Something that search finds.
#[derive(Clone, Debug, Union)]
pub enum SearchResult {
    /// A community.
    Community(Community),
    /// A domain.
    Domain(Domain),
    /// A resource.
    Resource(Resource),
    /// A practice.
    Practice(Practice),
    /// An innovation.
    Innovation(Innovation),
    /// An activity.
    Activity(Activity),
    /// A discussion.
    Discussion(Discussion),
    /// A collection.
    Collection(Collection),
    /// A value story.
    ValueStory(ValueStory),
    /// An experience report.
    ExperienceReport(ExperienceReport),
}

impl SearchResult {
    /// Loads what was found, as far as the viewer may see it; what is found together is loaded together.
    pub async fn load(context: &Context<'_>, kind: DocumentKind, id: Uuid) -> Result<Option<Self>> {
        Ok(match kind {
            DocumentKind::Community => ask(context, CommunityById(id))
                .await?
                .map(|row| Self::Community(row.into())),
            DocumentKind::Domain => ask(context, DomainById(id))
                .await?
                .map(|row| Self::Domain(row.into())),
            DocumentKind::Resource => ask(context, ResourceById(id)).await?.map(Self::Resource),
            DocumentKind::Practice => ask(context, PracticeById(id)).await?.map(Self::Practice),
            DocumentKind::Innovation => ask(context, InnovationById(id))
                .await?
                .map(Self::Innovation),
            DocumentKind::Activity => ask(context, ActivityById(id)).await?.map(Self::Activity),
            DocumentKind::Discussion => ask(context, DiscussionById(id))
                .await?
                .map(Self::Discussion),
            DocumentKind::Collection => ask(context, CollectionById(id))
                .await?
                .map(Self::Collection),
            DocumentKind::ValueStory => ask(context, ValueStoryById(id))
                .await?
                .map(Self::ValueStory),
            DocumentKind::ExperienceReport => ask(context, ReportById(id))
                .await?
                .map(Self::ExperienceReport),
        })
    }
}

/// A completion of what was typed.
#[derive(Clone, Debug)]
pub struct Suggestion {
    row: service_search::Suggestion,
}

impl From<service_search::Suggestion> for Suggestion {
    fn from(row: service_search::Suggestion) -> Self {
        Self { row }
    }
}

/// A completion of what was typed.
#[Object]
impl Suggestion {
    /// The completion.
    async fn text(&self) -> &str {
        &self.row.text
    }

    /// What kind of thing is called so; null for a tag.
    async fn kind(&self) -> Option<SearchKind> {
        self.row.target.map(|(kind, _)| kind.into())
    }

    /// What is called so; null for a tag.
    async fn node(&self, context: &Context<'_>) -> Result<Option<SearchResult>> {
        match self.row.target {
            Some((kind, id)) => SearchResult::load(context, kind, id).await,
            None => Ok(None),
        }
    }
}

//! Inputs of search.

use async_graphql::{Enum, ID, InputObject};
use service::search as service_search;
use service::search::{DocumentKind, FacetField};

use crate::graphql::community::CommunityKind;
use crate::graphql::ids::{NodeType, decode_list};
use crate::graphql::item::{DateTimeRange, PublicationStatus, read_range};
use crate::graphql::resource::ResourceKind;
use crate::graphql::scalars::Locale;

/// The kinds of things that search finds. More values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::search::DocumentKind")]
pub enum SearchKind {
    /// Communities.
    Community,
    /// Domains.
    Domain,
    /// Resources.
    Resource,
    /// Practices.
    Practice,
    /// Innovations.
    Innovation,
    /// Activities.
    Activity,
    /// Discussions, with what was posted to them.
    Discussion,
    /// Collections.
    Collection,
    /// Value stories, as far as their authors consent.
    ValueStory,
    /// Experience reports.
    ExperienceReport,
}

/// The order of hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::search::SearchOrder")]
pub enum SearchOrder {
    /// Best match first.
    Relevance,
    /// Last changed first.
    Newest,
    /// First changed first.
    Oldest,
    /// By title; case and accents ignored.
    Title,
}

/// What hits can be counted by. What the filter asks of a field does not narrow the counts of that field, so that a front
/// end can show what else could be chosen. More values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum SearchFacetField {
    /// By kind of thing.
    Kind,
    /// By kind of resource.
    ResourceKind,
    /// By community.
    Community,
    /// By kind of community.
    CommunityKind,
    /// By domain; broader domains count what narrower ones hold.
    Domain,
    /// By tag.
    Tag,
    /// By language, as declared or detected.
    Language,
    /// By licence.
    Licence,
    /// By author.
    Author,
    /// By publication status, or the state of what has none: an innovation's stage, a discussion's state.
    Status,
    /// By educational level, as given.
    EducationalLevel,
    /// By year of publication.
    Year,
}

impl From<SearchFacetField> for FacetField {
    fn from(field: SearchFacetField) -> Self {
        match field {
            SearchFacetField::Kind => Self::Kind,
            SearchFacetField::ResourceKind => Self::ResourceKind,
            SearchFacetField::Community => Self::Community,
            SearchFacetField::CommunityKind => Self::CommunityKind,
            SearchFacetField::Domain => Self::Domain,
            SearchFacetField::Tag => Self::Tag,
            SearchFacetField::Language => Self::Language,
            SearchFacetField::Licence => Self::Licence,
            SearchFacetField::Author => Self::Author,
            SearchFacetField::Status => Self::Status,
            SearchFacetField::EducationalLevel => Self::EducationalLevel,
            SearchFacetField::Year => Self::Year,
        }
    }
}

/// What hits must have. Fields are ANDed, the values of one list are ORed; an empty list restricts nothing.
#[derive(Clone, Debug, Default, InputObject)]
pub struct SearchFilter {
    /// Kinds of things.
    pub kinds: Option<Vec<SearchKind>>,
    /// Kinds of resources.
    pub resource_kinds: Option<Vec<ResourceKind>>,
    /// Of these communities, themselves included.
    pub community_ids: Option<Vec<ID>>,
    /// Of communities of these kinds.
    pub community_kinds: Option<Vec<CommunityKind>>,
    /// About these domains or narrower ones.
    pub domain_ids: Option<Vec<ID>>,
    /// With one of these tags; case and accents ignored.
    pub tags: Option<Vec<String>>,
    /// In these languages, as declared or detected; `fr` finds `fr-CA` too.
    pub languages: Option<Vec<Locale>>,
    /// Under these licences.
    pub licences: Option<Vec<String>>,
    /// By these users.
    pub author_ids: Option<Vec<ID>>,
    /// Last changed in this range.
    pub updated_at: Option<DateTimeRange>,
    /// Of these publication statuses; what has none, such as a discussion, is left out.
    pub statuses: Option<Vec<PublicationStatus>>,
    /// False to leave out what is filed under narrower domains of `domainIds` only; true if not given.
    pub include_narrower_domains: Option<bool>,
    /// True to find parked and abandoned innovations too, with what was learned from them; false if not given.
    pub include_abandoned: Option<bool>,
}

impl SearchFilter {
    /// Reads the filter for the service.
    pub fn read(self) -> service::error::Result<service_search::SearchFilter> {
        let kinds = self.kinds.unwrap_or_default().into_iter();
        let resource_kinds = self.resource_kinds.unwrap_or_default().into_iter();
        let community_kinds = self.community_kinds.unwrap_or_default().into_iter();
        let statuses = self.statuses.unwrap_or_default().into_iter();
        let languages = self.languages.unwrap_or_default().into_iter();
        Ok(service_search::SearchFilter {
            kinds: kinds.map(DocumentKind::from).collect(),
            resource_kinds: resource_kinds.map(Into::into).collect(),
            community_ids: decode_list("filter", self.community_ids.as_ref(), NodeType::Community)?,
            community_kinds: community_kinds.map(Into::into).collect(),
            domain_ids: decode_list("filter", self.domain_ids.as_ref(), NodeType::Domain)?,
            tags: self.tags.unwrap_or_default(),
            languages: languages.map(|language| language.0).collect(),
            licences: self.licences.unwrap_or_default(),
            author_ids: decode_list("filter", self.author_ids.as_ref(), NodeType::User)?,
            updated_at: read_range(self.updated_at.as_ref())?,
            statuses: statuses.map(Into::into).collect(),
            without_narrower_domains: self.include_narrower_domains == Some(false),
            include_abandoned: self.include_abandoned == Some(true),
        })
    }
}

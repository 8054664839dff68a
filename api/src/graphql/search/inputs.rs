//! Inputs of search.

use async_graphql::{Enum, ID, InputObject, SimpleObject};
use service::search as service_search;
use service::search::FacetField;

use crate::graphql::community::CommunityKind;
use crate::graphql::evidence::EvidenceLevel;
use crate::graphql::ids::{Decoder, NodeType, decode_list, encode};
use crate::graphql::item::{DateTimeRange, PublicationStatus, decode_range, read_range};
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

/// Where something that search finds stands, by the name that its kind has for that: what the facet STATUS counts. More
/// values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::saved_search::SearchState")]
pub enum SearchState {
    /// Resources, practices and collections that are being written.
    Draft,
    /// Resources, practices and collections that wait for reviewers.
    InReview,
    /// Resources, practices and collections that reviewers asked to change.
    ChangesRequested,
    /// Resources, practices and collections that are part of the shared repertoire.
    Published,
    /// Resources, practices and collections that are no longer offered, and communities that are closed for writing.
    Archived,
    /// Communities that are open for writing.
    Active,
    /// Innovations that are ideas.
    Idea,
    /// Innovations that are being explored.
    Exploring,
    /// Innovations that are being tried.
    Piloting,
    /// Innovations of which a pilot worked.
    Validated,
    /// Innovations of which a practice or resource was made.
    Promoted,
    /// Innovations that are set aside.
    Parked,
    /// Innovations that were given up, with what was learned.
    Abandoned,
    /// Activities that are to take place.
    Planned,
    /// Activities that took place.
    Held,
    /// Activities that do not take place.
    Cancelled,
    /// Discussions that go on.
    Open,
    /// Discussions with an accepted answer.
    Resolved,
    /// Discussions that ended without an answer.
    Closed,
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
    /// By domain; broader domains count what narrower ones hold, unless `includeNarrowerDomains` is false.
    Domain,
    /// By tag; case and accents ignored.
    Tag,
    /// By language, as declared or detected; `fr` counts `fr-CA` too.
    Language,
    /// By licence.
    Licence,
    /// By author.
    Author,
    /// By publication status, or what stands for it: an innovation's stage, an activity's or a discussion's state, a
    /// community's status. Its values go into `states`.
    Status,
    /// By educational level, as given.
    EducationalLevel,
    /// By how much shows that it works: resources, practices and innovations.
    EvidenceLevel,
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
            SearchFacetField::EvidenceLevel => Self::EvidenceLevel,
            SearchFacetField::Year => Self::Year,
        }
    }
}

/// What hits must have. Fields are ANDed, the values of one list are ORed; an empty list restricts nothing.
#[derive(Clone, Debug, Default, InputObject, SimpleObject)]
#[graphql(name = "SavedSearchFilter", input_name = "SearchFilter")]
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
    /// Of these publication statuses; what has none, such as a discussion, is left out. `states` takes everything that
    /// the facet STATUS counts.
    pub statuses: Option<Vec<PublicationStatus>>,
    /// Of these evidence levels: resources, practices and innovations.
    pub evidence_levels: Option<Vec<EvidenceLevel>>,
    /// False to leave out what is filed under narrower domains of `domainIds` only; true if not given.
    pub include_narrower_domains: Option<bool>,
    /// True to find parked and abandoned innovations too, with what was learned from them; false if not given.
    pub include_abandoned: Option<bool>,
    /// In these states: publication statuses, stages of innovations, states of activities and discussions, statuses of
    /// communities. PARKED and ABANDONED find these innovations without `includeAbandoned`.
    pub states: Option<Vec<SearchState>>,
    /// For these educational levels, as given: resources.
    pub educational_levels: Option<Vec<String>>,
    /// Of these years of publication, from 1 to 9999; innovations, activities, discussions and value stories are of the
    /// year in which they were made.
    pub years: Option<Vec<i32>>,
}

impl SearchFilter {
    /// Reads the filter of a query for the service.
    pub fn read(self) -> service::error::Result<service_search::SearchFilter> {
        let ids = |ids: Option<&Vec<ID>>, of| decode_list("filter", ids, of);
        Ok(service_search::SearchFilter {
            community_ids: ids(self.community_ids.as_ref(), NodeType::Community)?,
            domain_ids: ids(self.domain_ids.as_ref(), NodeType::Domain)?,
            author_ids: ids(self.author_ids.as_ref(), NodeType::User)?,
            updated_at: read_range(self.updated_at.as_ref())?,
            ..self.plain()
        })
    }

    /// Reads the filter of a mutation for the service.
    pub fn decode(self, decoder: &mut Decoder) -> service_search::SearchFilter {
        let mut ids = |name: &str, ids: Option<&Vec<ID>>, of| {
            let ids = ids.map(Vec::as_slice).unwrap_or_default();
            decoder.id_list(&["filter", name], ids, of)
        };
        service_search::SearchFilter {
            community_ids: ids(
                "communityIds",
                self.community_ids.as_ref(),
                NodeType::Community,
            ),
            domain_ids: ids("domainIds", self.domain_ids.as_ref(), NodeType::Domain),
            author_ids: ids("authorIds", self.author_ids.as_ref(), NodeType::User),
            updated_at: decode_range(decoder, &["filter", "updatedAt"], self.updated_at.as_ref()),
            ..self.plain()
        }
    }

    /// What cannot be malformed.
    fn plain(self) -> service_search::SearchFilter {
        service_search::SearchFilter {
            kinds: all(self.kinds),
            resource_kinds: all(self.resource_kinds),
            community_kinds: all(self.community_kinds),
            tags: self.tags.unwrap_or_default(),
            languages: self
                .languages
                .into_iter()
                .flatten()
                .map(|language| language.0)
                .collect(),
            licences: self.licences.unwrap_or_default(),
            statuses: all(self.statuses),
            evidence_levels: all(self.evidence_levels),
            without_narrower_domains: self.include_narrower_domains == Some(false),
            include_abandoned: self.include_abandoned == Some(true),
            states: all(self.states),
            educational_levels: self.educational_levels.unwrap_or_default(),
            years: self.years.unwrap_or_default(),
            ..service_search::SearchFilter::default()
        }
    }
}

fn all<T, U: From<T>>(values: Option<Vec<T>>) -> Vec<U> {
    values.into_iter().flatten().map(U::from).collect()
}

/// What asks for nothing is null.
fn some<T, U: From<T>>(values: Vec<T>) -> Option<Vec<U>> {
    (!values.is_empty()).then(|| values.into_iter().map(U::from).collect())
}

impl From<service_search::SearchFilter> for SearchFilter {
    fn from(filter: service_search::SearchFilter) -> Self {
        let ids = |ids: Vec<uuid::Uuid>, of: NodeType| {
            (!ids.is_empty()).then(|| ids.into_iter().map(|id| encode(of, id)).collect())
        };
        let range = filter.updated_at;
        Self {
            kinds: some(filter.kinds),
            resource_kinds: some(filter.resource_kinds),
            community_ids: ids(filter.community_ids, NodeType::Community),
            community_kinds: some(filter.community_kinds),
            domain_ids: ids(filter.domain_ids, NodeType::Domain),
            tags: some(filter.tags),
            languages: some(filter.languages),
            licences: some(filter.licences),
            author_ids: ids(filter.author_ids, NodeType::User),
            updated_at: (range.from.is_some() || range.to.is_some()).then(|| DateTimeRange {
                from: range.from.map(Into::into),
                to: range.to.map(Into::into),
            }),
            statuses: some(filter.statuses),
            evidence_levels: some(filter.evidence_levels),
            include_narrower_domains: filter.without_narrower_domains.then_some(false),
            include_abandoned: filter.include_abandoned.then_some(true),
            states: some(filter.states),
            educational_levels: some(filter.educational_levels),
            years: some(filter.years),
        }
    }
}

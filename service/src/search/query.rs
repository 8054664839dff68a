//! A search: what is asked, checked, run on threads of its own, and answered.

use ::search::{DocumentKind, Filter, Hit, Order, Request};
use chrono::{DateTime, Utc};
use entity::community::CommunityKind;
use entity::evidence::EvidenceLevel;
use entity::innovation::InnovationStage;
use entity::item::PublicationStatus;
use entity::missed_search::SearchOutcome;
use entity::resource::ResourceKind;
use uuid::Uuid;

use super::facets::{self, Facet, FacetRequest};
use super::index::from_engine;
use super::{SearchIndex, missed, narrowing, synonyms};
use crate::error::{Error, Result};
use crate::item::TimeRange;
use crate::paging::page_size;
use crate::store::Store;
use crate::viewer::Viewer;

/// Stages that are found when they are asked for.
const SET_ASIDE: [InnovationStage; 2] = [InnovationStage::Parked, InnovationStage::Abandoned];
/// Most values in one list of a filter.
pub const MOST_VALUES: usize = 100;

/// What is asked. The default asks for the first page of everything that the viewer may see.
#[derive(Clone, Debug, Default)]
pub struct SearchQuery {
    /// What the person typed. Empty matches everything.
    pub query: String,
    /// What hits must have, besides.
    pub filter: SearchFilter,
    /// The order of the hits.
    pub order: Order,
    /// Hits on the page, from 0 to 100; 20 when not given.
    pub first: Option<i64>,
    /// The cursor of the hit after which the page begins.
    pub after: Option<String>,
    /// The facets to count over all matches.
    pub facets: Vec<FacetRequest>,
    /// Whether hits get snippets, the dearest part of a search.
    pub snippets: bool,
    /// Whether hits are explained.
    pub explain: bool,
    /// Whether a better spelled query is looked for when this one finds little.
    pub did_you_mean: bool,
}

/// What hits must have. Each field must hold, by any of its values; an empty list asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchFilter {
    /// Kinds of things.
    pub kinds: Vec<DocumentKind>,
    /// Kinds of resources.
    pub resource_kinds: Vec<ResourceKind>,
    /// Publication statuses.
    pub statuses: Vec<PublicationStatus>,
    /// Evidence levels; what cannot be tried out has none.
    pub evidence_levels: Vec<EvidenceLevel>,
    /// Whether innovations that are parked or abandoned are found too.
    pub include_abandoned: bool,
    /// Communities, themselves included.
    pub community_ids: Vec<Uuid>,
    /// Kinds of communities.
    pub community_kinds: Vec<CommunityKind>,
    /// Domains, with everything narrower.
    pub domain_ids: Vec<Uuid>,
    /// Leaves out what is filed under narrower domains only.
    pub without_narrower_domains: bool,
    /// Tags; case and accents do not count.
    pub tags: Vec<String>,
    /// BCP 47 language tags; `fr` finds `fr-CA` too.
    pub languages: Vec<String>,
    /// Licences.
    pub licences: Vec<String>,
    /// Authors.
    pub author_ids: Vec<Uuid>,
    /// When they were last changed.
    pub updated_at: TimeRange,
}

/// What is answered.
#[derive(Clone, Debug)]
pub struct SearchAnswer {
    /// The hits of the page, best first. One that was deleted since the search began can no longer be loaded.
    pub hits: Vec<Hit>,
    /// All matches that the viewer may see, counted exactly.
    pub total: u64,
    /// The facets, as asked for and in that order.
    pub facets: Vec<Facet>,
    /// Whether there are hits after this page.
    pub has_next_page: bool,
    /// A better spelled query, when the given one finds little.
    pub did_you_mean: Option<String>,
    /// The query that was run, when words of the given one were corrected.
    pub corrected_query: Option<String>,
    /// The position of the change log that the answer reflects.
    pub position: i64,
}

impl SearchFilter {
    /// How many values each list holds, by its name in the schema.
    pub(crate) fn lengths(&self) -> [(&'static str, usize); 11] {
        [
            ("kinds", self.kinds.len()),
            ("resourceKinds", self.resource_kinds.len()),
            ("statuses", self.statuses.len()),
            ("evidenceLevels", self.evidence_levels.len()),
            ("communityIds", self.community_ids.len()),
            ("communityKinds", self.community_kinds.len()),
            ("domainIds", self.domain_ids.len()),
            ("tags", self.tags.len()),
            ("languages", self.languages.len()),
            ("licences", self.licences.len()),
            ("authorIds", self.author_ids.len()),
        ]
    }

    /// Whether it narrows to communities at most.
    pub(super) fn is_of_communities_only(&self) -> bool {
        let narrower = Self {
            community_ids: Vec::new(),
            include_abandoned: false,
            ..self.clone()
        };
        narrower == Self::default()
    }

    /// The filter as the engine takes it.
    pub(crate) fn to_engine(&self) -> Result<Filter> {
        let mut lengths = self.lengths().into_iter().map(|(_, length)| length);
        if let Some(length) = lengths.find(|length| *length > MOST_VALUES) {
            return Err(Error::BadArgument {
                argument: "filter",
                message: format!(
                    "A list in a filter may hold {MOST_VALUES} values at most, and one holds {length}."
                ),
            });
        }
        let micros = |time: Option<DateTime<Utc>>| time.map(|time| time.timestamp_micros());
        Ok(Filter {
            kinds: self.kinds.clone(),
            resource_kinds: names(&self.resource_kinds, ResourceKind::as_str),
            statuses: names(&self.statuses, PublicationStatus::as_str),
            without_statuses: if self.include_abandoned {
                Vec::new()
            } else {
                names(&SET_ASIDE, InnovationStage::as_str)
            },
            evidence_levels: names(&self.evidence_levels, EvidenceLevel::as_str),
            educational_levels: Vec::new(),
            community_ids: self.community_ids.clone(),
            community_kinds: names(&self.community_kinds, CommunityKind::as_str),
            domain_ids: self.domain_ids.clone(),
            without_narrower_domains: self.without_narrower_domains,
            tags: self.tags.clone(),
            languages: self.languages.clone(),
            licences: self.licences.clone(),
            author_ids: self.author_ids.clone(),
            years: Vec::new(),
            updated_from: micros(self.updated_at.from),
            updated_to: micros(self.updated_at.to),
        })
    }
}

fn names<T: Copy>(values: &[T], name: impl Fn(T) -> &'static str) -> Vec<String> {
    values.iter().map(|value| name(*value).to_owned()).collect()
}

/// Answers a search. A query that cannot be understood whole is understood in part; only a page size, a cursor or a
/// filter out of bounds is refused. What is searched for and not found is noted, without saying who searched.
pub async fn search(
    store: &Store,
    index: &SearchIndex,
    viewer: &Viewer,
    query: SearchQuery,
) -> Result<SearchAnswer> {
    let first = page_size("first", query.first)?;
    let filter = query.filter.to_engine()?;
    let facets = facets::to_engine(&query.facets)?;
    let synonyms = synonyms::synonyms(store, index).await?;
    // A later page, and an index that is not there yet, miss nothing.
    let misses = query.after.is_none() && index.needs_rebuild().is_none();
    let (searcher, audience) =
        narrowing::scoped(store, index, viewer, query.after.as_deref()).await?;
    let position = from_engine(searcher.checkpoint());
    let request = Request {
        query: query.query.clone(),
        filter,
        order: query.order,
        first: usize::try_from(first).map_err(Error::internal)?,
        after: query.after,
        viewer: audience,
        facets,
        snippets: query.snippets,
        explain: query.explain,
        text_only: false,
        all_words: false,
        now: store.clock().now().timestamp_micros(),
        did_you_mean: query.did_you_mean,
        correct: true,
        synonyms,
    };
    let answer = index.ask(move || searcher.search(&request)).await?;
    if answer.total == 0 && misses {
        // Nobody goes without an answer because it could not be noted.
        let nothing = SearchOutcome::NothingFound;
        let noted = missed::note(store, viewer, &query.query, &query.filter, nothing);
        if let Err(error) = noted.await {
            tracing::warn!(%error, "a search that found nothing could not be noted");
        }
    }
    Ok(SearchAnswer {
        hits: answer.hits,
        total: answer.total,
        facets: facets::labelled(store, answer.facets).await?,
        has_next_page: answer.has_next_page,
        did_you_mean: answer.did_you_mean,
        corrected_query: answer.corrected_query,
        position,
    })
}

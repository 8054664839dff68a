//! A search: what is asked, checked, run on threads of its own, and answered.

use std::ops::RangeInclusive;

use ::search::{DocumentKind, Filter, Hit, Order, Request};
use chrono::{DateTime, Utc};
use entity::community::CommunityKind;
use entity::evidence::EvidenceLevel;
use entity::item::PublicationStatus;
use entity::resource::ResourceKind;
use entity::saved_search::SearchState;
use uuid::Uuid;

use super::facets::{self, Facet, FacetRequest};
use super::index::from_engine;
use super::{SearchIndex, former_slugs, missed, narrowing, synonyms};
use crate::error::{Error, Result};
use crate::item::TimeRange;
use crate::paging::page_size;
use crate::store::Store;
use crate::validation::Faults;
use crate::viewer::Viewer;

/// Stages of innovations that are found when they are asked for.
const SET_ASIDE: [SearchState; 2] = [SearchState::Parked, SearchState::Abandoned];
/// A status that nothing has.
const NO_STATUS: &str = "";
/// Most values in one list of a filter.
pub const MOST_VALUES: usize = 100;
/// The years that can be asked for.
const YEARS: RangeInclusive<i32> = 1..=9_999;

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
    /// Where they stand, whatever their kind calls it. Innovations that are set aside are found when these name them.
    pub states: Vec<SearchState>,
    /// Educational levels, as given.
    pub educational_levels: Vec<String>,
    /// Years of publication.
    pub years: Vec<i32>,
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
    fn lengths(&self) -> [(&'static str, usize); 14] {
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
            ("states", self.states.len()),
            ("educationalLevels", self.educational_levels.len()),
            ("years", self.years.len()),
        ]
    }

    /// Notes what is out of bounds, at the paths of a mutation's argument `filter`.
    pub(crate) fn check(&self, faults: &mut Faults) {
        for (list, length) in self.lengths() {
            faults.list_length(&["filter", list], length, MOST_VALUES);
        }
        let years = i64::from(*YEARS.start())..=i64::from(*YEARS.end());
        for (place, year) in self.years.iter().enumerate() {
            let place = place.to_string();
            let path = ["filter", "years", place.as_str()];
            faults.number(&path, Some(i64::from(*year)), years.clone());
        }
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
        if let Some(year) = self.years.iter().find(|year| !YEARS.contains(*year)) {
            return Err(Error::BadArgument {
                argument: "filter",
                message: format!(
                    "A year in `years` must be from {} to {}, and one is {year}.",
                    YEARS.start(),
                    YEARS.end()
                ),
            });
        }
        let micros = |time: Option<DateTime<Utc>>| time.map(|time| time.timestamp_micros());
        Ok(Filter {
            kinds: self.kinds.clone(),
            resource_kinds: names(&self.resource_kinds, ResourceKind::as_str),
            statuses: self.asked_statuses(),
            without_statuses: self.unasked_statuses(),
            evidence_levels: names(&self.evidence_levels, EvidenceLevel::as_str),
            educational_levels: self.educational_levels.clone(),
            community_ids: self.community_ids.clone(),
            community_kinds: names(&self.community_kinds, CommunityKind::as_str),
            domain_ids: self.domain_ids.clone(),
            without_narrower_domains: self.without_narrower_domains,
            tags: self.tags.clone(),
            languages: self.languages.clone(),
            licences: self.licences.clone(),
            author_ids: self.author_ids.clone(),
            years: self.years.clone(),
            updated_from: micros(self.updated_at.from),
            updated_to: micros(self.updated_at.to),
        })
    }

    /// The statuses of which hits have one: where both lists ask for some, those that both ask for.
    fn asked_statuses(&self) -> Vec<String> {
        let mut statuses = names(&self.statuses, PublicationStatus::as_str);
        let states = names(&self.states, SearchState::as_str);
        if statuses.is_empty() {
            return states;
        }
        if !states.is_empty() {
            statuses.retain(|status| states.contains(status));
            if statuses.is_empty() {
                statuses.push(NO_STATUS.to_owned());
            }
        }
        statuses
    }

    /// The stages that are left out because nobody asked for them.
    fn unasked_statuses(&self) -> Vec<String> {
        let unasked = |stage: &SearchState| !self.include_abandoned && !self.states.contains(stage);
        let unasked: Vec<SearchState> = SET_ASIDE.into_iter().filter(unasked).collect();
        names(&unasked, SearchState::as_str)
    }
}

fn names<T: Copy>(values: &[T], name: impl Fn(T) -> &'static str) -> Vec<String> {
    values.iter().map(|value| name(*value).to_owned()).collect()
}

/// Answers a search. A query that cannot be understood whole is understood in part; only a page size, a cursor or a
/// filter out of bounds is refused, and everything with [`Error::Unavailable`] while the index is being built. What is
/// searched for and not found is noted, without saying who searched.
#[crate::boxed]
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
    let redirects = former_slugs::redirects(store, viewer, &query.query).await?;
    // A later page is the same search.
    let counts = query.after.is_none();
    let (searcher, audience) =
        narrowing::scoped(store, index, viewer, query.after.as_deref()).await?;
    let position = from_engine(searcher.checkpoint());
    let request = Request {
        query: query.query.clone(),
        filter,
        order: query.order,
        first: usize::try_from(first).map_err(Error::internal)?,
        after: query.after.clone(),
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
        redirects,
    };
    let answer = index.ask(move || searcher.search(&request)).await?;
    if counts {
        // Nobody goes without an answer because it could not be counted.
        let counted = missed::count(store, index, viewer, &query, answer.total == 0);
        if let Err(error) = counted.await {
            tracing::warn!(%error, "a search could not be counted");
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use entity::activity::ActivityState;
    use entity::community::CommunityStatus;
    use entity::discussion::DiscussionState;
    use entity::innovation::InnovationStage;

    use super::*;

    fn of_states(states: &[SearchState]) -> SearchFilter {
        SearchFilter {
            states: states.to_vec(),
            ..SearchFilter::default()
        }
    }

    #[test]
    fn every_status_that_the_index_holds_can_be_asked_for() {
        let held = [
            names(PublicationStatus::ALL, PublicationStatus::as_str),
            names(InnovationStage::ALL, InnovationStage::as_str),
            names(ActivityState::ALL, ActivityState::as_str),
            names(DiscussionState::ALL, DiscussionState::as_str),
            names(CommunityStatus::ALL, CommunityStatus::as_str),
        ];
        let held: BTreeSet<String> = held.into_iter().flatten().collect();
        let asked = names(SearchState::ALL, SearchState::as_str);
        assert_eq!(asked.into_iter().collect::<BTreeSet<_>>(), held);
    }

    #[test]
    fn what_is_set_aside_is_found_when_it_is_named() {
        let left_out = |filter: &SearchFilter| filter.to_engine().unwrap().without_statuses;
        assert_eq!(left_out(&SearchFilter::default()), ["PARKED", "ABANDONED"]);
        assert_eq!(left_out(&of_states(&[SearchState::Parked])), ["ABANDONED"]);
        let ideas = of_states(&[SearchState::Idea]);
        assert_eq!(left_out(&ideas), ["PARKED", "ABANDONED"]);
        let all = SearchFilter {
            include_abandoned: true,
            ..ideas
        };
        assert_eq!(left_out(&all), [""; 0]);
    }

    #[test]
    fn statuses_and_states_must_both_hold() {
        let (published, archived) = (PublicationStatus::Published, PublicationStatus::Archived);
        for (statuses, states, expected) in [
            (vec![published], vec![], vec!["PUBLISHED"]),
            (vec![], vec![SearchState::Open], vec!["OPEN"]),
            (
                vec![published, archived],
                vec![SearchState::Archived, SearchState::Idea],
                vec!["ARCHIVED"],
            ),
            (vec![published], vec![SearchState::Open], vec![NO_STATUS]),
        ] {
            let filter = SearchFilter {
                statuses,
                ..of_states(&states)
            };
            assert_eq!(filter.to_engine().unwrap().statuses, expected);
        }
    }

    #[test]
    fn a_year_out_of_range_is_refused_by_its_value() {
        let of_years = |years: Vec<i32>| SearchFilter {
            years,
            ..SearchFilter::default()
        };
        assert_eq!(
            of_years(vec![1, 2026]).to_engine().unwrap().years,
            [1, 2026]
        );
        let (argument, message) = match of_years(vec![2026, 20_260]).to_engine() {
            Err(Error::BadArgument { argument, message }) => (argument, message),
            other => panic!("{other:?}"),
        };
        assert_eq!(argument, "filter");
        assert!(
            message.contains("from 1 to 9999, and one is 20260"),
            "{message}"
        );
    }

    #[test]
    fn what_narrows_besides_communities_is_told_apart() {
        let communities = SearchFilter {
            community_ids: vec![Uuid::nil()],
            include_abandoned: true,
            ..SearchFilter::default()
        };
        assert!(communities.is_of_communities_only());
        let years = SearchFilter {
            years: vec![2026],
            ..communities.clone()
        };
        let levels = SearchFilter {
            educational_levels: vec!["Primary".into()],
            ..communities
        };
        for narrower in [years, levels, of_states(&[SearchState::Idea])] {
            assert!(!narrower.is_of_communities_only(), "{narrower:?}");
        }
    }
}

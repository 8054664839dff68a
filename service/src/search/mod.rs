//! Full-text search on behalf of a viewer, and what the index holds of each thing.
//!
//! The audience is filtered inside the engine. What was deleted or narrowed after the position that the index has
//! reached is left out of every answer, so that no hit is something that the viewer may no longer see.

mod contents;
mod counts;
pub(crate) mod document;
mod doubts;
mod facets;
mod former_slugs;
mod index;
mod left_out;
mod missed;
mod narrowing;
mod query;
mod related;
mod suggest;
mod synonyms;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use ::search::{
    DocumentKind, Error as IndexError, Explanation, FacetField, Factor, Hit, Inspection, Match,
    MatchKind, Order as SearchOrder, RebuildReason, Settings as IndexSettings, SignalWeights,
    Snippet, State as IndexState, Statistics,
};
pub(crate) use contents::Contents;
#[cfg(test)]
pub(crate) use counts::COUNTED_DAYS;
pub use counts::write_counts;
pub(crate) use counts::{forget_counts, searches};
pub use facets::{Bucket, Facet, FacetRequest, FacetValue};
pub(crate) use former_slugs::FormerSlugs;
pub use index::{FailedDocument, Progress, SearchIndex};
pub(crate) use missed::forget_missed;
pub use missed::{KEPT_DAYS, KnowledgeGap, LEAST_PEOPLE, abandon, knowledge_gaps};
pub(crate) use narrowing::for_viewer;
pub use query::{MOST_VALUES, SearchAnswer, SearchFilter, SearchQuery, search};
pub use related::related;
pub use suggest::{Suggestion, suggest};
pub(crate) use synonyms::read as read_synonyms;

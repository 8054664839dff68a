//! Search and suggestions in the schema.

mod connection;
mod explanation;
mod gap;
mod inputs;
mod mutations;
mod queries;
mod result;

pub use connection::{SearchBucket, SearchConnection, SearchEdge, SearchFacet, Snippet};
pub use explanation::{MatchKind, SearchExplanation, SearchFactor, SearchMatch};
pub use gap::{KnowledgeGap, knowledge_gaps};
pub use inputs::{SearchFacetField, SearchFilter, SearchKind, SearchOrder, SearchState};
pub use mutations::SearchMutation;
pub use queries::SearchQuery;
pub use result::{SearchResult, Suggestion};

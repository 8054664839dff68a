//! Questions and answers.

mod collect;
mod correct;
mod cursor;
mod facet;
mod run;
mod snippet;
mod suggest;

use std::sync::Arc;

use uuid::Uuid;

use crate::document::DocumentKind;
use crate::query::{Filter, Synonyms, Viewer};

pub(crate) use cursor::Cursor;
pub(crate) use facet::SegmentColumns;
pub use facet::{Bucket, Facet, FacetField, FacetRequest};

/// Order of the hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Best first, then by id. A cursor names the searcher that gave it.
    #[default]
    Relevance,
    /// Last updated first. Stable under writes.
    Newest,
    /// First updated first. Stable under writes.
    Oldest,
    /// By [`crate::Document::title_sort_key`]. Stable under writes.
    Title,
}

/// A question. The default asks for the first 20 of everything, on behalf of a viewer who sees nothing.
#[derive(Debug, Clone)]
pub struct Request {
    /// What the person typed. Empty matches everything.
    pub query: String,
    /// What hits must have, besides the query.
    pub filter: Filter,
    /// Order of the hits.
    pub order: Order,
    /// Number of hits, at most [`Request::MAX_FIRST`]. None are collected for 0: total and facets only.
    pub first: usize,
    /// Cursor of the hit after which the page begins.
    pub after: Option<String>,
    /// On whose behalf.
    pub viewer: Viewer,
    /// Facets to count over all matches.
    pub facets: Vec<FacetRequest>,
    /// Whether hits get snippets.
    pub snippets: bool,
    /// Whether a better spelled query is looked for when this one finds little.
    pub did_you_mean: bool,
    /// Whether words that the viewer's documents lack are corrected before the search runs. Words in quotes never are.
    pub correct: bool,
    /// Other words for the same thing.
    pub synonyms: Arc<Synonyms>,
}

impl Request {
    /// Most hits that one answer holds.
    pub const MAX_FIRST: usize = 1_000;
}

impl Default for Request {
    fn default() -> Self {
        Self {
            query: String::new(),
            filter: Filter::default(),
            order: Order::default(),
            first: 20,
            after: None,
            viewer: Viewer::default(),
            facets: Vec::new(),
            snippets: false,
            did_you_mean: false,
            correct: true,
            synonyms: Arc::default(),
        }
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// The hits of this page.
    pub hits: Vec<Hit>,
    /// Number of all matches that the viewer may see, exact.
    pub total: u64,
    /// As asked for, in that order.
    pub facets: Vec<Facet>,
    /// Whether there are hits after this page.
    pub has_next_page: bool,
    /// A better spelled query, when the given one finds little.
    pub did_you_mean: Option<String>,
    /// The query that was run, when words of the given one were corrected.
    pub corrected_query: Option<String>,
}

/// One hit.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The document.
    pub id: Uuid,
    /// Its kind.
    pub kind: DocumentKind,
    /// How well it matches; only comparable within one answer, and 0 in orders other than relevance.
    pub score: f32,
    /// Give it as [`Request::after`] to go on after this hit.
    pub cursor: String,
    /// Pieces of the fields that match, when asked for.
    pub snippets: Vec<Snippet>,
}

/// A piece of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// Name of the field: `title`, or that of a [`crate::Text`].
    pub field: String,
    /// HTML-escaped text with the matches in `<mark>`.
    pub html: String,
}

/// A question for completions.
#[derive(Debug, Clone)]
pub struct SuggestRequest {
    /// The beginning that was typed. Nothing completes an empty one.
    pub prefix: String,
    /// What the documents behind the completions must have.
    pub filter: Filter,
    /// On whose behalf.
    pub viewer: Viewer,
    /// Number of completions, at most 100.
    pub first: usize,
}

/// A completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Title or tag as shown.
    pub text: String,
    /// The document that has this title; none for a tag.
    pub document: Option<(Uuid, DocumentKind)>,
}

//! Questions and answers.

mod buckets;
mod collect;
mod correct;
mod cursor;
mod explain;
mod facet;
mod related;
mod run;
mod signals;
mod snippet;
mod suggest;

use std::sync::Arc;

use uuid::Uuid;

use crate::document::DocumentKind;
use crate::query::{Filter, Redirects, Synonyms, Viewer};

pub(crate) use cursor::Cursor;
pub(crate) use facet::SegmentColumns;
pub use facet::{Bucket, Facet, FacetField, FacetRequest};
pub use signals::SignalWeights;

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
#[expect(
    clippy::struct_excessive_bools,
    reason = "each part of an answer is asked for by itself"
)]
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
    /// Facets to count over all matches. What the filter asks of a facet's own field does not narrow its counts, so that
    /// the values that could be chosen besides are counted too.
    pub facets: Vec<FacetRequest>,
    /// Whether hits get snippets.
    pub snippets: bool,
    /// Whether hits are explained.
    pub explain: bool,
    /// Whether only text counts in the order: neither signals nor exact titles. For scores that are compared.
    pub text_only: bool,
    /// Whether a hit has all the words, however many; function words aside. For hits that nobody looks through.
    pub all_words: bool,
    /// The time of the question, in microseconds since 1970: what is recent or overdue is so on its day.
    pub now: i64,
    /// Whether a better spelled query is looked for when this one finds little.
    pub did_you_mean: bool,
    /// Whether words that the viewer's documents lack are corrected before the search runs. Words in quotes never are.
    pub correct: bool,
    /// Other words for the same thing.
    pub synonyms: Arc<Synonyms>,
    /// Where slugs lead that the query names and that things had before: see [`crate::Slugs::named_in`].
    pub redirects: Arc<Redirects>,
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
            explain: false,
            text_only: false,
            all_words: false,
            now: 0,
            did_you_mean: false,
            correct: true,
            synonyms: Arc::default(),
            redirects: Arc::default(),
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
    /// Why it is here, when asked for.
    pub explanation: Option<Explanation>,
}

/// Why a document was found, and where it is in the order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Explanation {
    /// Which words of the query are in which field, each once; of long texts the beginning is looked at.
    pub matches: Vec<Match>,
    /// `words`, `title`, `pairs` and `accents` are added; what they sum to is multiplied by the signals `evidence`,
    /// `standing`, `recency` and `overdue`; `exactTitle` is added to that. Parts that change nothing are left out.
    pub factors: Vec<Factor>,
}

/// A word of the query in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Name of the field: `title`, or that of a [`crate::Text`].
    pub field: String,
    /// The word as typed, or as it was corrected.
    pub term: String,
    /// How the text has it.
    pub how: MatchKind,
}

/// How a text has a word of the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MatchKind {
    /// As typed; case and accents do not count.
    Exact,
    /// In another form, or as a part of a longer word.
    Stem,
    /// By another word for the same thing.
    Synonym,
    /// By its beginning.
    Prefix,
    /// As it was corrected.
    Typo,
}

/// A part of a score.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    /// What it comes from.
    pub name: &'static str,
    /// How much.
    pub value: f32,
}

/// A question for what is like a document.
#[derive(Debug, Clone)]
pub struct RelatedRequest {
    /// The document.
    pub id: Uuid,
    /// What related ones must have.
    pub filter: Filter,
    /// On whose behalf.
    pub viewer: Viewer,
    /// Number of documents, at most 100.
    pub first: usize,
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

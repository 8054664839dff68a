//! Repertoire's full-text engine: documents in, hits out. It knows no database, no GraphQL and no HTTP.
//!
//! Every call blocks: an asynchronous caller runs it on threads of its own.
//!
//! ```
//! use search::{Change, Document, DocumentKind, Index, Request, Settings, Viewer};
//! use uuid::Uuid;
//!
//! # fn main() -> search::Result<()> {
//! let index = Index::in_memory(&Settings::default())?;
//! let mut practice = Document::new(Uuid::now_v7(), DocumentKind::Practice, "Peer assessment");
//! practice.audience = vec!["public".into()];
//! index.apply(vec![Change::Put(Box::new(practice))], 1)?;
//!
//! let searcher = index.searcher(None)?;
//! let request = Request {
//!     query: "assessments".into(),
//!     viewer: Viewer { audience: vec!["public".into()], ..Viewer::default() },
//!     ..Request::default()
//! };
//! assert_eq!(searcher.search(&request)?.total, 1);
//! # Ok(())
//! # }
//! ```
//!
//! # Writing
//! [`Index::open_or_create`] opens a directory and says whether its content must be rebuilt. [`Index::apply`] takes a
//! batch of [`Change`]s with the position of the change log that it brings the index to; the position is stored in the
//! same commit, so [`Index::checkpoint`] never claims more than the index holds. [`Index::rebuild`] fills a new index
//! beside the old one, which serves until [`Rebuild::finish`] swaps them; afterwards the follower goes on from
//! [`Index::checkpoint`], which may be an earlier position than before. What cannot be written can be written later,
//! unless [`Error::is_of_document`] says that a document is to be left out.
//!
//! The engine does not compare files with their checksums when it reads them: [`Index::verify`] does, while the index
//! serves.
//!
//! # Reading
//! [`Index::first_searcher`] gives a [`Searcher`] for a first page, which stays the same while others write, and
//! [`Index::searcher`] one for a later page. Give it the cursor of the page that was asked for: under
//! [`Order::Relevance`] it answers from the searcher that gave that cursor, as long as this is kept.
//! [`Searcher::checkpoint`] is the position that its answers reflect, so whatever was deleted or narrowed after that
//! position goes into [`Viewer::excluded_ids`] and [`Viewer::excluded_communities`].
//!
//! # Who sees what
//! A document carries opaque audience tokens, and a [`Viewer`] holds some. One function adds the viewer's clause, and
//! its result is the only thing that can be run, so hits, totals, facets, suggestions and corrections all pass it.

mod document;
mod error;
mod index;
mod query;
mod schema;
mod search;
mod text;

pub use document::{Change, Document, DocumentKind, Markup, Text};
pub use error::{Error, Result};
pub use index::{
    Index, Inspection, Opened, Rebuild, RebuildReason, Searcher, Settings, State, Statistics,
};
pub use query::{Filter, Redirects, Slugs, Synonyms, Viewer};
pub use search::{
    Answer, Bucket, Completion, Explanation, Facet, FacetField, FacetRequest, Factor, Hit, Match,
    MatchKind, Order, RelatedRequest, Request, SignalWeights, Snippet, SuggestRequest,
};
pub use text::fold;

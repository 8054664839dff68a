//! From what a person typed and chose to what the engine runs.

mod ast;
mod build;
mod compound;
mod date;
mod exclusion;
mod filter;
mod hidden;
mod lexer;
mod maker;
mod marked;
mod parser;
mod redirects;
mod scope;
mod synonyms;
mod words;

pub use filter::Filter;
pub use redirects::{Redirects, Slugs};
pub use scope::Viewer;
pub use synonyms::Synonyms;

pub(crate) use build::{Builder, Mode, Part};
pub(crate) use filter::filter_clauses;
pub(crate) use maker::{boost, starting_with};
pub(crate) use marked::Marked;
use parser::parse;
pub(crate) use scope::{Scope, ScopedQuery};
pub(crate) use words::QueryWord;

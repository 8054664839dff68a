//! From what a person typed and chose to what the engine runs.

mod ast;
mod build;
mod date;
mod filter;
mod lexer;
mod parser;
mod scope;
mod synonyms;
mod words;

pub use filter::Filter;
pub use scope::Viewer;
pub use synonyms::Synonyms;

pub(crate) use build::{Builder, Mode, starting_with};
pub(crate) use filter::filter_clauses;
use parser::parse;
pub(crate) use scope::{Scope, ScopedQuery};
pub(crate) use words::QueryWord;

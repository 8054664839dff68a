//! The engine as its callers use it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod alternatives;
mod answers;
mod bounds;
mod common;
mod completions;
mod concealment;
mod corrections;
mod cursors;
mod durability;
mod explanation;
mod facets;
#[expect(dead_code, reason = "the example uses all of it")]
mod judged;
mod languages;
mod query;
mod redirects;
mod related;
mod relevance;
mod signals;
mod synonyms;

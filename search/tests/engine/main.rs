//! The engine as its callers use it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod common;
mod concealment;
mod cursors;
mod durability;
mod query;
mod relevance;

//! Domains: the tree of concepts that communities care about. Everybody sees it; administrators keep it.

mod commands;
mod filed;
mod inputs;
mod merge;
mod queries;
mod related;
mod slugs;
mod tree;

#[cfg(test)]
mod tests;

pub use commands::{create, delete, update};
pub(crate) use inputs::competencies;
pub use inputs::{CreateDomain, UpdateDomain};
pub use merge::merge;
pub(crate) use queries::name_starts_with;
pub use queries::{
    DomainFilter, DomainNames, all_names, ancestors, broader_ids, by_ids, by_slug,
    communities_under, count, items_under, kept, names, page, related,
};
pub(crate) use related::MOST_RELATED;
pub(crate) use slugs::{Owner, Slug};
pub(crate) use tree::{DEEPEST, enter, hold_tree};

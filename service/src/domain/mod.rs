//! Domains: the tree of concepts that communities care about. Everybody sees it; administrators keep it.

mod commands;
mod queries;
mod slugs;
mod tree;

#[cfg(test)]
mod tests;

pub use commands::{CreateDomain, UpdateDomain, create, delete, update};
pub(crate) use queries::name_starts_with;
pub use queries::{
    DomainFilter, DomainNames, all_names, ancestors, broader_ids, by_ids, by_slug,
    communities_under, count, items_under, kept, names, page,
};
pub(crate) use slugs::{Owner, Slug};
pub(crate) use tree::{DEEPEST, enter, hold_tree};

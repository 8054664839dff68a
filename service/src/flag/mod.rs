//! Flags: what somebody reports to those who look after a community.
//!
//! Whoever may read an item, a post, an adoption, a statement, a value story or an experience report may flag it; its
//! community's stewards and facilitators decide. A
//! decision changes nothing of what is flagged: they hide, archive or delete it beside. A flag outlives what it is about.
//! Who raised it is in no change row, and is never shown to those whose work it is about.

mod commands;
mod queries;
#[cfg(test)]
mod tests;

pub use commands::{MOST_OPEN, RaiseFlag, next_states, raise, resolve};
pub use entity::flag::{FlagReason, FlagState};
pub use queries::{by_ids, count_of_community, page_of_community, raisers};

use entity::change::EntityType;

/// A flag.
pub type Flag = entity::flag::Model;

/// What can be flagged.
pub const FLAGGED_TYPES: [EntityType; 11] = [
    EntityType::Activity,
    EntityType::Adoption,
    EntityType::Collection,
    EntityType::DefiningStatement,
    EntityType::Discussion,
    EntityType::ExperienceReport,
    EntityType::Innovation,
    EntityType::Post,
    EntityType::Practice,
    EntityType::Resource,
    EntityType::ValueStory,
];

//! Adoptions: what people took back to their own practice, in what setting, and what came of it.
//!
//! Whoever is signed in and may read a resource, a practice or an innovation may say that they use it. Only they say
//! where it stands and what came of it; they may take it back, and so may a facilitator.

mod commands;
mod queries;
mod states;
#[cfg(test)]
mod tests;

pub(crate) use commands::open_to_read;
pub use commands::{MOST_OF_ONE, ReportAdoption, UpdateAdoption, report, update, withdraw};
pub use entity::adoption::{AdoptionOutcome, AdoptionState};
pub use queries::{by_ids, count_of_subject, page_of_subject};
pub use states::next_states;

use entity::change::EntityType;

/// An adoption.
pub type Adoption = entity::adoption::Model;

/// What can be adopted.
pub const ADOPTED_TYPES: [EntityType; 3] = [
    EntityType::Innovation,
    EntityType::Practice,
    EntityType::Resource,
];

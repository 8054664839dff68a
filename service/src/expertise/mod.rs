//! Expertise: what people are known to know about domains and tags. They say so themselves, peers say so, and accepted
//! answers show it. It routes questions to those who can help.

mod commands;
mod helpers;
mod queries;
#[cfg(test)]
mod tests;

pub(crate) use commands::demonstrate;
pub use commands::{Subject, declare, endorse, withdraw};
pub(crate) use helpers::helpers;
pub use helpers::{MOST_HELPERS, suggested};
pub use queries::{Expertise, MOST_SHOWN, of_users};

use entity::expertise::ExpertiseSource;

/// What a person's own word weighs.
pub const DECLARED_WEIGHT: f64 = 1.0;
/// What the word of each peer weighs.
pub const ENDORSED_WEIGHT: f64 = 1.0;
/// So many peers weigh the most that peers can.
pub const MOST_ENDORSERS: u32 = 5;
/// What each accepted answer weighs.
pub const DEMONSTRATED_WEIGHT: f64 = 3.0;

/// The weight of expertise of one source, by how many bear witness to it: the one place where weights are decided. A
/// person's own word counts 1, each peer 1 up to 5, each accepted answer 3.
#[must_use]
pub fn weight(source: ExpertiseSource, witnesses: u32) -> f64 {
    match source {
        ExpertiseSource::Declared => DECLARED_WEIGHT,
        ExpertiseSource::Endorsed => ENDORSED_WEIGHT * f64::from(witnesses.min(MOST_ENDORSERS)),
        ExpertiseSource::Demonstrated => DEMONSTRATED_WEIGHT * f64::from(witnesses),
    }
}

//! How much members take part: computed from what they did within a sliding window, never set by hand.
//!
//! [`formula`] says what counts and how much. A projection of the change log keeps what members did as acts, each once,
//! and recounts whoever did something. [`slide`] recounts those for whom time alone changes something, so that a read
//! costs one row. Reading leaves no trace here: whoever only reads is PERIPHERAL, which is a legitimate way to take part.
//! What has no actor in the change log counts for nobody.

mod acts;
pub mod formula;
mod projection;
mod queries;
mod recount;

#[cfg(test)]
mod tests;

pub use projection::ParticipationProjection;
pub use queries::{Member, Participation, history_of, of_members};
pub use recount::slide;

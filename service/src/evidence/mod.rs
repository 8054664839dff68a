//! How much shows that an item works: its evidence level.
//!
//! The level and the numbers behind it are a row of the item, kept in the transaction of every write that touches its
//! evidence: a pilot that is concluded, a report that is added, narrowed or withdrawn, an adoption that is reported,
//! changed or taken back. So reading it counts nothing. What counts is said in [`formula`].

pub mod formula;
mod queries;
mod recount;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use entity::evidence::EvidenceLevel;
pub use formula::Counts;
pub(crate) use queries::counts_of;
pub use queries::of_items;
pub(crate) use recount::{recount, waits_for_adoption};

//! How communities come of each other: a part becomes a community of its own, or one becomes part of another. Items keep
//! their ids, revisions, discussions and everything else; where they came from is kept as lineage.

mod coming;
mod lineage;
mod merge;
mod moving;
mod parts;
mod shares;
mod split;
mod stories;

#[cfg(test)]
mod tests;

pub use lineage::{Kin, kin_of};
pub use merge::merge;
pub use split::{SplitCommunity, split};

//! The demonstration: openly licensed texts in communities that are made up, with people who are plainly invented.
//!
//! [`load`] fills an empty database through the same commands as every other write. What was begun and interrupted is
//! gone on with at the next call, and what is whole is left alone. While it loads the clock is turned back, and the
//! people live through ten weeks, scene by scene, up to the day on which the loading began. The content's sources and
//! licences are in the repository's folder `demo`; every item carries its licence and attribution.

mod content;
mod fictional;
mod items;
mod load;
mod people;
mod places;
mod play;
mod publish;
mod scenes;
mod series;

#[cfg(test)]
mod tests;

pub use load::{Outcome, Progress, load};
pub use people::{PASSWORD, PEOPLE, Person};

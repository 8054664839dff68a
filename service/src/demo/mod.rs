//! The demonstration: openly licensed texts in communities that are made up, with people who are plainly invented.
//!
//! [`load`] fills an empty database through the same commands as every other write. What was begun and interrupted is
//! gone on with at the next call, and what is whole is left alone. The content's sources and licences are in the
//! repository's folder `demo`; every item carries its licence and attribution.

mod content;
mod fictional;
mod interaction;
mod items;
mod life;
mod load;
mod people;
mod places;
mod publish;
mod stages;
mod threads;

#[cfg(test)]
mod tests;

pub use load::{Outcome, Progress, load};
pub use people::{PASSWORD, PEOPLE, Person};

//! The operator's checks: what `repertoire doctor` asks of the database, the index, the disk and the clock.

mod database;
mod index;
mod invariants;
mod machine;
mod mail;

#[cfg(test)]
mod tests;

pub use database::check_database;
pub use index::check_index;
pub use invariants::check_invariants;
pub use machine::{
    check_address, check_certificates, check_clock, check_disk, check_private, check_writable,
};
pub use mail::check_mail;

/// How one thing is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at, in a word or two.
    pub name: &'static str,
    /// How it is.
    pub state: State,
    /// A sentence on what was found.
    pub message: String,
    /// How to mend it, where it is not well.
    pub remedy: Option<String>,
}

/// How well something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Well.
    Well,
    /// It works, but should be looked at.
    Doubtful,
    /// Broken.
    Broken,
}

impl Finding {
    /// Something that is well.
    #[must_use]
    pub fn well(name: &'static str, message: impl Into<String>) -> Self {
        Self {
            name,
            state: State::Well,
            message: message.into(),
            remedy: None,
        }
    }

    /// Something that works, but should be looked at.
    #[must_use]
    pub fn doubtful(
        name: &'static str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            name,
            state: State::Doubtful,
            message: message.into(),
            remedy: Some(remedy.into()),
        }
    }

    /// Something that is broken.
    #[must_use]
    pub fn broken(
        name: &'static str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            name,
            state: State::Broken,
            message: message.into(),
            remedy: Some(remedy.into()),
        }
    }
}

//! What texts of one analysis are asked for.

use tantivy::query::{Occur, Query};

/// Queries, and whether each must match.
pub(crate) type Clauses = Vec<(Occur, Box<dyn Query>)>;

/// How many of the words a hit must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// All.
    All,
    /// At least one; ranking decides.
    Any,
}

/// What texts of one analysis are asked for, by what it adds to the score.
#[derive(Default)]
pub(super) struct Parts {
    /// Phrases and titles that must be there.
    pub(super) required: Clauses,
    /// Words, of which the mode says how many must be there.
    pub(super) optional: Vec<Optional>,
    /// What only scores, by the part that it is explained as.
    pub(super) extras: Vec<(Part, Box<dyn Query>)>,
}

/// A word, or words that are one thing.
pub(super) struct Optional {
    /// The thing as a whole.
    pub(super) whole: Box<dyn Query>,
    /// What a text has of it that need not have all of it, where that differs.
    pub(super) partly: Option<Box<dyn Query>>,
}

impl Optional {
    /// What is there or not.
    pub(super) fn of(whole: Box<dyn Query>) -> Self {
        Self {
            whole,
            partly: None,
        }
    }
}

/// What a score is the sum of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// What the query asks for, anywhere.
    Words,
    /// Its words in the title.
    Title,
    /// Neighbours that stay neighbours.
    Pairs,
    /// Accents as typed.
    Accents,
}

impl Part {
    pub(crate) const ALL: [Self; 4] = [Self::Words, Self::Title, Self::Pairs, Self::Accents];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Title => "title",
            Self::Pairs => "pairs",
            Self::Accents => "accents",
        }
    }
}

impl Parts {
    /// The clauses that decide which documents match.
    pub(super) fn must_have(&self, mode: Mode) -> Clauses {
        let required = self.required.iter().map(|(_, query)| (Occur::Must, query));
        let optional = self.optional.iter().map(|optional| match mode {
            Mode::All => (Occur::Must, &optional.whole),
            Mode::Any => {
                let partly = optional.partly.as_ref();
                (Occur::Should, partly.unwrap_or(&optional.whole))
            }
        });
        required
            .chain(optional)
            .map(|(occur, query)| (occur, query.box_clone()))
            .collect()
    }
}

//! Why something was found, in the schema.

use async_graphql::{Enum, SimpleObject};
use service::search::{Explanation, Factor, Match};

/// Why a hit is here: which words of the query it has, and the parts of its score.
#[derive(Clone, Debug, Default, SimpleObject)]
pub struct SearchExplanation {
    /// Which words of the query are in which field, each once; of long texts the first 32 KiB are looked at.
    matches: Vec<SearchMatch>,
    /// The parts of the score that are not nothing; none in orders other than RELEVANCE. `words`, `title`, `pairs` and
    /// `accents` are added. What they sum to is multiplied by `evidence`, `standing`, `recency` and `overdue`. To that
    /// `exactTitle` is added, which brings a title that is just the query to the front. More names may be added.
    factors: Vec<SearchFactor>,
}

/// A word of the query in a field.
#[derive(Clone, Debug, SimpleObject)]
pub struct SearchMatch {
    /// The field, by its name in the schema.
    field: String,
    /// The word as it was typed, or as it was corrected.
    term: String,
    /// How the field has it.
    how: MatchKind,
}

/// How a text has a word of the query. More values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::search::MatchKind")]
pub enum MatchKind {
    /// As typed; case and accents do not count.
    Exact,
    /// In another form, or as a part of a longer word.
    Stem,
    /// By another word for the same thing: another label of a domain.
    Synonym,
    /// By its beginning.
    Prefix,
    /// As it was corrected: the word that was typed is in nothing that you may see.
    Typo,
}

/// A part of a score.
#[derive(Clone, Debug, SimpleObject)]
pub struct SearchFactor {
    /// What it comes from.
    name: String,
    /// How much it adds, or what it multiplies by.
    value: f64,
}

impl From<&Explanation> for SearchExplanation {
    fn from(explanation: &Explanation) -> Self {
        Self {
            matches: explanation.matches.iter().map(SearchMatch::from).collect(),
            factors: explanation.factors.iter().map(SearchFactor::from).collect(),
        }
    }
}

impl From<&Match> for SearchMatch {
    fn from(found: &Match) -> Self {
        Self {
            field: found.field.clone(),
            term: found.term.clone(),
            how: found.how.into(),
        }
    }
}

impl From<&Factor> for SearchFactor {
    fn from(factor: &Factor) -> Self {
        Self {
            name: factor.name.to_owned(),
            value: f64::from(factor.value),
        }
    }
}

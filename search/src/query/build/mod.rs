//! From what a query says to what the engine runs, by the settings that were measured best: one field of all text,
//! a little title, words counted as often as they are said, neighbouring pairs as phrases.

mod filters;
mod marking;
mod parts;
mod scoring;
#[cfg(test)]
mod tests;

use tantivy::query::{BooleanQuery, EmptyQuery, Occur, Query};

use super::ast::{Ast, Atom};
use super::maker::{Maker, union};
use super::marked::Marked;
use super::words::Words;
use super::{Redirects, Synonyms, parse};
use crate::index::{Audience, Snapshot};
use crate::schema::{Fields, title_hash};
use crate::text::Analysis;
use filters::Filters;
use parts::{Clauses, Optional, Parts};
pub(crate) use parts::{Mode, Part};
use scoring::{MAX_TERMS, Scoring};

/// Up to so many words a hit has all of them.
const ALL_WORDS_LIMIT: usize = 3;
/// Longer queries are no titles, in bytes.
const MAX_TITLE_BYTES: usize = 4_000;

/// What the engine runs.
pub(crate) struct Built {
    /// None when the query has no text.
    pub(crate) text: Option<Box<dyn Query>>,
    pub(crate) clauses: Clauses,
}

/// A query that was read, ready to be built for what somebody may see of an index.
pub(crate) struct Builder<'a> {
    snapshot: &'a Snapshot,
    audience: &'a Audience<'a>,
    fields: &'a Fields,
    text: &'a str,
    ast: Ast,
    pub(crate) words: Words,
    synonyms: &'a Synonyms,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(
        fields: &'a Fields,
        snapshot: &'a Snapshot,
        audience: &'a Audience<'a>,
        text: &'a str,
        synonyms: &'a Synonyms,
    ) -> Self {
        let ast = parse(text);
        let words = Words::of(text, &ast);
        Self {
            snapshot,
            audience,
            fields,
            text,
            ast,
            words,
            synonyms,
        }
    }

    /// The same, which also finds what has another slug now than those that it names.
    pub(crate) fn redirected(mut self, redirects: &Redirects) -> Self {
        redirects.follow(&mut self.ast);
        self
    }

    /// The folded words of this query that the other has not.
    pub(crate) fn words_unlike(&self, other: &Self) -> Vec<String> {
        let known = |folded: &str| other.words.list.iter().any(|word| word.folded == folded);
        let words = self.words.list.iter().map(|word| &word.folded);
        words.filter(|folded| !known(folded)).cloned().collect()
    }

    /// The query as typed.
    pub(crate) fn text(&self) -> &str {
        self.text
    }

    /// Whether all words must be there at first.
    pub(crate) fn first_mode(&self) -> Mode {
        if self.units() <= ALL_WORDS_LIMIT {
            Mode::All
        } else {
            Mode::Any
        }
    }

    /// Whether asking for any word finds more than asking for all.
    pub(crate) fn can_be_eased(&self) -> bool {
        self.units() > 1
    }

    /// Number of things that a hit has all of: words, beginnings, and alternatives together. What is written without
    /// spaces is one.
    fn units(&self) -> usize {
        let counting = self.words.counting_anywhere().into_iter();
        let mut distinct: Vec<&str> = counting
            .filter(|word| !word.continues)
            .map(|word| word.folded.as_str())
            .collect();
        distinct.sort_unstable();
        distinct.dedup();
        distinct.len() + self.optional_clauses().count()
    }

    /// The title that the query may be, whatever else it says: see [`title_hash`]. None when no title is so long.
    pub(crate) fn as_title(&self) -> Option<u64> {
        (self.text.len() <= MAX_TITLE_BYTES)
            .then(|| title_hash(self.text))
            .flatten()
    }

    /// Clauses other than plain words that ranking may decide upon.
    fn optional_clauses(&self) -> impl Iterator<Item = &[Atom]> {
        self.ast
            .clauses
            .iter()
            .filter(|clause| !clause.excluded)
            .map(|clause| clause.alternatives.as_slice())
            .filter(|atoms| match atoms {
                [atom] => matches!(atom, Atom::Prefix(_)),
                several => several.iter().any(Atom::is_text),
            })
    }

    /// The query for this mode.
    pub(crate) fn build(&self, mode: Mode) -> Built {
        let mut texts: Vec<Box<dyn Query>> = self
            .snapshot
            .analyses
            .iter()
            .filter_map(|analysis| self.text_query(*analysis, mode))
            .collect();
        let text = match texts.len() {
            0 => (self.has_text()).then(|| Box::new(EmptyQuery) as Box<dyn Query>),
            1 => texts.pop(),
            _ => Some(Box::new(BooleanQuery::union(texts)) as Box<dyn Query>),
        };
        let filters = Filters {
            fields: self.fields,
            snapshot: self.snapshot,
            text: self.text,
            ast: &self.ast,
        };
        Built {
            text,
            clauses: filters.clauses(),
        }
    }

    fn has_text(&self) -> bool {
        !self.words.list.is_empty()
            || self
                .ast
                .clauses
                .iter()
                .any(|clause| !clause.excluded && clause.alternatives.iter().any(Atom::is_text))
    }

    /// What documents of one analysis must have in their text. None when the query asks for none.
    fn text_query(&self, analysis: Analysis, mode: Mode) -> Option<Box<dyn Query>> {
        let parts = self.parts(analysis)?;
        let mut clauses = parts.must_have(mode);
        clauses.extend(
            parts
                .extras
                .into_iter()
                .map(|(_, query)| (Occur::Should, query)),
        );
        Some(Box::new(BooleanQuery::new(clauses)))
    }

    /// The queries whose scores add up to the score of a document of this analysis.
    pub(crate) fn scored(&self, analysis: Analysis, mode: Mode) -> Vec<(Part, Box<dyn Query>)> {
        let Some(mut parts) = self.parts(analysis) else {
            return Vec::new();
        };
        let mut scored = std::mem::take(&mut parts.extras);
        scored.push((
            Part::Words,
            Box::new(BooleanQuery::new(parts.must_have(mode))),
        ));
        scored
    }

    fn parts(&self, analysis: Analysis) -> Option<Parts> {
        let maker = Maker::new(self.fields, analysis);
        let mut parts = Parts::default();
        for clause in self.ast.clauses.iter().filter(|clause| !clause.excluded) {
            if let [atom @ (Atom::Phrase(_) | Atom::Title(_))] = clause.alternatives.as_slice() {
                let query = maker.atom(self.text, atom);
                parts.required.push((Occur::Must, query));
            }
        }
        let scoring = Scoring {
            words: &self.words,
            synonyms: self.synonyms,
            fields: self.fields,
            audience: self.audience,
        };
        let mut words_left = MAX_TERMS;
        for atoms in self.optional_clauses() {
            let alternatives = atoms.iter().map(|atom| match atom {
                Atom::Words(span) => {
                    let piece = Words::of_piece(self.text, span);
                    scoring.alternative(&maker, &piece, &mut words_left)
                }
                other => maker.atom(self.text, other),
            });
            let query = union(alternatives.collect());
            parts.optional.push(Optional::of(query));
        }
        scoring.add_to(&mut parts, &maker);
        (!parts.required.is_empty() || !parts.optional.is_empty()).then_some(parts)
    }

    /// What a snippet marks in documents of one analysis.
    pub(crate) fn marked(&self, analysis: Analysis) -> Marked {
        marking::marked(analysis, self.text, &self.ast, &self.words, self.synonyms)
    }
}

//! From what a query says to what the engine runs, by the settings that were measured best: one field of all text,
//! a little title, words counted as often as they are said, neighbouring pairs as phrases.

use tantivy::Term;
use tantivy::query::{BooleanQuery, EmptyQuery, Occur, Query};

use super::ast::{Ast, Atom, Clause};
use super::maker::{Maker, boost, filter_atom, term_query, union};
use super::words::{QueryWord, Words};
use super::{Synonyms, parse};
use crate::index::Snapshot;
use crate::schema::Fields;
use crate::text::{Analysis, Normalizer};

/// What a word in the title adds to the same word in the whole text.
const TITLE_WEIGHT: f32 = 0.17;
/// What two neighbours that stay neighbours add.
const PAIR_WEIGHT: f32 = 0.1;
/// Only the first pairs of a long query.
const MAX_PAIRS: usize = 24;
/// Words further apart, function words between them, are no pair.
const MAX_PAIR_GAP: usize = 4;
/// An alternative that was not typed counts less.
const SYNONYM_WEIGHT: f32 = 0.5;
/// Up to so many words a hit has all of them.
const ALL_WORDS_LIMIT: usize = 3;

/// Two words that are both in more than one document of so many say little as a pair, and take long to find.
const FREQUENT_SHARE: u64 = 10;
/// So many documents are searched through in no time.
const FEW_DOCUMENTS: u64 = 1_000;

type Clauses = Vec<(Occur, Box<dyn Query>)>;

/// How many of the words a hit must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// All.
    All,
    /// At least one; ranking decides.
    Any,
}

/// What the engine runs.
pub(crate) struct Built {
    /// None when the query has no text.
    pub(crate) text: Option<Box<dyn Query>>,
    pub(crate) clauses: Clauses,
}

/// A query that was read, ready to be built for an index.
pub(crate) struct Builder<'a> {
    snapshot: &'a Snapshot,
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
        text: &'a str,
        synonyms: &'a Synonyms,
    ) -> Self {
        let ast = parse(text);
        let words = Words::of(text, &ast);
        Self {
            snapshot,
            fields,
            text,
            ast,
            words,
            synonyms,
        }
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

    /// Number of things that a hit has all of: words, beginnings, and alternatives together.
    fn units(&self) -> usize {
        let mut distinct: Vec<&str> = self
            .words
            .counting()
            .map(|word| word.folded.as_str())
            .collect();
        distinct.sort_unstable();
        distinct.dedup();
        distinct.len() + self.optional_clauses().count()
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
        Built {
            text,
            clauses: self.filters(),
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
        let maker = Maker::new(self.fields, analysis);
        let mut required: Clauses = Vec::new();
        let mut optional: Clauses = Vec::new();
        for clause in self.ast.clauses.iter().filter(|clause| !clause.excluded) {
            if let [atom @ (Atom::Phrase(_) | Atom::Title(_))] = clause.alternatives.as_slice() {
                required.push((Occur::Must, maker.atom(self.text, atom)));
            }
        }
        for atoms in self.optional_clauses() {
            let query = union(
                atoms
                    .iter()
                    .map(|atom| maker.atom(self.text, atom))
                    .collect(),
            );
            optional.push((Occur::Should, query));
        }
        let extras = self.words(&maker, &mut optional);
        if mode == Mode::All {
            required.extend(optional.drain(..).map(|(_, query)| (Occur::Must, query)));
        }
        if required.is_empty() && optional.is_empty() {
            return None;
        }
        required.extend(optional);
        required.extend(extras);
        Some(Box::new(BooleanQuery::new(required)))
    }

    /// Adds a clause for each word, and returns what only scores: titles and pairs.
    fn words(&self, maker: &Maker<'_>, units: &mut Clauses) -> Clauses {
        let mut extras: Clauses = Vec::new();
        let counting: Vec<&QueryWord> = self.words.counting().collect();
        let mut counted: Vec<(String, f32)> = Vec::with_capacity(counting.len());
        let mut at = 0;
        while at < counting.len() {
            let folded = counting[at..].iter().map(|word| word.folded.as_str());
            if let Some((length, others)) = self.synonyms.at(folded) {
                let own = maker.all_of(&counting[at..at + length]);
                let mut alternatives = vec![own];
                alternatives.extend(
                    others
                        .iter()
                        .map(|other| boost(maker.phrase(other), SYNONYM_WEIGHT)),
                );
                units.push((Occur::Should, union(alternatives)));
                at += length;
                continue;
            }
            let unspaced = counting[at + 1..]
                .iter()
                .take_while(|word| word.continues)
                .count();
            if unspaced > 0 {
                let run = &counting[at..=at + unspaced];
                units.push((Occur::Should, maker.run(maker.text.all, run)));
                at += unspaced + 1;
                continue;
            }
            let term = maker.normalizer.term(&counting[at].text);
            match counted.iter_mut().find(|(known, _)| *known == term) {
                Some((_, count)) => *count += 1.0,
                None => counted.push((term, 1.0)),
            }
            at += 1;
        }
        for (term, count) in counted {
            units.push((
                Occur::Should,
                boost(term_query(maker.text.all, &term), count),
            ));
            extras.push((
                Occur::Should,
                boost(term_query(maker.text.title, &term), count * TITLE_WEIGHT),
            ));
        }
        let pairs = counting.windows(2).filter(|pair| {
            let gap = pair[1].position - pair[0].position;
            (1..=MAX_PAIR_GAP).contains(&gap) && !pair[1].continues && self.says_much(maker, pair)
        });
        for pair in pairs.take(MAX_PAIRS) {
            extras.push((
                Occur::Should,
                boost(maker.run(maker.text.all, pair), PAIR_WEIGHT),
            ));
        }
        extras
    }

    /// Whether one of the words is in few documents. In doubt, yes.
    fn says_much(&self, maker: &Maker<'_>, words: &[&QueryWord]) -> bool {
        let searcher = &self.snapshot.searcher;
        let all: u64 = searcher
            .segment_readers()
            .iter()
            .map(|segment| u64::from(segment.max_doc()))
            .sum();
        words.iter().any(|word| {
            let term = Term::from_field_text(maker.text.all, &maker.normalizer.term(&word.text));
            searcher
                .doc_freq(&term)
                .is_ok_and(|count| count <= (all / FREQUENT_SHARE).max(FEW_DOCUMENTS))
        })
    }

    /// Exclusions, and what is decided without text. Of fields that have one value, several values are alternatives.
    fn filters(&self) -> Clauses {
        let mut clauses: Clauses = Vec::new();
        let mut one_of: [Vec<Box<dyn Query>>; 3] = Default::default();
        for clause in &self.ast.clauses {
            let queries = || {
                clause
                    .alternatives
                    .iter()
                    .map(|atom| self.atom_of_any_analysis(atom))
            };
            if clause.excluded {
                clauses.extend(queries().map(|query| (Occur::MustNot, query)));
                continue;
            }
            match clause.alternatives.as_slice() {
                [Atom::Kind(_)] => one_of[0].extend(queries()),
                [Atom::In(_)] => one_of[1].extend(queries()),
                [Atom::Language(_)] => one_of[2].extend(queries()),
                atoms if atoms.iter().any(Atom::is_text) => {}
                _ => clauses.push((Occur::Must, union(queries().collect()))),
            }
        }
        clauses.extend(
            one_of
                .into_iter()
                .filter(|values| !values.is_empty())
                .map(|values| (Occur::Must, union(values))),
        );
        clauses
    }

    fn atom_of_any_analysis(&self, atom: &Atom) -> Box<dyn Query> {
        if !atom.is_text() {
            return filter_atom(self.fields, atom);
        }
        let makers = self
            .snapshot
            .analyses
            .iter()
            .map(|analysis| Maker::new(self.fields, *analysis));
        union(makers.map(|maker| maker.atom(self.text, atom)).collect())
    }

    /// What a snippet marks, for documents of one analysis: terms and beginnings.
    pub(crate) fn marked(&self, analysis: Analysis) -> (Vec<String>, Vec<String>) {
        let normalizer = Normalizer::new(analysis);
        let mut terms = Vec::new();
        let mut prefixes = Vec::new();
        let counting: Vec<&QueryWord> = self.words.counting().collect();
        for (at, word) in counting.iter().enumerate() {
            terms.push(normalizer.term(&word.text));
            if let Some((_, others)) = self
                .synonyms
                .at(counting[at..].iter().map(|word| word.folded.as_str()))
            {
                terms.extend(
                    others
                        .iter()
                        .flat_map(|other| other.split(' '))
                        .map(|word| normalizer.term(word)),
                );
            }
        }
        for clause in self.ast.clauses.iter().filter(|clause| !clause.excluded) {
            let alone = clause.alternatives.len() == 1;
            for atom in &clause.alternatives {
                let text = match atom {
                    Atom::Words(span) if !alone => &self.text[span.clone()],
                    Atom::Phrase(text) | Atom::Title(text) => text.as_str(),
                    Atom::Prefix(beginning) => {
                        prefixes.push(beginning.clone());
                        continue;
                    }
                    _ => continue,
                };
                let quoted = Words::of(
                    text,
                    &Ast {
                        clauses: vec![Clause::words(0..text.len())],
                    },
                );
                terms.extend(quoted.counting().map(|word| normalizer.term(&word.text)));
            }
        }
        terms.sort_unstable();
        terms.dedup();
        (terms, prefixes)
    }
}

//! From what a query says to what the engine runs, by the settings that were measured best: one field of all text,
//! a little title, words counted as often as they are said, neighbouring pairs as phrases.

use tantivy::Term;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, InvertedIndexRangeQuery, Occur,
    PhraseQuery, Query, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::ast::{Ast, Atom};
use super::filter::{any_of, updated_between};
use super::words::{QueryWord, Words, words_of};
use super::{Synonyms, parse};
use crate::schema::{Fields, TextFields};
use crate::text::{Analysis, Normalizer, fold_word, words};

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
    fields: &'a Fields,
    analyses: &'a [Analysis],
    text: &'a str,
    ast: Ast,
    pub(crate) words: Words,
    synonyms: &'a Synonyms,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(
        fields: &'a Fields,
        analyses: &'a [Analysis],
        text: &'a str,
        synonyms: &'a Synonyms,
    ) -> Self {
        let ast = parse(text);
        let words = Words::of(text, &ast);
        Self {
            fields,
            analyses,
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
        let maker = Maker {
            fields: self.fields,
            text: self.fields.texts(analysis),
            normalizer: Normalizer::new(analysis),
        };
        let mut required: Clauses = Vec::new();
        let mut optional: Clauses = Vec::new();
        for clause in self.ast.clauses.iter().filter(|clause| !clause.excluded) {
            match clause.alternatives.as_slice() {
                [Atom::Words(_)] => {}
                [atom @ (Atom::Phrase(_) | Atom::Title(_))] => {
                    required.push((Occur::Must, maker.atom(self.text, atom)))
                }
                _ => {}
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
                boost(maker.term(maker.text.all, &term), count),
            ));
            extras.push((
                Occur::Should,
                boost(maker.term(maker.text.title, &term), count * TITLE_WEIGHT),
            ));
        }
        let pairs = counting.windows(2).filter(|pair| {
            let gap = pair[1].position - pair[0].position;
            (1..=MAX_PAIR_GAP).contains(&gap) && !pair[1].continues
        });
        for pair in pairs.take(MAX_PAIRS) {
            extras.push((
                Occur::Should,
                boost(maker.run(maker.text.all, pair), PAIR_WEIGHT),
            ));
        }
        extras
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
        let makers = self.analyses.iter().map(|analysis| Maker {
            fields: self.fields,
            text: self.fields.texts(*analysis),
            normalizer: Normalizer::new(*analysis),
        });
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
                        clauses: vec![super::ast::Clause::words(0..text.len())],
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

/// Makes the queries of one analysis.
struct Maker<'a> {
    fields: &'a Fields,
    text: TextFields,
    normalizer: Normalizer,
}

impl Maker<'_> {
    fn term(&self, field: Field, term: &str) -> Box<dyn Query> {
        Box::new(TermQuery::new(
            Term::from_field_text(field, term),
            IndexRecordOption::WithFreqs,
        ))
    }

    /// All of the words, anywhere.
    fn all_of(&self, words: &[&QueryWord]) -> Box<dyn Query> {
        let terms: Vec<_> = words
            .iter()
            .map(|word| self.term(self.text.all, &self.normalizer.term(&word.text)))
            .collect();
        intersection(terms)
    }

    /// The words one after the other, as far apart as they were typed.
    fn run(&self, field: Field, words: &[&QueryWord]) -> Box<dyn Query> {
        let first = words.first().map_or(0, |word| word.position);
        let terms = words
            .iter()
            .map(|word| {
                (
                    word.position - first,
                    Term::from_field_text(field, &self.normalizer.term(&word.text)),
                )
            })
            .collect();
        phrase_query(terms)
    }

    fn phrase(&self, text: &str) -> Box<dyn Query> {
        self.phrase_in(self.text.all, text)
    }

    fn phrase_in(&self, field: Field, text: &str) -> Box<dyn Query> {
        let typed = words_of(text, &(0..text.len()));
        self.run(field, &typed.iter().collect::<Vec<_>>())
    }

    /// A piece of text that must be there. Filters among alternatives only decide.
    fn atom(&self, text: &str, atom: &Atom) -> Box<dyn Query> {
        match atom {
            Atom::Words(span) => {
                let typed = words_of(text, span);
                if typed.iter().any(|word| word.continues) {
                    return self.phrase(&text[span.clone()]);
                }
                self.all_of(&typed.iter().collect::<Vec<_>>())
            }
            Atom::Phrase(phrase) => self.phrase(phrase),
            Atom::Title(phrase) => self.phrase_in(self.text.title, phrase),
            Atom::Prefix(beginning) => starting_with(self.fields.words, beginning),
            filter => Box::new(ConstScoreQuery::new(filter_atom(self.fields, filter), 0.0)),
        }
    }
}

impl Atom {
    /// Whether it is about the text rather than about a field.
    fn is_text(&self) -> bool {
        matches!(
            self,
            Self::Words(_) | Self::Phrase(_) | Self::Prefix(_) | Self::Title(_)
        )
    }
}

fn filter_atom(fields: &Fields, atom: &Atom) -> Box<dyn Query> {
    match atom {
        Atom::Tag(tag) => any_of(fields.tag_key, [tag.clone()]),
        Atom::Author(name) => {
            let names = words(name)
                .map(|(start, end)| any_of(fields.author_name, [fold_word(&name[start..end])]));
            intersection(names.collect())
        }
        Atom::Kind(kind) => union(vec![
            any_of(fields.kind, [kind.clone()]),
            any_of(fields.resource_kind, [kind.clone()]),
        ]),
        Atom::Domain(slug) => any_of(fields.domain_slug, [slug.clone()]),
        Atom::In(slug) => any_of(fields.community_slug, [slug.clone()]),
        Atom::Language(language) => any_of(fields.language_key, [language.clone()]),
        Atom::Before(time) => {
            updated_between(fields, None, Some(*time)).unwrap_or_else(|| Box::new(EmptyQuery))
        }
        Atom::After(time) => {
            updated_between(fields, Some(*time), None).unwrap_or_else(|| Box::new(EmptyQuery))
        }
        Atom::Words(_) | Atom::Phrase(_) | Atom::Prefix(_) | Atom::Title(_) => Box::new(EmptyQuery),
    }
}

/// Words of the field that begin like this. Each hit scores the same.
pub(crate) fn starting_with(field: Field, beginning: &str) -> Box<dyn Query> {
    let (from, to) = prefix_bounds(field, beginning);
    Box::new(ConstScoreQuery::new(
        Box::new(InvertedIndexRangeQuery::new(from, to)),
        1.0,
    ))
}

/// The bounds of all terms that begin like this.
fn prefix_bounds(field: Field, beginning: &str) -> (std::ops::Bound<Term>, std::ops::Bound<Term>) {
    use std::ops::Bound::{Excluded, Included};
    // No text has a character behind the last one.
    let to = format!("{beginning}{}", char::MAX);
    (
        Included(Term::from_field_text(field, beginning)),
        Excluded(Term::from_field_text(field, &to)),
    )
}

fn phrase_query(mut terms: Vec<(usize, Term)>) -> Box<dyn Query> {
    match terms.len() {
        0 => Box::new(EmptyQuery),
        1 => Box::new(TermQuery::new(
            terms.remove(0).1,
            IndexRecordOption::WithFreqs,
        )),
        _ => Box::new(PhraseQuery::new_with_offset(terms)),
    }
}

fn boost(query: Box<dyn Query>, factor: f32) -> Box<dyn Query> {
    if (factor - 1.0).abs() < f32::EPSILON {
        query
    } else {
        Box::new(BoostQuery::new(query, factor))
    }
}

fn union(mut queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    match queries.len() {
        0 => Box::new(EmptyQuery),
        1 => queries.remove(0),
        _ => Box::new(BooleanQuery::union(queries)),
    }
}

fn intersection(mut queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    match queries.len() {
        0 => Box::new(EmptyQuery),
        1 => queries.remove(0),
        _ => Box::new(BooleanQuery::intersection(queries)),
    }
}

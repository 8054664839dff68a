//! The queries that pieces of a query become, for documents of one analysis.

use std::collections::BTreeSet;
use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, InvertedIndexRangeQuery, Occur,
    PhraseQuery, Query, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::ast::Atom;
use super::filter::{any_of, updated_between};
use super::words::{QueryWord, Words};
use crate::schema::{Fields, TextFields};
use crate::text::{Analysis, Normalizer, particle_letters};

/// Only the first letters of what is written without spaces are looked for.
const MAX_LETTERS: usize = 64;

/// Makes the queries of one analysis.
pub(super) struct Maker<'a> {
    fields: &'a Fields,
    pub(super) analysis: Analysis,
    pub(super) text: TextFields,
    pub(super) normalizer: Normalizer,
}

impl<'a> Maker<'a> {
    pub(super) fn new(fields: &'a Fields, analysis: Analysis) -> Self {
        Self {
            fields,
            analysis,
            text: fields.texts(analysis),
            normalizer: Normalizer::new(analysis),
        }
    }

    /// All words of a piece, each as `query` asks for it: anywhere, or one after the other where letters of scripts
    /// without spaces touch.
    pub(super) fn all_of(
        &self,
        words: &[&QueryWord],
        query: impl FnMut(&QueryWord) -> Box<dyn Query>,
    ) -> Box<dyn Query> {
        // Only letters of scripts without spaces touch the word before them.
        let touching = |pair: &[&QueryWord]| pair[0].span.end == pair[1].span.start;
        if words.windows(2).any(touching) {
            return self.run(self.text.all, words);
        }
        intersection(words.iter().copied().map(query).collect())
    }

    /// The words one after the other, as far apart as they were typed.
    pub(super) fn run(&self, field: Field, words: &[&QueryWord]) -> Box<dyn Query> {
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

    /// Most of the pairs of letters of what is written without spaces; of a Korean noun and its particle those of the
    /// noun, as texts have it with other particles.
    pub(super) fn letters(&self, field: Field, run: &[&QueryWord]) -> Box<dyn Query> {
        let letters: Vec<String> = run
            .iter()
            .take(MAX_LETTERS)
            .map(|letter| self.normalizer.term(&letter.text))
            .collect();
        let mut pairs: Vec<(Occur, Box<dyn Query>)> = letters
            .windows(2)
            .map(|pair| (Occur::Should, term_query(field, &pair.concat())))
            .collect();
        let particle = particle_letters(&letters);
        let with_particle = pairs.split_off(pairs.len() - particle);
        // Of two pairs both, of a few words most, of a sentence some.
        let least = match pairs.len() {
            few @ 0..=2 => few,
            several @ 3..=6 => (several * 3).div_ceil(5),
            many => many.div_ceil(4).max(4),
        };
        let noun: Box<dyn Query> =
            Box::new(BooleanQuery::with_minimum_required_clauses(pairs, least));
        if with_particle.is_empty() {
            return noun;
        }
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = vec![(Occur::Must, noun)];
        clauses.extend(with_particle);
        Box::new(BooleanQuery::new(clauses))
    }

    pub(super) fn phrase(&self, text: &str) -> Box<dyn Query> {
        self.phrase_in(self.text.all, text)
    }

    fn phrase_in(&self, field: Field, text: &str) -> Box<dyn Query> {
        let typed = Words::of_piece(text, &(0..text.len()));
        self.run(field, &typed.list.iter().collect::<Vec<_>>())
    }

    /// What texts of all analyses have in one field, of this analysis alone: each document scores once.
    fn only_here(&self, query: Box<dyn Query>) -> Box<dyn Query> {
        let here = any_of(self.fields.analysis, [self.analysis.name().to_owned()]);
        intersection(vec![query, Box::new(ConstScoreQuery::new(here, 0.0))])
    }

    /// What a piece asks for. Filters among alternatives only decide. Words are those of an exclusion, which leaves
    /// nothing out for what only may be another form of them.
    pub(super) fn atom(&self, text: &str, atom: &Atom) -> Box<dyn Query> {
        match atom {
            Atom::Words(span) => {
                let typed = Words::of_piece(text, span);
                self.all_of(&typed.excluding(self.analysis), |word| {
                    term_query(self.text.all, &self.normalizer.term(&word.text))
                })
            }
            Atom::Phrase(phrase) => self.phrase(phrase),
            Atom::Title(phrase) => self.phrase_in(self.text.title, phrase),
            Atom::Prefix(beginning) => self.only_here(starting_with(self.fields.words, beginning)),
            filter => Box::new(ConstScoreQuery::new(filter_atom(self.fields, filter), 0.0)),
        }
    }
}

impl Atom {
    /// Whether it is about the text rather than about a field.
    pub(super) fn is_text(&self) -> bool {
        matches!(
            self,
            Self::Words(_) | Self::Phrase(_) | Self::Prefix(_) | Self::Title(_)
        )
    }
}

/// Documents that have the term, scored.
pub(super) fn term_query(field: Field, term: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(
        Term::from_field_text(field, term),
        IndexRecordOption::WithFreqs,
    ))
}

/// What is decided without text.
pub(super) fn filter_atom(fields: &Fields, atom: &Atom) -> Box<dyn Query> {
    match atom {
        Atom::Tag(tag) => any_of(fields.tag_key, [tag.clone()]),
        Atom::Author(name) => {
            let typed = Words::of_piece(name, &(0..name.len())).list;
            let names: BTreeSet<String> = typed.into_iter().map(|word| word.folded).collect();
            let names = names.into_iter();
            let names = names.map(|name| any_of(fields.author_name, [name]));
            intersection(names.collect())
        }
        Atom::Kind(kind) => union(vec![
            any_of(fields.kind, [kind.clone()]),
            any_of(fields.resource_kind, [kind.clone()]),
        ]),
        Atom::Domain(slug) => any_of(fields.domain_slug, [slug.clone()]),
        Atom::In(slugs) => any_of(fields.community_slug, slugs.iter().cloned()),
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
fn prefix_bounds(field: Field, beginning: &str) -> (Bound<Term>, Bound<Term>) {
    // No text has a character behind the last one.
    let to = format!("{beginning}{}", char::MAX);
    (
        Bound::Included(Term::from_field_text(field, beginning)),
        Bound::Excluded(Term::from_field_text(field, &to)),
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

/// The query with its score multiplied.
pub(crate) fn boost(query: Box<dyn Query>, factor: f32) -> Box<dyn Query> {
    if (factor - 1.0).abs() < f32::EPSILON {
        query
    } else {
        Box::new(BoostQuery::new(query, factor))
    }
}

pub(super) fn union(mut queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    match queries.len() {
        0 => Box::new(EmptyQuery),
        1 => queries.remove(0),
        _ => Box::new(BooleanQuery::union(queries)),
    }
}

pub(super) fn intersection(mut queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    match queries.len() {
        0 => Box::new(EmptyQuery),
        1 => queries.remove(0),
        _ => Box::new(BooleanQuery::intersection(queries)),
    }
}

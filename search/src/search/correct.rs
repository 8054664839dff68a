//! Spelling. Only words that the viewer's documents lack are corrected, and only words are offered that some of these
//! documents have with all that is asked for besides.

use tantivy::Term;
use tantivy::collector::Count;
use tantivy::query::{FuzzyTermQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};

use super::collect::FirstMatch;
use crate::error::Result;
use crate::index::Searcher;
use crate::query::{Builder, QueryWord, Scope, Viewer};
use crate::text::Normalizer;

/// Shorter words have too many neighbours.
const MIN_LETTERS: usize = 4;
/// Only the first words of a long query are looked after.
const MAX_WORDS: usize = 64;
/// Longer words take the automaton too long.
const MAX_LETTERS: usize = 40;
/// Words from so many letters on may have two mistakes, when no word is one mistake away.
const TWO_MISTAKES_FROM: usize = 8;
/// A known word is rare up to so many documents.
const RARE: usize = 2;
/// A better word is in so many times as many documents.
const MORE_FREQUENT: usize = 10;

/// Letters that lie beside each other on a keyboard, row by row.
const KEYBOARD: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

pub(super) struct Corrector<'a> {
    searcher: &'a Searcher,
    scope: Scope<'a>,
    /// What hits must and must not have besides the words.
    clauses: Vec<(Occur, Box<dyn Query>)>,
}

impl<'a> Corrector<'a> {
    pub(super) fn new(
        searcher: &'a Searcher,
        viewer: &'a Viewer,
        clauses: Vec<(Occur, Box<dyn Query>)>,
    ) -> Self {
        Self {
            searcher,
            scope: Scope::new(searcher.index.fields(), viewer),
            clauses,
        }
    }

    /// The query with every correctable word that is unknown to the viewer replaced. None when nothing changes.
    pub(super) fn correct(&self, query: &Builder<'_>) -> Result<Option<String>> {
        replace(query, |word| {
            if self.is_known(word)? {
                Ok(None)
            } else {
                self.best(word, 1)
            }
        })
    }

    /// The query with words that are rare for the viewer replaced by similar words that are frequent.
    pub(super) fn improve(&self, query: &Builder<'_>) -> Result<Option<String>> {
        replace(query, |word| {
            let known = self.count(&word.folded, Vec::new())?;
            if known > RARE {
                Ok(None)
            } else {
                self.best(word, (known * MORE_FREQUENT).max(1))
            }
        })
    }

    fn words(&self) -> Field {
        self.searcher.index.fields().words
    }

    /// Whether a document that the viewer may see has the word, in whatever form. What is asked for besides does not
    /// matter: a word is no mistake because a filter leaves it out.
    fn is_known(&self, word: &QueryWord) -> Result<bool> {
        let snapshot = &self.searcher.snapshot;
        for analysis in &snapshot.analyses {
            let field = self.searcher.index.fields().texts(*analysis).all;
            let term = Term::from_field_text(field, &Normalizer::new(*analysis).term(&word.text));
            if snapshot.searcher.doc_freq(&term)? == 0 {
                continue;
            }
            let query = self.scope.restrict(
                Some(Box::new(TermQuery::new(term, IndexRecordOption::Basic))),
                Vec::new(),
            );
            if snapshot.select(&query, &FirstMatch)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// In how many documents that the viewer may see the word is, as far as the clauses hold.
    fn count(&self, word: &str, clauses: Vec<(Occur, Box<dyn Query>)>) -> Result<usize> {
        let term = Term::from_field_text(self.words(), word);
        let query: Box<dyn Query> = Box::new(TermQuery::new(term, IndexRecordOption::Basic));
        self.searcher
            .snapshot
            .select(&self.scope.restrict(Some(query), clauses), &Count)
    }

    /// In how many of the documents that may be hits the word is.
    fn count_in_hits(&self, word: &str) -> Result<usize> {
        let clauses = self.clauses.iter();
        let clauses = clauses.map(|(occur, query)| (*occur, query.box_clone()));
        self.count(word, clauses.collect())
    }

    /// The likeliest word one mistake away, or two if it is long, in at least so many documents that may be hits.
    fn best(&self, word: &QueryWord, at_least: usize) -> Result<Option<String>> {
        let one = self.best_within(word, at_least, 1)?;
        if one.is_some() || word.folded.chars().count() < TWO_MISTAKES_FROM {
            return Ok(one);
        }
        self.best_within(word, at_least, 2)
    }

    fn best_within(
        &self,
        word: &QueryWord,
        at_least: usize,
        mistakes: u8,
    ) -> Result<Option<String>> {
        let mut best: Option<(f64, String)> = None;
        for (candidate, highest) in self.candidates(&word.folded, mistakes)? {
            // What may be hits of a word is never more than all of it.
            if best.as_ref().is_some_and(|(found, _)| *found > highest) {
                break;
            }
            let count = self.count_in_hits(&candidate)?;
            if count < at_least {
                continue;
            }
            let weight = weight(&word.folded, &candidate, count);
            if best.as_ref().is_none_or(|(found, known)| {
                weight > *found || (weight >= *found && candidate < *known)
            }) {
                best = Some((weight, candidate));
            }
        }
        Ok(best.map(|(_, candidate)| candidate))
    }

    /// Words of the index so many mistakes away with the most that they can weigh, this first. Whether the viewer may see
    /// them is not known yet.
    fn candidates(&self, word: &str, mistakes: u8) -> Result<Vec<(String, f64)>> {
        let field = self.words();
        let mut counts = std::collections::HashMap::<String, usize>::new();
        for segment in self.searcher.snapshot.searcher.segment_readers() {
            let automaton = FuzzyTermQuery::new(Term::from_field_text(field, word), mistakes, true)
                .automaton()?;
            let index = segment.inverted_index(field)?;
            let mut found = index.terms().search(automaton).into_stream()?;
            while found.advance() {
                if let Ok(candidate) = std::str::from_utf8(found.key())
                    && candidate != word
                {
                    *counts.entry(candidate.to_owned()).or_default() +=
                        found.value().doc_freq as usize;
                }
            }
        }
        let mut ranked: Vec<(String, f64)> = counts
            .into_iter()
            .map(|(candidate, count)| {
                let weight = weight(word, &candidate, count);
                (candidate, weight)
            })
            .collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Ok(ranked)
    }
}

/// The query with each word that has a better one replaced by it. None when none has.
fn replace(
    query: &Builder<'_>,
    better: impl Fn(&QueryWord) -> Result<Option<String>>,
) -> Result<Option<String>> {
    let mut replaced = String::new();
    let mut copied = 0;
    for word in query
        .words
        .counting_anywhere()
        .into_iter()
        .filter(|word| is_correctable(word))
        .take(MAX_WORDS)
    {
        if let Some(better) = better(word)? {
            replaced.push_str(&query.text()[copied..word.span.start]);
            replaced.push_str(&better);
            copied = word.span.end;
        }
    }
    if copied == 0 {
        return Ok(None);
    }
    replaced.push_str(&query.text()[copied..]);
    Ok(Some(replaced))
}

/// Numbers, acronyms and short words stay as they are.
fn is_correctable(word: &QueryWord) -> bool {
    let letters = word.folded.chars().count();
    let acronym = word.text.chars().all(|letter| !letter.is_lowercase());
    (MIN_LETTERS..=MAX_LETTERS).contains(&letters)
        && !word.continues
        && word.folded.chars().all(char::is_alphabetic)
        && !(acronym && word.text.chars().any(char::is_uppercase))
}

/// How likely the candidate is meant: frequent words and likely slips weigh more.
fn weight(typed: &str, candidate: &str, documents: usize) -> f64 {
    let (typed, candidate): (Vec<char>, Vec<char>) =
        (typed.chars().collect(), candidate.chars().collect());
    #[expect(
        clippy::cast_precision_loss,
        reason = "no index has that many documents"
    )]
    let mut weight = (documents as f64).sqrt();
    let same = typed
        .iter()
        .zip(&candidate)
        .take_while(|(a, b)| a == b)
        .count();
    if typed.len() == candidate.len() {
        let swapped = typed.get(same) == candidate.get(same + 1)
            && typed.get(same + 1) == candidate.get(same);
        let beside = typed
            .get(same)
            .zip(candidate.get(same))
            .is_some_and(|(a, b)| are_neighbours(*a, *b));
        weight *= if (swapped && same + 1 < typed.len()) || beside {
            2.0
        } else {
            0.5
        };
    }
    if typed.first() != candidate.first() {
        weight *= 0.3;
    }
    weight
}

fn are_neighbours(a: char, b: char) -> bool {
    let place = |letter| {
        KEYBOARD
            .iter()
            .enumerate()
            .find_map(|(row, keys)| Some((row, keys.find(letter)?)))
    };
    match (place(a), place(b)) {
        (Some((row, column)), Some((other_row, other_column))) => {
            row.abs_diff(other_row) <= 1 && column.abs_diff(other_column) <= 1
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likely_slips_weigh_more() {
        let swap = weight("asessment", "assessment", 100);
        assert!(swap > weight("bssessment", "assessment", 100));
        assert!(weight("comunity", "community", 50) > weight("comunity", "immunity", 50));
        assert!(weight("teh", "the", 9) > weight("teh", "tea", 9));
        assert!(weight("learnimg", "learning", 9) > weight("learnixg", "learning", 9));
    }
}

//! Words that are written together: "Lerngemeinschaft" is found by "Gemeinschaft" and by "Lernen", and finds what says
//! "Gemeinschaft" and "Lernen".

use tantivy::Term;
use tantivy::query::{BoostQuery, Query};

use super::maker::{Maker, intersection, starting_with, term_query};
use crate::index::Audience;
use crate::schema::{Fields, MIN_COMPOUND_LETTERS, tail};

/// A part of a longer word counts less than the word, and the same wherever it is.
const CONTAINING_WEIGHT: f32 = 0.5;
/// Both parts of a word that is typed as one.
const SPLIT_WEIGHT: f32 = 0.4;
/// Shorter stems begin words that have nothing to do with them.
const MIN_BEGINNING: usize = 5;
/// Shorter stems end such words.
const MIN_END: usize = 4;
/// Each part of a word has so many letters at least.
const MIN_PART: usize = 4;
/// Words of fewer letters are not taken apart, longer ones than that neither.
const SPLITTABLE: std::ops::RangeInclusive<usize> = (2 * MIN_PART)..=40;
/// Letters that only join two words.
const JOINTS: [&str; 7] = ["", "s", "n", "en", "es", "er", "e"];

/// Longer words that begin or end with this stem.
pub(super) fn containing(fields: &Fields, maker: &Maker<'_>, stem: &str) -> Vec<Box<dyn Query>> {
    let letters = stem.chars().count();
    let mut found: Vec<Box<dyn Query>> = Vec::new();
    let mut add = |query| found.push(Box::new(BoostQuery::new(query, CONTAINING_WEIGHT)) as _);
    if letters >= MIN_BEGINNING {
        add(starting_with(maker.text.all, stem));
    }
    if (MIN_END..MIN_COMPOUND_LETTERS * 4).contains(&letters) {
        add(starting_with(fields.tails, &tail(maker.analysis, stem)));
    }
    found
}

/// Both parts of the word, where it is made of two that the audience's documents have.
pub(super) fn split(
    audience: &Audience<'_>,
    maker: &Maker<'_>,
    word: &str,
) -> Option<Box<dyn Query>> {
    if !SPLITTABLE.contains(&word.chars().count()) {
        return None;
    }
    let all = maker.text.all;
    let frequency = |stem: &str| {
        let term = Term::from_field_text(all, stem);
        audience.frequency(&term).unwrap_or_default()
    };
    let mut best: Option<(u64, String, String)> = None;
    for (at, _) in word.char_indices().skip(MIN_PART) {
        let (left, right) = word.split_at(at);
        if right.chars().count() < MIN_PART {
            break;
        }
        let end = maker.normalizer.term(right);
        let ends = frequency(&end);
        if ends == 0 {
            continue;
        }
        for joint in JOINTS {
            let Some(beginning) = left.strip_suffix(joint) else {
                continue;
            };
            if beginning.chars().count() < MIN_PART {
                continue;
            }
            let beginning = maker.normalizer.term(beginning);
            let both = frequency(&beginning).min(ends);
            if both > 0 && best.as_ref().is_none_or(|(known, _, _)| both > *known) {
                best = Some((both, beginning, end.clone()));
            }
        }
    }
    let (_, beginning, end) = best?;
    let parts = vec![term_query(all, &beginning), term_query(all, &end)];
    Some(Box::new(BoostQuery::new(intersection(parts), SPLIT_WEIGHT)))
}

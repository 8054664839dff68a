//! Which words of a text match. The text is read once, in order, and only words that begin like a term of the query are
//! analysed; reading ends at the first window that holds every term.

use super::window::{Found, LEAD, WINDOW, marked, window};
use crate::query::Marked;
use crate::search::MatchKind;
use crate::text::{Words, first_folded_letter, fold_word, words};

/// Most matches that are looked at in one text.
const MAX_MATCHES: usize = 256;

/// What to mark in texts of one analysis.
pub(super) struct Marks {
    marked: Marked,
    /// First letters of terms and prefixes: a bit each for ASCII.
    ascii_initials: u128,
    other_initials: Vec<char>,
}

impl Marks {
    pub(super) fn new(marked: Marked) -> Self {
        let mut ascii_initials = 0;
        let mut other_initials = Vec::new();
        let rows = marked.rows.iter().filter_map(|(terms, _)| terms.first());
        let beginnings = marked.terms.keys().chain(&marked.prefixes).chain(rows);
        for initial in beginnings.filter_map(|term| term.chars().next()) {
            if initial.is_ascii() {
                ascii_initials |= 1_u128 << u32::from(initial);
            } else {
                other_initials.push(initial);
            }
        }
        Self {
            marked,
            ascii_initials,
            other_initials,
        }
    }

    /// Number of different things to find.
    pub(super) fn count(&self) -> usize {
        self.marked.marks.len() + self.marked.prefixes.len()
    }

    fn may_begin(&self, word: &str) -> bool {
        // A word written together with others may stand anywhere in a longer one, and a stem may begin otherwise.
        if !self.marked.parts.is_empty() {
            return true;
        }
        let Some(initial) = word.chars().next().and_then(first_folded_letter) else {
            return false;
        };
        if initial.is_ascii() {
            self.ascii_initials & (1_u128 << u32::from(initial)) != 0
        } else {
            self.other_initials.contains(&initial)
        }
    }

    /// What begins with the word of the text, which the `rest` follows: a row of words, and the word alone.
    fn beginning_with(
        &self,
        text: &str,
        (start, end): (usize, usize),
        rest: &Words<'_>,
        term: &mut String,
    ) -> [Option<Found>; 2] {
        let word = &text[start..end];
        if !self.may_begin(word) {
            return [None, None];
        }
        self.marked.normalizer.term_into(word, term);
        let found = |end: usize, term: usize| Found { start, end, term };
        let row = self.row(text, term, rest);
        let number = self.matching(word, term);
        [
            row.map(|(row_end, number)| found(row_end, number)),
            number.map(|number| found(end, number)),
        ]
    }

    /// Where the longest row ends that begins with this term and goes on with the rest of the text, and its number.
    fn row(&self, text: &str, first: &str, rest: &Words<'_>) -> Option<(usize, usize)> {
        let normalizer = self.marked.normalizer;
        let rows = self.marked.rows.iter();
        let beginning = rows.filter(|(terms, _)| terms.first().is_some_and(|term| term == first));
        let ends = beginning.filter_map(|(terms, number)| {
            let mut rest = rest.clone();
            let mut last = 0;
            for term in &terms[1..] {
                let (start, end) = rest.next()?;
                if normalizer.term(&text[start..end]) != *term {
                    return None;
                }
                last = end;
            }
            Some((last, *number))
        });
        ends.max_by_key(|(end, _)| *end)
    }

    /// The number of what the word with this term matches.
    fn matching(&self, word: &str, term: &str) -> Option<usize> {
        let marked = &self.marked;
        let known = || marked.terms.get(term).copied();
        let other = || {
            let other = marked.normalizer.other_term(word)?;
            marked.terms.get(&other).copied()
        };
        let part = || {
            let longer = |part: &str| term.len() > part.len();
            let found = marked.parts.iter().find(|(part, _)| {
                longer(part) && (term.starts_with(part.as_str()) || term.ends_with(part.as_str()))
            });
            found.map(|(_, place)| *place)
        };
        let prefix = || {
            if marked.prefixes.is_empty() {
                return None;
            }
            let folded = fold_word(word);
            let begins = |prefix: &String| folded.starts_with(prefix.as_str());
            let place = marked.prefixes.iter().position(begins)?;
            Some(marked.marks.len() + place)
        };
        known().or_else(other).or_else(part).or_else(prefix)
    }

    /// Each word of the query that is in the text, in the form that is closest to what was typed.
    pub(super) fn kinds(&self, text: &str, corrected: &[String]) -> Vec<(&str, MatchKind)> {
        let mut kinds: Vec<(usize, MatchKind)> = Vec::new();
        let mut term = String::new();
        let mut rest = words(text);
        while let Some(word) = rest.next() {
            let found = self.beginning_with(text, word, &rest, &mut term);
            for found in found.into_iter().flatten() {
                let number = found.term;
                let how = match self.marked.marks.get(number) {
                    None => MatchKind::Prefix,
                    Some(mark) if mark.synonym => MatchKind::Synonym,
                    Some(mark) if corrected.contains(&mark.folded) => MatchKind::Typo,
                    Some(mark) if mark.folded == fold_word(&text[found.start..found.end]) => {
                        MatchKind::Exact
                    }
                    Some(_) => MatchKind::Stem,
                };
                match kinds.iter_mut().find(|(known, _)| *known == number) {
                    Some((_, known)) if how == MatchKind::Exact => *known = how,
                    Some(_) => {}
                    None => kinds.push((number, how)),
                }
            }
        }
        let typed = |number: usize| match self.marked.marks.get(number) {
            Some(mark) => mark.typed.as_str(),
            None => &self.marked.prefixes[number - self.marked.marks.len()],
        };
        kinds
            .into_iter()
            .map(|(number, how)| (typed(number), how))
            .collect()
    }

    /// The best window of the text with its matches marked, if there are any.
    pub(super) fn snippet(&self, text: &str) -> Option<String> {
        let mut matches: Vec<Found> = Vec::new();
        let mut best = (0, 0);
        let mut begin = 0;
        let mut term = String::new();
        let mut rest = words(text);
        while let Some(word) = rest.next() {
            let before = matches.len();
            let found = self.beginning_with(text, word, &rest, &mut term);
            matches.extend(found.into_iter().flatten());
            let Some(last) = matches[before..].iter().map(|found| found.end).max() else {
                continue;
            };
            while last - matches[begin].start > WINDOW - LEAD && begin + 1 < matches.len() {
                begin += 1;
            }
            let different = different_terms(&matches[begin..]);
            if different > best.0 {
                best = (different, begin);
            }
            if different == self.count() || matches.len() >= MAX_MATCHES {
                break;
            }
        }
        let first = matches.get(best.1)?;
        let window = window(text, first.start, first.end);
        // Reading may have ended before the window did.
        let read = matches.last().map_or(0, |last| last.end);
        let shown = &text[..window.end.max(read)];
        let mut rest = words(shown);
        rest.skip_to(read);
        while let Some(word) = rest.next() {
            let found = self.beginning_with(shown, word, &rest, &mut term);
            matches.extend(found.into_iter().flatten());
        }
        let matches = self.joined(&matches[best.1..]);
        (!matches.is_empty()).then(|| marked(text, &window, &matches))
    }

    /// What touches or overlaps becomes one match, and letters that only say something together are left out where they
    /// stand alone.
    fn joined(&self, matches: &[Found]) -> Vec<Found> {
        let mut joined: Vec<(Found, bool)> = Vec::with_capacity(matches.len());
        for found in matches {
            let mark = self.marked.marks.get(found.term);
            let alone = !mark.is_some_and(|mark| mark.joined);
            match joined.last_mut() {
                Some((last, whole)) if last.end >= found.start => {
                    last.end = last.end.max(found.end);
                    *whole = true;
                }
                _ => joined.push((*found, alone)),
            }
        }
        joined.retain(|(_, whole)| *whole);
        joined.into_iter().map(|(found, _)| found).collect()
    }
}

fn different_terms(matches: &[Found]) -> usize {
    let seen = |at: usize| {
        matches[..at]
            .iter()
            .any(|earlier| earlier.term == matches[at].term)
    };
    (0..matches.len()).filter(|at| !seen(*at)).count()
}

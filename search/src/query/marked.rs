//! What a query looks for in a text, word by word: for snippets, and to explain why something was found.

use std::collections::HashMap;

use super::words::QueryWord;
use crate::text::{Analysis, Normalizer, words};

/// Shorter stems are not looked for inside of longer words.
const MIN_PART: usize = 4;

/// What to mark in texts of one analysis.
#[derive(Clone)]
pub(crate) struct Marked {
    pub(crate) normalizer: Normalizer,
    /// The place in `marks` of each term.
    pub(crate) terms: HashMap<String, usize>,
    pub(crate) marks: Vec<Mark>,
    /// Folded beginnings of words.
    pub(crate) prefixes: Vec<String>,
    /// Stems that longer words may begin or end with, with the place of each.
    pub(crate) parts: Vec<(String, usize)>,
    /// Terms that only count one after the other, with the place of each row.
    pub(crate) rows: Vec<(Vec<String>, usize)>,
    compounds: bool,
}

/// Something of the query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The word as typed, or the label for which there are others.
    pub(crate) typed: String,
    /// Its folded form; none of a label.
    pub(crate) folded: String,
    pub(crate) synonym: bool,
    /// One letter of several that are written without spaces: it only counts beside another.
    pub(crate) joined: bool,
}

impl Marked {
    pub(super) fn new(analysis: Analysis) -> Self {
        Self {
            normalizer: Normalizer::new(analysis),
            terms: HashMap::new(),
            marks: Vec::new(),
            prefixes: Vec::new(),
            parts: Vec::new(),
            rows: Vec::new(),
            compounds: analysis.compounds(),
        }
    }

    /// A word of the query; one of several letters written without spaces is `joined`.
    pub(super) fn word(&mut self, word: &QueryWord, joined: bool) {
        let term = self.normalizer.term(&word.text);
        let place = self.add(
            term.clone(),
            Mark {
                typed: word.text.clone(),
                folded: word.folded.clone(),
                synonym: false,
                joined,
            },
        );
        if let Some(other) = self.normalizer.other_term(&word.text) {
            self.terms.entry(other).or_insert(place);
        }
        if self.compounds && term.chars().count() >= MIN_PART {
            self.parts.push((term, place));
        }
    }

    /// Another label for one that was typed: its words only as a whole.
    pub(super) fn synonym(&mut self, label: &str, typed: &str) {
        let normalizer = self.normalizer;
        let terms = words(label).map(|(start, end)| normalizer.term(&label[start..end]));
        let mut terms: Vec<String> = terms.collect();
        let mark = Mark {
            typed: typed.to_owned(),
            folded: String::new(),
            synonym: true,
            joined: false,
        };
        if terms.len() > 1 {
            if !self.rows.iter().any(|(known, _)| *known == terms) {
                self.rows.push((terms, self.marks.len()));
                self.marks.push(mark);
            }
        } else if let Some(term) = terms.pop() {
            self.add(term, mark);
        }
    }

    fn add(&mut self, term: String, mark: Mark) -> usize {
        if let Some(place) = self.terms.get(&term) {
            return *place;
        }
        self.marks.push(mark);
        self.terms.insert(term, self.marks.len() - 1);
        self.marks.len() - 1
    }
}

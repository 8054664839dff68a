//! The plain words of a query, and which of them count.

use super::ast::{Ast, Atom, Span};
use crate::text::{
    MAX_WORD_BYTES, fold_word, is_english_stop_word, is_french_stop_word, is_unspaced, words,
};

/// Only the first words of a query, or of a quoted part, are looked for.
const MAX_WORDS: usize = 64;

/// One word of the query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueryWord {
    /// Where it stands in the query.
    pub(crate) span: Span,
    /// As typed.
    pub(crate) text: String,
    /// Without case and accents.
    pub(crate) folded: String,
    /// Neighbours have neighbouring positions.
    pub(crate) position: usize,
    /// Function words do not count, unless there are only such.
    pub(crate) counts: bool,
    /// Of a script without spaces, and right after the word before it.
    pub(crate) continues: bool,
}

/// The words that hits should have: those of clauses that are neither excluded, quoted, nor alternatives.
#[derive(Debug, Clone, Default)]
pub(crate) struct Words {
    pub(crate) list: Vec<QueryWord>,
}

impl Words {
    pub(crate) fn of(text: &str, ast: &Ast) -> Self {
        let mut list = Vec::new();
        let mut position = 0;
        for clause in &ast.clauses {
            if let (false, [Atom::Words(span)]) = (clause.excluded, clause.alternatives.as_slice())
            {
                append(text, span, &mut position, &mut list);
            } else {
                // Words on both sides of something else are no neighbours.
                position += 10;
            }
        }
        mark_stop_words(&mut list);
        Self { list }
    }

    /// The words that count.
    pub(crate) fn counting(&self) -> impl Iterator<Item = &QueryWord> {
        self.list.iter().filter(|word| word.counts)
    }
}

/// The words of one piece, all of which count.
pub(crate) fn words_of(text: &str, span: &Span) -> Vec<QueryWord> {
    let mut list = Vec::new();
    append(text, span, &mut 0, &mut list);
    list
}

fn append(text: &str, span: &Span, position: &mut usize, list: &mut Vec<QueryWord>) {
    let piece = &text[span.clone()];
    let mut last_end = None;
    for (start, end) in words(piece) {
        if list.len() == MAX_WORDS {
            break;
        }
        let word = &piece[start..end];
        let unspaced = word.chars().next().is_some_and(is_unspaced);
        let continues = unspaced && last_end == Some(start);
        last_end = Some(end);
        *position += 1;
        let folded = fold_word(word);
        if word.len() > MAX_WORD_BYTES || folded.is_empty() {
            continue;
        }
        list.push(QueryWord {
            span: span.start + start..span.start + end,
            text: word.to_owned(),
            folded,
            position: *position,
            counts: true,
            continues,
        });
    }
}

/// The language that has more of the words as function words decides which of them do not count; in doubt both do.
/// So "pour" counts in "pour the concrete", and "the" in "le thé" does not come into it.
fn mark_stop_words(list: &mut [QueryWord]) {
    let count =
        |is_stop: fn(&str) -> bool| list.iter().filter(|word| is_stop(&word.folded)).count();
    let (english, french) = (count(is_english_stop_word), count(is_french_stop_word));
    for word in list.iter_mut() {
        let in_english = english >= french && is_english_stop_word(&word.folded);
        let in_french = french >= english && is_french_stop_word(&word.folded);
        word.counts = !(in_english || in_french);
    }
    if list.iter().all(|word| !word.counts) {
        for word in list {
            word.counts = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::parse;

    fn counting(text: &str) -> Vec<String> {
        Words::of(text, &parse(text))
            .counting()
            .map(|word| word.folded.clone())
            .collect()
    }

    #[test]
    fn function_words_do_not_count() {
        assert_eq!(counting("what is the role of a broker"), ["role", "broker"]);
        assert_eq!(
            counting("l'évaluation des communautés de pratique"),
            ["evaluation", "communautes", "pratique"]
        );
        assert_eq!(
            counting("pour the concrete into a form"),
            ["pour", "concrete", "form"]
        );
    }

    #[test]
    fn they_count_when_nothing_else_is_left() {
        assert_eq!(counting("The Who"), ["the", "who"]);
    }

    #[test]
    fn only_plain_words_are_taken() {
        assert_eq!(
            counting("peer \"quoted one\" -not tag:x a1 OR b1 review"),
            ["peer", "review"]
        );
    }
}

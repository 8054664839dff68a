//! What a snippet marks.

use std::collections::HashSet;

use crate::query::Synonyms;
use crate::query::ast::{Ast, Atom};
use crate::query::marked::Marked;
use crate::query::synonyms::MOST_ALTERNATIVES;
use crate::query::words::Words;
use crate::text::Analysis;

/// What a snippet marks in documents of one analysis, by a query as it was typed and read.
pub(super) fn marked(
    analysis: Analysis,
    text: &str,
    ast: &Ast,
    words: &Words,
    synonyms: &Synonyms,
) -> Marked {
    let mut marked = Marked::new(analysis);
    let counting = words.counting(analysis);
    for (at, word) in counting.iter().enumerate() {
        let next_joins = counting.get(at + 1).is_some_and(|next| next.continues);
        marked.word(word, word.continues || next_joins);
    }
    for clause in ast.clauses.iter().filter(|clause| !clause.excluded) {
        let alone = clause.alternatives.len() == 1;
        for atom in &clause.alternatives {
            let piece = match atom {
                Atom::Words(span) if !alone => Words::of_piece(text, span),
                Atom::Phrase(text) | Atom::Title(text) => Words::of_piece(text, &(0..text.len())),
                Atom::Prefix(beginning) => {
                    marked.prefixes.push(beginning.clone());
                    continue;
                }
                _ => continue,
            };
            for word in piece.counting(analysis) {
                marked.word(word, word.continues);
            }
        }
    }
    // Last, so that what was typed is not taken for an alternative of something else.
    let mut known = HashSet::new();
    let labels = synonyms.found(analysis, &words.list).into_iter();
    let alternatives = labels
        .filter(|label| known.insert(&text[label.span.clone()]))
        .filter(|label| label.is_among(&counting))
        .flat_map(|label| {
            let typed = &text[label.span];
            label.others.into_iter().map(move |other| (other, typed))
        });
    for (other, typed) in alternatives.take(MOST_ALTERNATIVES) {
        marked.synonym(other, typed);
    }
    marked
}

//! What a snippet marks.

use crate::query::Synonyms;
use crate::query::ast::{Ast, Atom, Clause};
use crate::query::marked::Marked;
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
        let folded = counting[at..].iter().map(|word| word.folded.as_str());
        if let Some((length, others)) = synonyms.at(folded) {
            let typed: Vec<&str> = counting[at..at + length]
                .iter()
                .map(|word| word.text.as_str())
                .collect();
            for other in others.iter().flat_map(|other| other.split(' ')) {
                marked.synonym(other, &typed.join(" "));
            }
        }
    }
    for clause in ast.clauses.iter().filter(|clause| !clause.excluded) {
        let alone = clause.alternatives.len() == 1;
        for atom in &clause.alternatives {
            let text = match atom {
                Atom::Words(span) if !alone => &text[span.clone()],
                Atom::Phrase(text) | Atom::Title(text) => text.as_str(),
                Atom::Prefix(beginning) => {
                    marked.prefixes.push(beginning.clone());
                    continue;
                }
                _ => continue,
            };
            let clauses = vec![Clause::words(0..text.len())];
            let quoted = Words::of(text, &Ast { clauses });
            for word in quoted.counting(analysis) {
                marked.word(word, word.continues);
            }
        }
    }
    marked
}

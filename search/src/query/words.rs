//! The plain words of a query, and which of them count.

use super::ast::{Ast, Atom, Span};
use crate::text::{
    Analysis, MAX_WORD_BYTES, fold_word, is_function_word, is_particle, is_stop_word, is_unspaced,
    words,
};

/// Only the first words of a query are read; of long ones the rarest count.
const MAX_WORDS: usize = 2_000;
/// Only the first words of a quoted part, an alternative, an exclusion or a name are looked for.
const MAX_QUOTED_WORDS: usize = 64;
/// What joins an article to its noun, and is often typed instead: "l'école". Words end at each of them.
const APOSTROPHES: [char; 5] = ['\'', '’', '´', '`', '′'];

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
    /// Of a script without spaces, and right after a letter of such a script: the index has a term for both.
    pub(crate) continues: bool,
    /// Of a Korean particle behind a word of another script, which says no more than a function word.
    particle: bool,
    /// Joined to its neighbour by an apostrophe.
    elided: bool,
}

/// Words of a query, in their order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Words {
    pub(crate) list: Vec<QueryWord>,
}

impl Words {
    /// The words that hits should have: those of clauses that are neither excluded, quoted, nor alternatives.
    pub(crate) fn of(text: &str, ast: &Ast) -> Self {
        let mut list = Vec::new();
        let mut position = 0;
        for clause in &ast.clauses {
            if let (false, [Atom::Words(span)]) = (clause.excluded, clause.alternatives.as_slice())
            {
                append(text, span, MAX_WORDS, &mut position, &mut list);
            } else {
                // Words on both sides of something else are no neighbours.
                position += 10;
            }
        }
        Self { list }
    }

    /// The words of one piece.
    pub(crate) fn of_piece(text: &str, span: &Span) -> Self {
        let mut list = Vec::new();
        append(text, span, MAX_QUOTED_WORDS, &mut 0, &mut list);
        Self { list }
    }

    /// The words that count where texts are analysed so: neither function words there nor such as are nothing else in
    /// any language. So "die" counts in English texts and not in German ones, and "la" in none. All count when there
    /// are only such.
    pub(crate) fn counting(&self, analysis: Analysis) -> Vec<&QueryWord> {
        self.or_all(|word| counts(word, analysis))
    }

    /// The words of an exclusion that texts analysed so are left out by: all but articles and the like before an
    /// apostrophe. So "d'examen" leaves out "un examen" too, while "e-learning" does not leave out all learning.
    pub(crate) fn excluding(&self, analysis: Analysis) -> Vec<&QueryWord> {
        self.or_all(|word| counts(word, analysis) || !(word.particle || word.elided))
    }

    /// The words that count in any text.
    pub(crate) fn counting_anywhere(&self) -> Vec<&QueryWord> {
        self.or_all(|word| !word.particle && !is_function_word(&word.folded))
    }

    fn or_all(&self, counts: impl Fn(&QueryWord) -> bool) -> Vec<&QueryWord> {
        let some: Vec<&QueryWord> = self.list.iter().filter(|word| counts(word)).collect();
        if some.is_empty() {
            self.list.iter().collect()
        } else {
            some
        }
    }
}

/// Whether the word says something where texts are analysed so.
fn counts(word: &QueryWord, analysis: Analysis) -> bool {
    !word.particle && !is_stop_word(analysis, &word.folded) && !is_function_word(&word.folded)
}

fn append(text: &str, span: &Span, most: usize, position: &mut usize, list: &mut Vec<QueryWord>) {
    let piece = &text[span.clone()];
    let first = list.len();
    let mut last_letter_end = None;
    for (start, end) in words(piece) {
        if list.len() >= most {
            break;
        }
        let word = &piece[start..end];
        let unspaced = word.chars().next().is_some_and(is_unspaced);
        let continues = unspaced && last_letter_end == Some(start);
        last_letter_end = unspaced.then_some(end);
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
            continues,
            particle: false,
            elided: piece[..start].ends_with(APOSTROPHES) || piece[end..].starts_with(APOSTROPHES),
        });
    }
    set_particles_apart(&mut list[first..]);
}

/// Marks Korean particles behind words of other scripts: "AI를" asks for "AI".
fn set_particles_apart(words: &mut [QueryWord]) {
    let mut last_end = None;
    for run in words.chunk_by_mut(|_, next| next.continues) {
        // Letters that go on after other such letters are in one run with them.
        let glued = run
            .first()
            .is_some_and(|letter| last_end == Some(letter.span.start));
        if glued {
            let folded: String = run.iter().map(|letter| letter.folded.as_str()).collect();
            if is_particle(&folded) {
                for letter in &mut *run {
                    letter.particle = true;
                }
            }
        }
        last_end = run.last().map(|letter| letter.span.end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::parse;

    fn counting_in(analysis: Analysis, text: &str) -> Vec<String> {
        let words = Words::of(text, &parse(text));
        let counting = words.counting(analysis).into_iter();
        counting.map(|word| word.folded.clone()).collect()
    }

    fn counting(text: &str) -> Vec<String> {
        counting_in(Analysis::English, text)
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
        assert_eq!(counting("die hard"), ["die", "hard"]);
        assert_eq!(counting_in(Analysis::German, "die Schule"), ["schule"]);
        assert_eq!(counting("la documentation"), ["documentation"]);
        assert_eq!(
            counting_in(Analysis::Italian, "dell'apprendimento nell’aula"),
            ["apprendimento", "aula"]
        );
    }

    #[test]
    fn they_count_when_nothing_else_is_left() {
        assert_eq!(counting("The Who"), ["the", "who"]);
    }

    #[test]
    fn content_words_count_though_other_languages_have_them_as_function_words() {
        assert_eq!(counting("open door policy"), ["open", "door", "policy"]);
        assert_eq!(counting("AI in education"), ["ai", "education"]);
        assert_eq!(
            counting_in(Analysis::French, "la ville et la mer"),
            ["ville", "mer"]
        );
        assert_eq!(
            counting_in(Analysis::Dutch, "evaluatie door leraren"),
            ["evaluatie", "leraren"]
        );
        assert_eq!(
            counting_in(Analysis::French, "comment évaluer"),
            ["evaluer"]
        );
    }

    #[test]
    fn letters_continue_after_letters_only() {
        let continuing = |text: &str| -> Vec<(String, bool)> {
            let words = Words::of(text, &parse(text)).list.into_iter();
            words.map(|word| (word.folded, word.continues)).collect()
        };
        let owned = |words: &[(&str, bool)]| -> Vec<(String, bool)> {
            words
                .iter()
                .map(|(word, continues)| ((*word).to_owned(), *continues))
                .collect()
        };
        assert_eq!(
            continuing("AI教育"),
            owned(&[("ai", false), ("教", false), ("育", true)])
        );
        assert_eq!(
            continuing("学习X法 则"),
            owned(&[
                ("学", false),
                ("习", true),
                ("x", false),
                ("法", false),
                ("则", false)
            ])
        );
    }

    #[test]
    fn particles_behind_words_of_other_scripts_do_not_count() {
        assert_eq!(counting("AI를 활용"), ["ai", "활", "용"]);
        assert_eq!(counting("AI에서"), ["ai"]);
        assert_eq!(counting("학습을"), ["학", "습", "을"]);
    }

    #[test]
    fn function_words_of_an_exclusion_count_unless_an_apostrophe_joins_them() {
        let excluding = |text: &str| -> Vec<String> {
            let words = Words::of_piece(text, &(0..text.len()));
            let excluding = words.excluding(Analysis::French).into_iter();
            excluding.map(|word| word.folded.clone()).collect()
        };
        assert_eq!(excluding("d'examen"), ["examen"]);
        assert_eq!(excluding("l’évaluation"), ["evaluation"]);
        for apostrophe in APOSTROPHES {
            let text = format!("d{apostrophe}examen");
            assert_eq!(excluding(&text), ["examen"], "{text}");
        }
        assert_eq!(excluding("learner's"), ["learner"]);
        assert_eq!(excluding("e-learning"), ["e", "learning"]);
        assert_eq!(excluding("d'un"), ["d", "un"]);
        assert_eq!(excluding("AI를"), ["ai"]);
    }

    #[test]
    fn only_plain_words_are_taken() {
        assert_eq!(
            counting("peer \"quoted one\" -not tag:x a1 OR b1 review"),
            ["peer", "review"]
        );
    }
}

use frostem::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;

use super::Analysis;
use super::fold::{fold_into, fold_word};

/// Makes terms of words, the same way for documents, queries and snippets.
#[derive(Clone, Copy)]
pub(crate) struct Normalizer {
    analysis: Analysis,
    stemmer: Option<Stemmer>,
}

impl Normalizer {
    pub(crate) fn new(analysis: Analysis) -> Self {
        let stemmer = match analysis {
            Analysis::English => Some(Stemmer::new(Algorithm::English)),
            Analysis::French => Some(Stemmer::new(Algorithm::French)),
            Analysis::Other => None,
        };
        Self { analysis, stemmer }
    }

    /// The term of a word, written into `output`.
    pub(crate) fn term_into(&self, word: &str, output: &mut String) {
        output.clear();
        match (self.analysis, &self.stemmer) {
            (Analysis::French, Some(stemmer)) => french_into(stemmer, word, output),
            (_, Some(stemmer)) => {
                fold_into(word, output);
                if let std::borrow::Cow::Owned(stem) = stemmer.stem(output) {
                    *output = stem;
                } else {
                    let length = stemmer.stem(output).len();
                    output.truncate(length);
                }
            }
            (_, None) => fold_into(word, output),
        }
    }

    /// The term of a word.
    pub(crate) fn term(&self, word: &str) -> String {
        let mut term = String::with_capacity(word.len());
        self.term_into(word, &mut term);
        term
    }
}

/// French is stemmed with its accents, which tell participles, and folded afterwards. Typed without accents a
/// participle keeps an `e` too many, so a last `e` goes from every stem of more than four letters.
fn french_into(stemmer: &Stemmer, word: &str, output: &mut String) {
    let lower: String = if word.is_ascii() {
        word.to_ascii_lowercase()
    } else {
        word.chars()
            .filter(|letter| *letter != '\u{AD}')
            .flat_map(char::to_lowercase)
            .nfc()
            .collect()
    };
    fold_into(&stemmer.stem(&lower), output);
    while output.len() > 4 && output.ends_with('e') {
        output.pop();
    }
    if output.is_empty() {
        *output = fold_word(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_words_share_stems_whatever_their_case() {
        let english = Normalizer::new(Analysis::English);
        assert_eq!(english.term("Communities"), english.term("community"));
        assert_eq!(english.term("ASSESSING"), english.term("assessed"));
        assert_eq!(english.term("résumé"), english.term("resume"));
    }

    #[test]
    fn french_words_share_stems_with_and_without_accents() {
        let french = Normalizer::new(Analysis::French);
        for (accented, plain) in [
            ("évaluation", "evaluation"),
            ("Évaluées", "evaluees"),
            ("qualité", "qualite"),
            ("communautés", "communaute"),
            ("élèves", "eleve"),
            ("e\u{301}cole", "école"),
            ("cœur", "coeur"),
        ] {
            assert_eq!(
                french.term(accented),
                french.term(plain),
                "{accented} and {plain}"
            );
        }
        assert_eq!(french.term("évaluer"), french.term("évaluée"));
    }

    #[test]
    fn other_languages_are_only_folded() {
        assert_eq!(Normalizer::new(Analysis::Other).term("Übungen"), "ubungen");
    }

    proptest::proptest! {
        #[test]
        fn a_term_is_never_empty_for_a_word(word in "\\w{1,20}") {
            for analysis in Analysis::ALL {
                let normalizer = Normalizer::new(analysis);
                for (start, end) in crate::text::words(&word) {
                    let _ = normalizer.term(&word[start..end]);
                }
            }
        }
    }
}

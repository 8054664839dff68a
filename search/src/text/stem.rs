use frostem::Stemmer;
use unicode_normalization::UnicodeNormalization;

use super::Analysis;
use super::fold::{fold_into, fold_word};

/// Shorter words are no third persons worth another stem, in letters.
const MIN_THIRD_PERSON: usize = 5;

/// Makes terms of words, the same way for documents, queries and snippets.
#[derive(Clone, Copy)]
pub(crate) struct Normalizer {
    analysis: Analysis,
    stemmer: Option<Stemmer>,
}

impl Normalizer {
    pub(crate) fn new(analysis: Analysis) -> Self {
        Self {
            analysis,
            stemmer: analysis.algorithm().map(Stemmer::new),
        }
    }

    /// The term of a word, written into `output`.
    pub(crate) fn term_into(&self, word: &str, output: &mut String) {
        output.clear();
        let Some(stemmer) = &self.stemmer else {
            return fold_into(word, output);
        };
        match self.analysis {
            // English stems need no accents, and whoever writes "résumé" means what others write without.
            Analysis::English => {
                fold_into(word, output);
                if let std::borrow::Cow::Owned(stem) = stemmer.stem(output) {
                    *output = stem;
                } else {
                    let length = stemmer.stem(output).len();
                    output.truncate(length);
                }
            }
            // Elsewhere accents tell endings apart, so folding comes last.
            analysis => {
                let lower = lower_case(word);
                let written = with_accents(analysis, &lower);
                fold_into(&stemmer.stem(&written), output);
                if analysis == Analysis::French {
                    // Typed without accents a participle keeps an `e` too many.
                    while output.len() > 4 && output.ends_with('e') {
                        output.pop();
                    }
                }
                if output.is_empty() {
                    *output = fold_word(word);
                }
            }
        }
    }

    /// The term of a word.
    pub(crate) fn term(&self, word: &str) -> String {
        let mut term = String::with_capacity(word.len());
        self.term_into(word, &mut term);
        term
    }

    /// Another term that the word may have: a French "évaluent" may be of "évaluer", and may be a noun, which the stems
    /// take it for. A document has both.
    pub(crate) fn other_term(&self, word: &str) -> Option<String> {
        if self.analysis != Analysis::French {
            return None;
        }
        let lower = lower_case(word);
        let verb = lower.strip_suffix("ent")?;
        if lower.chars().count() < MIN_THIRD_PERSON {
            return None;
        }
        let other = self.term(&format!("{verb}er"));
        (other != self.term(word)).then_some(other)
    }
}

/// The word in lower case, its accents kept.
pub(crate) fn lower_case(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    word.chars()
        .filter(|letter| *letter != '\u{AD}')
        .flat_map(char::to_lowercase)
        .nfc()
        .collect()
}

/// Frequent endings that need an accent to be known as such, for words that are typed without any.
fn with_accents(analysis: Analysis, lower: &str) -> std::borrow::Cow<'_, str> {
    let endings: &[(&str, &str)] = match analysis {
        Analysis::Spanish => &[("cion", "ción"), ("sion", "sión"), ("logia", "logía")],
        Analysis::Portuguese => &[
            ("cao", "ção"),
            ("coes", "ções"),
            ("sao", "são"),
            ("soes", "sões"),
            ("encia", "ência"),
            ("ancia", "ância"),
            ("encias", "ências"),
            ("ancias", "âncias"),
        ],
        Analysis::Italian => &[("ita", "ità"), ("uta", "utà")],
        Analysis::Catalan => &[("cio", "ció"), ("sio", "sió")],
        _ => return lower.into(),
    };
    if lower.is_ascii()
        && let Some((begin, ending)) = endings
            .iter()
            .find_map(|(plain, accented)| Some((lower.strip_suffix(plain)?, accented)))
    {
        return format!("{begin}{ending}").into();
    }
    lower.into()
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
    fn third_persons_of_french_verbs_meet_their_infinitives() {
        let french = Normalizer::new(Analysis::French);
        for (plural, infinitive) in [
            ("évaluent", "évaluer"),
            ("animent", "animer"),
            ("partagent", "partager"),
            ("aident", "aider"),
        ] {
            let terms = [Some(french.term(plural)), french.other_term(plural)];
            assert!(
                terms.contains(&Some(french.term(infinitive))),
                "{plural}: {terms:?}"
            );
        }
        assert_eq!(french.term("parents"), french.term("parent"));
        assert_eq!(french.other_term("dent"), None);
    }

    #[test]
    fn every_language_has_its_stems() {
        for (analysis, words) in [
            (Analysis::German, &["Gemeinschaften", "gemeinschaft"][..]),
            (Analysis::German, &["Prüfungen", "prüfung", "prufung"]),
            (
                Analysis::Spanish,
                &["evaluación", "evaluacion", "evaluaciones", "EVALUACIÓN"],
            ),
            (Analysis::Italian, &["comunità", "comunita"]),
            (Analysis::Italian, &["valutazione", "valutazioni"]),
            (
                Analysis::Portuguese,
                &["avaliação", "avaliacao", "avaliações", "avaliacoes"],
            ),
            (Analysis::Portuguese, &["experiência", "experiencia"]),
            (
                Analysis::Catalan,
                &["avaluació", "avaluacio", "avaluacions"],
            ),
            (Analysis::Dutch, &["gemeenschappen", "gemeenschap"]),
            (Analysis::Swedish, &["läraren", "lärare", "larare"]),
            (Analysis::Danish, &["læreren", "lærer"]),
            (Analysis::Norwegian, &["skolene", "skole", "skoler"]),
            (Analysis::Finnish, &["opettajat", "opettaja"]),
            (
                Analysis::Russian,
                &["сообщества", "сообщество", "СООБЩЕСТВ"],
            ),
            (Analysis::Arabic, &["المعلمون", "معلم"]),
        ] {
            let normalizer = Normalizer::new(analysis);
            let terms: Vec<String> = words.iter().map(|word| normalizer.term(word)).collect();
            assert!(
                terms.iter().all(|term| *term == terms[0]),
                "{analysis:?} {words:?}: {terms:?}"
            );
        }
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
                    let word = &word[start..end];
                    // Of marks that stand alone nothing is left.
                    let is_mark = fold_word(word).is_empty();
                    proptest::prop_assert!(
                        is_mark || !normalizer.term(word).is_empty(),
                        "{analysis:?}: {word}"
                    );
                }
            }
        }
    }
}

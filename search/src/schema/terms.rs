//! What terms are made of, for documents and for queries.

use super::START_BYTES;
use crate::document::DocumentKind;
use crate::text::{Analysis, fold_word, is_unspaced, lower_case, words};

/// How titles of a kind that begin so begin in the field for completions: with the kind's letter, and cut between any two
/// bytes, so that they are ordered as the titles are.
pub(crate) fn title_start(kind: DocumentKind, beginning: &str) -> Vec<u8> {
    let beginning = beginning.as_bytes();
    let kept = &beginning[..beginning.len().min(START_BYTES)];
    std::iter::once(b'a' + kind as u8)
        .chain(kept.iter().copied())
        .collect()
}

/// A number for the folded words of a title, the same whatever stands between them: "What’s next?" is "what's next".
/// None without words.
pub(crate) fn title_hash(title: &str) -> Option<u64> {
    let mut folded = String::with_capacity(title.len());
    for (start, end) in words(title) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(&fold_word(&title[start..end]));
    }
    (!folded.is_empty()).then(|| hash(folded.bytes()))
}

/// FNV-1a: the standard library's hash may differ between versions of the compiler.
pub(super) fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The word in lower case, if it has accents or other letters that folding changes, as texts of this analysis have it.
pub(crate) fn with_accent(analysis: Analysis, word: &str) -> Option<String> {
    if word.is_ascii() || word.chars().all(is_unspaced) {
        return None;
    }
    let lower = lower_case(word);
    (fold_word(&lower) != lower).then(|| format!("{}{lower}", letter_of(analysis)))
}

/// The stem backwards, as texts of this analysis have it.
pub(crate) fn tail(analysis: Analysis, stem: &str) -> String {
    std::iter::once(letter_of(analysis))
        .chain(stem.chars().rev())
        .collect()
}

/// Tells the terms of one analysis from those of others where they share a field.
fn letter_of(analysis: Analysis) -> char {
    char::from(b'a' + analysis as u8)
}

/// The beginning of a text, at most so many bytes.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_of_the_same_words_have_the_same_hash() {
        let hash = title_hash("What’s a “good” rubric?");
        for same in [
            "what's a good rubric",
            "What's a \"good\" rubric?",
            "  WHAT´S a good, rubric ",
        ] {
            assert_eq!(title_hash(same), hash, "{same}");
        }
        for other in [
            "Whats a good rubric",
            "a good rubric",
            "rubric good a s what",
        ] {
            assert_ne!(title_hash(other), hash, "{other}");
        }
        assert_eq!(
            title_hash("Évaluer : pourquoi ?"),
            title_hash("evaluer pourquoi")
        );
        assert_eq!(title_hash(" ?! "), None);
    }
}

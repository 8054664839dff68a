use std::collections::HashMap;

use crate::text::{fold_word, words};

/// Longest phrase that has synonyms, in words.
const MAX_WORDS: usize = 6;
/// Most alternatives of one phrase.
const MAX_ALTERNATIVES: usize = 16;

/// Other words for the same thing: labels of a domain, say. Build it once and share it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Synonyms {
    alternatives: HashMap<String, Vec<String>>,
    longest: usize,
}

impl Synonyms {
    /// Each group holds labels that mean the same. Labels of more than six words, and what exceeds 16 alternatives of
    /// one label, are left out.
    pub fn new<G, L>(groups: impl IntoIterator<Item = G>) -> Self
    where
        G: IntoIterator<Item = L>,
        L: AsRef<str>,
    {
        let mut this = Self::default();
        for group in groups {
            let mut keys: Vec<String> =
                group.into_iter().map(|label| key(label.as_ref())).collect();
            keys.retain(|key| !key.is_empty() && key.split(' ').count() <= MAX_WORDS);
            keys.sort_unstable();
            keys.dedup();
            for label in &keys {
                let known = this.alternatives.entry(label.clone()).or_default();
                for other in keys.iter().filter(|other| *other != label) {
                    if known.len() < MAX_ALTERNATIVES && !known.contains(other) {
                        known.push(other.clone());
                    }
                }
                this.longest = this.longest.max(label.split(' ').count());
            }
        }
        this.alternatives.retain(|_, others| !others.is_empty());
        this
    }

    /// The longest phrase at the beginning of these folded words that has alternatives: its number of words, and they.
    pub(crate) fn at<'a>(
        &self,
        folded: impl Iterator<Item = &'a str>,
    ) -> Option<(usize, &[String])> {
        if self.alternatives.is_empty() {
            return None;
        }
        let mut phrase = String::new();
        let mut found = None;
        for (index, word) in folded.take(self.longest).enumerate() {
            if index > 0 {
                phrase.push(' ');
            }
            phrase.push_str(word);
            if let Some(others) = self.alternatives.get(&phrase) {
                found = Some((index + 1, others.as_slice()));
            }
        }
        found
    }
}

/// The folded words of a label.
fn key(label: &str) -> String {
    words(label)
        .map(|(start, end)| fold_word(&label[start..end]))
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_label_is_found() {
        let synonyms = Synonyms::new([
            vec!["Évaluation", "assessment"],
            vec!["peer assessment", "Peer-review"],
        ]);
        let words = ["peer", "assessment", "tools"];
        assert_eq!(
            synonyms.at(words.iter().copied()),
            Some((2, &["peer review".to_owned()][..]))
        );
        assert_eq!(
            synonyms.at(words[1..].iter().copied()),
            Some((1, &["evaluation".to_owned()][..]))
        );
        assert_eq!(synonyms.at(words[2..].iter().copied()), None);
        assert_eq!(Synonyms::default().at(words.iter().copied()), None);
    }
}

//! Labels that mean the same, and where a query has one.

use std::collections::HashMap;
use std::ops::{Range, RangeInclusive};
use std::sync::OnceLock;

use super::ast::Span;
use super::words::QueryWord;
use crate::text::{Analysis, Normalizer, fold_word, is_function_word, is_stop_word, words};

/// Longest label that has alternatives, in words.
const MAX_WORDS: usize = 6;
/// Most alternatives of one label.
const MAX_ALTERNATIVES: usize = 16;
/// So many alternatives of all labels of a query are looked for: each is a phrase, in texts of each analysis.
pub(super) const MOST_ALTERNATIVES: usize = 64;

/// Other words for the same thing: labels of a domain, say. Build it once and share it.
#[derive(Debug, Clone, Default)]
pub struct Synonyms {
    /// As written.
    labels: Vec<String>,
    /// The places of labels that mean the same.
    groups: Vec<Range<usize>>,
    /// Words of the longest label.
    longest: usize,
    /// For texts of each analysis, made when it is first asked for.
    alternatives: [OnceLock<Alternatives>; Analysis::ALL.len()],
}

/// The places of the alternatives of a label, by its words in each form in which they are compared.
type Alternatives = HashMap<String, Vec<usize>>;

/// A label that a query has.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FoundLabel<'a> {
    /// The positions of its words.
    pub(crate) positions: RangeInclusive<usize>,
    /// Where it stands in the query.
    pub(crate) span: Span,
    /// Other labels for the same, as written.
    pub(crate) others: Vec<&'a str>,
}

impl FoundLabel<'_> {
    /// Whether it has any of these words: of nothing but function words no label is meant, unless there is nothing else.
    pub(crate) fn is_among(&self, counting: &[&QueryWord]) -> bool {
        counting
            .iter()
            .any(|word| self.positions.contains(&word.position))
    }
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
        let folded = Normalizer::new(Analysis::Other);
        for group in groups {
            let mut group: Vec<(String, String)> = group
                .into_iter()
                .map(|label| (form(&folded, label.as_ref()), label.as_ref().to_owned()))
                .filter(|(form, _)| (1..=MAX_WORDS).contains(&length(form)))
                .collect();
            group.sort_unstable();
            group.dedup_by(|a, b| a.0 == b.0);
            if group.len() < 2 {
                continue;
            }
            let first = this.labels.len();
            for (form, label) in group {
                this.longest = this.longest.max(length(&form));
                this.labels.push(label);
            }
            this.groups.push(first..this.labels.len());
        }
        this
    }

    /// The labels among these words of a query for which texts of this analysis may have others, the longest at each
    /// place, left to right.
    pub(crate) fn found(&self, analysis: Analysis, words: &[QueryWord]) -> Vec<FoundLabel<'_>> {
        let mut found = Vec::new();
        if self.groups.is_empty() {
            return found;
        }
        let alternatives = self.alternatives(analysis);
        let forms: Vec<Vec<String>> = compared(analysis)
            .iter()
            .map(|normalizer| {
                words
                    .iter()
                    .map(|word| normalizer.term(&word.text))
                    .collect()
            })
            .collect();
        let mut at = 0;
        while at < words.len() {
            let following = words[at..]
                .windows(2)
                .take(self.longest - 1)
                .take_while(|pair| pair[1].position == pair[0].position + 1)
                .count();
            let longest = forms
                .iter()
                .filter_map(|forms| longest(alternatives, &forms[at..=at + following]))
                .reduce(|best, other| if other.0 > best.0 { other } else { best });
            let Some((length, others)) = longest else {
                at += 1;
                continue;
            };
            let (first, last) = (&words[at], &words[at + length - 1]);
            let others = others.iter().map(|place| self.labels[*place].as_str());
            found.push(FoundLabel {
                positions: first.position..=last.position,
                span: first.span.start..last.span.end,
                others: others.collect(),
            });
            at += length;
        }
        found
    }

    /// The alternatives that texts of this analysis may have. What they cannot tell from the label is none, and neither
    /// is a function word, which stands for other things nearly everywhere: "IT" is no alternative in English.
    fn alternatives(&self, analysis: Analysis) -> &Alternatives {
        self.alternatives[analysis as usize].get_or_init(|| {
            let compared = compared(analysis);
            let own = Normalizer::new(analysis);
            let terms: Vec<String> = self.labels.iter().map(|label| form(&own, label)).collect();
            let mut alternatives = Alternatives::new();
            for group in &self.groups {
                let telling: Vec<usize> = group
                    .clone()
                    .filter(|place| !is_one_function_word(analysis, &self.labels[*place]))
                    .collect();
                for label in group.clone() {
                    let mut forms: Vec<String> = compared
                        .iter()
                        .map(|normalizer| form(normalizer, &self.labels[label]))
                        .collect();
                    forms.sort_unstable();
                    forms.dedup();
                    for form in forms {
                        let known = alternatives.entry(form).or_default();
                        for other in &telling {
                            let alike = |place: &usize| terms[*place] == terms[*other];
                            let full = known.len() >= MAX_ALTERNATIVES;
                            if !full && !alike(&label) && !known.iter().any(alike) {
                                known.push(*other);
                            }
                        }
                    }
                }
            }
            alternatives.retain(|_, others| !others.is_empty());
            alternatives
        })
    }
}

/// How words are compared with those of labels, where texts are analysed so: folded, by English stems, in which plurals
/// of several languages agree, and by the stems of the texts. Nobody knows which language a query is in.
fn compared(analysis: Analysis) -> Vec<Normalizer> {
    let mut analyses = vec![Analysis::Other, Analysis::English];
    if !analyses.contains(&analysis) {
        analyses.push(analysis);
    }
    analyses.into_iter().map(Normalizer::new).collect()
}

/// The terms of a label's words.
fn form(normalizer: &Normalizer, label: &str) -> String {
    let terms = words(label).map(|(start, end)| normalizer.term(&label[start..end]));
    terms.collect::<Vec<_>>().join(" ")
}

/// The number of words of a label in some form.
fn length(form: &str) -> usize {
    form.split_whitespace().count()
}

fn is_one_function_word(analysis: Analysis, label: &str) -> bool {
    let mut found = words(label);
    let (Some((start, end)), None) = (found.next(), found.next()) else {
        return false;
    };
    let folded = fold_word(&label[start..end]);
    is_stop_word(analysis, &folded) || is_function_word(&folded)
}

/// The number of words of the longest label that begins with the first of these, and its alternatives.
fn longest<'a>(alternatives: &'a Alternatives, terms: &[String]) -> Option<(usize, &'a [usize])> {
    let mut phrase = String::new();
    let mut found = None;
    for (index, term) in terms.iter().enumerate() {
        if index > 0 {
            phrase.push(' ');
        }
        phrase.push_str(term);
        if let Some(others) = alternatives.get(&phrase) {
            found = Some((index + 1, others.as_slice()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::parse;
    use crate::query::words::Words;

    /// What is found in the query, with the alternatives.
    fn found_in(analysis: Analysis, synonyms: &Synonyms, query: &str) -> Vec<(String, String)> {
        let words = Words::of(query, &parse(query)).list;
        let found = synonyms.found(analysis, &words).into_iter();
        found
            .map(|label| (query[label.span].to_owned(), label.others.join(", ")))
            .collect()
    }

    fn found(synonyms: &Synonyms, query: &str) -> Vec<(String, String)> {
        found_in(Analysis::English, synonyms, query)
    }

    fn one(label: &str, others: &str) -> Vec<(String, String)> {
        vec![(label.to_owned(), others.to_owned())]
    }

    #[test]
    fn the_longest_label_is_found() {
        let synonyms = Synonyms::new([
            vec!["Évaluation", "assessment"],
            vec!["peer assessment", "Peer-review"],
        ]);
        assert_eq!(
            found(&synonyms, "peer assessment tools"),
            one("peer assessment", "Peer-review")
        );
        assert_eq!(
            found(&synonyms, "assessment tools"),
            one("assessment", "Évaluation")
        );
        assert!(found(&synonyms, "tools").is_empty());
        assert!(found(&Synonyms::default(), "peer assessment").is_empty());
    }

    #[test]
    fn function_words_are_words_of_labels() {
        let synonyms = Synonyms::new([
            ["Community of practice", "CoP"],
            ["Évaluation par les pairs", "Peer assessment"],
            ["Assessment for learning", "Lernförderung"],
        ]);
        assert_eq!(
            found(&synonyms, "what is a community of practice?"),
            one("community of practice", "CoP")
        );
        assert_eq!(
            found(&synonyms, "l'évaluation par les pairs"),
            one("évaluation par les pairs", "Peer assessment")
        );
        assert_eq!(
            found(&synonyms, "assessment for learning"),
            one("assessment for learning", "Lernförderung")
        );
        assert!(found(&synonyms, "assessment of learning").is_empty());
        assert!(found(&synonyms, "community practice").is_empty());
    }

    #[test]
    fn labels_are_found_in_other_forms() {
        let synonyms = Synonyms::new([
            ["assessment", "épreuve"],
            ["Communauté de pratique", "CoP"],
            ["Schule", "Bildungseinrichtung"],
        ]);
        assert_eq!(
            found(&synonyms, "Assessments"),
            one("Assessments", "épreuve")
        );
        for analysis in [Analysis::English, Analysis::French, Analysis::Other] {
            assert_eq!(
                found_in(analysis, &synonyms, "communautés de pratique"),
                one("communautés de pratique", "CoP"),
                "{analysis:?}"
            );
        }
        assert_eq!(
            found_in(Analysis::German, &synonyms, "Schulen"),
            one("Schulen", "Bildungseinrichtung")
        );
    }

    #[test]
    fn words_of_a_label_are_neighbours() {
        let synonyms = Synonyms::new([["peer assessment", "coevaluation"]]);
        assert!(found(&synonyms, "peer -group assessment").is_empty());
        assert!(found(&synonyms, "peer \"group\" assessment").is_empty());
        assert!(found(&synonyms, "assessment peer").is_empty());
        assert_eq!(
            found(&synonyms, "peer-assessment"),
            one("peer-assessment", "coevaluation")
        );
    }

    #[test]
    fn alternatives_are_told_from_the_label_and_are_no_function_words() {
        let synonyms = Synonyms::new([
            vec!["rubric", "rubrics", "grid"],
            vec!["information technology", "IT", "informatics"],
        ]);
        assert_eq!(found(&synonyms, "rubric"), one("rubric", "grid"));
        assert_eq!(
            found(&synonyms, "information technology"),
            one("information technology", "informatics")
        );
        let many = (0..30).map(|number| format!("label{number}"));
        let synonyms = Synonyms::new([many.collect::<Vec<_>>()]);
        let words = Words::of("label0", &parse("label0")).list;
        let found = synonyms.found(Analysis::English, &words);
        assert_eq!(found[0].others.len(), MAX_ALTERNATIVES);
        let long = ["one two three four five six seven", "digits"];
        assert!(found_in(Analysis::English, &Synonyms::new([long]), "digits").is_empty());
    }
}

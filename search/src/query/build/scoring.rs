//! What each word of a query adds to the score: in the text, in the title, beside its neighbours, with its accents.

use tantivy::Term;
use tantivy::query::{Occur, Query};

use super::parts::{Part, Parts};
use crate::index::Audience;
use crate::query::maker::{Maker, boost, term_query, union};
use crate::query::words::{QueryWord, Words};
use crate::query::{Synonyms, compound};
use crate::schema::{Fields, with_accent};

/// What a word in the title adds to the same word in the whole text.
const TITLE_WEIGHT: f32 = 0.17;
/// What two neighbours that stay neighbours add.
const PAIR_WEIGHT: f32 = 0.1;
/// Only the first pairs of a long query.
const MAX_PAIRS: usize = 24;
/// Words further apart, function words between them, are no pair.
const MAX_PAIR_GAP: usize = 4;
/// An alternative that was not typed counts less.
const SYNONYM_WEIGHT: f32 = 0.5;
/// Two words that are both in more than one document of so many say little as a pair, and take long to find.
const FREQUENT_SHARE: u64 = 10;
/// So many documents are searched through in no time.
const FEW_DOCUMENTS: u64 = 1_000;

/// Only the rarest words of a long query.
const MAX_TERMS: usize = 64;
/// They are sought among its first different words.
const MAX_CANDIDATES: usize = 1_000;
/// What a word adds that is typed with accents and stands in the text with just these.
const ACCENT_WEIGHT: f32 = 0.1;

/// The words of a query, and what is asked about them.
pub(super) struct Scoring<'a> {
    pub(super) words: &'a Words,
    pub(super) synonyms: &'a Synonyms,
    pub(super) fields: &'a Fields,
    pub(super) audience: &'a Audience<'a>,
}

impl Scoring<'_> {
    /// Adds a clause for each word, and what only scores: titles, pairs and accents.
    pub(super) fn add_to(&self, parts: &mut Parts, maker: &Maker<'_>) {
        let counting = self.words.counting(maker.analysis);
        let mut counted: Vec<(&QueryWord, String, f32)> = Vec::new();
        let mut at = 0;
        while at < counting.len() {
            let folded = counting[at..].iter().map(|word| word.folded.as_str());
            if let Some((length, others)) = self.synonyms.at(folded) {
                let own = maker.all_of(&counting[at..at + length]);
                let mut alternatives = vec![own];
                alternatives.extend(
                    others
                        .iter()
                        .map(|other| boost(maker.phrase(other), SYNONYM_WEIGHT)),
                );
                parts.optional.push((Occur::Should, union(alternatives)));
                at += length;
                continue;
            }
            // Synonyms and runs of letters are more than words; there are no more of them than of these.
            if parts.optional.len() >= MAX_TERMS {
                break;
            }
            let unspaced = counting[at + 1..]
                .iter()
                .take_while(|word| word.continues)
                .count();
            if unspaced > 0 {
                let run = &counting[at..=at + unspaced];
                let letters = maker.letters(maker.text.all, run);
                parts.optional.push((Occur::Should, letters));
                let title = boost(maker.letters(maker.text.title, run), TITLE_WEIGHT);
                parts.extras.push((Part::Title, title));
                let whole = maker.run(maker.text.all, &run[..run.len().min(MAX_PAIRS)]);
                let whole = boost(whole, PAIR_WEIGHT);
                parts.extras.push((Part::Pairs, whole));
                at += unspaced + 1;
                continue;
            }
            let term = maker.normalizer.term(&counting[at].text);
            if let Some((_, _, count)) = counted.iter_mut().find(|(_, known, _)| *known == term) {
                *count += 1.0;
            } else if counted.len() < MAX_CANDIDATES {
                counted.push((counting[at], term, 1.0));
            }
            at += 1;
        }
        self.keep_rarest(maker, &mut counted);
        for (word, term, count) in &counted {
            let query = self.word(maker, word, term, *count);
            parts.optional.push((Occur::Should, query));
            let title = boost(term_query(maker.text.title, term), count * TITLE_WEIGHT);
            parts.extras.push((Part::Title, title));
            if let Some(accented) = with_accent(maker.analysis, &word.text) {
                let query = boost(term_query(self.fields.accented, &accented), ACCENT_WEIGHT);
                parts.extras.push((Part::Accents, query));
            }
        }
        let pairs = counting.windows(2).filter(|pair| {
            let gap = pair[1].position - pair[0].position;
            (1..=MAX_PAIR_GAP).contains(&gap) && !pair[1].continues && self.says_much(maker, pair)
        });
        for pair in pairs.take(MAX_PAIRS) {
            let query = boost(maker.run(maker.text.all, pair), PAIR_WEIGHT);
            parts.extras.push((Part::Pairs, query));
        }
    }

    /// A word in each of its forms.
    fn word(&self, maker: &Maker<'_>, word: &QueryWord, term: &str, count: f32) -> Box<dyn Query> {
        let all = maker.text.all;
        let mut forms = vec![boost(term_query(all, term), count)];
        if let Some(other) = maker.normalizer.other_term(&word.text) {
            forms.push(boost(term_query(all, &other), count));
        }
        if maker.analysis.compounds() {
            forms.extend(compound::containing(self.fields, maker, term));
            forms.extend(compound::split(self.audience, maker, &word.text));
        }
        union(forms)
    }

    /// Leaves the words that say most where there are too many.
    fn keep_rarest(&self, maker: &Maker<'_>, counted: &mut Vec<(&QueryWord, String, f32)>) {
        if counted.len() <= MAX_TERMS {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "only compared")]
        counted.sort_by_cached_key(|(_, term, count)| {
            let term = Term::from_field_text(maker.text.all, term);
            let frequency = self.audience.frequency(&term).unwrap_or_default();
            // What is in no document says nothing.
            let share = frequency as f32 / (self.audience.documents() as f32 + 1.0);
            let weight = if frequency == 0 {
                0.0
            } else {
                -share.ln() * count
            };
            std::cmp::Reverse(weight.max(0.0).to_bits())
        });
        counted.truncate(MAX_TERMS);
    }

    /// Whether one of the words is in few documents. In doubt, yes.
    fn says_much(&self, maker: &Maker<'_>, words: &[&QueryWord]) -> bool {
        let few = (self.audience.documents() / FREQUENT_SHARE).max(FEW_DOCUMENTS);
        words.iter().any(|word| {
            let term = Term::from_field_text(maker.text.all, &maker.normalizer.term(&word.text));
            self.audience
                .frequency(&term)
                .is_ok_and(|count| count <= few)
        })
    }
}

//! What each word of a query adds to the score: in the text, in the title, beside its neighbours, with its accents.

use tantivy::Term;
use tantivy::query::Query;

use super::parts::{Optional, Part, Parts};
use crate::index::Audience;
use crate::query::maker::{Maker, boost, intersection, term_query, union};
use crate::query::synonyms::MOST_ALTERNATIVES;
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

/// Only the rarest words of a long query, as many of what is more than a word, and as many of alternatives.
pub(super) const MAX_TERMS: usize = 64;
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

/// Words that are one thing: a label with its alternatives, or letters written without spaces.
struct Unit<'a> {
    words: &'a [&'a QueryWord],
    terms: Vec<String>,
    /// Other labels for the same.
    others: Vec<&'a str>,
    count: f32,
}

/// What the query has of them, each once.
#[derive(Default)]
struct Units<'a> {
    list: Vec<Unit<'a>>,
    alternatives: usize,
}

impl<'a> Units<'a> {
    /// Counts a label. Whether it did: when there are too many, its words are words like others.
    fn label(
        &mut self,
        maker: &Maker<'_>,
        words: &'a [&'a QueryWord],
        mut others: Vec<&'a str>,
    ) -> bool {
        if others.is_empty() {
            return false;
        }
        let Some(terms) = self.unless_known(maker, words) else {
            return true;
        };
        others.truncate(MOST_ALTERNATIVES - self.alternatives);
        if others.is_empty() || self.list.len() >= MAX_TERMS {
            return false;
        }
        self.alternatives += others.len();
        self.list.push(Unit {
            words,
            terms,
            others,
            count: 1.0,
        });
        true
    }

    /// Counts letters written without spaces, unless there are too many.
    fn letters(&mut self, maker: &Maker<'_>, words: &'a [&'a QueryWord]) {
        if let Some(terms) = self.unless_known(maker, words)
            && self.list.len() < MAX_TERMS
        {
            self.list.push(Unit {
                words,
                terms,
                others: Vec::new(),
                count: 1.0,
            });
        }
    }

    /// The terms of the words. None when they were there before, which is counted.
    fn unless_known(&mut self, maker: &Maker<'_>, words: &[&QueryWord]) -> Option<Vec<String>> {
        let terms = words.iter().map(|word| maker.normalizer.term(&word.text));
        let terms: Vec<String> = terms.collect();
        let Some(known) = self.list.iter_mut().find(|unit| unit.terms == terms) else {
            return Some(terms);
        };
        known.count += 1.0;
        None
    }
}

/// Where the word, or the letters written without spaces, that begin at this place end.
fn end_of_piece(words: &[&QueryWord], at: usize) -> usize {
    let continuing = words[at + 1..].iter().take_while(|word| word.continues);
    at + 1 + continuing.count()
}

impl Scoring<'_> {
    /// Adds a clause for each word, and what only scores: titles, pairs and accents.
    pub(super) fn add_to(&self, parts: &mut Parts, maker: &Maker<'_>) {
        let counting = self.words.counting(maker.analysis);
        let mut labels = self
            .synonyms
            .found(maker.analysis, &self.words.list)
            .into_iter()
            .filter(|label| label.is_among(&counting))
            .peekable();
        let mut units = Units::default();
        let mut counted: Vec<(&QueryWord, String, f32)> = Vec::new();
        let mut at = 0;
        while at < counting.len() {
            let mut end = end_of_piece(&counting, at);
            let mut others = Vec::new();
            // A label may have several words, and be a part of what is written without spaces.
            while let Some(label) =
                labels.next_if(|label| *label.positions.start() <= counting[end - 1].position)
            {
                while counting
                    .get(end)
                    .is_some_and(|word| word.position <= *label.positions.end())
                {
                    end = end_of_piece(&counting, end);
                }
                others.extend(label.others);
            }
            let words = &counting[at..end];
            at = end;
            if units.label(maker, words, others) {
                continue;
            }
            for piece in words.chunk_by(|_, next| next.continues) {
                let &[word] = piece else {
                    units.letters(maker, piece);
                    continue;
                };
                let term = maker.normalizer.term(&word.text);
                if let Some((_, _, count)) = counted.iter_mut().find(|(_, known, _)| *known == term)
                {
                    *count += 1.0;
                } else if counted.len() < MAX_CANDIDATES {
                    counted.push((word, term, 1.0));
                }
            }
        }
        self.keep_rarest(maker, &mut counted);
        for unit in &units.list {
            let optional = self.unit(parts, maker, unit);
            parts.optional.push(optional);
        }
        for (word, term, count) in &counted {
            let query = self.titled_word(parts, maker, word, term, *count);
            parts.optional.push(Optional::of(query));
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

    /// An alternative: what its words find by themselves, but for other labels. Only so many words of all alternatives
    /// are looked for in each of their forms.
    pub(super) fn alternative(
        &self,
        maker: &Maker<'_>,
        piece: &Words,
        words_left: &mut usize,
    ) -> Box<dyn Query> {
        maker.all_of(&piece.counting(maker.analysis), |word| {
            let term = maker.normalizer.term(&word.text);
            if *words_left == 0 {
                return term_query(maker.text.all, &term);
            }
            *words_left -= 1;
            self.word(maker, word, &term, 1.0)
        })
    }

    /// Words that are one thing, or another label for it.
    fn unit(&self, parts: &mut Parts, maker: &Maker<'_>, unit: &Unit<'_>) -> Optional {
        let mut own: Vec<Box<dyn Query>> = Vec::new();
        for piece in unit.words.chunk_by(|_, next| next.continues) {
            own.push(match piece {
                &[word] => {
                    let term = maker.normalizer.term(&word.text);
                    self.titled_word(parts, maker, word, &term, unit.count)
                }
                letters => titled_letters(parts, maker, letters, unit.count),
            });
        }
        let others: Vec<Box<dyn Query>> = unit
            .others
            .iter()
            .map(|other| boost(maker.phrase(other), SYNONYM_WEIGHT * unit.count))
            .collect();
        let any = own.iter().chain(&others).map(|query| query.box_clone());
        let partly = (own.len() > 1).then(|| union(any.collect()));
        let mut either = vec![intersection(own)];
        either.extend(others);
        Optional {
            whole: union(either),
            partly,
        }
    }

    /// A word, which counts more in the title and with its accents.
    fn titled_word(
        &self,
        parts: &mut Parts,
        maker: &Maker<'_>,
        word: &QueryWord,
        term: &str,
        count: f32,
    ) -> Box<dyn Query> {
        let title = boost(term_query(maker.text.title, term), count * TITLE_WEIGHT);
        parts.extras.push((Part::Title, title));
        if let Some(accented) = with_accent(maker.analysis, &word.text) {
            let query = boost(term_query(self.fields.accented, &accented), ACCENT_WEIGHT);
            parts.extras.push((Part::Accents, query));
        }
        self.word(maker, word, term, count)
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

/// Letters written without spaces, which count more in the title and as they stand.
fn titled_letters(
    parts: &mut Parts,
    maker: &Maker<'_>,
    letters: &[&QueryWord],
    count: f32,
) -> Box<dyn Query> {
    let title = maker.letters(maker.text.title, letters);
    let title = boost(title, count * TITLE_WEIGHT);
    parts.extras.push((Part::Title, title));
    let whole = &letters[..letters.len().min(MAX_PAIRS)];
    let whole = boost(maker.run(maker.text.all, whole), count * PAIR_WEIGHT);
    parts.extras.push((Part::Pairs, whole));
    boost(maker.letters(maker.text.all, letters), count)
}

//! From what a query says to what the engine runs, by the settings that were measured best: one field of all text,
//! a little title, words counted as often as they are said, neighbouring pairs as phrases.

use tantivy::Term;
use tantivy::query::{BooleanQuery, EmptyQuery, Occur, Query};

use super::ast::{Ast, Atom, Clause};
use super::maker::{Maker, boost, filter_atom, term_query, union};
use super::marked::Marked;
use super::words::{QueryWord, Words};
use super::{Synonyms, compound, parse};
use crate::index::{Audience, Snapshot};
use crate::schema::{Fields, SORT_KEY_BYTES, cut, with_accent};
use crate::text::{Analysis, fold};

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
/// Up to so many words a hit has all of them.
const ALL_WORDS_LIMIT: usize = 3;

/// Two words that are both in more than one document of so many say little as a pair, and take long to find.
const FREQUENT_SHARE: u64 = 10;
/// So many documents are searched through in no time.
const FEW_DOCUMENTS: u64 = 1_000;

type Clauses = Vec<(Occur, Box<dyn Query>)>;

/// How many of the words a hit must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// All.
    All,
    /// At least one; ranking decides.
    Any,
}

/// Only the rarest words of a long query.
const MAX_TERMS: usize = 64;
/// They are sought among its first different words.
const MAX_CANDIDATES: usize = 1_000;
/// What a word adds that is typed with accents and stands in the text with just these.
const ACCENT_WEIGHT: f32 = 0.1;

/// What the engine runs.
pub(crate) struct Built {
    /// None when the query has no text.
    pub(crate) text: Option<Box<dyn Query>>,
    pub(crate) clauses: Clauses,
}

/// What texts of one analysis are asked for, by what it adds to the score.
#[derive(Default)]
struct Parts {
    /// Phrases and titles that must be there.
    required: Clauses,
    /// Words, of which the mode says how many must be there.
    optional: Clauses,
    /// What only scores, by the part that it is explained as.
    extras: Vec<(Part, Box<dyn Query>)>,
}

/// What a score is the sum of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// What the query asks for, anywhere.
    Words,
    /// Its words in the title.
    Title,
    /// Neighbours that stay neighbours.
    Pairs,
    /// Accents as typed.
    Accents,
}

impl Part {
    pub(crate) const ALL: [Self; 4] = [Self::Words, Self::Title, Self::Pairs, Self::Accents];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Title => "title",
            Self::Pairs => "pairs",
            Self::Accents => "accents",
        }
    }
}

/// A query that was read, ready to be built for what somebody may see of an index.
pub(crate) struct Builder<'a> {
    snapshot: &'a Snapshot,
    audience: &'a Audience<'a>,
    fields: &'a Fields,
    text: &'a str,
    ast: Ast,
    pub(crate) words: Words,
    synonyms: &'a Synonyms,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(
        fields: &'a Fields,
        snapshot: &'a Snapshot,
        audience: &'a Audience<'a>,
        text: &'a str,
        synonyms: &'a Synonyms,
    ) -> Self {
        let ast = parse(text);
        let words = Words::of(text, &ast);
        Self {
            snapshot,
            audience,
            fields,
            text,
            ast,
            words,
            synonyms,
        }
    }

    /// The folded words of this query that the other has not.
    pub(crate) fn words_unlike(&self, other: &Self) -> Vec<String> {
        let known = |folded: &str| other.words.list.iter().any(|word| word.folded == folded);
        let words = self.words.list.iter().map(|word| &word.folded);
        words.filter(|folded| !known(folded)).cloned().collect()
    }

    /// The query as typed.
    pub(crate) fn text(&self) -> &str {
        self.text
    }

    /// Whether all words must be there at first.
    pub(crate) fn first_mode(&self) -> Mode {
        if self.units() <= ALL_WORDS_LIMIT {
            Mode::All
        } else {
            Mode::Any
        }
    }

    /// Whether asking for any word finds more than asking for all.
    pub(crate) fn can_be_eased(&self) -> bool {
        self.units() > 1
    }

    /// Number of things that a hit has all of: words, beginnings, and alternatives together. What is written without
    /// spaces is one.
    fn units(&self) -> usize {
        let counting = self.words.counting_anywhere().into_iter();
        let mut distinct: Vec<&str> = counting
            .filter(|word| !word.continues)
            .map(|word| word.folded.as_str())
            .collect();
        distinct.sort_unstable();
        distinct.dedup();
        distinct.len() + self.optional_clauses().count()
    }

    /// The title that the query may be, as titles are ordered: when it is nothing but words, or one phrase.
    pub(crate) fn as_title(&self) -> Option<String> {
        let title = match self.ast.clauses.as_slice() {
            [
                Clause {
                    excluded: false,
                    alternatives,
                },
            ] if matches!(alternatives.as_slice(), [Atom::Phrase(_)]) => {
                let [Atom::Phrase(phrase)] = alternatives.as_slice() else {
                    return None;
                };
                phrase.as_str()
            }
            clauses => clauses
                .iter()
                .all(|clause| {
                    !clause.excluded && matches!(clause.alternatives.as_slice(), [Atom::Words(_)])
                })
                .then_some(self.text)?,
        };
        let folded = fold(title);
        (!folded.is_empty()).then(|| cut(&folded, SORT_KEY_BYTES).to_owned())
    }

    /// Clauses other than plain words that ranking may decide upon.
    fn optional_clauses(&self) -> impl Iterator<Item = &[Atom]> {
        self.ast
            .clauses
            .iter()
            .filter(|clause| !clause.excluded)
            .map(|clause| clause.alternatives.as_slice())
            .filter(|atoms| match atoms {
                [atom] => matches!(atom, Atom::Prefix(_)),
                several => several.iter().any(Atom::is_text),
            })
    }

    /// The query for this mode.
    pub(crate) fn build(&self, mode: Mode) -> Built {
        let mut texts: Vec<Box<dyn Query>> = self
            .snapshot
            .analyses
            .iter()
            .filter_map(|analysis| self.text_query(*analysis, mode))
            .collect();
        let text = match texts.len() {
            0 => (self.has_text()).then(|| Box::new(EmptyQuery) as Box<dyn Query>),
            1 => texts.pop(),
            _ => Some(Box::new(BooleanQuery::union(texts)) as Box<dyn Query>),
        };
        Built {
            text,
            clauses: self.filters(),
        }
    }

    fn has_text(&self) -> bool {
        !self.words.list.is_empty()
            || self
                .ast
                .clauses
                .iter()
                .any(|clause| !clause.excluded && clause.alternatives.iter().any(Atom::is_text))
    }

    /// What documents of one analysis must have in their text. None when the query asks for none.
    fn text_query(&self, analysis: Analysis, mode: Mode) -> Option<Box<dyn Query>> {
        let parts = self.parts(analysis)?;
        let mut clauses = parts.must_have(mode);
        clauses.extend(
            parts
                .extras
                .into_iter()
                .map(|(_, query)| (Occur::Should, query)),
        );
        Some(Box::new(BooleanQuery::new(clauses)))
    }

    /// The queries whose scores add up to the score of a document of this analysis.
    pub(crate) fn scored(&self, analysis: Analysis, mode: Mode) -> Vec<(Part, Box<dyn Query>)> {
        let Some(mut parts) = self.parts(analysis) else {
            return Vec::new();
        };
        let mut scored = std::mem::take(&mut parts.extras);
        scored.push((
            Part::Words,
            Box::new(BooleanQuery::new(parts.must_have(mode))),
        ));
        scored
    }

    fn parts(&self, analysis: Analysis) -> Option<Parts> {
        let maker = Maker::new(self.fields, analysis);
        let mut parts = Parts::default();
        for clause in self.ast.clauses.iter().filter(|clause| !clause.excluded) {
            if let [atom @ (Atom::Phrase(_) | Atom::Title(_))] = clause.alternatives.as_slice() {
                let query = maker.atom(self.text, atom);
                parts.required.push((Occur::Must, query));
            }
        }
        for atoms in self.optional_clauses() {
            let alternatives = atoms.iter().map(|atom| maker.atom(self.text, atom));
            let query = union(alternatives.collect());
            parts.optional.push((Occur::Should, query));
        }
        self.add_words(&maker, &mut parts);
        (!parts.required.is_empty() || !parts.optional.is_empty()).then_some(parts)
    }

    /// Adds a clause for each word, and what only scores: titles, pairs and accents.
    fn add_words(&self, maker: &Maker<'_>, parts: &mut Parts) {
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

    /// Exclusions, and what is decided without text. Of fields that have one value, several values are alternatives.
    fn filters(&self) -> Clauses {
        let mut clauses: Clauses = Vec::new();
        let mut one_of: [Vec<Box<dyn Query>>; 3] = Default::default();
        for clause in &self.ast.clauses {
            let queries = || {
                clause
                    .alternatives
                    .iter()
                    .map(|atom| self.atom_of_any_analysis(atom))
            };
            if clause.excluded {
                clauses.extend(queries().map(|query| (Occur::MustNot, query)));
                continue;
            }
            match clause.alternatives.as_slice() {
                [Atom::Kind(_)] => one_of[0].extend(queries()),
                [Atom::In(_)] => one_of[1].extend(queries()),
                [Atom::Language(_)] => one_of[2].extend(queries()),
                atoms if atoms.iter().any(Atom::is_text) => {}
                _ => clauses.push((Occur::Must, union(queries().collect()))),
            }
        }
        clauses.extend(
            one_of
                .into_iter()
                .filter(|values| !values.is_empty())
                .map(|values| (Occur::Must, union(values))),
        );
        clauses
    }

    fn atom_of_any_analysis(&self, atom: &Atom) -> Box<dyn Query> {
        if !atom.is_text() {
            return filter_atom(self.fields, atom);
        }
        let makers = self
            .snapshot
            .analyses
            .iter()
            .map(|analysis| Maker::new(self.fields, *analysis));
        union(makers.map(|maker| maker.atom(self.text, atom)).collect())
    }

    /// What a snippet marks in documents of one analysis.
    pub(crate) fn marked(&self, analysis: Analysis) -> Marked {
        let mut marked = Marked::new(analysis);
        let counting = self.words.counting(analysis);
        for (at, word) in counting.iter().enumerate() {
            let next_joins = counting.get(at + 1).is_some_and(|next| next.continues);
            marked.word(word, word.continues || next_joins);
            let folded = counting[at..].iter().map(|word| word.folded.as_str());
            if let Some((length, others)) = self.synonyms.at(folded) {
                let typed: Vec<&str> = counting[at..at + length]
                    .iter()
                    .map(|word| word.text.as_str())
                    .collect();
                for other in others.iter().flat_map(|other| other.split(' ')) {
                    marked.synonym(other, &typed.join(" "));
                }
            }
        }
        for clause in self.ast.clauses.iter().filter(|clause| !clause.excluded) {
            let alone = clause.alternatives.len() == 1;
            for atom in &clause.alternatives {
                let text = match atom {
                    Atom::Words(span) if !alone => &self.text[span.clone()],
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
}

impl Parts {
    /// The clauses that decide which documents match.
    fn must_have(&self, mode: Mode) -> Clauses {
        let optional = match mode {
            Mode::All => Occur::Must,
            Mode::Any => Occur::Should,
        };
        let required = self.required.iter().map(|(_, query)| (Occur::Must, query));
        let optional = self.optional.iter().map(|(_, query)| (optional, query));
        required
            .chain(optional)
            .map(|(occur, query)| (occur, query.box_clone()))
            .collect()
    }
}

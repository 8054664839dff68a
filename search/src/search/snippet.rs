//! Pieces of text around the matches. The text is read once, in order, and only words that begin like a term of the
//! query are analysed; reading ends at the first window that holds every term.

use tantivy::TantivyDocument;

use super::{Match, MatchKind, Snippet};
use crate::query::{Builder, Marked};
use crate::schema::{Fields, cut};
use crate::text::{Analysis, first_folded_letter, fold_word, words};

/// Length of a snippet, in bytes, marks not counted.
const WINDOW: usize = 240;
/// How much of it stands before the first match at most.
const LEAD: usize = 60;
/// Most snippets of one hit.
const MAX_SNIPPETS: usize = 4;
/// Most matches that are looked at in one text.
const MAX_MATCHES: usize = 256;

/// Finds the words of a query in texts.
pub(super) struct Highlighter {
    marks: Vec<(Analysis, Marks)>,
}

/// What to mark in texts of one analysis.
struct Marks {
    marked: Marked,
    /// First letters of terms and prefixes: a bit each for ASCII.
    ascii_initials: u128,
    other_initials: Vec<char>,
}

/// A word that matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Found {
    start: usize,
    end: usize,
    /// Number of the term.
    term: usize,
}

impl Highlighter {
    pub(super) fn new(query: &Builder<'_>, analyses: &[Analysis]) -> Self {
        let marks = analyses
            .iter()
            .map(|analysis| (*analysis, Marks::new(query.marked(*analysis))))
            .collect();
        Self { marks }
    }

    fn marks(&self, fields: &Fields, document: &TantivyDocument) -> Option<&Marks> {
        let analysis = fields.stored_analysis(document);
        let (_, marks) = self
            .marks
            .iter()
            .find(|(known, _)| Some(*known) == analysis)?;
        (marks.count() > 0).then_some(marks)
    }

    /// A snippet of each field that matches.
    pub(super) fn snippets(&self, fields: &Fields, document: &TantivyDocument) -> Vec<Snippet> {
        let Some(marks) = self.marks(fields, document) else {
            return Vec::new();
        };
        fields
            .stored_texts(document)
            .filter_map(|(field, text)| {
                Some(Snippet {
                    field: field.to_owned(),
                    html: marks.snippet(text)?,
                })
            })
            .take(MAX_SNIPPETS)
            .collect()
    }

    /// Which words of the query are in which field, and how, each once. `corrected` are the folded words that were not
    /// typed so.
    pub(super) fn matches(
        &self,
        fields: &Fields,
        document: &TantivyDocument,
        corrected: &[String],
    ) -> Vec<Match> {
        let Some(marks) = self.marks(fields, document) else {
            return Vec::new();
        };
        let mut matches: Vec<Match> = Vec::new();
        for (field, text) in fields.stored_texts(document) {
            for (term, how) in marks.kinds(text, corrected) {
                let found = Match {
                    field: field.to_owned(),
                    term: term.to_owned(),
                    how,
                };
                if !matches.contains(&found) {
                    matches.push(found);
                }
            }
        }
        matches
    }
}

impl Marks {
    fn new(marked: Marked) -> Self {
        let mut ascii_initials = 0;
        let mut other_initials = Vec::new();
        let beginnings = marked.terms.keys().chain(&marked.prefixes);
        for initial in beginnings.filter_map(|term| term.chars().next()) {
            if initial.is_ascii() {
                ascii_initials |= 1_u128 << u32::from(initial);
            } else {
                other_initials.push(initial);
            }
        }
        Self {
            marked,
            ascii_initials,
            other_initials,
        }
    }

    /// Number of different things to find.
    fn count(&self) -> usize {
        self.marked.marks.len() + self.marked.prefixes.len()
    }

    fn may_begin(&self, word: &str) -> bool {
        // A word written together with others may stand anywhere in a longer one, and a stem may begin otherwise.
        if !self.marked.parts.is_empty() {
            return true;
        }
        let Some(initial) = word.chars().next().and_then(first_folded_letter) else {
            return false;
        };
        if initial.is_ascii() {
            self.ascii_initials & (1_u128 << u32::from(initial)) != 0
        } else {
            self.other_initials.contains(&initial)
        }
    }

    /// The number of what the word matches.
    fn matching(&self, word: &str, term: &mut String) -> Option<usize> {
        if !self.may_begin(word) {
            return None;
        }
        let marked = &self.marked;
        marked.normalizer.term_into(word, term);
        let known = || marked.terms.get(term.as_str()).copied();
        let other = || {
            let other = marked.normalizer.other_term(word)?;
            marked.terms.get(&other).copied()
        };
        let part = || {
            let longer = |part: &str| term.len() > part.len();
            let found = marked.parts.iter().find(|(part, _)| {
                longer(part) && (term.starts_with(part.as_str()) || term.ends_with(part.as_str()))
            });
            found.map(|(_, place)| *place)
        };
        let prefix = || {
            if marked.prefixes.is_empty() {
                return None;
            }
            let folded = fold_word(word);
            let begins = |prefix: &String| folded.starts_with(prefix.as_str());
            let place = marked.prefixes.iter().position(begins)?;
            Some(marked.marks.len() + place)
        };
        known().or_else(other).or_else(part).or_else(prefix)
    }

    /// Each word of the query that is in the text, in the form that is closest to what was typed.
    fn kinds(&self, text: &str, corrected: &[String]) -> Vec<(&str, MatchKind)> {
        let mut kinds: Vec<(usize, MatchKind)> = Vec::new();
        let mut term = String::new();
        for (start, end) in words(text) {
            let word = &text[start..end];
            let Some(number) = self.matching(word, &mut term) else {
                continue;
            };
            let how = match self.marked.marks.get(number) {
                None => MatchKind::Prefix,
                Some(mark) if mark.synonym => MatchKind::Synonym,
                Some(mark) if corrected.contains(&mark.folded) => MatchKind::Typo,
                Some(mark) if mark.folded == fold_word(word) => MatchKind::Exact,
                Some(_) => MatchKind::Stem,
            };
            match kinds.iter_mut().find(|(known, _)| *known == number) {
                Some((_, known)) if how == MatchKind::Exact => *known = how,
                Some(_) => {}
                None => kinds.push((number, how)),
            }
        }
        let typed = |number: usize| match self.marked.marks.get(number) {
            Some(mark) => mark.typed.as_str(),
            None => &self.marked.prefixes[number - self.marked.marks.len()],
        };
        kinds
            .into_iter()
            .map(|(number, how)| (typed(number), how))
            .collect()
    }

    /// The best window of the text with its matches marked, if there are any.
    fn snippet(&self, text: &str) -> Option<String> {
        let mut matches: Vec<Found> = Vec::new();
        let mut best = (0, 0);
        let mut begin = 0;
        let mut term = String::new();
        for (start, end) in words(text) {
            let Some(number) = self.matching(&text[start..end], &mut term) else {
                continue;
            };
            matches.push(Found {
                start,
                end,
                term: number,
            });
            while end - matches[begin].start > WINDOW - LEAD && begin + 1 < matches.len() {
                begin += 1;
            }
            let different = different_terms(&matches[begin..]);
            if different > best.0 {
                best = (different, begin);
            }
            if different == self.count() || matches.len() == MAX_MATCHES {
                break;
            }
        }
        let first = matches.get(best.1)?;
        let window = window(text, first.start, first.end);
        // Reading may have ended before the window did.
        let read = matches.last().map_or(0, |last| last.end);
        for (start, end) in words(&text[read..window.end.max(read)]) {
            if let Some(number) = self.matching(&text[read + start..read + end], &mut term) {
                matches.push(Found {
                    start: read + start,
                    end: read + end,
                    term: number,
                });
            }
        }
        let matches = self.joined(&matches[best.1..]);
        (!matches.is_empty()).then(|| marked(text, &window, &matches))
    }
}

impl Marks {
    /// What touches becomes one match, and letters that only say something together are left out where they stand alone.
    fn joined(&self, matches: &[Found]) -> Vec<Found> {
        let mut joined: Vec<(Found, bool)> = Vec::with_capacity(matches.len());
        for found in matches {
            let mark = self.marked.marks.get(found.term);
            let alone = !mark.is_some_and(|mark| mark.joined);
            match joined.last_mut() {
                Some((last, whole)) if last.end == found.start => {
                    last.end = found.end;
                    *whole = true;
                }
                _ => joined.push((*found, alone)),
            }
        }
        joined.retain(|(_, whole)| *whole);
        joined.into_iter().map(|(found, _)| found).collect()
    }
}

fn different_terms(matches: &[Found]) -> usize {
    let seen = |at: usize| {
        matches[..at]
            .iter()
            .any(|earlier| earlier.term == matches[at].term)
    };
    (0..matches.len()).filter(|at| !seen(*at)).count()
}

/// The range that is shown: whole words, from the beginning of a sentence if it is near.
fn window(text: &str, first: usize, first_end: usize) -> std::ops::Range<usize> {
    let start = if first <= LEAD {
        0
    } else {
        let from = text.ceil_char_boundary(first - LEAD);
        let lead = &text[from..first];
        let sentence = lead
            .rmatch_indices([' ', '\n'])
            .find(|(at, space)| *space == "\n" || lead[..*at].ends_with(['.', '!', '?', ':']));
        let space = || {
            lead.char_indices()
                .find(|(_, letter)| letter.is_whitespace())
        };
        let after_space = || space().map(|(at, letter)| at + letter.len_utf8());
        sentence
            .map(|(at, _)| at + 1)
            .or_else(after_space)
            .map_or(first, |at| from + at)
    };
    let rest = cut(&text[start..], WINDOW.max(first_end - start));
    let end = start + rest.len();
    if end == text.len() {
        return start..end;
    }
    let at_word_end = text[end..].starts_with(|next: char| !next.is_alphanumeric());
    let shorter = rest
        .rfind(char::is_whitespace)
        .map(|at| start + at)
        .filter(|at| *at >= first_end);
    start..if at_word_end {
        end
    } else {
        shorter.unwrap_or(end)
    }
}

/// The window as HTML.
fn marked(text: &str, window: &std::ops::Range<usize>, matches: &[Found]) -> String {
    let mut html = String::with_capacity(window.len() + 64);
    if window.start > 0 && !text[..window.start].trim_end().ends_with(['.', '!', '?']) {
        html.push('…');
    }
    let mut written = window.start;
    for found in matches
        .iter()
        .filter(|found| found.start >= window.start && found.end <= window.end)
    {
        escape(&text[written..found.start], &mut html);
        html.push_str("<mark>");
        escape(&text[found.start..found.end], &mut html);
        html.push_str("</mark>");
        written = found.end;
    }
    escape(text[written..window.end].trim_end(), &mut html);
    if window.end < text.len() {
        html.push('…');
    }
    html
}

/// Appends text so that it is nothing but text in HTML, whether between tags or in an attribute.
fn escape(text: &str, html: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            control if control.is_control() => html.push(' '),
            other => html.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Audience;
    use crate::query::Synonyms;
    use crate::{Index, Settings};

    fn snippet(query: &str, text: &str, analysis: Analysis) -> Option<String> {
        let synonyms = Synonyms::default();
        let index = Index::in_memory(&Settings::default()).unwrap();
        let snapshot = index.searcher(None).unwrap().snapshot;
        let audience = Audience::new(index.fields(), &snapshot, &[]).unwrap();
        let builder = Builder::new(index.fields(), &snapshot, &audience, query, &synonyms);
        Marks::new(builder.marked(analysis)).snippet(text)
    }

    #[test]
    fn matches_are_marked_in_any_form() {
        let html = snippet(
            "assess community",
            "Communities assess; assessing is hard.",
            Analysis::English,
        );
        assert_eq!(
            html.unwrap(),
            "<mark>Communities</mark> <mark>assess</mark>; <mark>assessing</mark> is hard."
        );
        let html = snippet("evaluation", "L'évaluation entre pairs", Analysis::French);
        assert_eq!(html.unwrap(), "L&#39;<mark>évaluation</mark> entre pairs");
        assert_eq!(
            snippet("communit*", "Some Community", Analysis::Other).unwrap(),
            "Some <mark>Community</mark>"
        );
        assert_eq!(
            snippet("学习", "我学习", Analysis::Other).unwrap(),
            "我<mark>学习</mark>"
        );
    }

    #[test]
    fn words_written_together_are_marked_as_a_whole() {
        assert_eq!(
            snippet(
                "Gemeinschaft",
                "Eine Lerngemeinschaft und Gemeinschaften.",
                Analysis::German
            )
            .unwrap(),
            "Eine <mark>Lerngemeinschaft</mark> und <mark>Gemeinschaften</mark>."
        );
        assert_eq!(snippet("学习", "大学", Analysis::Other), None);
    }

    #[test]
    fn text_without_matches_gives_none() {
        assert_eq!(
            snippet("assess", "Nothing of the kind", Analysis::English),
            None
        );
    }

    #[test]
    fn html_in_the_text_is_only_text() {
        let html = snippet(
            "alert",
            "<script>alert(1)</script> & \"x\"",
            Analysis::English,
        );
        assert_eq!(
            html.unwrap(),
            "&lt;script&gt;<mark>alert</mark>(1)&lt;/script&gt; &amp; &quot;x&quot;"
        );
    }

    #[test]
    fn the_window_with_most_terms_is_shown() {
        let filler = "filler words go on and on ".repeat(40);
        let text = format!("A broker alone. {filler}Here a broker meets a boundary. {filler}");
        let html = snippet("broker boundary", &text, Analysis::English).unwrap();
        assert!(
            html.contains("<mark>broker</mark> meets a <mark>boundary</mark>"),
            "{html}"
        );
        assert!(html.ends_with('…') && html.len() < 2 * WINDOW, "{html}");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_shown_without_harm(text in "\\PC{0,400}", query in "[a-zé]{1,3}( [a-z]{1,2}\\*)?") {
            let synonyms = Synonyms::default();
            let index = Index::in_memory(&Settings::default()).unwrap();
            let snapshot = index.searcher(None).unwrap().snapshot;
            let audience = Audience::new(index.fields(), &snapshot, &[]).unwrap();
            let builder = Builder::new(index.fields(), &snapshot, &audience, &query, &synonyms);
            for analysis in Analysis::ALL {
                if let Some(html) = Marks::new(builder.marked(analysis)).snippet(&text) {
                    let bare = html.replace("<mark>", "").replace("</mark>", "");
                    proptest::prop_assert!(!bare.contains('<') && !bare.contains('>'));
                }
            }
        }
    }
}

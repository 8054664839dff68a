//! The piece of a text that is shown, as HTML.

use crate::schema::cut;

/// Length of a snippet, in bytes, marks not counted.
pub(super) const WINDOW: usize = 240;
/// How much of it stands before the first match at most.
pub(super) const LEAD: usize = 60;

/// A word that matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Number of the term.
    pub(super) term: usize,
}

/// The range that is shown: whole words, from the beginning of a sentence if it is near.
pub(super) fn window(text: &str, first: usize, first_end: usize) -> std::ops::Range<usize> {
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
pub(super) fn marked(text: &str, window: &std::ops::Range<usize>, matches: &[Found]) -> String {
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

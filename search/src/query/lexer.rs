//! Splits a query into pieces in one pass, without recursion.

use super::ast::Span;

/// A piece of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) excluded: bool,
    /// What stands before the colon, when a value follows it.
    pub(super) field: Option<Span>,
    pub(super) value: Span,
    pub(super) quoted: bool,
}

/// Names that a colon can follow.
const FIELDS: [&str; 9] = [
    "title", "tag", "author", "kind", "domain", "in", "lang", "before", "after",
];

/// The pieces of a query, left to right. Brackets mean nothing.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// Up to the next white space, bracket or quote, or to the colon of a field.
    fn bare(&mut self, colon_ends: bool) -> Span {
        let start = self.at;
        while let Some(letter) = self.peek() {
            if is_separator(letter) || closing_quote(letter).is_some() {
                break;
            }
            if colon_ends && letter == ':' && is_field(&self.text[start..self.at]) {
                break;
            }
            self.at += letter.len_utf8();
        }
        start..self.at
    }

    /// What stands in quotes, to the end of the text if they are never closed.
    fn quoted(&mut self, opening: char, closing: char) -> Span {
        self.at += opening.len_utf8();
        let start = self.at;
        let end = self.text[start..]
            .find(closing)
            .map(|length| start + length);
        self.at = end.map_or(self.text.len(), |end| end + closing.len_utf8());
        start..end.unwrap_or(self.text.len())
    }

    fn value(&mut self, colon_ends: bool) -> (Span, bool) {
        match self
            .peek()
            .and_then(|letter| Some((letter, closing_quote(letter)?)))
        {
            Some((opening, closing)) => (self.quoted(opening, closing), true),
            None => (self.bare(colon_ends), false),
        }
    }
}

impl Iterator for Lexer<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            let letter = self.peek()?;
            if is_separator(letter) || (letter == '”' || letter == '»') {
                self.at += letter.len_utf8();
                continue;
            }
            let mut excluded = false;
            if letter == '-' {
                self.at += 1;
                if self.peek().is_none_or(is_separator) {
                    continue;
                }
                excluded = true;
            }
            let (value, quoted) = self.value(true);
            if !quoted && self.peek() == Some(':') {
                self.at += 1;
                let (field_value, quoted) = self.value(false);
                if !field_value.is_empty() {
                    return Some(Piece {
                        excluded,
                        field: Some(value),
                        value: field_value,
                        quoted,
                    });
                }
            }
            if value.is_empty() {
                continue;
            }
            return Some(Piece {
                excluded,
                field: None,
                value,
                quoted,
            });
        }
    }
}

fn is_field(name: &str) -> bool {
    FIELDS.iter().any(|field| field.eq_ignore_ascii_case(name))
}

fn is_separator(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(letter, '(' | ')' | '[' | ']' | '{' | '}' | ',' | ';')
}

fn closing_quote(opening: char) -> Option<char> {
    match opening {
        '"' => Some('"'),
        '“' => Some('”'),
        '„' => Some('“'),
        '«' => Some('»'),
        _ => None,
    }
}

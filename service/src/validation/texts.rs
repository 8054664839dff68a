//! Texts: names, bodies, addresses, languages and slugs.

use url::Url;

use super::{Faults, Patch};
use crate::error::FaultCode;

/// How a text may be.
#[derive(Clone, Copy, Debug)]
pub struct TextRule {
    /// Fewest characters.
    pub min: usize,
    /// Most characters.
    pub max: usize,
    /// Whether it may have several lines.
    pub multiline: bool,
}

/// A name or a title: one line.
pub const TITLE: TextRule = TextRule {
    min: 1,
    max: 300,
    multiline: false,
};
/// A short text of some lines.
pub const SUMMARY: TextRule = TextRule {
    min: 1,
    max: 4_000,
    multiline: true,
};
/// A Markdown body.
pub const BODY: TextRule = TextRule {
    min: 0,
    max: 500_000,
    multiline: true,
};
/// A tag.
pub const TAG: TextRule = TextRule {
    min: 1,
    max: 80,
    multiline: false,
};

impl Faults {
    /// Checks a text and answers it trimmed.
    pub fn text(&mut self, path: &[&str], text: &str, rule: TextRule) -> String {
        let trimmed = if rule.multiline {
            text.trim_end()
        } else {
            text.trim()
        };
        let length = trimmed.chars().count();
        if length < rule.min {
            let (code, message) = if length == 0 {
                (
                    FaultCode::Required,
                    "This text must not be empty.".to_owned(),
                )
            } else {
                (
                    FaultCode::TooShort,
                    format!(
                        "This text needs at least {} characters, and has {length}.",
                        rule.min
                    ),
                )
            };
            self.add(code, path, message);
        } else if length > rule.max {
            self.add(
                FaultCode::TooLong,
                path,
                format!(
                    "This text may have at most {} characters, and has {length}.",
                    rule.max
                ),
            );
        }
        if let Some(letter) = trimmed
            .chars()
            .find(|&letter| forbidden(letter, rule.multiline))
        {
            self.add(
                FaultCode::Invalid,
                path,
                format!(
                    "This text holds the invisible character U+{:04X}, which is not allowed here.",
                    u32::from(letter)
                ),
            );
        }
        trimmed.to_owned()
    }

    /// Checks an optional text; an empty one counts as none.
    pub fn optional_text(
        &mut self,
        path: &[&str],
        text: Option<&str>,
        rule: TextRule,
    ) -> Option<String> {
        let text = text.filter(|text| !text.trim().is_empty())?;
        Some(self.text(path, text, rule))
    }

    /// Checks a patch of an optional text.
    pub fn text_patch(
        &mut self,
        path: &[&str],
        patch: Patch<String>,
        rule: TextRule,
    ) -> Patch<String> {
        match patch {
            Patch::Value(text) => match self.optional_text(path, Some(&text), rule) {
                Some(text) => Patch::Value(text),
                None => Patch::Null,
            },
            other => other,
        }
    }

    /// Checks an absolute http or https URL.
    pub fn url(&mut self, path: &[&str], text: &str) -> String {
        let text = text.trim();
        let valid = text.chars().count() <= 2_000
            && !text.chars().any(|letter| forbidden(letter, false))
            && Url::parse(text)
                .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if !valid {
            self.add(
                FaultCode::Invalid,
                path,
                "This is no absolute http or https address of at most 2,000 characters, such as https://example.org/guide.",
            );
        }
        text.to_owned()
    }

    /// Checks a patch of an optional URL.
    pub fn url_patch(&mut self, path: &[&str], patch: Patch<String>) -> Patch<String> {
        match patch {
            Patch::Value(text) => Patch::Value(self.url(path, &text)),
            other => other,
        }
    }

    /// Checks a BCP 47 language tag and answers it in its canonical case.
    pub fn language(&mut self, path: &[&str], text: &str) -> String {
        match oxilangtag::LanguageTag::parse_and_normalize(text.trim()) {
            Ok(tag) if text.len() <= 35 => tag.into_inner(),
            _ => {
                self.add(
                    FaultCode::Invalid,
                    path,
                    "This is no BCP 47 language tag, such as en or fr-CA.",
                );
                text.to_owned()
            }
        }
    }

    /// Checks a patch of an optional language.
    pub fn language_patch(&mut self, path: &[&str], patch: Patch<String>) -> Patch<String> {
        match patch {
            Patch::Value(text) => Patch::Value(self.language(path, &text)),
            other => other,
        }
    }

    /// Checks a slug that a client chose.
    pub fn slug(&mut self, path: &[&str], text: &str) -> String {
        let text = text.trim();
        let valid = (2..=60).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-')
            && !text.contains("--");
        if !valid {
            self.add(
                FaultCode::Invalid,
                path,
                "A slug has 2 to 60 lower-case letters a to z, digits and single hyphens inside, such as open-science.",
            );
        }
        text.to_owned()
    }
}

/// Control characters, and in single lines the marks that reverse or hide what a reader sees.
fn forbidden(letter: char, multiline: bool) -> bool {
    match letter {
        '\u{202d}' | '\u{202e}' | '\u{fffe}' | '\u{ffff}' => true,
        '\n'
        | '\t'
        | '\r'
        | '\u{202a}'..='\u{202c}'
        | '\u{2066}'..='\u{2069}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{feff}' => !multiline,
        _ => letter.is_control(),
    }
}

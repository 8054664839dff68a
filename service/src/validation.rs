//! Checks of inputs: all faults are collected with their paths before the first is answered.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};
use entity::Label;
use url::Url;

use crate::error::{Error, Fault, FaultCode, Result};
use crate::schedule::YEARS;
use crate::text::fold;

/// A field of an update: left alone, emptied, or given a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// The client did not name the field.
    #[default]
    Absent,
    /// The client gave null.
    Null,
    /// The client gave a value.
    Value(T),
}

impl<T> Patch<T> {
    /// The new value of an optional field.
    pub fn or_keep(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Absent => old,
            Self::Null => None,
            Self::Value(value) => Some(value),
        }
    }

    /// The value, for a field that may be left alone but not emptied: null is a fault.
    pub fn required(self, faults: &mut Faults, path: &[&str]) -> Option<T> {
        match self {
            Self::Absent => None,
            Self::Null => {
                faults.add(
                    FaultCode::Required,
                    path,
                    "This field cannot be emptied; leave it out to keep it.",
                );
                None
            }
            Self::Value(value) => Some(value),
        }
    }

    /// The value when there is one.
    pub fn value(&self) -> Option<&T> {
        if let Self::Value(value) = self {
            Some(value)
        } else {
            None
        }
    }
}

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

/// Most tags of an item.
pub const MAX_TAGS: usize = 30;
/// Most domains of an item or a community.
pub const MAX_DOMAINS: usize = 10;
/// Most authors, or bylines, of an item.
pub const MAX_AUTHORS: usize = 50;
/// Most languages of a community.
pub const MAX_LANGUAGES: usize = 10;
/// Most sponsors of a community.
pub const MAX_SPONSORS: usize = 20;
/// Most labels, or key questions, of a domain.
pub const MAX_LABELS: usize = 50;
/// Most resources that a practice uses.
pub const MAX_PRACTICE_RESOURCES: usize = 100;

/// Most entries of a collection.
pub const MAX_ENTRIES: usize = 200;
/// Most steps of a value story.
pub const MAX_STEPS: usize = 50;
/// Most things that one step of a value story points at.
pub const MAX_REFERENCES: usize = 10;
/// Most relations of an item that are stated by hand.
pub const MAX_LINKS: usize = 100;

/// The faults found so far in one input.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Notes a fault.
    pub fn add(&mut self, code: FaultCode, path: &[&str], message: impl Into<String>) {
        self.0.push(Fault::new(code, path, message));
    }

    /// Notes all faults of a refusal; any other error is answered at once.
    pub fn absorb<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(Error::Refused(faults)) => {
                self.0.extend(faults);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Notes a fault that is made already.
    pub fn absorb_fault(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Notes what was found elsewhere.
    pub fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Refuses when anything was found.
    pub fn check(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::Refused(self.0))
        }
    }

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

    /// Checks a patch of an optional whole number.
    pub fn number_patch(
        &mut self,
        path: &[&str],
        patch: &Patch<i64>,
        range: RangeInclusive<i64>,
    ) -> Patch<i32> {
        match patch {
            Patch::Absent => Patch::Absent,
            Patch::Null => Patch::Null,
            &Patch::Value(number) => {
                if !range.contains(&number) {
                    self.add(
                        FaultCode::OutOfRange,
                        path,
                        format!(
                            "This number must be from {} to {}, and is {number}.",
                            range.start(),
                            range.end()
                        ),
                    );
                }
                Patch::Value(i32::try_from(number).unwrap_or(i32::MAX))
            }
        }
    }

    /// Checks a day.
    pub fn day(&mut self, path: &[&str], day: NaiveDate) {
        if !YEARS.contains(&day.year()) {
            let message = format!(
                "The year must be from {} to {}.",
                YEARS.start(),
                YEARS.end()
            );
            self.add(FaultCode::OutOfRange, path, message);
        }
    }

    /// Checks an optional whole number.
    pub fn number(
        &mut self,
        path: &[&str],
        number: Option<i64>,
        range: RangeInclusive<i64>,
    ) -> Option<i32> {
        let given = number.map_or(Patch::Absent, Patch::Value);
        self.number_patch(path, &given, range).or_keep(None)
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

    /// Checks the length of a list.
    pub fn list_length(&mut self, path: &[&str], length: usize, most: usize) {
        if length > most {
            self.add(
                FaultCode::TooLong,
                path,
                format!("This list may have at most {most} entries, and has {length}."),
            );
        }
    }

    /// Checks a list of short texts; later doubles, case and accents ignored, are left out.
    pub fn text_list(
        &mut self,
        path: &[&str],
        list: &[String],
        most: usize,
        rule: TextRule,
    ) -> Vec<String> {
        self.list_length(path, list.len(), most);
        let mut seen = HashSet::new();
        let mut kept = Vec::new();
        for (place, text) in list.iter().take(most).enumerate() {
            let place = place.to_string();
            let text = self.text(&[path, &[place.as_str()]].concat(), text, rule);
            if seen.insert(fold(&text)) {
                kept.push(text);
            }
        }
        kept
    }

    /// Checks a list of language tags; doubles are left out.
    pub fn language_list(&mut self, path: &[&str], list: &[String]) -> Vec<String> {
        self.list_length(path, list.len(), MAX_LANGUAGES);
        let mut kept: Vec<String> = Vec::new();
        for (place, text) in list.iter().take(MAX_LANGUAGES).enumerate() {
            let place = place.to_string();
            let tag = self.language(&[path, &[place.as_str()]].concat(), text);
            if !kept.contains(&tag) {
                kept.push(tag);
            }
        }
        kept
    }

    /// Checks a list of labels.
    pub fn label_list(&mut self, path: &[&str], list: &[Label]) -> Vec<Label> {
        self.list_length(path, list.len(), MAX_LABELS);
        let mut kept: Vec<Label> = Vec::new();
        for (place, label) in list.iter().take(MAX_LABELS).enumerate() {
            let place = place.to_string();
            let at = |part: &'static str| [path, &[place.as_str(), part]].concat();
            let text = self.text(&at("text"), &label.text, TextRule { max: 200, ..TITLE });
            let language = label
                .language
                .as_deref()
                .map(|language| self.language(&at("language"), language));
            let label = Label { text, language };
            if !kept.contains(&label) {
                kept.push(label);
            }
        }
        kept
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_refused() {
        for text in ["a\0b", "a\u{202e}b", "a\u{7}b"] {
            for rule in [TITLE, BODY] {
                let mut faults = Faults::default();
                faults.text(&["input", "title"], text, rule);
                assert!(!faults.is_empty(), "{text:?}");
            }
        }
        let mut faults = Faults::default();
        assert_eq!(faults.text(&["body"], "two\nlines\n", BODY), "two\nlines");
        assert!(faults.is_empty());
    }

    #[test]
    fn every_fault_of_a_list_has_its_path() {
        let mut faults = Faults::default();
        faults.text_list(
            &["input", "tags"],
            &["ok".into(), String::new(), "x".repeat(81)],
            MAX_TAGS,
            TAG,
        );
        let Err(Error::Refused(found)) = faults.check() else {
            panic!("two tags are wrong")
        };
        let paths: Vec<_> = found.iter().map(|fault| fault.field.join(".")).collect();
        assert_eq!(paths, ["input.tags.1", "input.tags.2"]);
    }

    #[test]
    fn addresses_and_languages_are_checked() {
        for (text, valid) in [
            ("https://example.org/a?b#c", true),
            ("javascript:alert(1)", false),
            ("/relative", false),
            ("ftp://x.y", false),
        ] {
            let mut faults = Faults::default();
            faults.url(&["url"], text);
            assert_eq!(faults.is_empty(), valid, "{text}");
        }
        for (text, valid) in [
            ("en", true),
            ("fr-ca", true),
            ("zh-Hant-TW", true),
            ("e", false),
            ("en_US", false),
        ] {
            let mut faults = Faults::default();
            faults.language(&["language"], text);
            assert_eq!(faults.is_empty(), valid, "{text}");
        }
        assert_eq!(Faults::default().language(&["language"], "FR-ca"), "fr-CA");
    }
}

//! Lists, which are bounded.

use std::collections::HashSet;

use entity::Label;

use super::{Faults, TITLE, TextRule};
use crate::error::FaultCode;
use crate::text::fold;

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

impl Faults {
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

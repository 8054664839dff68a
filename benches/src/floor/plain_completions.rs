//! Completions as sorted lists have them: titles that begin so, then tags, then titles with such a word inside.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use search::fold;

use crate::dump::DumpedResource;

/// A place in a title from which its text goes on.
#[derive(Clone, Copy)]
struct Place {
    number: u32,
    byte: u16,
}

/// A tag as it is shown, with how many resources of each community have it.
struct Tag {
    shown: String,
    counts: Vec<u64>,
}

/// Titles and tags in order.
pub(super) struct PlainCompletions {
    /// By number, as they are compared.
    titles: Vec<String>,
    /// The communities of the resources, by number.
    communities: Vec<usize>,
    /// Beginnings of titles, in the order of what follows there.
    beginnings: Vec<Place>,
    /// Beginnings of their other words, likewise.
    inside: Vec<Place>,
    tags: BTreeMap<String, Tag>,
}

/// One completion.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PlainCompletion<'a> {
    /// The title of a resource, by its number.
    Title(usize),
    /// A tag.
    Tag(&'a str),
}

impl PlainCompletions {
    /// Sorts what resources of so many communities are called.
    pub(super) fn build(resources: &[DumpedResource], communities: usize) -> Self {
        let mut this = Self {
            titles: resources
                .iter()
                .map(|resource| fold(&resource.title))
                .collect(),
            communities: resources
                .iter()
                .map(|resource| resource.community)
                .collect(),
            beginnings: Vec::new(),
            inside: Vec::new(),
            tags: BTreeMap::new(),
        };
        for (number, title) in (0_u32..).zip(&this.titles) {
            for byte in word_starts(title) {
                let place = Place { number, byte };
                if byte == 0 {
                    this.beginnings.push(place);
                } else {
                    this.inside.push(place);
                }
            }
        }
        for places in [&mut this.beginnings, &mut this.inside] {
            let titles = &this.titles;
            places.sort_unstable_by(|one, other| rest(titles, *one).cmp(rest(titles, *other)));
        }
        for resource in resources {
            for tag in &resource.tags {
                let known = this.tags.entry(fold(tag)).or_insert_with(|| Tag {
                    shown: tag.clone(),
                    counts: vec![0; communities],
                });
                if let Some(count) = known.counts.get_mut(resource.community) {
                    *count += 1;
                }
            }
        }
        this
    }

    /// The first completions of a beginning, each title once, of communities that fit.
    pub(super) fn find(
        &self,
        prefix: &str,
        first: usize,
        fits: impl Fn(usize) -> bool,
    ) -> Vec<PlainCompletion<'_>> {
        let typed = fold(prefix);
        let fitting = |number: &usize| fits(self.communities[*number]);
        let mut known: HashSet<&str> = HashSet::new();
        let mut found: Vec<PlainCompletion<'_>> = self
            .titles_from(&self.beginnings, &typed)
            .filter(fitting)
            .filter(|number| known.insert(&self.titles[*number]))
            .take(first)
            .map(PlainCompletion::Title)
            .collect();
        if found.len() < first {
            found.extend(self.tags_from(&typed, first - found.len(), &fits));
        }
        let missing = first - found.len();
        if missing > 0 {
            let inside = self
                .titles_from(&self.inside, &typed)
                .filter(fitting)
                .filter(|number| known.insert(&self.titles[*number]))
                .take(missing);
            found.extend(inside.map(PlainCompletion::Title));
        }
        found
    }

    /// The titles that go on as typed at one of these places, by their numbers.
    fn titles_from(&self, places: &[Place], typed: &str) -> impl Iterator<Item = usize> {
        let start = places.partition_point(|place| rest(&self.titles, *place) < typed);
        places[start..]
            .iter()
            .take_while(move |place| rest(&self.titles, **place).starts_with(typed))
            .map(|place| place.number as usize)
    }

    /// The most frequent tags that begin so.
    fn tags_from(
        &self,
        typed: &str,
        first: usize,
        fits: impl Fn(usize) -> bool,
    ) -> impl Iterator<Item = PlainCompletion<'_>> {
        let mut counted: Vec<(u64, &str)> = self
            .tags
            .range(typed.to_owned()..)
            .take_while(|(tag, _)| tag.starts_with(typed))
            .map(|(_, tag)| {
                let counts = tag.counts.iter().enumerate();
                let fitting = counts.filter(|(community, _)| fits(*community));
                let count: u64 = fitting.map(|(_, count)| count).sum();
                (count, tag.shown.as_str())
            })
            .filter(|(count, _)| *count > 0)
            .collect();
        counted.sort_unstable_by_key(|counted| Reverse(*counted));
        counted.truncate(first);
        counted
            .into_iter()
            .map(|(_, shown)| PlainCompletion::Tag(shown))
    }
}

/// The text of a title from a place on.
fn rest(titles: &[String], place: Place) -> &str {
    titles
        .get(place.number as usize)
        .and_then(|title| title.get(usize::from(place.byte)..))
        .unwrap_or_default()
}

/// Where words begin; the first place is that of the whole text.
fn word_starts(text: &str) -> Vec<u16> {
    let mut starts = vec![0];
    let mut within = true;
    for (byte, letter) in text.char_indices() {
        let is_letter = letter.is_alphanumeric();
        if is_letter && !within {
            starts.extend(u16::try_from(byte));
        }
        within = is_letter;
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_that_begin_so_come_first_then_tags_then_words_inside() {
        let titles = ["peer review", "a review", "reviews", "reviews"];
        let tag = |shown: &str, counts: [u64; 2]| Tag {
            shown: shown.to_owned(),
            counts: counts.to_vec(),
        };
        let mut completions = PlainCompletions {
            titles: titles.map(str::to_owned).to_vec(),
            communities: vec![0, 1, 0, 0],
            beginnings: Vec::new(),
            inside: Vec::new(),
            tags: BTreeMap::from([
                ("review of peers".to_owned(), tag("Review of peers", [1, 1])),
                ("revision".to_owned(), tag("Revision", [0, 5])),
            ]),
        };
        let places = |places: &[(u32, u16)]| -> Vec<Place> {
            let place = |&(number, byte): &(u32, u16)| Place { number, byte };
            places.iter().map(place).collect()
        };
        completions.beginnings = places(&[(1, 0), (0, 0), (2, 0), (3, 0)]);
        completions.inside = places(&[(0, 5), (1, 2)]);
        assert_eq!(
            completions.find("Rev", 10, |_| true),
            [
                PlainCompletion::Title(2),
                PlainCompletion::Tag("Revision"),
                PlainCompletion::Tag("Review of peers"),
                PlainCompletion::Title(0),
                PlainCompletion::Title(1),
            ]
        );
        assert_eq!(
            completions.find("rev", 10, |community| community == 0),
            [
                PlainCompletion::Title(2),
                PlainCompletion::Tag("Review of peers"),
                PlainCompletion::Title(0),
            ]
        );
        assert_eq!(word_starts("l'eval x"), [0, 2, 7]);
    }
}

//! Counting values over all matches, as a filter tells them apart.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::DocId;

use super::facet::{Bucket, Facet, FacetColumn, FacetField, FacetRequest};

/// Most buckets of one facet.
const MAX_BUCKETS: usize = 1_000;

/// Counts of one field in one segment.
pub(crate) struct SegmentCounts {
    column: Arc<FacetColumn>,
    counts: Vec<u32>,
}

impl SegmentCounts {
    pub(crate) fn new(column: Arc<FacetColumn>, documents: &[DocId]) -> Self {
        let counts = column.count(documents);
        Self { column, counts }
    }

    /// The values that are there, and how often.
    fn found(&self) -> impl Iterator<Item = (&str, u64)> {
        self.found_by_key().map(|(_, value, count)| (value, count))
    }

    /// The same, each behind what a filter compares.
    fn found_by_key(&self) -> impl Iterator<Item = (&str, &str, u64)> {
        let FacetColumn { values, keys, .. } = self.column.as_ref();
        let counted = values.iter().zip(&self.counts).enumerate();
        counted
            .filter(|(_, (_, count))| **count > 0)
            .map(move |(place, (value, count))| {
                let key = keys.get(place).unwrap_or(value);
                (key.as_ref(), value.as_ref(), u64::from(*count))
            })
    }
}

/// The most frequent values over all segments.
pub(crate) fn merge(request: &FacetRequest, segments: &[&SegmentCounts]) -> Facet {
    let mut totals: Vec<(&str, u64)> = match segments {
        several if request.field == FacetField::Tag => joined(several),
        [one] => one.found().collect(),
        several => {
            let mut sums: HashMap<&str, u64> = HashMap::new();
            for (value, count) in several.iter().flat_map(|segment| segment.found()) {
                *sums.entry(value).or_default() += count;
            }
            sums.into_iter().collect()
        }
    };
    if request.field == FacetField::Language {
        add_regions(&mut totals);
    }
    let size = request.size.min(MAX_BUCKETS);
    let by_rank = |a: &(&str, u64), b: &(&str, u64)| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0));
    if totals.len() > size {
        totals.select_nth_unstable_by(size, by_rank);
        totals.truncate(size);
    }
    totals.sort_unstable_by(by_rank);
    let buckets = totals
        .into_iter()
        .map(|(value, count)| Bucket {
            value: value.to_owned(),
            count,
        })
        .collect();
    Facet {
        field: request.field,
        buckets,
    }
}

/// A value that is written in several ways.
struct Joined<'a> {
    total: u64,
    /// The most frequent way, and how often.
    shown: &'a str,
    most: u64,
}

/// Values that a filter takes for the same, as one.
fn joined<'a>(segments: &[&'a SegmentCounts]) -> Vec<(&'a str, u64)> {
    let mut ways: HashMap<&'a str, (&'a str, u64)> = HashMap::new();
    for segment in segments {
        for (key, value, count) in segment.found_by_key() {
            ways.entry(value).or_insert((key, 0)).1 += count;
        }
    }
    let mut values: HashMap<&'a str, Joined<'a>> = HashMap::new();
    for (value, (key, count)) in ways {
        let one = values.entry(key).or_insert(Joined {
            total: 0,
            shown: value,
            most: 0,
        });
        one.total += count;
        if count > one.most || (count == one.most && value < one.shown) {
            (one.shown, one.most) = (value, count);
        }
    }
    let values = values.into_values();
    values.map(|one| (one.shown, one.total)).collect()
}

/// A filter by a language finds its regions too: `fr` finds `fr-CA`.
fn add_regions(totals: &mut [(&str, u64)]) {
    let regions: Vec<(&str, u64)> = totals
        .iter()
        .filter_map(|(language, count)| Some((language.split_once('-')?.0, *count)))
        .collect();
    for (language, count) in regions {
        let mut known = totals.iter_mut();
        if let Some((_, total)) = known.find(|(known, _)| known.eq_ignore_ascii_case(language)) {
            *total += count;
        }
    }
}

//! Tags that begin as typed, the most frequent first, counted over what the viewer may see.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::sync::Arc;

use tantivy::collector::{Collector, Count};
use tantivy::query::{Query, TermQuery, Weight};
use tantivy::schema::IndexRecordOption;
use tantivy::{SegmentOrdinal, SegmentReader, Term};

use super::Asked;
use crate::error::Result;
use crate::query::{Filter, ScopedQuery, filter_clauses};
use crate::search::Completion;
use crate::search::collect::{FirstMatch, Never, never};
use crate::search::facet::{FacetField, SegmentColumns};
use crate::text::fold;

/// So many documents are read while it is looked up how many have a tag, in a segment.
const LOOK_COST: u64 = 40;
/// So many documents are read while those that have a tag begin to be counted, in a segment.
const COUNT_COST: u64 = 750;
/// So many tags are looked up in vain before the documents are read.
const MOST_MISSES: usize = 16;

/// Tags with the number of their documents, the most frequent first.
type Counted = Vec<(u64, String)>;

impl Asked<'_> {
    /// The most frequent tags that begin as typed. It takes the reading of so many documents to go through all that
    /// match.
    pub(super) fn tags(&self, limit: usize, documents: u64) -> Result<Vec<Completion>> {
        if let Some((counted, all)) = self.count_each(limit, documents)?
            && let Some(tags) = self.shown(counted, all, limit)?
        {
            return Ok(tags);
        }
        let shown = self.shown(self.count_in_documents()?, true, limit)?;
        Ok(shown.unwrap_or_default())
    }

    /// Whether what a filter leaves must be counted. What the viewer sees of a tag is known without; statuses that are
    /// left out may be counted in.
    fn counts_matches(&self) -> bool {
        let filter = Filter {
            without_statuses: Vec::new(),
            ..self.request.filter.clone()
        };
        filter != Filter::default()
            || !self.request.viewer.excluded_ids.is_empty()
            || !self.request.viewer.excluded_communities.is_empty()
    }

    /// Documents that match and have the tag.
    fn tagged(&self, key: &str) -> ScopedQuery {
        let fields = self.searcher.index.fields();
        let term = Term::from_field_text(fields.tag_key, key);
        let query: Box<dyn Query> = Box::new(TermQuery::new(term, IndexRecordOption::Basic));
        let clauses = filter_clauses(fields, &self.request.filter);
        self.scope.restrict(Some(query), clauses)
    }

    /// Counts one tag after the other, and says whether none was left out as too rare; none when that costs more than the
    /// documents.
    fn count_each(&self, limit: usize, documents: u64) -> Result<Option<(Counted, bool)>> {
        let field = self.searcher.index.fields().tag_key;
        let counts_matches = self.counts_matches();
        let mut frequencies: BTreeMap<String, u64> = BTreeMap::new();
        let mut cost = 0;
        for segment in self.searcher.snapshot.searcher.segment_readers() {
            let index = segment.inverted_index(field)?;
            let mut terms = index.terms().range().ge(self.typed).into_stream()?;
            while terms.advance() && terms.key().starts_with(self.typed.as_bytes()) {
                let frequency = u64::from(terms.value().doc_freq);
                cost += if counts_matches {
                    COUNT_COST + frequency.min(documents)
                } else {
                    LOOK_COST
                };
                if !self.way.looks_up(cost, documents) {
                    return Ok(None);
                }
                if let Ok(tag) = std::str::from_utf8(terms.key()) {
                    *frequencies.entry(tag.to_owned()).or_default() += frequency;
                }
            }
        }
        let tags = frequencies.into_iter();
        let mut counted = Counted::new();
        // The counts of the most frequent so far, the least on top.
        let mut most = BinaryHeap::new();
        let mut all = true;
        for (frequency, key) in ordered(tags.map(|(key, frequency)| (frequency, key)).collect()) {
            // What the viewer may see of a tag is never more than all of it.
            if most.len() >= limit && most.peek().is_some_and(|Reverse(least)| *least > frequency) {
                all = false;
                break;
            }
            let count = if counts_matches {
                let tagged = self.tagged(&key);
                self.searcher.snapshot.select(&tagged, &Count)? as u64
            } else {
                let term = Term::from_field_text(field, &key);
                self.audience.frequency(&term)?
            };
            if count > 0 {
                counted.push((count, key));
                most.push(Reverse(count));
                if most.len() > limit {
                    most.pop();
                }
            }
        }
        Ok(Some((ordered(counted), all)))
    }

    /// Counts the tags that documents that match have.
    fn count_in_documents(&self) -> Result<Counted> {
        let filter = &self.request.filter;
        let mut counts = self.count_of(filter)?;
        if !self.counts_matches() && *filter != Filter::default() {
            let shown = counts;
            counts = self.count_of(&Filter::default())?;
            counts.retain(|key, _| shown.contains_key(key));
        }
        let counts = counts.into_iter();
        Ok(ordered(counts.map(|(key, count)| (count, key)).collect()))
    }

    /// How many documents that a filter leaves have each tag.
    fn count_of(&self, filter: &Filter) -> Result<HashMap<String, u64>> {
        let fields = self.searcher.index.fields();
        let matching = self.scope.restrict(None, filter_clauses(fields, filter));
        let tags = TagCounts {
            columns: &self.searcher.snapshot.columns,
            typed: self.typed,
        };
        self.searcher.snapshot.select(&matching, &tags)
    }

    /// The first of the tags, as documents that match write them. None when one of them has no such document and not
    /// `all` tags are there to take its place, or when many have none.
    fn shown(&self, counted: Counted, all: bool, limit: usize) -> Result<Option<Vec<Completion>>> {
        let mut completions = Vec::new();
        let mut misses = 0;
        for (_, key) in counted {
            if completions.len() == limit {
                break;
            }
            match self.as_shown(&key)? {
                Some(text) => completions.push(Completion {
                    text,
                    document: None,
                }),
                None if all && misses < MOST_MISSES => misses += 1,
                None => return Ok(None),
            }
        }
        Ok(Some(completions))
    }

    /// How a document that matches writes the tag; none when there is no such document.
    fn as_shown(&self, key: &str) -> Result<Option<String>> {
        let snapshot = &self.searcher.snapshot;
        let Some(address) = snapshot.select(&self.tagged(key), &FirstMatch)? else {
            return Ok(None);
        };
        let segment = snapshot.searcher.segment_reader(address.segment_ord);
        let columns = &snapshot.columns[address.segment_ord as usize];
        let tags = columns.facet(segment, FacetField::Tag)?;
        let shown = tags.all(address.doc_id).find(|tag| fold(tag) == key);
        Ok(Some(shown.unwrap_or(key).to_owned()))
    }
}

/// The most frequent first, then in alphabetical order.
fn ordered(mut counted: Counted) -> Counted {
    counted.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    counted
}

/// Counts the tags that begin as typed.
struct TagCounts<'a> {
    columns: &'a [Arc<SegmentColumns>],
    typed: &'a str,
}

impl Collector for TagCounts<'_> {
    type Fruit = HashMap<String, u64>;
    type Child = Never<HashMap<String, u64>>;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        _: &SegmentReader,
    ) -> tantivy::Result<Never<HashMap<String, u64>>> {
        never()
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(
        &self,
        segments: Vec<HashMap<String, u64>>,
    ) -> tantivy::Result<HashMap<String, u64>> {
        let mut merged: HashMap<String, u64> = HashMap::new();
        for (tag, count) in segments.into_iter().flatten() {
            *merged.entry(tag).or_default() += count;
        }
        Ok(merged)
    }

    fn collect_segment(
        &self,
        weight: &dyn Weight,
        segment: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> tantivy::Result<HashMap<String, u64>> {
        let tags = self.columns[segment as usize].facet(reader, FacetField::Tag)?;
        let mut counts: HashMap<&str, u64> = HashMap::new();
        let mut of_document: Vec<&str> = Vec::new();
        weight.for_each_no_score(reader, &mut |block| {
            for document in block.iter().copied() {
                if reader.is_deleted(document) {
                    continue;
                }
                of_document.clear();
                let compared = tags.compared(document);
                of_document.extend(compared.filter(|key| key.starts_with(self.typed)));
                // One that a document writes in several ways is one.
                of_document.sort_unstable();
                of_document.dedup();
                for key in of_document.iter().copied() {
                    *counts.entry(key).or_default() += 1;
                }
            }
        })?;
        let counts = counts.into_iter();
        Ok(counts.map(|(key, count)| (key.to_owned(), count)).collect())
    }
}

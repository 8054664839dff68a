//! The first titles, in order, of the documents that match a query.

use std::collections::BTreeMap;
use std::ops::{Bound, Range};
use std::sync::Arc;

use tantivy::collector::Collector;
use tantivy::columnar::StrColumn;
use tantivy::query::{Scorer, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{
    COLLECT_BLOCK_BUFFER_LEN, DocAddress, DocId, DocSet, Result, SegmentOrdinal, SegmentReader,
    TERMINATED,
};

use super::Way;
use crate::document::DocumentKind;
use crate::index::Audience;
use crate::schema::title_start;
use crate::search::collect::{Never, never};
use crate::search::facet::{FacetField, SegmentColumns};

/// So many documents are read while the dictionary gives a title and where its documents are.
const TITLE_COST: u64 = 32;
/// So many documents are read while one is asked whether it matches.
const ASK_COST: u64 = 4;
/// So many documents are asked together at most.
const MOST_TOGETHER: usize = 4_096;

/// Where titles have what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// They begin so.
    Start,
    /// They do not begin so; the query says what they have.
    Inside,
}

/// Titles by kind and key, in the order of completions, each with the first id that has it.
type Titles = BTreeMap<(DocumentKind, String), (u128, DocAddress)>;

/// The same in one segment: titles by kind and place in the column's dictionary.
type Places = BTreeMap<(DocumentKind, u64), (u128, DocId)>;

/// What was found.
#[derive(Default)]
pub(super) struct FoundTitles {
    pub(super) titles: Titles,
    /// How many documents are read to go through all that match, nearly.
    pub(super) documents: u64,
}

/// What to look for.
pub(super) struct FirstTitles<'a> {
    /// The field with the dictionary of beginnings: see [`title_start`].
    pub(super) field: Field,
    pub(super) columns: &'a [Arc<SegmentColumns>],
    pub(super) audience: &'a Audience<'a>,
    /// The kinds that matches are of; none when they are of any.
    pub(super) kinds: &'a [DocumentKind],
    /// What was typed, as far as keys of titles go.
    pub(super) beginning: &'a str,
    pub(super) place: Place,
    /// Number of titles, at least one.
    pub(super) limit: usize,
    pub(super) way: Way,
}

impl FirstTitles<'_> {
    /// Places in the column's dictionary of the titles that begin as typed.
    fn starting(&self, titles: &StrColumn) -> Result<Range<u64>> {
        let start = self.beginning.as_bytes();
        let mut end = start.to_vec();
        // No byte of a text is the greatest that there is.
        if let Some(last) = end.last_mut() {
            *last += 1;
        }
        let bounds = titles
            .dictionary()
            .term_bounds_to_ord(Bound::Included(start), Bound::Excluded(end.as_slice()))?;
        let (Bound::Included(start), Bound::Excluded(end)) = bounds else {
            return Ok(0..0);
        };
        // Behind the last title all places are.
        let all = titles.num_terms() as u64;
        Ok(start.min(all)..end.min(all))
    }
}

impl Collector for FirstTitles<'_> {
    type Fruit = FoundTitles;
    type Child = Never<FoundTitles>;

    fn for_segment(&self, _: SegmentOrdinal, _: &SegmentReader) -> Result<Never<FoundTitles>> {
        never()
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<FoundTitles>) -> Result<FoundTitles> {
        let mut merged = FoundTitles::default();
        for found in segments {
            merged.documents += found.documents;
            for (title, document) in found.titles {
                offer(&mut merged.titles, self.limit, title, || document);
            }
        }
        Ok(merged)
    }

    fn collect_segment(
        &self,
        weight: &dyn Weight,
        segment: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> Result<FoundTitles> {
        let matches = weight.scorer(reader, 1.0)?;
        let matching = u64::from(matches.size_hint());
        let documents = matching.max(matches.cost());
        let mut found = FoundTitles {
            titles: Titles::default(),
            documents,
        };
        let columns = &self.columns[segment as usize];
        let Some(titles) = &columns.title_key else {
            return Ok(found);
        };
        let starting = self.starting(titles)?;
        let all = titles.num_terms() as u64;
        let there = match self.place {
            Place::Start => starting.end - starting.start,
            Place::Inside => all - (starting.end - starting.start),
        };
        if there == 0 || matches.doc() == TERMINATED {
            return Ok(found);
        }
        // So many titles have enough that match, if these are anywhere alike.
        let limit = self.limit as u64;
        let enough = (limit * all)
            .div_ceil(matching.max(1))
            .max(limit)
            .min(there);
        let pass = Pass {
            wanted: self,
            weight,
            segment,
            reader,
            columns,
            titles,
            starting,
            documents,
        };
        let looked_up = if self.way.looks_up(enough * TITLE_COST, documents) {
            pass.in_dictionary(matches, enough)?
        } else {
            None
        };
        let first = match looked_up {
            Some(found) => found,
            None => pass.in_documents()?,
        };
        found.titles = pass.named(first)?;
        Ok(found)
    }
}

/// One segment's pass.
struct Pass<'a> {
    wanted: &'a FirstTitles<'a>,
    weight: &'a dyn Weight,
    segment: SegmentOrdinal,
    reader: &'a SegmentReader,
    columns: &'a SegmentColumns,
    titles: &'a StrColumn,
    /// Places of the titles that begin as typed.
    starting: Range<u64>,
    /// What it costs to read the documents.
    documents: u64,
}

impl Pass<'_> {
    /// The place of a document's title, where it is one to look for.
    fn place_of(&self, document: DocId) -> Option<u64> {
        let title = self.titles.ords().first(document)?;
        let begins = self.starting.contains(&title);
        let wanted = begins == (self.wanted.place == Place::Start);
        (wanted && !self.reader.is_deleted(document)).then_some(title)
    }

    /// Goes through the dictionary of beginnings until enough titles match; none when that costs more than the documents.
    /// `matches` were not read yet, and so many titles probably have enough.
    fn in_dictionary(&self, matches: Box<dyn Scorer>, enough: u64) -> Result<Option<Places>> {
        let wanted = self.wanted;
        let index = self.reader.inverted_index(wanted.field)?;
        let mut waiting = Waiting {
            pass: self,
            matches: Some(matches),
            documents: Vec::new(),
            found: Places::default(),
        };
        let most = MOST_TOGETHER as u64;
        let mut together = (enough + enough / 2).min(most);
        let (mut spent, mut looked) = (0, 0);
        for kind in DocumentKind::ALL.iter().copied() {
            if !wanted.kinds.is_empty() && !wanted.kinds.contains(&kind) {
                continue;
            }
            let beginning = match wanted.place {
                Place::Start => title_start(kind, wanted.beginning),
                Place::Inside => title_start(kind, ""),
            };
            let mut terms = index.terms().range().ge(&beginning).into_stream()?;
            while terms.advance() && terms.key().starts_with(&beginning) {
                let having = u64::from(terms.value().doc_freq);
                spent += TITLE_COST + having * ASK_COST;
                if !wanted.way.looks_up(spent, self.documents) {
                    return Ok(None);
                }
                let option = IndexRecordOption::Basic;
                let mut postings = index.read_postings_from_terminfo(terms.value(), option)?;
                while postings.doc() != TERMINATED {
                    waiting.add(kind, postings.doc())?;
                    postings.advance();
                }
                looked += having;
                if looked >= together {
                    waiting.ask()?;
                    let found = waiting.found.len();
                    if found >= wanted.limit {
                        return Ok(Some(waiting.found));
                    }
                    // What all of them cost, if it goes on like this.
                    let expected = spent * wanted.limit as u64 / (found as u64 + 1);
                    if !wanted.way.looks_up(expected, self.documents) {
                        return Ok(None);
                    }
                    looked = 0;
                    together = (together * 4).min(most);
                }
            }
        }
        waiting.ask()?;
        Ok(Some(waiting.found))
    }

    /// Goes through the documents that match.
    fn in_documents(&self) -> Result<Places> {
        let column = self.columns.facet(self.reader, FacetField::Kind)?;
        let names = column.values.iter();
        let kinds: Vec<_> = names.map(|name| DocumentKind::from_name(name)).collect();
        let kind_of = |document: DocId| {
            let place = column.places(document).first()?;
            *kinds.get(*place as usize)?
        };
        let mut matches = self.weight.scorer(self.reader, 1.0)?;
        let mut found = Places::default();
        let mut block = [0; COLLECT_BLOCK_BUFFER_LEN];
        loop {
            let read = matches.fill_buffer(&mut block);
            for document in block[..read].iter().copied() {
                if let Some(title) = self.place_of(document)
                    && let Some(kind) = kind_of(document)
                {
                    let document = || (self.columns.id(document), document);
                    offer(&mut found, self.wanted.limit, (kind, title), document);
                }
            }
            if read < block.len() {
                break;
            }
        }
        Ok(found)
    }

    fn named(&self, found: Places) -> Result<Titles> {
        let mut named = Titles::default();
        for ((kind, title), (id, document)) in found {
            let mut key = String::new();
            self.titles.ord_to_str(title, &mut key)?;
            let address = DocAddress::new(self.segment, document);
            named.insert((kind, key), (id, address));
        }
        Ok(named)
    }
}

/// Documents of titles that were looked up, which are asked together whether they match: in their own order that is
/// cheap.
struct Waiting<'a> {
    pass: &'a Pass<'a>,
    /// Where they stand at what was asked last.
    matches: Option<Box<dyn Scorer>>,
    /// With the kinds and places of their titles.
    documents: Vec<(DocId, DocumentKind, u64)>,
    /// The first titles that match.
    found: Places,
}

impl Waiting<'_> {
    /// Adds a document, unless it is plain that it does not match.
    fn add(&mut self, kind: DocumentKind, document: DocId) -> Result<()> {
        let pass = self.pass;
        if !pass.wanted.audience.sees(pass.segment, document) {
            return Ok(());
        }
        if let Some(title) = pass.place_of(document) {
            self.documents.push((document, kind, title));
            if self.documents.len() >= MOST_TOGETHER {
                self.ask()?;
            }
        }
        Ok(())
    }

    fn ask(&mut self) -> Result<()> {
        let pass = self.pass;
        self.documents.sort_unstable();
        let Some((first, ..)) = self.documents.first() else {
            return Ok(());
        };
        let mut matches = match self.matches.take() {
            Some(matches) if matches.doc() <= *first => matches,
            _ => pass.weight.scorer(pass.reader, 1.0)?,
        };
        for (document, kind, title) in self.documents.drain(..) {
            if matches.doc() < document {
                matches.seek(document);
            }
            if matches.doc() == document {
                let found = || (pass.columns.id(document), document);
                offer(&mut self.found, pass.wanted.limit, (kind, title), found);
            }
        }
        self.matches = Some(matches);
        Ok(())
    }
}

/// Adds a document to the first titles. Of documents with one title that with the first id stays.
fn offer<Title: Ord, Document: Ord + Copy>(
    first: &mut BTreeMap<Title, (u128, Document)>,
    limit: usize,
    title: Title,
    document: impl FnOnce() -> (u128, Document),
) {
    if let Some(known) = first.get_mut(&title) {
        *known = document().min(*known);
        return;
    }
    if first.len() >= limit {
        if first
            .last_key_value()
            .is_some_and(|(last, _)| title > *last)
        {
            return;
        }
        first.pop_last();
    }
    first.insert(title, document());
}

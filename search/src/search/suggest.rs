//! Completions: titles and tags that go on as typed, of documents that the viewer may see.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::ops::Bound;

use tantivy::collector::{Collector, Count, DocSetCollector};
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery, Weight};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocId, DocSet, SegmentOrdinal, SegmentReader, TERMINATED, Term};
use uuid::Uuid;

use super::collect::{FirstMatch, Never};
use super::facet::{FacetField, SegmentColumns};
use super::{Completion, SuggestRequest};
use crate::document::DocumentKind;
use crate::error::Result;
use crate::index::{Audience, Searcher};
use crate::query::{Filter, Scope, any_of, filter_clauses, starting_with};
use crate::schema::title_start;
use crate::text::{fold, fold_word, words};

/// Most completions of one answer.
const MAX_FIRST: usize = 100;
/// So many tags are looked at, in alphabetical order.
const MAX_SCANNED_TAGS: usize = 20_000;
/// So many titles of a kind are looked at in a segment, in alphabetical order, for some that can be seen.
const MAX_SCANNED_TITLES: usize = 20_000;
/// Longer beginnings are cut, in bytes.
const MAX_BYTES: usize = 200;

/// A completion with its rank; smaller comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    /// Titles that begin so come before tags, and these before titles with such a word inside.
    class: u8,
    /// Broader kinds first; more frequent tags first.
    order: u64,
    key: String,
    id: u128,
    document: Option<(DocumentKind, DocAddress)>,
}

const TITLE_START: u8 = 0;
const TAG: u8 = 1;
const TITLE_WORD: u8 = 2;

impl Searcher {
    /// Completions of what was typed, best first, each text once.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] when files cannot be read.
    pub fn suggest(&self, request: &SuggestRequest) -> Result<Vec<Completion>> {
        let first = request.first.min(MAX_FIRST);
        let typed = fold(crate::schema::cut(&request.prefix, MAX_BYTES));
        let Some(query) = self.titles_query(&typed) else {
            return Ok(Vec::new());
        };
        if first == 0 {
            return Ok(Vec::new());
        }
        let fields = self.index.fields();
        let scope = Scope::new(fields, &request.viewer);
        let audience = Audience::new(fields, &self.snapshot, &request.viewer.audience)?;
        // Most beginnings are completed by titles that begin so, which the dictionary has in order.
        let found = self.starting(&typed, first * 2, &scope, &audience, &request.filter)?;
        let completions = self.completions(found, first)?;
        if completions.len() == first {
            return Ok(completions);
        }
        let titles = scope.restrict(Some(query), filter_clauses(fields, &request.filter));
        let collect = Titles {
            columns: &self.snapshot.columns,
            prefix: &typed,
            limit: first * 2,
        };
        let mut found = self.snapshot.select(&titles, &collect)?;
        found.extend(self.tags(&typed, request, &scope, &audience)?);
        self.completions(found, first)
    }

    /// The first of these, each text once.
    fn completions(&self, mut found: Vec<Found>, first: usize) -> Result<Vec<Completion>> {
        found.sort_unstable();
        let mut completions: Vec<Completion> = Vec::with_capacity(first);
        let mut known = std::collections::HashSet::new();
        for one in found {
            if completions.len() == first {
                break;
            }
            let kind = one.document.map(|(kind, _)| kind);
            if known.insert((one.key.clone(), kind)) {
                completions.push(self.completion(one)?);
            }
        }
        Ok(completions)
    }

    /// The first titles that begin as typed: as many of each kind as are asked for in all, and as can be seen.
    fn starting(
        &self,
        typed: &str,
        limit: usize,
        scope: &Scope<'_>,
        audience: &Audience<'_>,
        filter: &Filter,
    ) -> Result<Vec<Found>> {
        let field = self.index.fields().title_start;
        let mut found: Vec<Found> = Vec::new();
        for kind in DocumentKind::ALL.iter().copied() {
            if found.len() >= limit {
                break;
            }
            let beginning = title_start(kind, typed);
            for (ordinal, segment) in (0..).zip(self.snapshot.searcher.segment_readers()) {
                let index = segment.inverted_index(field)?;
                let mut terms = index.terms().range().ge(&beginning).into_stream()?;
                let (mut taken, mut scanned) = (0, 0);
                while taken < limit
                    && scanned < MAX_SCANNED_TITLES
                    && terms.advance()
                    && terms.key().starts_with(beginning.as_bytes())
                {
                    let option = IndexRecordOption::Basic;
                    let mut postings = index.read_postings_from_terminfo(terms.value(), option)?;
                    while postings.doc() != TERMINATED && taken < limit {
                        let document = postings.doc();
                        scanned += 1;
                        if audience.sees(ordinal, document) && !segment.is_deleted(document) {
                            taken += 1;
                            found.push(Found {
                                class: TITLE_START,
                                order: kind as u64,
                                key: String::from_utf8_lossy(&terms.key()[1..]).into_owned(),
                                id: self.snapshot.columns[ordinal as usize].id(document),
                                document: Some((kind, DocAddress::new(ordinal, document))),
                            });
                        }
                        postings.advance();
                    }
                }
            }
        }
        found.sort_unstable();
        found.truncate(limit);
        if found.is_empty() {
            return Ok(found);
        }
        // What was narrowed since the index was written is left out as everywhere.
        let ids = found.iter().map(|one| Uuid::from_u128(one.id).to_string());
        let among = any_of(self.index.fields().id, ids);
        let among = scope.restrict(Some(among), filter_clauses(self.index.fields(), filter));
        let seen = self.snapshot.select(&among, &DocSetCollector)?;
        found.retain(|one| {
            one.document
                .is_some_and(|(_, address)| seen.contains(&address))
        });
        Ok(found)
    }

    /// Titles that have all the words, the last of them perhaps only begun.
    fn titles_query(&self, typed: &str) -> Option<Box<dyn Query>> {
        let field = self.index.fields().title_words;
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = words(typed)
            .map(|(start, end)| {
                let term = Term::from_field_text(field, &fold_word(&typed[start..end]));
                (
                    Occur::Must,
                    Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn Query>,
                )
            })
            .collect();
        let (start, end) = words(typed).last()?;
        if end == typed.len() {
            clauses.pop();
            clauses.push((
                Occur::Must,
                starting_with(field, &fold_word(&typed[start..end])),
            ));
        }
        Some(Box::new(BooleanQuery::new(clauses)))
    }

    /// Tags that begin so, counted over what the viewer may see.
    fn tags(
        &self,
        typed: &str,
        request: &SuggestRequest,
        scope: &Scope<'_>,
        audience: &Audience<'_>,
    ) -> Result<Vec<Found>> {
        let fields = self.index.fields();
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for segment in self.snapshot.searcher.segment_readers() {
            let index = segment.inverted_index(fields.tag_key)?;
            let mut terms = index.terms().range().ge(typed).into_stream()?;
            let mut scanned = 0;
            while scanned < MAX_SCANNED_TAGS
                && terms.advance()
                && terms.key().starts_with(typed.as_bytes())
            {
                scanned += 1;
                if let Ok(tag) = std::str::from_utf8(terms.key()) {
                    *counts.entry(tag.to_owned()).or_default() += u64::from(terms.value().doc_freq);
                }
            }
        }
        let mut candidates: Vec<(u64, String)> = counts
            .into_iter()
            .map(|(tag, count)| (count, tag))
            .collect();
        candidates.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        // Counting what a filter leaves takes a pass over it; without one it is known.
        let narrowed = Filter {
            without_statuses: Vec::new(),
            ..request.filter.clone()
        };
        let exactly = narrowed != Filter::default()
            || !request.viewer.excluded_ids.is_empty()
            || !request.viewer.excluded_communities.is_empty();
        let tagged = |key: &str| {
            let term = Term::from_field_text(fields.tag_key, key);
            let query: Box<dyn Query> = Box::new(TermQuery::new(term, IndexRecordOption::Basic));
            scope.restrict(Some(query), filter_clauses(fields, &request.filter))
        };
        let mut counted: Vec<(u64, String)> = Vec::new();
        // The counts of the most frequent so far, the least on top.
        let mut most = BinaryHeap::new();
        for (all, key) in candidates {
            // What the viewer may see of a tag is never more than all of it.
            let enough = most.len() >= request.first;
            if enough && most.peek().is_some_and(|Reverse(least)| *least > all) {
                break;
            }
            let count = if exactly {
                self.snapshot.select(&tagged(&key), &Count)? as u64
            } else {
                audience.frequency(&Term::from_field_text(fields.tag_key, &key))?
            };
            if count > 0 {
                counted.push((count, key));
                most.push(Reverse(count));
                if most.len() > request.first {
                    most.pop();
                }
            }
        }
        counted.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let mut found = Vec::new();
        for (count, key) in counted {
            if found.len() >= request.first {
                break;
            }
            if let Some(shown) = self.tag_as_shown(&tagged(&key), &key)? {
                found.push(Found {
                    class: TAG,
                    order: u64::MAX - count,
                    key: shown,
                    id: 0,
                    document: None,
                });
            }
        }
        Ok(found)
    }

    /// How a document that the viewer may see writes the tag; none when there is no such document.
    fn tag_as_shown(
        &self,
        tagged: &crate::query::ScopedQuery,
        key: &str,
    ) -> Result<Option<String>> {
        let Some(address) = self.snapshot.select(tagged, &FirstMatch)? else {
            return Ok(None);
        };
        let segment = self.snapshot.searcher.segment_reader(address.segment_ord);
        let tags =
            self.snapshot.columns[address.segment_ord as usize].facet(segment, FacetField::Tag)?;
        let shown = tags.all(address.doc_id).find(|tag| fold(tag) == key);
        Ok(Some(shown.unwrap_or(key).to_owned()))
    }

    fn completion(&self, found: Found) -> Result<Completion> {
        let Some((kind, address)) = found.document else {
            return Ok(Completion {
                text: found.key,
                document: None,
            });
        };
        let stored = self.snapshot.searcher.doc(address)?;
        let title = self
            .index
            .fields()
            .stored_texts(&stored)
            .next()
            .map(|(_, title)| title.to_owned());
        Ok(Completion {
            text: title.unwrap_or(found.key),
            document: Some((Uuid::from_u128(found.id), kind)),
        })
    }
}

/// The best titles: those that begin as typed, then by kind and title.
struct Titles<'a> {
    columns: &'a [std::sync::Arc<SegmentColumns>],
    prefix: &'a str,
    limit: usize,
}

impl Titles<'_> {
    /// Ordinals of the titles that begin as typed.
    fn starting(&self, columns: &SegmentColumns) -> tantivy::Result<std::ops::Range<u64>> {
        let Some(titles) = &columns.title_key else {
            return Ok(0..0);
        };
        let end = format!("{}{}", self.prefix, char::MAX);
        let from = Bound::Included(self.prefix);
        let bounds = titles
            .dictionary()
            .term_bounds_to_ord(from, Bound::Excluded(end.as_str()))?;
        let (Bound::Included(start), Bound::Excluded(end)) = bounds else {
            return Ok(0..0);
        };
        Ok(start..end)
    }
}

impl Collector for Titles<'_> {
    type Fruit = Vec<Found>;
    type Child = Never<Vec<Found>>;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        _: &SegmentReader,
    ) -> tantivy::Result<Never<Vec<Found>>> {
        super::collect::never()
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<Vec<Found>>) -> tantivy::Result<Vec<Found>> {
        Ok(fruits.into_iter().flatten().collect())
    }

    fn collect_segment(
        &self,
        weight: &dyn Weight,
        segment: u32,
        reader: &SegmentReader,
    ) -> tantivy::Result<Vec<Found>> {
        let columns = &self.columns[segment as usize];
        let kinds = columns.facet(reader, FacetField::Kind)?;
        let starting = self.starting(columns)?;
        let mut ranked: Vec<(u8, Option<DocumentKind>, u64, DocId)> = Vec::new();
        let alive = reader.alive_bitset();
        weight.for_each_no_score(reader, &mut |block| {
            for document in block
                .iter()
                .copied()
                .filter(|document| alive.is_none_or(|alive| alive.is_alive(*document)))
            {
                let title = columns
                    .title_key
                    .as_ref()
                    .and_then(|titles| titles.ords().first(document));
                let title = title.unwrap_or(u64::MAX);
                let class = if starting.contains(&title) {
                    TITLE_START
                } else {
                    TITLE_WORD
                };
                ranked.push((
                    class,
                    kinds.first(document).and_then(DocumentKind::from_name),
                    title,
                    document,
                ));
            }
        })?;
        if ranked.len() > self.limit {
            ranked.select_nth_unstable(self.limit);
            ranked.truncate(self.limit);
        }
        let mut found = Vec::with_capacity(ranked.len());
        for (class, kind, title, document) in ranked {
            let Some(kind) = kind else { continue };
            let mut key = String::new();
            if let Some(titles) = &columns.title_key {
                titles.ord_to_str(title, &mut key)?;
            }
            let address = DocAddress::new(segment, document);
            let id = columns.id(document);
            found.push(Found {
                class,
                order: kind as u64,
                key,
                id,
                document: Some((kind, address)),
            });
        }
        Ok(found)
    }
}

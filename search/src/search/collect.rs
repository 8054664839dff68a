//! One pass over the matches: the best of them, their number, and their facets.

use std::collections::BinaryHeap;
use std::convert::Infallible;
use std::marker::PhantomData;
use std::ops::Bound;
use std::sync::Arc;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::fastfield::AliveBitSet;
use tantivy::query::Weight;
use tantivy::{
    DocAddress, DocId, Result, Score, SegmentOrdinal, SegmentReader, TERMINATED, TantivyError,
};

use super::Order;
use super::buckets::SegmentCounts;
use super::cursor::{Cursor, Key};
use super::facet::{FacetField, FacetRequest, SegmentColumns};
use super::signals::Signals;

/// What a document has more than any other when its title is just what was asked for.
pub(crate) const EXACT_TITLE: Score = 10_000.0;
/// What text can score without that.
const MOST_OF_TEXT: Score = 7_000.0;

/// What to collect.
pub(crate) struct Collect<'a> {
    pub(crate) columns: &'a [Arc<SegmentColumns>],
    pub(crate) order: Order,
    /// Number of hits, one more than the page holds.
    pub(crate) limit: usize,
    pub(crate) after: Option<&'a Cursor>,
    pub(crate) facets: &'a [FacetRequest],
    /// Whether a domain counts only what is filed under it itself.
    pub(crate) own_domains: bool,
    pub(super) signals: Signals,
    /// The title that comes first, by its hash.
    pub(crate) exact_title: Option<u64>,
}

/// A document that may be on the page. Smaller ranks come first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ranked {
    /// Only under the order by title, and only once all segments are compared.
    pub(crate) title: Option<String>,
    /// What the order compares first: see [`rank_of_score`] and [`rank_of_time`]; the title's ordinal in a segment.
    pub(crate) rank: u64,
    /// The id, or its complement where greater ids come first.
    tie: u128,
    pub(crate) address: DocAddress,
}

/// What the matches gave.
pub(crate) struct Collected {
    /// In order.
    pub(crate) hits: Vec<Ranked>,
    pub(crate) total: u64,
    /// By segment and facet.
    pub(crate) facets: Vec<Vec<SegmentCounts>>,
}

/// Greater scores first.
fn rank_of_score(score: Score) -> u64 {
    u64::from(u32::MAX - score.max(0.0).to_bits())
}

/// The score of that rank.
pub(crate) fn score_of_rank(rank: u64) -> Score {
    Score::from_bits(u32::MAX - u32::try_from(rank).unwrap_or(u32::MAX))
}

/// Earlier times first, or later ones.
fn rank_of_time(micros: i64, newest_first: bool) -> u64 {
    let ascending = micros.cast_unsigned() ^ (1 << 63);
    if newest_first { !ascending } else { ascending }
}

/// The time of that rank.
pub(crate) fn time_of_rank(rank: u64, newest_first: bool) -> i64 {
    let ascending = if newest_first { !rank } else { rank };
    (ascending ^ (1 << 63)).cast_signed()
}

impl Collect<'_> {
    fn newest_first(&self) -> bool {
        self.order == Order::Newest
    }

    /// Everything up to this rank and tie was on earlier pages.
    fn bound(&self, columns: &SegmentColumns) -> Result<Option<(u64, u128)>> {
        let Some(cursor) = self.after else {
            return Ok(None);
        };
        let id = cursor.id.as_u128();
        Ok(match &cursor.after {
            Key::Score(score) => Some((rank_of_score(*score), id)),
            Key::Time(time, newest) => {
                Some((rank_of_time(*time, *newest), if *newest { !id } else { id }))
            }
            Key::Title(title) => {
                let Some(column) = &columns.title_key else {
                    return Ok(None);
                };
                if let Some(ordinal) = column.dictionary().term_ord(title)? {
                    return Ok(Some((ordinal, id)));
                }
                let bounds = column
                    .dictionary()
                    .term_bounds_to_ord(Bound::Excluded(title), Bound::Unbounded)?;
                match bounds.0 {
                    Bound::Included(next) => next.checked_sub(1).map(|before| (before, u128::MAX)),
                    Bound::Excluded(last) => Some((last, u128::MAX)),
                    Bound::Unbounded => None,
                }
            }
        })
    }
}

/// The best documents of a segment so far, the worst of them on top.
struct Best {
    columns: Arc<SegmentColumns>,
    segment: SegmentOrdinal,
    heap: BinaryHeap<Ranked>,
    limit: usize,
    bound: Option<(u64, u128)>,
    complement: bool,
}

impl Best {
    /// The rank that a document must not be beyond, once there are enough.
    fn worst(&self) -> Option<u64> {
        if self.heap.len() < self.limit {
            return None;
        }
        self.heap.peek().map(|worst| worst.rank)
    }

    fn offer(&mut self, document: DocId, rank: u64) {
        if self.limit == 0 || self.bound.is_some_and(|(last, _)| rank < last) {
            return;
        }
        let full = self.heap.len() >= self.limit;
        if full && self.heap.peek().is_some_and(|worst| rank > worst.rank) {
            return;
        }
        let id = self.columns.id(document);
        let tie = if self.complement { !id } else { id };
        if self.bound.is_some_and(|bound| (rank, tie) <= bound) {
            return;
        }
        let ranked = Ranked {
            title: None,
            rank,
            tie,
            address: DocAddress::new(self.segment, document),
        };
        if !full {
            self.heap.push(ranked);
        } else if let Some(mut worst) = self.heap.peek_mut()
            && ranked < *worst
        {
            *worst = ranked;
        }
    }
}

impl Collector for Collect<'_> {
    type Fruit = Collected;
    type Child = Never<SegmentHits>;

    fn for_segment(&self, _: SegmentOrdinal, _: &SegmentReader) -> Result<Never<SegmentHits>> {
        never()
    }

    fn requires_scoring(&self) -> bool {
        self.order == Order::Relevance && self.limit > 0
    }

    fn merge_fruits(&self, fruits: Vec<SegmentHits>) -> Result<Collected> {
        let mut merged = Collected {
            hits: Vec::new(),
            total: 0,
            facets: Vec::new(),
        };
        for fruit in fruits {
            merged.hits.extend(fruit.hits);
            merged.total += fruit.total;
            merged.facets.push(fruit.facets);
        }
        merged.hits.sort_unstable();
        merged.hits.truncate(self.limit);
        Ok(merged)
    }

    fn collect_segment(
        &self,
        weight: &dyn Weight,
        segment: u32,
        reader: &SegmentReader,
    ) -> Result<SegmentHits> {
        self.collect_all(weight, segment, reader)
    }
}

/// One segment's pass.
struct Pass<'a> {
    alive: Option<&'a AliveBitSet>,
    best: Best,
    total: u64,
    /// All matches, when facets are counted over them.
    documents: Option<Vec<DocId>>,
}

impl Pass<'_> {
    fn visit(&mut self, document: DocId, rank: impl FnOnce(Option<u64>) -> Option<u64>) {
        if self.alive.is_some_and(|alive| !alive.is_alive(document)) {
            return;
        }
        self.total += 1;
        if let Some(documents) = &mut self.documents {
            documents.push(document);
        }
        if self.best.limit > 0
            && let Some(rank) = rank(self.best.worst())
        {
            self.best.offer(document, rank);
        }
    }
}

impl Collect<'_> {
    fn collect_all(
        &self,
        weight: &dyn Weight,
        segment: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> Result<SegmentHits> {
        let columns = &self.columns[segment as usize];
        let best = Best {
            bound: self.bound(columns)?,
            columns: Arc::clone(columns),
            segment,
            heap: BinaryHeap::with_capacity(self.limit.min(256) + 1),
            limit: self.limit,
            complement: self.order == Order::Newest,
        };
        let documents = (!self.facets.is_empty()).then(Vec::new);
        let mut pass = Pass {
            alive: reader.alive_bitset(),
            best,
            total: 0,
            documents,
        };
        if self.requires_scoring() {
            let most = self.signals.most();
            let exact = self.exact_title;
            weight.for_each(reader, &mut |document, score| {
                let score = score.min(MOST_OF_TEXT);
                pass.visit(document, |worst| {
                    if exact.is_some() && columns.title_hash(document) == exact {
                        let score = score * self.signals.of(columns, document);
                        return Some(rank_of_score(score + EXACT_TITLE));
                    }
                    // Whatever its signals are, it would not be on the page.
                    if worst.is_some_and(|worst| rank_of_score(score * most) > worst) {
                        return None;
                    }
                    Some(rank_of_score(score * self.signals.of(columns, document)))
                });
            })?;
        } else {
            weight.for_each_no_score(reader, &mut |block| {
                for document in block {
                    pass.visit(*document, |_| Some(self.rank(columns, *document)));
                }
            })?;
        }
        let mut hits = pass.best.heap.into_vec();
        if self.order == Order::Title {
            add_titles(columns, &mut hits)?;
        }
        let documents = pass.documents.unwrap_or_default();
        let facets = self
            .facets
            .iter()
            .map(|request| {
                let column = if self.own_domains && request.field == FacetField::Domain {
                    columns.own_domains(reader)?
                } else {
                    columns.facet(reader, request.field)?
                };
                Ok(SegmentCounts::new(column, &documents))
            })
            .collect::<Result<_>>()?;
        Ok(SegmentHits {
            hits,
            total: pass.total,
            facets,
        })
    }

    /// The rank of a document in orders that need no score.
    fn rank(&self, columns: &SegmentColumns, document: DocId) -> u64 {
        match self.order {
            Order::Relevance => 0,
            Order::Newest | Order::Oldest => rank_of_time(
                columns.updated_at.first(document).unwrap_or_default(),
                self.newest_first(),
            ),
            Order::Title => columns
                .title_key
                .as_ref()
                .and_then(|titles| titles.ords().first(document))
                .unwrap_or(u64::MAX),
        }
    }
}

/// Ordinals only compare within a segment: from here on the titles themselves do.
fn add_titles(columns: &SegmentColumns, hits: &mut [Ranked]) -> Result<()> {
    for hit in hits {
        let mut title = String::new();
        if let Some(column) = &columns.title_key {
            column.ord_to_str(hit.rank, &mut title)?;
        }
        hit.title = Some(title);
        hit.rank = 0;
    }
    Ok(())
}

/// What one segment gave.
pub(crate) struct SegmentHits {
    hits: Vec<Ranked>,
    total: u64,
    facets: Vec<SegmentCounts>,
}

/// The engine's own loop over documents, which is not used: these collectors take a segment as a whole.
pub(crate) struct Never<T>(Infallible, PhantomData<fn() -> T>);

impl<T: Send + 'static> SegmentCollector for Never<T> {
    type Fruit = T;

    fn collect(&mut self, _: DocId, _: Score) {
        match self.0 {}
    }

    fn harvest(self) -> T {
        match self.0 {}
    }
}

pub(super) fn never<T>() -> Result<Never<T>> {
    Err(TantivyError::InternalError(
        "segments are collected as a whole".to_owned(),
    ))
}

/// One of the matches, if there is any: stops at the first of each segment.
pub(crate) struct FirstMatch;

impl Collector for FirstMatch {
    type Fruit = Option<DocAddress>;
    type Child = Never<Option<DocAddress>>;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        _: &SegmentReader,
    ) -> Result<Never<Option<DocAddress>>> {
        never()
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<Option<DocAddress>>) -> Result<Option<DocAddress>> {
        Ok(fruits.into_iter().flatten().next())
    }

    fn collect_segment(
        &self,
        weight: &dyn Weight,
        segment: u32,
        reader: &SegmentReader,
    ) -> Result<Option<DocAddress>> {
        let mut matches = weight.scorer(reader, 1.0)?;
        let mut document = matches.doc();
        while document != TERMINATED {
            if !reader.is_deleted(document) {
                return Ok(Some(DocAddress::new(segment, document)));
            }
            document = matches.advance();
        }
        Ok(None)
    }
}

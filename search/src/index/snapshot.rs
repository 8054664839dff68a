//! What one search sees: the same from its beginning to its end, and for the next page.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tantivy::collector::Collector;
use tantivy::index::SegmentId;
use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::Field;
use tantivy::{IndexReader, Term};
use uuid::Uuid;

use super::Settings;
use super::audience::Audience;
use super::writer::Commit;
use crate::error::Result;
use crate::query::ScopedQuery;
use crate::schema::Fields;
use crate::search::SegmentColumns;
use crate::text::Analysis;

/// The index as one commit left it.
pub(crate) struct Snapshot {
    pub(crate) searcher: tantivy::Searcher,
    /// One a segment, in the searcher's order.
    pub(crate) columns: Vec<Arc<SegmentColumns>>,
    pub(crate) commit: Commit,
    /// Names the snapshot in cursors, among those of all processes.
    pub(crate) name: u64,
    /// Analyses that have documents.
    pub(crate) analyses: Vec<Analysis>,
}

impl Snapshot {
    /// What the reader has loaded. Columns of segments that `before` has too are shared with it.
    pub(crate) fn new(
        fields: &Fields,
        reader: &IndexReader,
        commit: Commit,
        before: Option<&Self>,
    ) -> Result<Self> {
        let searcher = reader.searcher();
        let known: HashMap<SegmentId, &Arc<SegmentColumns>> = before
            .map(|before| {
                let ids = before
                    .searcher
                    .segment_readers()
                    .iter()
                    .map(tantivy::SegmentReader::segment_id);
                ids.zip(&before.columns).collect()
            })
            .unwrap_or_default();
        let columns = searcher
            .segment_readers()
            .iter()
            .map(|segment| match known.get(&segment.segment_id()) {
                Some(columns) => Ok(Arc::clone(columns)),
                None => Ok(Arc::new(SegmentColumns::open(segment)?)),
            })
            .collect::<Result<_>>()?;
        let analyses = analyses(fields, &searcher)?;
        let name = Uuid::new_v4().as_u64_pair().1;
        Ok(Self {
            searcher,
            columns,
            commit,
            name,
            analyses,
        })
    }

    /// Runs a query, scored by what its audience may see. There is no other way to score, and no other query than a
    /// scoped one.
    pub(crate) fn collect<C: Collector>(
        &self,
        query: &ScopedQuery,
        audience: &Audience<'_>,
        collector: &C,
    ) -> Result<C::Fruit> {
        Ok(self
            .searcher
            .search_with_statistics_provider(query.as_query(), collector, audience)?)
    }

    /// Runs a query that needs no scores.
    pub(crate) fn select<C: Collector>(
        &self,
        query: &ScopedQuery,
        collector: &C,
    ) -> Result<C::Fruit> {
        Ok(self
            .searcher
            .search_with_statistics_provider(query.as_query(), collector, &Unscored)?)
    }
}

/// Statistics that say nothing, for what is not scored.
struct Unscored;

impl Bm25StatisticsProvider for Unscored {
    fn total_num_tokens(&self, _: Field) -> tantivy::Result<u64> {
        Ok(1)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(1)
    }

    fn doc_freq(&self, _: &Term) -> tantivy::Result<u64> {
        Ok(1)
    }
}

/// The analyses that documents are in.
fn analyses(fields: &Fields, searcher: &tantivy::Searcher) -> Result<Vec<Analysis>> {
    let mut analyses = Vec::new();
    for analysis in Analysis::ALL {
        let term = Term::from_field_text(fields.analysis, analysis.name());
        if searcher.doc_freq(&term)? > 0 {
            analyses.push(analysis);
        }
    }
    Ok(analyses)
}

/// As long as fewer than this part of the snapshots that may be kept are, first pages need not share.
const FEW: usize = 4;
/// This part of them is left to those that nobody went on from yet, however many others there are.
const NEW: usize = 4;

/// Snapshots that gave cursors, the last used at the end. Each holds the files that it reads, though they may have been
/// merged into others since.
#[derive(Default)]
pub(crate) struct Kept {
    snapshots: VecDeque<One>,
    /// What first pages share, and since when.
    shared: Option<(Instant, Arc<Snapshot>)>,
}

struct One {
    used: Instant,
    snapshot: Arc<Snapshot>,
    /// Whether somebody went on to a later page.
    continued: bool,
}

impl Kept {
    /// The snapshot for a first page: the newest as long as few are kept, else one that other first pages have too.
    pub(crate) fn begin(
        &mut self,
        newest: Arc<Snapshot>,
        at_least: u64,
        settings: &Settings,
    ) -> Arc<Snapshot> {
        if self.snapshots.len() < settings.kept_searchers / FEW {
            self.shared = None;
            return newest;
        }
        match &self.shared {
            Some((since, shared))
                if since.elapsed() < settings.shared_for
                    && shared.commit.checkpoint >= at_least =>
            {
                Arc::clone(shared)
            }
            _ => {
                self.shared = Some((Instant::now(), Arc::clone(&newest)));
                newest
            }
        }
    }

    /// Keeps the snapshot from now on.
    pub(crate) fn keep(&mut self, snapshot: &Arc<Snapshot>, limit: usize) {
        let known = self
            .snapshots
            .iter()
            .position(|one| one.snapshot.name == snapshot.name);
        let known = known.and_then(|place| self.snapshots.remove(place));
        self.snapshots.push_back(One {
            used: Instant::now(),
            snapshot: Arc::clone(snapshot),
            continued: known.is_some_and(|one| one.continued),
        });
        while self.snapshots.len() > limit {
            self.let_one_go(limit);
        }
    }

    /// Lets go of the one that was used longest ago: of those that nobody went on from, which most never do, unless only
    /// their share is left.
    fn let_one_go(&mut self, limit: usize) {
        let new = self.snapshots.iter().filter(|one| !one.continued).count();
        let continued = new <= limit / NEW;
        let place = self
            .snapshots
            .iter()
            .position(|one| one.continued == continued);
        drop(self.snapshots.remove(place.unwrap_or(0)));
    }

    /// The snapshot of this name, for a later page.
    pub(crate) fn find(&mut self, name: u64) -> Option<Arc<Snapshot>> {
        let one = self
            .snapshots
            .iter_mut()
            .find(|one| one.snapshot.name == name)?;
        one.continued = true;
        Some(Arc::clone(&one.snapshot))
    }

    /// Lets go of what was not used for so long.
    pub(crate) fn expire(&mut self, lifetime: Duration) {
        self.snapshots.retain(|one| one.used.elapsed() < lifetime);
        let shared = self.shared.as_ref();
        if shared.is_some_and(|(since, _)| since.elapsed() >= lifetime) {
            self.shared = None;
        }
    }

    /// Lets go of all.
    pub(crate) fn clear(&mut self) {
        self.snapshots.clear();
        self.shared = None;
    }

    pub(crate) fn len(&self) -> usize {
        self.snapshots.len()
    }
}

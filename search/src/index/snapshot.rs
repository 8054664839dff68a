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

/// Snapshots that gave cursors, the last used at the end.
#[derive(Default)]
pub(crate) struct Kept {
    snapshots: VecDeque<(Instant, Arc<Snapshot>)>,
}

impl Kept {
    /// Keeps the snapshot from now on.
    pub(crate) fn keep(&mut self, snapshot: &Arc<Snapshot>, limit: usize) {
        self.snapshots
            .retain(|(_, kept)| kept.name != snapshot.name);
        self.snapshots
            .push_back((Instant::now(), Arc::clone(snapshot)));
        while self.snapshots.len() > limit {
            self.snapshots.pop_front();
        }
    }

    pub(crate) fn find(&self, name: u64) -> Option<Arc<Snapshot>> {
        self.snapshots
            .iter()
            .find(|(_, kept)| kept.name == name)
            .map(|(_, kept)| Arc::clone(kept))
    }

    /// Lets go of what was not used for so long.
    pub(crate) fn expire(&mut self, lifetime: Duration) {
        self.snapshots.retain(|(used, _)| used.elapsed() < lifetime);
    }

    pub(crate) fn len(&self) -> usize {
        self.snapshots.len()
    }
}

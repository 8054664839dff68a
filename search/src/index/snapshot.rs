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
    /// Number of words of each text field, as if every document had it.
    scaled_words: HashMap<Field, u64>,
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
        let (analyses, scaled_words) = text_statistics(fields, &searcher)?;
        let name = Uuid::new_v4().as_u64_pair().1;
        Ok(Self {
            searcher,
            columns,
            commit,
            name,
            analyses,
            scaled_words,
        })
    }

    /// Runs a query. There is no other way to run one, and no other query than a scoped one.
    pub(crate) fn collect<C: Collector>(
        &self,
        query: &ScopedQuery,
        collector: &C,
    ) -> Result<C::Fruit> {
        Ok(self
            .searcher
            .search_with_statistics_provider(query.as_query(), collector, self)?)
    }
}

/// A document has text in the fields of one analysis only. The engine's average length counts it for the others too,
/// and so would take every text for a long one; scaled, the average is that of the documents that have the field.
fn text_statistics(
    fields: &Fields,
    searcher: &tantivy::Searcher,
) -> Result<(Vec<Analysis>, HashMap<Field, u64>)> {
    let all = searcher.total_num_docs()?;
    let mut analyses = Vec::new();
    let mut scaled = HashMap::new();
    for analysis in Analysis::ALL {
        let having = searcher.doc_freq(&Term::from_field_text(fields.analysis, analysis.name()))?;
        if having == 0 {
            continue;
        }
        analyses.push(analysis);
        let text = fields.texts(analysis);
        for field in [text.all, text.title] {
            let words = u128::from(searcher.total_num_tokens(field)?) * u128::from(all)
                / u128::from(having);
            scaled.insert(field, u64::try_from(words).unwrap_or(u64::MAX));
        }
    }
    Ok((analyses, scaled))
}

impl Bm25StatisticsProvider for Snapshot {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        match self.scaled_words.get(&field) {
            Some(words) => Ok(*words),
            None => self.searcher.total_num_tokens(field),
        }
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        self.searcher.total_num_docs()
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        self.searcher.doc_freq(term)
    }
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

use std::collections::HashSet;
use std::sync::Arc;

use tantivy::columnar::Column;
use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Result, Score, SeekDangerResult, SegmentReader, TERMINATED};
use uuid::Uuid;

/// Documents with one of many ids, as an exclusion and nothing else. Looking up thousands of ids in every segment's dictionary takes a
/// tenth of a second; asking the ids of the documents that match otherwise takes nearly nothing.
#[derive(Debug, Clone)]
pub(super) struct HiddenQuery {
    ids: Arc<HashSet<Uuid>>,
}

impl HiddenQuery {
    pub(super) fn new(ids: HashSet<Uuid>) -> Self {
        Self { ids: Arc::new(ids) }
    }
}

impl Query for HiddenQuery {
    fn weight(&self, _: EnableScoring<'_>) -> Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for HiddenQuery {
    fn scorer(&self, reader: &SegmentReader, _: Score) -> Result<Box<dyn Scorer>> {
        let fast = reader.fast_fields();
        Ok(Box::new(Hidden {
            high: fast.u64("id_high")?,
            low: fast.u64("id_low")?,
            ids: Arc::clone(&self.ids),
            document: 0,
            end: reader.max_doc(),
        }))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> Result<Explanation> {
        Ok(Explanation::new("one of the ids", 1.0))
    }
}

/// An exclusion only asks whether it holds a document, so the first one is not looked for when there may be none.
struct Hidden {
    high: Column<u64>,
    low: Column<u64>,
    ids: Arc<HashSet<Uuid>>,
    document: DocId,
    end: DocId,
}

impl Hidden {
    fn holds(&self, document: DocId) -> bool {
        let part = |column: &Column<u64>| column.first(document).unwrap_or_default();
        self.ids
            .contains(&Uuid::from_u64_pair(part(&self.high), part(&self.low)))
    }

    fn next_from(&self, document: DocId) -> DocId {
        (document..self.end)
            .find(|document| self.holds(*document))
            .unwrap_or(TERMINATED)
    }
}

impl DocSet for Hidden {
    fn advance(&mut self) -> DocId {
        if self.document != TERMINATED {
            self.document = self.next_from(self.document + 1);
        }
        self.document
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if target > self.document {
            self.document = self.next_from(target);
        }
        self.document
    }

    /// Looks at the one document that is asked for: what an exclusion does for each match.
    fn seek_danger(&mut self, target: DocId) -> SeekDangerResult {
        if target >= self.end {
            self.document = TERMINATED;
            return SeekDangerResult::SeekLowerBound(TERMINATED);
        }
        if self.holds(target) {
            self.document = target;
            return SeekDangerResult::Found;
        }
        SeekDangerResult::SeekLowerBound(target + 1)
    }

    fn doc(&self) -> DocId {
        self.document
    }

    fn size_hint(&self) -> u32 {
        u32::try_from(self.ids.len())
            .unwrap_or(u32::MAX)
            .min(self.end)
    }
}

impl Scorer for Hidden {
    fn score(&mut self) -> Score {
        1.0
    }
}

//! Why a document was found.

use tantivy::query::{EnableScoring, Query};
use tantivy::{DocAddress, Score};

use super::Factor;
use super::collect::{EXACT_TITLE, Ranked, score_of_rank};
use super::signals::Signals;
use crate::error::Result;
use crate::index::{Audience, Snapshot};
use crate::query::{Builder, Mode, Part};
use crate::text::Analysis;

/// What the factors of the hits of one answer are computed from.
pub(super) struct Explainer<'a> {
    snapshot: &'a Snapshot,
    audience: &'a Audience<'a>,
    signals: Signals,
    may_be_title: bool,
    parts: Vec<(Part, Box<dyn Query>)>,
}

impl<'a> Explainer<'a> {
    pub(super) fn new(
        snapshot: &'a Snapshot,
        audience: &'a Audience<'a>,
        builder: &Builder<'_>,
        mode: Mode,
        signals: Signals,
    ) -> Self {
        let parts = snapshot
            .analyses
            .iter()
            .flat_map(|analysis: &Analysis| builder.scored(*analysis, mode))
            .collect();
        Self {
            snapshot,
            audience,
            signals,
            may_be_title: builder.as_title().is_some(),
            parts,
        }
    }

    /// The parts of a hit's score that are not nothing.
    pub(super) fn factors(&self, hit: &Ranked) -> Result<Vec<Factor>> {
        let mut sums = Part::ALL.map(|part| (part, 0.0));
        for (part, query) in &self.parts {
            let score = self.score(query.as_ref(), hit.address)?;
            if let Some((_, sum)) = sums.iter_mut().find(|(known, _)| known == part) {
                *sum += score;
            }
        }
        // Everything scores the same when nothing is asked of the text.
        if self.parts.is_empty() {
            sums[0].1 = 1.0;
        }
        let columns = &self.snapshot.columns[hit.address.segment_ord as usize];
        let mut factors: Vec<Factor> = sums
            .into_iter()
            .filter(|(_, value)| *value > 0.0)
            .map(|(part, value)| Factor {
                name: part.name(),
                value,
            })
            .collect();
        factors.extend(self.signals.explained(columns, hit.address.doc_id));
        if self.may_be_title && score_of_rank(hit.rank) >= EXACT_TITLE {
            factors.push(Factor {
                name: "exactTitle",
                value: EXACT_TITLE,
            });
        }
        Ok(factors)
    }

    fn score(&self, query: &dyn Query, address: DocAddress) -> Result<Score> {
        let searcher = &self.snapshot.searcher;
        let scoring = EnableScoring::enabled_from_statistics_provider(self.audience, searcher);
        let reader = searcher.segment_reader(address.segment_ord);
        let mut scorer = query.weight(scoring)?.scorer(reader, 1.0)?;
        if scorer.doc() < address.doc_id {
            scorer.seek(address.doc_id);
        }
        Ok(if scorer.doc() == address.doc_id {
            scorer.score()
        } else {
            0.0
        })
    }
}

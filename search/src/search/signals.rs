//! What is known of a document besides its text: small factors that its score is multiplied by.

use tantivy::DocId;

use super::Factor;
use super::facet::SegmentColumns;

/// Microseconds of a day.
const DAY: i64 = 24 * 3_600 * 1_000_000;
/// Days after which recency counts half.
const HALF_LIFE: f32 = 180.0;

/// How much each signal counts. A document scores `1 + weight` times what its text scores when a signal is at its
/// best, and `1 - overdue` times when its review is overdue; 0 switches a signal off. An exact title is multiplied by
/// the most that signals can give, so that none of them ranks another document above it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignalWeights {
    /// Of [`crate::Document::evidence`].
    pub evidence: f32,
    /// Of [`crate::Document::standing`].
    pub standing: f32,
    /// Of the last update: all of it on its day, half of it after 180 days, a quarter after 360.
    pub recency: f32,
    /// What a document loses whose [`crate::Document::review_due_at`] has passed.
    pub overdue: f32,
}

impl SignalWeights {
    /// No signal counts.
    pub const NONE: Self = Self {
        evidence: 0.0,
        standing: 0.0,
        recency: 0.0,
        overdue: 0.0,
    };
    /// No signal counts more.
    pub const MAX: f32 = 0.5;

    fn bounded(self) -> Self {
        let bound = |weight: f32| {
            if weight.is_finite() {
                weight.clamp(0.0, Self::MAX)
            } else {
                0.0
            }
        };
        Self {
            evidence: bound(self.evidence),
            standing: bound(self.standing),
            recency: bound(self.recency),
            overdue: bound(self.overdue),
        }
    }
}

impl Default for SignalWeights {
    fn default() -> Self {
        Self {
            evidence: 0.1,
            standing: 0.1,
            recency: 0.05,
            overdue: 0.1,
        }
    }
}

/// The signals on one day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signals {
    weights: SignalWeights,
    /// Days since 1970: scores hold for a day, and the pages of an answer are of the day of its first.
    day: u32,
}

impl Signals {
    pub(super) fn new(weights: SignalWeights, day: u32) -> Self {
        Self {
            weights: weights.bounded(),
            day,
        }
    }

    /// The day of this time, in microseconds since 1970.
    pub(super) fn day_of(micros: i64) -> u32 {
        u32::try_from(micros.div_euclid(DAY)).unwrap_or_default()
    }

    /// The most that a score is multiplied by.
    pub(super) fn most(self) -> f32 {
        let SignalWeights {
            evidence,
            standing,
            recency,
            ..
        } = self.weights;
        (1.0 + evidence) * (1.0 + standing) * (1.0 + recency)
    }

    /// What the score of a document is multiplied by.
    pub(super) fn of(self, columns: &SegmentColumns, document: DocId) -> f32 {
        self.each(columns, document)
            .into_iter()
            .map(|(_, factor)| factor)
            .product()
    }

    fn each(self, columns: &SegmentColumns, document: DocId) -> [(&'static str, f32); 4] {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it was an f32 from 0 to 1 when it was written"
        )]
        let known = |column: &Option<tantivy::columnar::Column<f64>>| {
            column
                .as_ref()
                .and_then(|column| column.first(document))
                .unwrap_or_default() as f32
        };
        let weights = self.weights;
        let recency = if weights.recency > 0.0 {
            let updated = Self::day_of(columns.updated_at.first(document).unwrap_or_default());
            let days = self.day.saturating_sub(updated);
            #[expect(clippy::cast_precision_loss, reason = "days are few")]
            let age = days as f32;
            (-age / HALF_LIFE).exp2()
        } else {
            0.0
        };
        let due = columns
            .review_due_at
            .as_ref()
            .and_then(|column| column.first(document));
        let overdue = due.is_some_and(|due| Self::day_of(due) < self.day);
        [
            (
                "evidence",
                1.0 + weights.evidence * known(&columns.evidence),
            ),
            (
                "standing",
                1.0 + weights.standing * known(&columns.standing),
            ),
            ("recency", 1.0 + weights.recency * recency),
            ("overdue", if overdue { 1.0 - weights.overdue } else { 1.0 }),
        ]
    }

    /// What explains the factors that are not 1.
    pub(super) fn explained(self, columns: &SegmentColumns, document: DocId) -> Vec<Factor> {
        self.each(columns, document)
            .into_iter()
            .filter(|(_, value)| (value - 1.0).abs() > f32::EPSILON)
            .map(|(name, value)| Factor { name, value })
            .collect()
    }
}

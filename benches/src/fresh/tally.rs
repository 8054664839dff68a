//! What became of the writes, counted.

use std::time::Duration;

use tokio::time::Instant;

use super::changes::Changed;
use super::results::{Searches, Turn};
use crate::report;

/// What became of all of them.
#[derive(Default)]
pub(super) struct Tally {
    written: Vec<u32>,
    found: Vec<u32>,
    refused: usize,
    lost: usize,
    first_error: Option<String>,
    last: Option<Instant>,
}

fn micros(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}

impl Tally {
    pub(super) fn add(&mut self, changed: Changed) {
        self.last = self.last.max(Some(changed.answered));
        match changed.written {
            Ok(took) => self.written.push(micros(took)),
            Err(error) => {
                self.refused += 1;
                self.note(&error);
            }
        }
        match changed.found {
            Some(Ok(took)) => self.found.push(micros(took)),
            Some(Err(error)) => {
                self.lost += 1;
                self.note(&error);
            }
            None => {}
        }
    }

    fn note(&mut self, error: &anyhow::Error) {
        if self.first_error.is_none() {
            self.first_error = Some(format!("{error:#}").chars().take(600).collect());
        }
    }

    pub(super) fn close(mut self, begun: Instant, searches: Option<Searches>, others: f64) -> Turn {
        self.written.sort_unstable();
        self.found.sort_unstable();
        let seconds = self
            .last
            .map_or(0.0, |last| (last - begun).as_secs_f64())
            .max(f64::EPSILON);
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let written_per_second = self.written.len() as f64 / seconds;
        Turn {
            written: self.written.len(),
            written_per_second,
            write_p50_ms: report::percentile(&self.written, 0.5),
            write_p99_ms: report::percentile(&self.written, 0.99),
            searchable_p50_ms: report::percentile(&self.found, 0.5),
            searchable_p99_ms: report::percentile(&self.found, 0.99),
            searchable_max_ms: report::percentile(&self.found, 1.0),
            found: self.found.len(),
            lost: self.lost,
            refused: self.refused,
            first_error: self.first_error,
            searches,
            others,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_and_lost_is_counted() {
        let begun = Instant::now();
        let mut tally = Tally::default();
        for (written, found) in [
            (
                Ok(Duration::from_millis(4)),
                Some(Ok(Duration::from_millis(30))),
            ),
            (
                Ok(Duration::from_millis(2)),
                Some(Err(anyhow::anyhow!("lost"))),
            ),
            (Err(anyhow::anyhow!("refused")), None),
        ] {
            tally.add(Changed {
                written,
                answered: begun + Duration::from_secs(2),
                found,
            });
        }
        let turn = tally.close(begun, None, 0.0);
        assert_eq!(
            (turn.written, turn.found, turn.lost, turn.refused),
            (2, 1, 1, 1)
        );
        assert!((turn.written_per_second - 1.0).abs() < 1e-9);
        assert!((turn.searchable_max_ms - 30.0).abs() < 1e-9);
        assert_eq!(turn.first_error.as_deref(), Some("lost"));
    }
}

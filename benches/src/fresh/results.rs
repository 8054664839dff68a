//! What is written down, and the table of it.

use serde::Serialize;

use crate::load::Outcome;
use crate::report::{self, Table};

/// The goal, in milliseconds.
const GOAL: f64 = 1_000.0;

#[derive(Debug, Serialize)]
pub(super) struct Results {
    pub(super) resources: usize,
    pub(super) short: bool,
    /// Writes a second that were begun.
    pub(super) rate: u32,
    pub(super) searches_at_rest: Searches,
    pub(super) turns: Vec<Turn>,
}

/// Searches one after the other on some connections.
#[derive(Debug, Serialize)]
pub(super) struct Searches {
    pub(super) connections: usize,
    pub(super) rate: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) errors: u64,
    pub(super) first_error: Option<String>,
}

/// Writes, alone or beside searches.
#[derive(Debug, Serialize)]
pub(super) struct Turn {
    /// Writes that were made, of those that were begun.
    pub(super) written: usize,
    /// Writes a second, from the start to the last answer.
    pub(super) written_per_second: f64,
    /// From when a write was due to its answer.
    pub(super) write_p50_ms: f64,
    pub(super) write_p99_ms: f64,
    /// From the answer to a write until a search found it.
    pub(super) searchable_p50_ms: f64,
    pub(super) searchable_p99_ms: f64,
    pub(super) searchable_max_ms: f64,
    /// Writes that were looked for and found.
    pub(super) found: usize,
    /// Writes that were looked for and not found.
    pub(super) lost: usize,
    /// Writes that were refused.
    pub(super) refused: usize,
    pub(super) first_error: Option<String>,
    pub(super) searches: Option<Searches>,
    /// The share of the machine that other programs took meanwhile.
    pub(super) others: f64,
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
pub(super) fn searches(mut outcome: Outcome, connections: usize) -> Searches {
    outcome.micros.sort_unstable();
    Searches {
        connections,
        rate: outcome.answers as f64 / outcome.seconds.max(f64::EPSILON),
        p50_ms: report::percentile(&outcome.micros, 0.5),
        p99_ms: report::percentile(&outcome.micros, 0.99),
        errors: outcome.errors,
        first_error: outcome.first_error,
    }
}

pub(super) fn print(results: &Results) {
    let mut table = Table::new(&[
        "writes",
        "written/s",
        "p50 ms",
        "p99 ms",
        "searchable p50 ms",
        "p99 ms",
        "max ms",
        "goal ms",
        "found",
        "lost",
        "refused",
        "searches/s",
        "p50 ms",
        "p99 ms",
        "wrong",
        "others",
    ]);
    let beside = |searches: Option<&Searches>| -> Vec<String> {
        let Some(searches) = searches else {
            return vec![String::new(); 4];
        };
        vec![
            format!("{:.0}", searches.rate),
            format!("{:.2}", searches.p50_ms),
            format!("{:.2}", searches.p99_ms),
            searches.errors.to_string(),
        ]
    };
    let mut at_rest = vec!["none".to_owned()];
    at_rest.extend(vec![String::new(); 10]);
    at_rest.extend(beside(Some(&results.searches_at_rest)));
    at_rest.push(String::new());
    table.row(at_rest);
    for turn in &results.turns {
        let mut cells = vec![
            turn.written.to_string(),
            format!("{:.0}", turn.written_per_second),
        ];
        let times = [
            turn.write_p50_ms,
            turn.write_p99_ms,
            turn.searchable_p50_ms,
            turn.searchable_p99_ms,
            turn.searchable_max_ms,
        ];
        cells.extend(times.map(|time| format!("{time:.1}")));
        cells.push(format!("{GOAL:.0}"));
        cells.extend([turn.found, turn.lost, turn.refused].map(|count| count.to_string()));
        cells.extend(beside(turn.searches.as_ref()));
        cells.push(format!("{:.0} %", turn.others * 100.0));
        table.row(cells);
        let searched = turn.searches.as_ref();
        let wrong = searched.and_then(|searches| searches.first_error.as_ref());
        if let Some(error) = turn.first_error.as_ref().or(wrong) {
            crate::output::line(&format!("The first wrong answer: {error}"));
        }
    }
    table.print();
}

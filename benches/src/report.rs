//! Tables for people, JSON for machines.

use std::path::Path;

use serde::Serialize;

/// A table in Markdown.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    pub(crate) fn new(columns: &[&str]) -> Self {
        Self {
            rows: vec![columns.iter().map(|&column| column.to_owned()).collect()],
        }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Prints it.
    pub(crate) fn print(&self) {
        let columns = self.rows.first().map_or(0, Vec::len);
        let width = |column: usize| {
            self.rows
                .iter()
                .filter_map(|row| Some(row.get(column)?.chars().count()))
                .max()
        };
        let widths: Vec<usize> = (0..columns)
            .map(|column| width(column).unwrap_or(0))
            .collect();
        for (number, row) in self.rows.iter().enumerate() {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            crate::output::line(&format!("| {} |", cells.join(" | ")));
            if number == 0 {
                let lines: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
                crate::output::line(&format!("| {} |", lines.join(" | ")));
            }
        }
    }
}

/// Writes results beside the data.
pub(crate) fn write(directory: &Path, name: &str, results: &impl Serialize) -> anyhow::Result<()> {
    std::fs::create_dir_all(directory)?;
    let path = directory.join(name);
    std::fs::write(&path, serde_json::to_vec_pretty(results)?)?;
    crate::output::line(&format!("Results in {}", path.display()));
    Ok(())
}

/// A share of a sorted list: 0.5 is the median.
pub(crate) fn percentile(sorted: &[u32], share: f64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list"
    )]
    let place = (sorted.len() as f64 * share) as usize;
    sorted
        .get(place.min(sorted.len().saturating_sub(1)))
        .map_or(0.0, |&micros| f64::from(micros) / 1_000.0)
}

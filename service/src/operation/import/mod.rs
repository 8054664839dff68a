//! Bringing in a file: looked through first, then read by chunks, each written in one transaction.
//!
//! What a line makes is made by the commands of its thing, as if its importer had typed it in: so the rules, the limits,
//! the change log and the search follow. The importer is the author; whom the file names as authors is kept by name. A line
//! that was imported before makes nothing ([`known`](mod@known)).

mod content;
mod drive;
mod known;
mod ndjson;
mod ordinary;
mod scan;
mod source;
mod table;

#[cfg(test)]
mod tests;

pub(super) use drive::{For, drive};
pub(super) use scan::{Scan, scan};
pub(super) use source::{Chunk, Entry, Reader};

use std::path::PathBuf;

use entity::operation::OperationFormat;
use uuid::Uuid;

use super::restore;
use crate::error::{Error, Result};
use crate::store::WriteUnit;
use crate::viewer::Viewer;

/// The file of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Where it is.
    pub path: PathBuf,
    /// How it is written.
    pub format: OperationFormat,
    /// Bytes of a line.
    pub line_bytes: usize,
}

/// What a line could not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineError {
    /// The line of the file, from 1; none where it is about the whole.
    pub line: Option<i32>,
    /// A full sentence.
    pub message: String,
}

/// What lines came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines that were dealt with.
    pub done: usize,
    /// Things that were made.
    pub created: usize,
    /// Lines that say what is there already.
    pub unchanged: usize,
    /// Lines that could not be imported, or not as a whole.
    pub failed: usize,
    /// Why not.
    pub errors: Vec<LineError>,
}

impl Tally {
    /// Notes a line that could not be imported.
    pub(super) fn refuse(&mut self, line: i32, message: impl Into<String>) {
        self.failed += 1;
        self.errors.push(LineError {
            line: Some(line),
            message: message.into(),
        });
    }

    /// Adds what other lines came to.
    pub(super) fn add(&mut self, other: Self) {
        self.done += other.done;
        self.created += other.created;
        self.unchanged += other.unchanged;
        self.failed += other.failed;
        self.errors.extend(other.errors);
    }
}

/// Where an import goes, and what it keeps.
#[derive(Debug)]
pub(super) struct Job {
    /// The community; none for all that a restore brings back.
    pub(super) community: Option<Uuid>,
    /// Whether ids, authors and history are kept.
    pub(super) restore: bool,
    /// The operation, where there is a row of it.
    pub(super) operation: Option<Uuid>,
    /// What was found in the file.
    pub(super) scan: Scan,
}

/// Writes what a chunk says.
pub(super) async fn process(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    job: &Job,
    chunk: Chunk,
) -> Result<Tally> {
    let mut tally = Tally {
        done: chunk.lines,
        ..Tally::default()
    };
    let mut lines = Vec::with_capacity(chunk.entries.len());
    for Entry { line, fields } in chunk.entries {
        match fields {
            Ok(fields) => lines.push((line, fields)),
            Err(message) => tally.refuse(line, message),
        }
    }
    if job.restore {
        restore::process(unit, viewer, job, lines, &mut tally).await?;
    } else {
        let community = job
            .community
            .ok_or_else(|| Error::internal("an import names no community"))?;
        ordinary::process(unit, viewer, community, &job.scan, lines, &mut tally).await?;
    }
    // They were found in the order of what was looked at.
    tally.errors.sort_by_key(|error| error.line);
    Ok(tally)
}

//! The index as a whole: where it lies, who writes it, and what readers see.

mod audience;
mod core;
mod files;
mod inspect;
mod listing;
mod merging;
mod rebuild;
mod snapshot;
mod writer;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::search::SignalWeights;

pub use self::core::{Index, Searcher};
pub use inspect::{Inspection, State};
pub use rebuild::Rebuild;

pub(crate) use audience::{Audience, Audiences};
pub(crate) use snapshot::Snapshot;

/// How an index works.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Memory that documents may take before they are written to a segment, in bytes, for all threads together. Each
    /// thread gets 15 MB at the least.
    pub writer_memory_bytes: usize,
    /// Threads that index.
    pub writer_threads: usize,
    /// Threads that merge segments.
    pub merge_threads: usize,
    /// Language (BCP 47) in which a text is analysed when none is declared and none reliably detected.
    pub default_language: String,
    /// How much is known of a document besides its text counts.
    pub signals: SignalWeights,
    /// How long a searcher stays for the cursors that it gave, counted from the last of them.
    pub cursor_lifetime: Duration,
    /// How many such searchers stay at most. Each holds the files that it reads, though they may have been merged into
    /// others since, and at most some 200 KB of memory for each segment.
    pub kept_searchers: usize,
    /// How long first pages begin with the same searcher while a quarter of so many or more are kept: see
    /// [`Index::first_searcher`].
    pub shared_for: Duration,
    /// Whether every file's checksum is verified when a directory is opened. This reads the whole index. Otherwise
    /// [`Index::verify`] does it later.
    pub verify_checksums: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            writer_memory_bytes: 64 * 1024 * 1024,
            writer_threads: 1,
            merge_threads: 1,
            default_language: "en".to_owned(),
            signals: SignalWeights::default(),
            cursor_lifetime: Duration::from_mins(2),
            kept_searchers: 128,
            shared_for: Duration::from_secs(1),
            verify_checksums: false,
        }
    }
}

/// An index that was opened.
#[derive(Debug)]
pub struct Opened {
    /// The index. When it must be rebuilt it is empty, at checkpoint 0, and in memory until [`Rebuild::finish`]: it
    /// answers accordingly, and what is applied to it meanwhile is lost with it.
    pub index: Index,
    /// Why the content must be rebuilt by [`Index::rebuild`], if it must.
    pub needs_rebuild: Option<RebuildReason>,
}

/// Why an index must be rebuilt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RebuildReason {
    /// There is none in the directory, or not all of its files.
    Missing,
    /// Another version of this engine, or other settings, made it.
    Outdated,
    /// Its files cannot be read, with the reason.
    Corrupt(String),
}

/// Figures for monitoring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statistics {
    /// Number of documents.
    pub documents: u64,
    /// Position of the change log that the index has reached.
    pub checkpoint: u64,
    /// When it was last written, if ever.
    pub last_commit_at: Option<SystemTime>,
    /// Number of segments that a search visits.
    pub segments: usize,
    /// Number of searchers that are kept for cursors.
    pub kept_searchers: usize,
    /// Directory of the files, unless the index is in memory.
    pub directory: Option<PathBuf>,
}

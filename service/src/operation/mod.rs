//! Long work with progress: imports and exports, which a process does beside answering.
//!
//! An operation is a row. Whoever has time takes it by a lease ([`run_queued`]), works through it by chunks, and commits
//! with each chunk how far it is; so a process that dies leaves it to the next one, which goes on where the last commit
//! was, with nothing lost and nothing doubled. A chunk begins by making sure that the operation is still the process's own
//! and still wanted: [`cancel`] ends it there.
//!
//! An import does what its owner could do by hand, through the commands of each thing ([`import`](mod@import)); only the
//! restore of an export ([`restore`](mod@restore)) writes ids, authors and history as they were, and is for administrators.
//! An export ([`export`](mod@export)) reads what its owner may see, as of one moment. `repertoire import` and `repertoire
//! export` do the same by the same code, without a row ([`import_now`], [`export_now`]).

mod closing;
mod commands;
mod export;
mod files;
mod import;
mod line;
mod now;
mod queries;
mod restore;
mod rights;
mod run;
mod step;
mod tidy;
mod upload;
mod watch;

#[cfg(test)]
mod tests;

pub use closing::is_open;
pub use commands::{StartExport, StartImport, Started, cancel, start_export, start_import};
pub use export::{Exported, Plan, Sight, Target};
pub use import::{LineError, Source, Tally};
pub use now::{Importing, community_with_slug, export_now, import_now, viewer_by_handle};
pub use queries::{OperationError, ResultFile, ResultOf, by_ids, error_count, errors, result_of};
pub use run::{run_next, run_queued};
pub use tidy::tidy;
pub use upload::{Receiving, Refusal};
pub use watch::{Progress, Told};

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;
use entity::operation;
use tokio::sync::Notify;
use uuid::Uuid;

use self::files::Files;
use crate::store::Store;

/// An operation.
pub type Operation = operation::Model;

/// What bounds operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationSettings {
    /// Where their files are.
    pub directory: PathBuf,
    /// Bytes of the file of an import.
    pub upload_bytes: u64,
    /// Bytes of a line of such a file.
    pub line_bytes: usize,
    /// Operations of one person that are not finished.
    pub unfinished: u64,
    /// For how long finished ones are kept, with the files of exports.
    pub kept: TimeDelta,
}

impl OperationSettings {
    /// The settings by default, for a directory.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self {
            directory,
            upload_bytes: 1024 * 1024 * 1024,
            line_bytes: 5 * 1024 * 1024,
            unfinished: 3,
            kept: TimeDelta::days(7),
        }
    }
}

/// What operations need: the database, the directory of their files, the settings. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Operations {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    settings: OperationSettings,
    files: Files,
    /// Who holds leases: this process, and no other.
    process: Uuid,
    /// Something may be there to do.
    wake: Notify,
    /// The files of which imports are being sent, and by how many at once.
    senders: Mutex<HashMap<Uuid, usize>>,
}

impl Operations {
    /// Opens the directory of the settings; it is made when it is not there.
    pub fn open(store: Store, settings: OperationSettings) -> io::Result<Self> {
        let files = Files::open(&settings.directory)?;
        Ok(Self {
            inner: Arc::new(Inner {
                store,
                settings,
                files,
                process: Uuid::new_v4(),
                wake: Notify::new(),
                senders: Mutex::default(),
            }),
        })
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &OperationSettings {
        &self.inner.settings
    }

    fn store(&self) -> &Store {
        &self.inner.store
    }

    fn files(&self) -> &Files {
        &self.inner.files
    }

    fn process(&self) -> Uuid {
        self.inner.process
    }

    fn wake(&self) {
        self.inner.wake.notify_one();
    }

    fn senders(&self) -> MutexGuard<'_, HashMap<Uuid, usize>> {
        let senders = self.inner.senders.lock();
        senders.unwrap_or_else(PoisonError::into_inner)
    }
}

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::files;
use super::inspect::damage;
use super::snapshot::{Kept, Snapshot};
use super::writer::{Writer, open_engine};
use super::{Opened, Rebuild, RebuildReason, Settings, Statistics};
use crate::document::{Change, Document};
use crate::error::{Error, Result, at, catch};
use crate::schema::Fields;
use crate::search::Cursor;

/// The index. Clones share it.
#[derive(Clone)]
pub struct Index {
    shared: Arc<Shared>,
}

/// A directory that no other index uses while this value lives.
struct Place {
    root: PathBuf,
    /// An index that nobody can use any more, kept until there is another.
    outdated: Mutex<Option<PathBuf>>,
    /// None once the index is closed. Taken and read under the writer's lock only.
    claim: Mutex<Option<files::Claim>>,
}

/// What writing a document fails with.
type Fault = Box<dyn Fn(&Document) -> Result<()> + Send + Sync>;

struct Shared {
    settings: Settings,
    fields: Fields,
    place: Option<Place>,
    current: RwLock<Arc<Snapshot>>,
    kept: Mutex<Kept>,
    writer: Mutex<Writer>,
    fault: Mutex<Option<Fault>>,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Index")
            .field("root", &self.root())
            .finish_non_exhaustive()
    }
}

/// A panicking thread leaves nothing half done behind these locks: their values are replaced as a whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Index {
    /// An empty index in memory.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] when its threads cannot be started.
    pub fn in_memory(settings: &Settings) -> Result<Self> {
        let fields = Fields::new();
        let new = create(&fields, settings)?;
        Ok(Self::of(settings, fields, None, new))
    }

    /// Opens the index in a directory, which is created when it is missing. An index that is missing, damaged or made
    /// by another version is reported in [`Opened::needs_rebuild`], and an empty one serves until it is rebuilt.
    ///
    /// # Errors
    /// [`crate::Error::InUse`] when another process has it open, [`crate::Error::Storage`] when the directory cannot be used.
    pub fn open_or_create(directory: impl AsRef<Path>, settings: &Settings) -> Result<Opened> {
        let root = directory.as_ref().to_path_buf();
        std::fs::create_dir_all(&root).map_err(at(&root))?;
        let claim = files::lock(&root)?;
        let fields = Fields::new();
        let fingerprint = fields.fingerprint(&settings.default_language);
        let (in_use, found) = match files::read_current(&root)? {
            None => (None, Err(RebuildReason::Missing)),
            Some(Err(reason)) => (None, Err(RebuildReason::Corrupt(reason))),
            Some(Ok(current)) if current.fingerprint != fingerprint => {
                (Some(current.directory), Err(RebuildReason::Outdated))
            }
            Some(Ok(current)) => {
                // Files that may have ended the process that opened them are opened after they were verified only.
                let verified = files::doubt(&root) || settings.verify_checksums;
                let opened = open(&root.join(&current.directory), &fields, settings, verified);
                if verified && opened.is_ok() {
                    files::trust(&root);
                }
                (Some(current.directory), opened)
            }
        };
        files::remove_unused(&root, in_use.as_deref());
        let (opened, needs_rebuild) = match found {
            Ok(opened) => (opened, None),
            Err(reason) => (create(&fields, settings)?, Some(reason)),
        };
        let outdated = in_use
            .filter(|_| needs_rebuild.is_some())
            .map(|name| root.join(name));
        let place = Place {
            root,
            outdated: Mutex::new(outdated),
            claim: Mutex::new(Some(claim)),
        };
        Ok(Opened {
            index: Self::of(settings, fields, Some(place), opened),
            needs_rebuild,
        })
    }

    fn of(
        settings: &Settings,
        fields: Fields,
        place: Option<Place>,
        (writer, snapshot): (Writer, Snapshot),
    ) -> Self {
        let shared = Shared {
            settings: settings.clone(),
            fields,
            place,
            current: RwLock::new(Arc::new(snapshot)),
            kept: Mutex::default(),
            writer: Mutex::new(writer),
            fault: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Applies the changes in order, durably, with the position of the change log that they bring the index to.
    /// Searchers made afterwards see them. An empty batch moves the position alone.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] or [`crate::Error::Panicked`] when they cannot be written; nothing of them holds then,
    /// and they can be applied again. [`crate::Error::is_of_document`] says whether to leave one of them out.
    /// [`crate::Error::Closed`] after [`Index::close`].
    pub fn apply(&self, changes: Vec<Change>, checkpoint: u64) -> Result<()> {
        let mut writer = self.writer()?;
        self.meet_faults(&changes)?;
        writer.apply(&self.shared.fields, changes, checkpoint)?;
        self.publish(&writer)
    }

    /// Has documents fail to be written with what `fault` says of each from now on: for tests of who writes them.
    #[doc(hidden)]
    pub fn inject(&self, fault: impl Fn(&Document) -> Result<()> + Send + Sync + 'static) {
        *lock(&self.shared.fault) = Some(Box::new(fault));
    }

    pub(super) fn meet_fault(&self, document: &Document) -> Result<()> {
        let injected = lock(&self.shared.fault);
        injected.as_ref().map_or(Ok(()), |fault| fault(document))
    }

    pub(super) fn meet_faults(&self, changes: &[Change]) -> Result<()> {
        changes.iter().try_for_each(|change| match change {
            Change::Put(document) => self.meet_fault(document),
            Change::Delete(_) | Change::DeleteCommunity(_) => Ok(()),
        })
    }

    /// Takes the directory anew when it was removed while this index was open.
    pub(crate) fn reclaim(&self) -> Result<()> {
        let _writer = self.writer()?;
        let Some(place) = &self.shared.place else {
            return Ok(());
        };
        let mut claim = lock(&place.claim);
        if claim.as_ref().is_some_and(|claim| claim.is_of(&place.root)) {
            return Ok(());
        }
        std::fs::create_dir_all(&place.root).map_err(at(&place.root))?;
        *claim = Some(files::lock(&place.root)?);
        Ok(())
    }

    /// Begins a new index beside this one.
    ///
    /// # Errors
    /// [`crate::Error::Storage`] or [`crate::Error::Engine`] when it cannot be created. [`crate::Error::InUse`] when the
    /// directory was removed, and somebody else has it now. [`crate::Error::Closed`] after [`Index::close`].
    pub fn rebuild(&self) -> Result<Rebuild> {
        Rebuild::new(self)
    }

    /// Waits until segments that are being merged are merged, and uses them. For measurements and maintenance.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] when a merge fails. [`crate::Error::Closed`] after [`Index::close`].
    pub fn finish_merges(&self) -> Result<()> {
        let mut writer = self.writer()?;
        writer.finish_merges()?;
        self.publish(&writer)
    }

    /// Ends writing: waits for a write under way, refuses later ones and gives the directory free, whoever still holds
    /// this index. Searchers go on with what they have. Closing again does nothing.
    pub fn close(&self) {
        let mut writer = lock(&self.shared.writer);
        if let Some(place) = &self.shared.place {
            writer.rest();
            lock(&place.claim).take();
        }
    }

    /// Fails once the index is closed.
    pub(crate) fn ensure_open(&self) -> Result<()> {
        self.writer().map(drop)
    }

    /// The writer, as long as the directory is this index's.
    pub(super) fn writer(&self) -> Result<MutexGuard<'_, Writer>> {
        let writer = lock(&self.shared.writer);
        match &self.shared.place {
            Some(place) if lock(&place.claim).is_none() => Err(Error::Closed),
            _ => Ok(writer),
        }
    }

    /// The position of the change log that new searchers reflect.
    #[must_use]
    pub fn checkpoint(&self) -> u64 {
        self.current().commit.checkpoint
    }

    /// A searcher for a question, or for the page after this cursor of an earlier answer.
    ///
    /// # Errors
    /// [`crate::Error::BadCursor`] when the cursor was not made by this engine.
    pub fn searcher(&self, after: Option<&str>) -> Result<Searcher> {
        let cursor = after.map(Cursor::decode).transpose()?;
        let mut kept = lock(&self.shared.kept);
        kept.expire(self.shared.settings.cursor_lifetime);
        let named = cursor
            .and_then(|cursor| cursor.searcher)
            .and_then(|name| kept.find(name));
        drop(kept);
        Ok(Searcher {
            index: self.clone(),
            snapshot: named.unwrap_or_else(|| self.current()),
        })
    }

    /// A searcher for the first page of an answer, with all that the index holds of `at_least`. It is the newest, or
    /// while many are kept for cursors ([`Settings::kept_searchers`]) one that other first pages began with, at most
    /// [`Settings::shared_for`] ago: under steady writes they would push each other out before anybody went on.
    #[must_use]
    pub fn first_searcher(&self, at_least: u64) -> Searcher {
        let settings = &self.shared.settings;
        let mut kept = lock(&self.shared.kept);
        kept.expire(settings.cursor_lifetime);
        // Looked up under the lock: what was replaced meanwhile is not to be shared.
        let snapshot = kept.begin(self.current(), at_least, settings);
        drop(kept);
        Searcher {
            index: self.clone(),
            snapshot,
        }
    }

    /// Figures for monitoring.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let snapshot = self.current();
        let mut kept = lock(&self.shared.kept);
        kept.expire(self.shared.settings.cursor_lifetime);
        Statistics {
            documents: snapshot.searcher.num_docs(),
            checkpoint: snapshot.commit.checkpoint,
            last_commit_at: snapshot.commit.time(),
            segments: snapshot.searcher.segment_readers().len(),
            kept_searchers: kept.len(),
            directory: self.root().map(Path::to_path_buf),
        }
    }

    pub(crate) fn root(&self) -> Option<&Path> {
        self.shared.place.as_ref().map(|place| place.root.as_path())
    }

    pub(crate) fn fields(&self) -> &Fields {
        &self.shared.fields
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    pub(crate) fn fingerprint(&self) -> String {
        self.shared
            .fields
            .fingerprint(&self.shared.settings.default_language)
    }

    /// Uses this writer's index, in the directory of this name, from now on: durably, then for new searchers.
    pub(crate) fn replace(&self, new: Writer, name: String) -> Result<()> {
        let mut writer = self.writer()?;
        let snapshot = self.snapshot(&new)?;
        if let Some(root) = self.root() {
            let current = files::Current {
                directory: name,
                fingerprint: self.fingerprint(),
            };
            files::write_current(root, &current)?;
            files::trust(root);
        }
        let old = std::mem::replace(&mut *writer, new);
        self.show(snapshot);
        // They hold the files of the old index, which may be damaged.
        lock(&self.shared.kept).clear();
        let path = old.path.clone();
        drop(old);
        let outdated = self
            .shared
            .place
            .as_ref()
            .and_then(|place| lock(&place.outdated).take());
        for path in path.into_iter().chain(outdated) {
            files::remove_directory(&path);
        }
        Ok(())
    }

    fn publish(&self, writer: &Writer) -> Result<()> {
        self.show(self.snapshot(writer)?);
        Ok(())
    }

    fn snapshot(&self, writer: &Writer) -> Result<Snapshot> {
        let before = self.current();
        Snapshot::new(
            &self.shared.fields,
            writer.reader(),
            writer.last(),
            Some(&before),
        )
    }

    fn show(&self, snapshot: Snapshot) {
        *self
            .shared
            .current
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
        lock(&self.shared.kept).expire(self.shared.settings.cursor_lifetime);
    }

    fn current(&self) -> Arc<Snapshot> {
        Arc::clone(
            &self
                .shared
                .current
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

/// An empty index in memory.
fn create(fields: &Fields, settings: &Settings) -> Result<(Writer, Snapshot)> {
    let writer = Writer::create(fields, settings, None)?;
    let snapshot = Snapshot::new(fields, writer.reader(), writer.last(), None)?;
    Ok((writer, snapshot))
}

/// The index in this directory, after its files are verified if they are to be. Damaged ones may make the engine panic.
fn open(
    path: &Path,
    fields: &Fields,
    settings: &Settings,
    verified: bool,
) -> std::result::Result<(Writer, Snapshot), RebuildReason> {
    let opened = catch(|| {
        if verified && let Some(reason) = damage(&open_engine(path)?.0, &|| true) {
            return Ok(Err(reason));
        }
        let writer = Writer::open(settings, path.to_path_buf())?;
        let snapshot = Snapshot::new(fields, writer.reader(), writer.last(), None)?;
        Ok(Ok((writer, snapshot)))
    });
    opened.unwrap_or_else(|error| Err(RebuildReason::Corrupt(error.to_string())))
}

/// Answers questions from the index as it was when the searcher was made.
#[derive(Clone)]
pub struct Searcher {
    pub(crate) index: Index,
    pub(crate) snapshot: Arc<Snapshot>,
}

impl Searcher {
    /// The position of the change log that the answers reflect. What was deleted or narrowed since goes into
    /// [`crate::Viewer`].
    #[must_use]
    pub fn checkpoint(&self) -> u64 {
        self.snapshot.commit.checkpoint
    }

    /// Keeps the searcher for the cursors that it gives.
    pub(crate) fn keep(&self) {
        lock(&self.index.shared.kept)
            .keep(&self.snapshot, self.index.shared.settings.kept_searchers);
    }
}

impl std::fmt::Debug for Searcher {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Searcher")
            .field("checkpoint", &self.checkpoint())
            .finish_non_exhaustive()
    }
}

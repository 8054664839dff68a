//! The only place that writes an index.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tantivy::directory::MmapDirectory;
use tantivy::indexer::IndexWriterOptions;
use tantivy::{IndexReader, IndexWriter, ReloadPolicy, TantivyError, Term};

use super::Settings;
use super::merging::Merging;
use crate::document::{Change, Document};
use crate::error::{Result, catch};
use crate::schema::Fields;

/// The engine wants as much for each thread.
const MIN_MEMORY_PER_THREAD: usize = 15_000_000;
/// Blocks of 16 KB of the texts of each segment that a searcher remembers. Many searchers are kept for cursors, each with
/// blocks of its own.
const REMEMBERED_BLOCKS: usize = 8;

/// What a commit says of itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Commit {
    /// Position of the change log that the commit holds everything up to.
    pub(crate) checkpoint: u64,
    /// Microseconds since 1970.
    pub(crate) committed_at: u64,
}

impl Commit {
    pub(crate) fn time(self) -> Option<SystemTime> {
        (self.committed_at > 0).then(|| UNIX_EPOCH + Duration::from_micros(self.committed_at))
    }
}

/// An engine's index with its one writer and its one reader.
pub(crate) struct Writer {
    index: tantivy::Index,
    reader: IndexReader,
    /// None after a failure, until the next write: what was not committed is gone with it.
    engine: Option<IndexWriter>,
    last: Commit,
    settings: Settings,
    /// None in memory.
    pub(crate) path: Option<PathBuf>,
}

impl Writer {
    /// An empty index, in this new directory or in memory.
    pub(crate) fn create(
        fields: &Fields,
        settings: &Settings,
        path: Option<PathBuf>,
    ) -> Result<Self> {
        let builder = tantivy::Index::builder()
            .schema(fields.schema.clone())
            .tokenizers(Fields::tokenizers());
        let index = match &path {
            Some(path) => builder.create_in_dir(path)?,
            None => builder.create_in_ram()?,
        };
        Self::of(index, settings, path, Commit::default())
    }

    /// The index in this directory.
    pub(crate) fn open(settings: &Settings, path: PathBuf) -> Result<Self> {
        let (index, last) = open_engine(&path)?;
        Self::of(index, settings, Some(path), last)
    }

    fn of(
        index: tantivy::Index,
        settings: &Settings,
        path: Option<PathBuf>,
        last: Commit,
    ) -> Result<Self> {
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .doc_store_cache_num_blocks(REMEMBERED_BLOCKS)
            .try_into()?;
        let mut this = Self {
            index,
            reader,
            engine: None,
            last,
            settings: settings.clone(),
            path,
        };
        this.ready()?;
        Ok(this)
    }

    /// The engine's index, to look at its files.
    pub(crate) fn engine_index(&self) -> tantivy::Index {
        self.index.clone()
    }

    pub(crate) fn reader(&self) -> &IndexReader {
        &self.reader
    }

    pub(crate) fn last(&self) -> Commit {
        self.last
    }

    /// Applies the changes in order and commits them. Either all of it is searchable and durable afterwards, or none.
    pub(crate) fn apply(
        &mut self,
        fields: &Fields,
        changes: Vec<Change>,
        checkpoint: u64,
    ) -> Result<()> {
        self.attempt(|this| {
            this.stage(fields, changes)?;
            this.commit(checkpoint)
        })
    }

    /// Carries out work that ends with a panic as with an error. What was not committed is gone when it fails.
    pub(crate) fn attempt(&mut self, work: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let result = catch(|| work(self));
        if result.is_err() {
            self.engine = None;
        }
        result
    }

    fn stage(&mut self, fields: &Fields, changes: Vec<Change>) -> Result<()> {
        for change in changes {
            match change {
                Change::Put(document) => self.put(fields, &document, true)?,
                Change::Delete(id) => {
                    self.ready()?.delete_term(fields.id_term(id));
                }
                Change::DeleteCommunity(id) => {
                    self.ready()?
                        .delete_term(Term::from_field_text(fields.community, &id.to_string()));
                }
            }
        }
        Ok(())
    }

    /// Adds a document, after deleting the one that it replaces: a delete only reaches what was added before it.
    pub(crate) fn put(
        &mut self,
        fields: &Fields,
        document: &Document,
        replace: bool,
    ) -> Result<()> {
        let engine_document = fields.engine_document(document, &self.settings.default_language);
        let writer = self.ready()?;
        if replace {
            writer.delete_term(fields.id_term(document.id));
        }
        match writer.add_document(engine_document) {
            Ok(_) => Ok(()),
            // A thread of the engine ended before. What it ended with is said to whoever waits for it.
            Err(error) => Err(writer.prepare_commit().err().unwrap_or(error).into()),
        }
    }

    /// Makes what was staged durable and searchable. Nothing else commits, so every commit carries its position.
    pub(crate) fn commit(&mut self, checkpoint: u64) -> Result<()> {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let commit = Commit {
            checkpoint,
            committed_at: u64::try_from(since.as_micros()).unwrap_or(u64::MAX),
        };
        let payload = serde_json::to_string(&commit).map_err(std::io::Error::from)?;
        let mut prepared = self.ready()?.prepare_commit()?;
        prepared.set_payload(&payload);
        prepared.commit()?;
        self.last = commit;
        self.reader.reload()?;
        Ok(())
    }

    /// Waits for merges under way.
    pub(crate) fn finish_merges(&mut self) -> Result<()> {
        if let Some(writer) = self.engine.take() {
            writer.wait_merging_threads()?;
        }
        self.reader.reload()?;
        self.ready()?;
        Ok(())
    }

    /// Ends the engine's threads and its hold of the directory, until the next write.
    pub(crate) fn rest(&mut self) {
        self.engine = None;
    }

    fn ready(&mut self) -> Result<&mut IndexWriter> {
        let writer = match self.engine.take() {
            Some(writer) => writer,
            None => self.start()?,
        };
        Ok(self.engine.insert(writer))
    }

    fn start(&self) -> Result<IndexWriter> {
        let threads = self.settings.writer_threads.max(1);
        let options = IndexWriterOptions::builder()
            .num_worker_threads(threads)
            .memory_budget_per_thread(
                (self.settings.writer_memory_bytes / threads).max(MIN_MEMORY_PER_THREAD),
            )
            .num_merge_threads(self.settings.merge_threads.max(1))
            .build();
        let writer: IndexWriter = self.index.writer_with_options(options)?;
        // What a write that failed left behind takes up space, and is in the way of the same write.
        if let Err(error) = writer.garbage_collect_files().wait() {
            tracing::warn!(%error, "files that the search index does not need could not be removed");
        }
        writer.set_merge_policy(Box::<Merging>::default());
        Ok(writer)
    }
}

/// Opens the engine's files without writing, and reads what the last commit said.
pub(crate) fn open_engine(path: &std::path::Path) -> Result<(tantivy::Index, Commit)> {
    let directory = MmapDirectory::open(path).map_err(TantivyError::from)?;
    let mut index = tantivy::Index::open(directory)?;
    index.set_tokenizers(Fields::tokenizers());
    let payload = index.load_metas()?.payload;
    let last = match payload {
        Some(payload) => serde_json::from_str(&payload).map_err(std::io::Error::from)?,
        None => Commit::default(),
    };
    Ok((index, last))
}

use std::path::PathBuf;

use super::core::Index;
use super::files;
use super::writer::Writer;
use crate::document::{Change, Document};
use crate::error::Result;

/// The position of an index that does not hold everything yet.
const INCOMPLETE: u64 = 0;

/// A new index that grows beside the one in use, which goes on serving and may go on being written. Dropped without
/// [`Rebuild::finish`], it leaves nothing behind.
pub struct Rebuild {
    index: Index,
    /// None once it is in use.
    writer: Option<Writer>,
    name: String,
    abandoned: Option<PathBuf>,
}

impl Rebuild {
    pub(crate) fn new(index: &Index) -> Result<Self> {
        index.reclaim()?;
        let (name, path) = match index.root() {
            Some(root) => {
                let (name, path) = files::create_directory(root)?;
                (name, Some(path))
            }
            None => (String::new(), None),
        };
        let mut this = Self {
            index: index.clone(),
            writer: None,
            name,
            abandoned: path.clone(),
        };
        this.writer = Some(Writer::create(index.fields(), index.settings(), path)?);
        Ok(this)
    }

    /// Adds a document. Each must be added once: this replaces nothing.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] or [`crate::Error::Panicked`] when something cannot be written, which may be a document
    /// that was added before. All that was added since the last [`Rebuild::keep`] is gone then.
    pub fn put(&mut self, document: &Document) -> Result<()> {
        let index = &self.index;
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        writer.attempt(|writer| {
            index.meet_fault(document)?;
            writer.put(index.fields(), document, false)
        })
    }

    /// Keeps what was added so far, whatever fails later.
    ///
    /// # Errors
    /// As of [`Rebuild::put`].
    pub fn keep(&mut self) -> Result<()> {
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        writer.attempt(|writer| writer.commit(INCOMPLETE))
    }

    /// Applies the changes in order and keeps them; a document takes the place of the one that is there. This takes
    /// longer than adding many documents that are kept together.
    ///
    /// # Errors
    /// As of [`Index::apply`].
    pub fn apply(&mut self, changes: Vec<Change>) -> Result<()> {
        let index = &self.index;
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        writer.attempt(|writer| {
            index.meet_faults(&changes)?;
            writer.apply(index.fields(), changes, INCOMPLETE)
        })
    }

    /// Commits everything with its position of the change log and puts the new index in place of the old one. Searches
    /// begun before stay with the old one. The follower goes on from `checkpoint`.
    ///
    /// # Errors
    /// [`crate::Error`] when the new index cannot be written, or the index was closed; the old one stays in use.
    pub fn finish(mut self, checkpoint: u64) -> Result<()> {
        let Some(mut writer) = self.writer.take() else {
            return Ok(());
        };
        // Whoever opened the directory since has cleared it.
        self.index.ensure_open()?;
        writer.commit(checkpoint)?;
        self.index.replace(writer, std::mem::take(&mut self.name))?;
        self.abandoned = None;
        Ok(())
    }
}

impl Drop for Rebuild {
    fn drop(&mut self) {
        self.writer = None;
        if let Some(path) = self.abandoned.take() {
            files::remove_directory(&path);
        }
    }
}

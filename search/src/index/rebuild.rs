use std::path::PathBuf;

use super::core::Index;
use super::files;
use super::writer::Writer;
use crate::document::Document;
use crate::error::Result;

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

    /// Adds a document. Each must be added once: a rebuild replaces nothing.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] when it cannot be written; give up this rebuild then.
    pub fn put(&mut self, document: &Document) -> Result<()> {
        match &mut self.writer {
            Some(writer) => writer.put(self.index.fields(), document, false),
            None => Ok(()),
        }
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

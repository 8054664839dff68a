//! Where an export is written to: a file or standard output, on threads that may wait for the disk.

use std::io::{self, Write};

use crate::error::{Error, Result};

/// Bytes that are written at once.
const BLOCK: usize = 256 * 1024;

/// What an export is written to.
pub type Target = Box<dyn Write + Send + Sync>;

/// Something to write to, by blocks.
pub(super) struct Sink {
    writer: Option<Target>,
    block: Vec<u8>,
    written: u64,
}

impl Sink {
    pub(super) fn new(writer: Target) -> Self {
        Self {
            writer: Some(writer),
            block: Vec::with_capacity(BLOCK),
            written: 0,
        }
    }

    /// What is to be written next is added here.
    pub(super) fn block(&mut self) -> &mut Vec<u8> {
        &mut self.block
    }

    /// Bytes written so far, and those that wait.
    pub(super) fn bytes(&self) -> u64 {
        self.written + self.block.len() as u64
    }

    /// Writes what waits, where that is worth a system call.
    pub(super) async fn drain(&mut self) -> Result<()> {
        if self.block.len() < BLOCK {
            return Ok(());
        }
        self.flush().await
    }

    /// Writes all that waits.
    pub(super) async fn flush(&mut self) -> Result<()> {
        let Some(mut writer) = self.writer.take() else {
            return Err(Error::internal("an export was written to after it failed"));
        };
        let block = std::mem::take(&mut self.block);
        let (writer, block, wrote) = tokio::task::spawn_blocking(move || {
            let wrote = writer.write_all(&block).and_then(|()| writer.flush());
            (writer, block, wrote)
        })
        .await
        .map_err(Error::internal)?;
        wrote.map_err(|error| unwritable(&error))?;
        self.written += block.len() as u64;
        self.writer = Some(writer);
        self.block = block;
        self.block.clear();
        // What was needed once for something large is not kept.
        self.block.shrink_to(2 * BLOCK);
        Ok(())
    }
}

/// A file could not be written; a full disk is nobody's defect.
pub(in crate::operation) fn unwritable(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::Unavailable(
            "The server's storage is full; reading goes on, writing waits for space.".into(),
        ),
        _ => Error::internal(format!(
            "the file of an operation cannot be written: {error}"
        )),
    }
}

use std::path::Path;

use super::files;
use super::writer::open_engine;
use super::{Index, Settings};
use crate::error::Result;
use crate::schema::Fields;

/// What a directory holds, found without writing and while another process uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Whether it can be used.
    pub state: State,
    /// Position of the change log that it has reached.
    pub checkpoint: u64,
    /// Number of documents.
    pub documents: u64,
}

/// The state of an index's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It can be used.
    Ready,
    /// There is none.
    Missing,
    /// Another version or other settings made it.
    Outdated,
    /// Its files cannot be read, with the reason.
    Corrupt(String),
}

impl Index {
    /// Looks at a directory without changing it. With `verify`, every file is read and compared with its checksum.
    ///
    /// # Errors
    /// [`crate::Error::Storage`] when the directory cannot be read at all.
    pub fn inspect(directory: &Path, settings: &Settings, verify: bool) -> Result<Inspection> {
        let found = |state| Inspection {
            state,
            checkpoint: 0,
            documents: 0,
        };
        let current = match files::read_current(directory)? {
            None => return Ok(found(State::Missing)),
            Some(Err(reason)) => return Ok(found(State::Corrupt(reason))),
            Some(Ok(current)) => current,
        };
        if current.fingerprint != Fields::new().fingerprint(&settings.default_language) {
            return Ok(found(State::Outdated));
        }
        Ok(match look(&directory.join(current.directory), verify) {
            Ok(inspection) => inspection,
            Err(error) => found(State::Corrupt(error.to_string())),
        })
    }
}

fn look(path: &Path, verify: bool) -> Result<Inspection> {
    let (index, last) = open_engine(path)?;
    if verify {
        check_files(&index)?;
    }
    let documents = index
        .searchable_segment_metas()?
        .iter()
        .map(|segment| u64::from(segment.num_docs()))
        .sum();
    Ok(Inspection {
        state: State::Ready,
        checkpoint: last.checkpoint,
        documents,
    })
}

/// Compares every file with its checksum.
pub(crate) fn check_files(index: &tantivy::Index) -> Result<()> {
    let damaged = index.validate_checksum()?;
    match damaged.iter().min() {
        None => Ok(()),
        Some(path) => Err(std::io::Error::new(
            std::io::ErrorKind::InvalidData,
            format!("{} differs from its checksum", path.display()),
        )
        .into()),
    }
}

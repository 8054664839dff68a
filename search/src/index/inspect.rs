use std::collections::HashSet;
use std::path::{Path, PathBuf};

use tantivy::directory::error::OpenReadError;
use tantivy::index::SegmentComponent;
use tantivy::{Directory, IndexMeta, TantivyError};

use super::files;
use super::writer::open_engine;
use super::{Index, RebuildReason, Settings};
use crate::error::{Result, catch};
use crate::schema::Fields;

/// The files that every segment has.
const COMPONENTS: [SegmentComponent; 6] = [
    SegmentComponent::Terms,
    SegmentComponent::Postings,
    SegmentComponent::Positions,
    SegmentComponent::FastFields,
    SegmentComponent::FieldNorms,
    SegmentComponent::Store,
];

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
        let current = match files::read_current(directory)? {
            None => return Ok(found(State::Missing)),
            Some(Err(reason)) => return Ok(found(State::Corrupt(reason))),
            Some(Ok(current)) => current,
        };
        if current.fingerprint != Fields::new().fingerprint(&settings.default_language) {
            return Ok(found(State::Outdated));
        }
        let path = directory.join(current.directory);
        Ok(catch(|| look(&path, verify))
            .unwrap_or_else(|error| found(State::Corrupt(error.to_string()))))
    }

    /// Says why the index must be made anew, if it must: whether its directory still has it, and each file is as it was
    /// written. All of it is read while others search and write; `goes_on` is asked before each file, and nothing is
    /// known once it is not true. An index in memory need not be made anew.
    #[must_use]
    pub fn verify(&self, goes_on: impl Fn() -> bool) -> Option<RebuildReason> {
        let root = self.root()?;
        let writer = self.writer().ok()?;
        let path = writer.path.clone()?;
        let engine = writer.engine_index();
        let current = files::read_current(root);
        drop(writer);
        let found = match current {
            Ok(Some(Ok(current))) if root.join(&current.directory) == path => {
                damage_apart(&engine, &path, &goes_on)
            }
            Ok(Some(Ok(_)) | None) => Some(RebuildReason::Missing),
            Ok(Some(Err(reason))) => Some(RebuildReason::Corrupt(reason)),
            Err(error) => Some(RebuildReason::Corrupt(error.to_string())),
        };
        let writer = self.writer().ok()?;
        if writer.path.as_ref() != Some(&path) {
            // Another has taken its place meanwhile.
            return None;
        }
        if found.is_none() && goes_on() {
            files::trust(root);
        }
        found
    }
}

fn found(state: State) -> Inspection {
    Inspection {
        state,
        checkpoint: 0,
        documents: 0,
    }
}

fn look(path: &Path, verify: bool) -> Result<Inspection> {
    let (index, last) = open_engine(path)?;
    if verify {
        match damage(&index, &|| true) {
            Some(RebuildReason::Corrupt(reason)) => return Ok(found(State::Corrupt(reason))),
            Some(RebuildReason::Missing | RebuildReason::Outdated) => {
                return Ok(found(State::Corrupt("files are missing".into())));
            }
            None => {}
        }
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

/// [`damage`] of an index that is in use, read through mappings of files that are gone afterwards: through those of the
/// index, all of it would stay in memory.
fn damage_apart(
    index: &tantivy::Index,
    path: &Path,
    goes_on: &dyn Fn() -> bool,
) -> Option<RebuildReason> {
    match open_engine(path) {
        Ok((apart, _)) => damage_read_by(&apart, index, goes_on),
        // The index itself tells what is wrong.
        Err(_) => damage(index, goes_on),
    }
}

/// Why the index must be made anew, from comparing every file with its checksum; none when they are whole. `goes_on` is
/// asked before each, and none is compared once it is not true.
pub(crate) fn damage(index: &tantivy::Index, goes_on: &dyn Fn() -> bool) -> Option<RebuildReason> {
    damage_read_by(index, index, goes_on)
}

fn damage_read_by(
    reading: &tantivy::Index,
    index: &tantivy::Index,
    goes_on: &dyn Fn() -> bool,
) -> Option<RebuildReason> {
    catch(|| Ok(find_damage(reading, index, goes_on)))
        .unwrap_or_else(|error| Some(RebuildReason::Corrupt(error.to_string())))
}

fn find_damage(
    reading: &tantivy::Index,
    index: &tantivy::Index,
    goes_on: &dyn Fn() -> bool,
) -> Option<RebuildReason> {
    let mut whole = HashSet::new();
    loop {
        // As long as this lives, the engine removes none of its files.
        let metas = match index.load_metas() {
            Ok(metas) => metas,
            Err(error) => return Some(reason_of(&error)),
        };
        let (path, reason) = first_damaged(reading, &metas, &mut whole, goes_on)?;
        match index.load_metas() {
            // It was not needed any more, and removed before it was known that somebody reads it.
            Ok(now) if files_of(&now).all(|file| file != path) => {}
            _ => return Some(reason),
        }
    }
}

fn first_damaged(
    reading: &tantivy::Index,
    metas: &IndexMeta,
    whole: &mut HashSet<PathBuf>,
    goes_on: &dyn Fn() -> bool,
) -> Option<(PathBuf, RebuildReason)> {
    for path in files_of(metas) {
        if whole.contains(&path) {
            continue;
        }
        if !goes_on() {
            return None;
        }
        if let Some(reason) = damage_of(reading, &path) {
            return Some((path, reason));
        }
        whole.insert(path);
    }
    None
}

fn damage_of(reading: &tantivy::Index, path: &Path) -> Option<RebuildReason> {
    let directory = reading.directory();
    // One that is gone can still be read where it was read before.
    if matches!(directory.exists(path), Ok(false)) {
        return Some(RebuildReason::Missing);
    }
    match directory.validate_checksum(path) {
        Ok(true) => None,
        Ok(false) => Some(RebuildReason::Corrupt(format!(
            "{} differs from its checksum",
            path.display()
        ))),
        Err(error) => Some(reason_of(&error.into())),
    }
}

fn reason_of(error: &TantivyError) -> RebuildReason {
    match error {
        TantivyError::OpenReadError(OpenReadError::FileDoesNotExist(_)) => RebuildReason::Missing,
        other => RebuildReason::Corrupt(other.to_string()),
    }
}

fn files_of(metas: &IndexMeta) -> impl Iterator<Item = PathBuf> {
    metas.segments.iter().flat_map(|segment| {
        let deletes = segment.delete_opstamp().map(|_| SegmentComponent::Delete);
        COMPONENTS
            .into_iter()
            .chain(deletes)
            .map(move |component| segment.relative_path(component))
    })
}

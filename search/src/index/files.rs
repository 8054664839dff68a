//! One directory holds the index in use, a rebuilt one beside it while it grows, and the file that names the former.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Error, Result, at};

const CURRENT: &str = "current.json";
const LOCK: &str = "lock";
/// There from when an index is opened until its files are known to be whole.
const DOUBTED: &str = "doubted";
const PREFIX: &str = "index-";

/// Which index is in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Current {
    /// Name of its directory.
    pub(crate) directory: String,
    /// Of the schema and analysis that made it.
    pub(crate) fingerprint: String,
}

/// A directory that no other index uses as long as this lives.
#[derive(Debug)]
pub(crate) struct Claim(File);

impl Claim {
    /// Whether this is still the lock of the directory: when that was removed, or another put in its place, somebody
    /// else may have claimed it since.
    pub(crate) fn is_of(&self, root: &Path) -> bool {
        match (self.0.metadata(), fs::metadata(root.join(LOCK))) {
            (Ok(ours), Ok(there)) => is_same(&ours, &there),
            _ => false,
        }
    }
}

#[cfg(unix)]
fn is_same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Elsewhere an open file cannot be removed.
#[cfg(not(unix))]
fn is_same(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    true
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Closing the file is not enough: a process that is being started from this one shares it for a moment. What cannot
        // be unlocked is unlocked when that moment is over.
        let _ = self.0.unlock();
    }
}

/// Takes the directory for this index alone.
pub(crate) fn lock(root: &Path) -> Result<Claim> {
    let path = root.join(LOCK);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(at(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(Claim(file)),
        Err(TryLockError::WouldBlock) => Err(Error::InUse {
            directory: root.to_path_buf(),
        }),
        Err(TryLockError::Error(error)) => Err(at(&path)(error)),
    }
}

/// What the directory says is in use: nothing, or something unreadable.
pub(crate) fn read_current(root: &Path) -> Result<Option<std::result::Result<Current, String>>> {
    let path = root.join(CURRENT);
    match fs::read(&path) {
        Ok(bytes) => Ok(Some(
            serde_json::from_slice::<Current>(&bytes)
                .map_err(|error| format!("{CURRENT} is not understood: {error}"))
                .and_then(|current| {
                    let plain = current.directory.starts_with(PREFIX)
                        && !current.directory.contains(['/', '\\']);
                    plain
                        .then_some(current)
                        .ok_or_else(|| format!("{CURRENT} names no directory of this index"))
                }),
        )),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(&path)(error)),
    }
}

/// Says durably which index is in use: either the old or the new one is, whenever the machine stops.
pub(crate) fn write_current(root: &Path, current: &Current) -> Result<()> {
    let path = root.join(CURRENT);
    let draft = root.join(format!("{CURRENT}.new"));
    let bytes = serde_json::to_vec(current)
        .map_err(std::io::Error::from)
        .map_err(at(&draft))?;
    let write = || -> std::io::Result<()> {
        let mut file = File::create(&draft)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&draft, &path)?;
        File::open(root)?.sync_all()
    };
    write().map_err(at(&path))
}

/// Notes that an index is opened whose files nobody has looked through, and answers whether this was noted before: then
/// they may be what ended the process that opened it.
pub(crate) fn doubt(root: &Path) -> bool {
    let path = root.join(DOUBTED);
    let before = path.exists();
    if !before && let Err(error) = File::create(&path) {
        tracing::warn!(path = %path.display(), %error, "the search index is opened without a note of it");
    }
    before
}

/// Notes that the files of the index are whole.
pub(crate) fn trust(root: &Path) {
    let path = root.join(DOUBTED);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(path = %path.display(), %error, "the search index is looked through again when it is opened next");
        }
        _ => {}
    }
}

/// A new empty directory for an index.
pub(crate) fn create_directory(root: &Path) -> Result<(String, PathBuf)> {
    let name = format!("{PREFIX}{}", Uuid::now_v7().simple());
    let path = root.join(&name);
    fs::create_dir_all(&path).map_err(at(&path))?;
    Ok((name, path))
}

/// Removes what a rebuild that never ended left behind. What cannot be removed now is removed next time.
pub(crate) fn remove_unused(root: &Path, in_use: Option<&str>) {
    let Ok(entries) = fs::read_dir(root) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if name.starts_with(PREFIX) && Some(name) != in_use {
            remove_directory(&entry.path());
        }
    }
}

/// Removes an index's directory; readers that still hold its files keep them until they are done.
pub(crate) fn remove_directory(path: &Path) {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(path = %path.display(), %error, "an unused search index could not be removed");
        }
        _ => {}
    }
}

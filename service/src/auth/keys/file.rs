//! The file of the signing keys: whole, durable, and readable for its owner only.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::KeyError;

/// The text of a file that only its owner can read; none when there is no such file.
pub(super) fn read_private(file: &Path) -> Result<Option<String>, KeyError> {
    let failed = |error| KeyError::File {
        path: file.to_owned(),
        error,
    };
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(file).map_err(failed)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(KeyError::TooOpen {
                path: file.to_owned(),
            });
        }
    }
    Ok(Some(text))
}

/// Writes a file beside the one that is meant, readable for its owner only, and makes it durable.
fn write_beside(file: &Path, text: &str) -> io::Result<PathBuf> {
    let beside = file.with_extension(format!("{}.new", uuid::Uuid::new_v4().simple()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut written = options.open(&beside)?;
    let outcome = written
        .write_all(text.as_bytes())
        .and_then(|()| written.sync_all());
    match outcome {
        Ok(()) => Ok(beside),
        Err(error) => {
            let _ = fs::remove_file(&beside);
            Err(error)
        }
    }
}

/// Keeps others out who lock the file's directory, until what is answered is dropped. The file itself is replaced, so a
/// lock on it would keep nobody out.
pub(super) fn lock_directory(file: &Path) -> io::Result<File> {
    let directory = file.parent().ok_or(io::ErrorKind::NotFound)?;
    let directory = File::open(directory)?;
    directory.lock()?;
    Ok(directory)
}

/// Gives a file to the owner of another one: when root replaces a file, the server must still be able to read it.
#[cfg(unix)]
fn give(made: &Path, to_owner_of: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, chown};
    let (made_by, owner) = (fs::metadata(made)?, fs::metadata(to_owner_of)?);
    if made_by.uid() == owner.uid() {
        return Ok(());
    }
    chown(made, Some(owner.uid()), Some(owner.gid()))
}

#[cfg(not(unix))]
fn give(_made: &Path, _to_owner_of: &Path) -> io::Result<()> {
    Ok(())
}

fn sync_directory(file: &Path) -> io::Result<()> {
    match file.parent() {
        Some(directory) => File::open(directory)?.sync_all(),
        None => Ok(()),
    }
}

/// Makes the file whole or not at all, and never over another one: a link fails when the name is taken.
pub(super) fn create(file: &Path, text: &str) -> io::Result<()> {
    let beside = write_beside(file, text)?;
    let linked = fs::hard_link(&beside, file);
    fs::remove_file(&beside)?;
    linked?;
    sync_directory(file)
}

/// Puts the text in the place of the file's, whole or not at all. The file stays its owner's.
pub(super) fn replace(file: &Path, text: &str) -> io::Result<()> {
    let beside = write_beside(file, text)?;
    if let Err(error) = give(&beside, file).and_then(|()| fs::rename(&beside, file)) {
        let _ = fs::remove_file(&beside);
        return Err(error);
    }
    sync_directory(file)
}

//! The files of operations: in a directory of their own, for the server's user alone.
//!
//! The directory has an id, which the row of an operation names: a process works on files of its own directory only. So
//! several machines either share the directory, or each does the imports that were sent to it and answers the exports that
//! it wrote.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use uuid::Uuid;

/// The file that holds the id of the directory.
const PLACE: &str = "place";
/// What is being written has this at the end of its name.
const UNFINISHED: &str = ".part";
/// What was not finished within this time never is.
const ABANDONED: Duration = Duration::from_hours(24);

/// A directory of operations.
#[derive(Clone, Debug)]
pub(super) struct Files {
    directory: PathBuf,
    place: Uuid,
}

impl Files {
    /// Opens the directory; it is made when it is not there.
    pub(super) fn open(directory: &Path) -> io::Result<Self> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt;
            builder.mode(0o700);
        }
        builder.create(directory)?;
        let place = place_of(&directory.join(PLACE))?;
        Ok(Self {
            directory: directory.to_owned(),
            place,
        })
    }

    /// The id of the directory.
    pub(super) fn place(&self) -> Uuid {
        self.place
    }

    /// A file of the directory.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Begins a file that nobody else begins, under a name that says that it is not finished. The name without that is
    /// answered too.
    pub(super) fn begin(&self, operation: Uuid) -> io::Result<(File, PathBuf, String)> {
        let name = format!("{}-{}", operation.simple(), Uuid::new_v4().simple());
        let path = self.directory.join(format!("{name}{UNFINISHED}"));
        Ok((create_private(&path)?, path, name))
    }

    /// Gives a finished file its name; it is on the disk then.
    pub(super) fn finish(&self, file: &File, path: &Path, name: &str) -> io::Result<()> {
        file.sync_all()?;
        std::fs::rename(path, self.path(name))?;
        // The name is on the disk too, where directories can be synced.
        if let Ok(directory) = File::open(&self.directory) {
            let _ = directory.sync_all();
        }
        Ok(())
    }

    /// Removes a file; one that is not there is no fault.
    pub(super) fn remove(&self, name: &str) {
        remove(&self.path(name));
    }

    /// Removes a file as [`discard`] does.
    pub(super) async fn discard(&self, name: &str) {
        discard(self.path(name)).await;
    }

    /// Removes what was left by processes that ended in the middle: files that no operation names any more, by `is_known`,
    /// and that are old. Answers how many.
    pub(super) fn sweep(&self, is_known: impl Fn(&str) -> bool) -> io::Result<u64> {
        let mut removed = 0;
        for entry in std::fs::read_dir(&self.directory)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| *name != PLACE) else {
                continue;
            };
            let modified = entry.metadata().and_then(|metadata| metadata.modified())?;
            let age = SystemTime::now().duration_since(modified);
            if age.is_ok_and(|age| age > ABANDONED) && !is_known(name) {
                remove(&entry.path());
                removed += 1;
            }
        }
        Ok(removed)
    }
}

/// Removes a file; one that is not there is no fault.
pub(super) fn remove(path: &Path) {
    match std::fs::remove_file(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => {
            tracing::warn!(%error, path = %path.display(), "a file of an operation could not be removed");
        }
    }
}

/// Removes a file on a thread that may wait for the disk; one that is not there is no fault.
pub(super) async fn discard(path: PathBuf) {
    if let Err(error) = tokio::task::spawn_blocking(move || remove(&path)).await {
        tracing::warn!(%error, "a file of an operation could not be removed");
    }
}

/// Creates a file that only its owner may read, and that was not there.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// The id of a directory, made when there is none.
fn place_of(path: &Path) -> io::Result<Uuid> {
    match std::fs::read_to_string(path) {
        Ok(text) => Uuid::try_parse(text.trim()).map_err(|_| {
            let message = format!("{} holds no id; remove it to get a new one", path.display());
            io::Error::new(io::ErrorKind::InvalidData, message)
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let place = Uuid::new_v4();
            // Whole or not there: another process may make it at the same time, and the first one's holds.
            let new = path.with_file_name(format!("{PLACE}-{}{UNFINISHED}", place.simple()));
            let mut file = create_private(&new)?;
            writeln!(file, "{place}")?;
            file.sync_all()?;
            let linked = std::fs::hard_link(&new, path);
            remove(&new);
            match linked {
                Ok(()) => Ok(place),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => place_of(path),
                Err(error) => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_keeps_its_id_and_its_files_are_private() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("operations");
        let files = Files::open(&path).unwrap();
        assert_eq!(Files::open(&path).unwrap().place(), files.place());
        let (file, unfinished, name) = files.begin(Uuid::nil()).unwrap();
        files.finish(&file, &unfinished, &name).unwrap();
        assert!(files.path(&name).is_file() && !unfinished.exists());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&path), mode(&files.path(&name))), (0o700, 0o600));
        }
        assert_eq!(files.sweep(|_| false).unwrap(), 0, "nothing is old");
        let old = File::options().write(true).open(files.path(&name)).unwrap();
        old.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(files.sweep(|known| known == name).unwrap(), 0);
        assert_eq!(files.sweep(|_| false).unwrap(), 1);
        files.remove(&name);
    }
}

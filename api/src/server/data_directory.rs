//! The data directory and the lock that keeps a second server out of it.

use std::fs::{File, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};

use crate::config::{Config, create_data_dir};

/// The file that a running server holds locked. Short commands do not.
const LOCK_FILE: &str = "server.lock";

/// A data directory that is this server's own while the value lives.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    lock: File,
}

impl DataDirectory {
    /// Creates the directory when it is not there, and claims it.
    ///
    /// # Errors
    ///
    /// When another server runs in it, or it cannot be written.
    pub fn claim(config: &Config) -> anyhow::Result<Self> {
        create_data_dir(&config.data_dir)?;
        let path = config.data_dir.join(LOCK_FILE);
        let context = || {
            format!(
                "The file {} cannot be written; check the owner and the space of the data directory.",
                path.display()
            )
        };
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let mut lock = options.open(&path).with_context(context)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(&config.data_dir, &mut lock)),
            Err(TryLockError::Error(error)) => {
                return Err(anyhow!(
                    "The file {} cannot be locked: {error}. Put the data directory on a local file system, by --data-dir.",
                    path.display()
                ));
            }
        }
        lock.set_len(0).with_context(context)?;
        writeln!(lock, "{}", std::process::id()).with_context(context)?;
        Ok(Self {
            path: config.data_dir.clone(),
            lock,
        })
    }

    /// Whether a server runs in the directory now.
    #[must_use]
    pub fn is_claimed(directory: &Path) -> bool {
        File::open(directory.join(LOCK_FILE))
            .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for DataDirectory {
    fn drop(&mut self) {
        // Closing the file is not enough: a process that is being started from this one shares it for a moment.
        if let Err(error) = self.lock.unlock() {
            tracing::warn!(%error, "the lock of the data directory could not be given back");
        }
    }
}

fn in_use(directory: &Path, lock: &mut File) -> anyhow::Error {
    let mut holder = String::new();
    let process = match lock.read_to_string(&mut holder) {
        Ok(_) if !holder.trim().is_empty() => format!(" (process {})", holder.trim()),
        _ => String::new(),
    };
    anyhow!(
        "Another server{process} already uses the data directory {}. Stop it first, or give this one a directory of its \
         own by --data-dir.",
        directory.display()
    )
}

use std::any::Any;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use tantivy::TantivyError;
use tantivy::directory::error::{LockError, OpenDirectoryError, OpenReadError, OpenWriteError};

/// What can go wrong with the index. A query is never at fault: a broken one is understood leniently.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The cursor was not made by this engine, or belongs to another order.
    #[error(
        "The cursor is not one that a search in this order gave. Ask for the first page again, without `after`."
    )]
    BadCursor,
    /// Another process, or another [`crate::Index`] of this one, writes to the directory.
    #[error(
        "The search index in {directory} is in use by another process. Stop that process, or give this one another directory."
    )]
    InUse {
        /// Directory of the index.
        directory: PathBuf,
    },
    /// The index was closed: this process ends.
    #[error("The search index is closed. Open it again to write to it.")]
    Closed,
    /// Files of the index cannot be read or written.
    #[error(
        "The search index cannot use {path}: {source}. Check that it exists, its permissions and the free space."
    )]
    Storage {
        /// What was to be read or written.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The engine failed: usually a full disk or damaged files. Rebuild the index when it persists.
    #[error("The search engine failed: {0}. If it fails again, rebuild the index.")]
    Engine(#[from] TantivyError),
    /// The engine came upon what it does not expect, in a document or in its files, and gave up.
    #[error("The search engine gave up: {0}. If it does so again, rebuild the index.")]
    Panicked(String),
}

/// `Result` with this crate's [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Whether a document that was to be written may be at fault. Otherwise it is the storage, a file that is there
    /// already, or this process, and the same document can be written later.
    #[must_use]
    pub fn is_of_document(&self) -> bool {
        match self {
            Self::Panicked(_) => true,
            Self::Engine(error) => matches!(
                error,
                // What else a thread may end with is told by an error of its own.
                TantivyError::ErrorInThread(_)
                    | TantivyError::InvalidArgument(_)
                    | TantivyError::SchemaError(_)
                    | TantivyError::FieldNotFound(_)
                    | TantivyError::InternalError(_)
                    | TantivyError::DeserializeError(_)
            ),
            Self::BadCursor | Self::InUse { .. } | Self::Closed | Self::Storage { .. } => false,
        }
    }

    /// Whether there was no room for what was to be written.
    #[must_use]
    pub fn is_lack_of_space(&self) -> bool {
        let source = match self {
            Self::Storage { source, .. } => Some(source),
            Self::Engine(error) => source_of(error),
            Self::BadCursor | Self::InUse { .. } | Self::Closed | Self::Panicked(_) => None,
        };
        source.is_some_and(|source| {
            matches!(
                source.kind(),
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
            )
        })
    }
}

/// What the operating system said.
fn source_of(error: &TantivyError) -> Option<&std::io::Error> {
    match error {
        TantivyError::IoError(source)
        | TantivyError::LockFailure(LockError::IoError(source), _)
        | TantivyError::OpenDirectoryError(
            OpenDirectoryError::FailedToCreateTempDir(source)
            | OpenDirectoryError::IoError {
                io_error: source, ..
            },
        )
        | TantivyError::OpenReadError(OpenReadError::IoError {
            io_error: source, ..
        })
        | TantivyError::OpenWriteError(OpenWriteError::IoError {
            io_error: source, ..
        }) => Some(source),
        _ => None,
    }
}

impl From<std::io::Error> for Error {
    fn from(source: std::io::Error) -> Self {
        Self::Engine(source.into())
    }
}

/// Adds the path to an error of the operating system.
pub(crate) fn at(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Error + use<> {
    let path = path.to_path_buf();
    move |source| Error::Storage { path, source }
}

/// What the work answers; a panic is an error like any other. What it was about to change is not to be used afterwards.
pub(crate) fn catch<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(Error::Panicked(text_of(panic.as_ref()))))
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("it said nothing more").to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn io(kind: ErrorKind) -> std::io::Error {
        kind.into()
    }

    #[test]
    fn a_full_disk_is_no_fault_of_a_document() {
        let path = PathBuf::from("segment");
        let full: [Error; 3] = [
            Error::Storage {
                path: path.clone(),
                source: io(ErrorKind::StorageFull),
            },
            io(ErrorKind::FileTooLarge).into(),
            TantivyError::from(OpenWriteError::wrap_io_error(
                io(ErrorKind::QuotaExceeded),
                path.clone(),
            ))
            .into(),
        ];
        for error in full {
            assert!(error.is_lack_of_space(), "{error}");
            assert!(!error.is_of_document(), "{error}");
        }
        let others: [Error; 4] = [
            io(ErrorKind::NotFound).into(),
            TantivyError::from(OpenWriteError::FileAlreadyExists(path)).into(),
            TantivyError::LockFailure(LockError::IoError(Arc::new(io(ErrorKind::NotFound))), None)
                .into(),
            Error::Closed,
        ];
        for error in others {
            assert!(!error.is_lack_of_space(), "{error}");
            assert!(!error.is_of_document(), "{error}");
        }
    }

    #[test]
    fn a_panic_is_an_error_that_says_what_happened() {
        let error = catch::<()>(|| panic!("out of {}", "range")).unwrap_err();
        assert!(error.to_string().contains("out of range"), "{error}");
        assert!(error.is_of_document());
        assert!(!error.is_lack_of_space());
    }
}

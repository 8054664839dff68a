use std::path::PathBuf;

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
    Engine(#[from] tantivy::TantivyError),
}

/// `Result` with this crate's [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;

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

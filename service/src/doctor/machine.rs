//! The machine: its disk, its clock, who may read its files.

use std::path::Path;

use chrono::{DateTime, Datelike, Utc};
use sea_orm::{EntityTrait, QueryOrder};

use super::Finding;
use crate::store::Store;

/// Free space below which writing may soon fail.
const LITTLE_SPACE: u64 = 1024 * 1024 * 1024;
/// Free space with which a start may fail.
const NO_SPACE: u64 = 64 * 1024 * 1024;

/// Checks the free space where a directory is.
#[must_use]
pub fn check_disk(directory: &Path) -> Finding {
    let name = "disk";
    let remedy = "Free some, or move the data directory to a larger disk.";
    match fs4::available_space(directory) {
        Ok(bytes) => {
            let message = format!(
                "{} MiB are free at {}.",
                bytes / 1024 / 1024,
                directory.display()
            );
            match bytes {
                0..NO_SPACE => Finding::broken(name, message, remedy),
                NO_SPACE..LITTLE_SPACE => Finding::doubtful(name, message, remedy),
                _ => Finding::well(name, message),
            }
        }
        Err(error) => {
            let message = format!(
                "The free space of {} cannot be read: {error}.",
                directory.display()
            );
            Finding::broken(
                name,
                message,
                "Check that the data directory is there and yours.",
            )
        }
    }
}

/// Checks that the clock is in a plausible year and not before the newest change.
pub async fn check_clock(store: &Store) -> Finding {
    let newest = entity::change::Entity::find()
        .order_by_desc(entity::change::Column::Position)
        .one(store.reader())
        .await;
    match newest {
        Ok(newest) => judge_clock(store.clock().now(), newest.map(|change| change.at)),
        Err(error) => Finding::broken(
            "clock",
            format!("The time of the newest change cannot be read: {error}."),
            "See what is said of the database and its migrations.",
        ),
    }
}

pub(super) fn judge_clock(now: DateTime<Utc>, newest: Option<DateTime<Utc>>) -> Finding {
    let name = "clock";
    let remedy =
        "Set the machine's clock, best by NTP: tokens and the order of changes depend on it.";
    if !(2025..2200).contains(&now.year()) {
        return Finding::broken(
            name,
            format!("The clock says {}.", now.to_rfc3339()),
            remedy,
        );
    }
    match newest.filter(|at| *at > now) {
        Some(at) => {
            let message = format!(
                "The clock says {}, and the newest change was at {}.",
                now.to_rfc3339(),
                at.to_rfc3339()
            );
            Finding::doubtful(name, message, remedy)
        }
        None => Finding::well(name, format!("The clock says {}.", now.to_rfc3339())),
    }
}

/// Checks that a file or directory can be read by its owner only. One that is not there is well.
#[must_use]
pub fn check_private(path: &Path) -> Finding {
    let name = "privacy";
    let place = path.display();
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Finding::well(name, format!("{place} is not there yet."));
        }
        Err(error) => {
            let message = format!("{place} cannot be looked at: {error}.");
            return Finding::broken(name, message, "Run this as the user of the server.");
        }
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let message =
                format!("{place} can be read by other users of this machine (mode {mode:o}).");
            return if metadata.is_dir() {
                Finding::doubtful(name, message, format!("Run: chmod 700 {place}"))
            } else {
                Finding::broken(name, message, format!("Run: chmod 600 {place}"))
            };
        }
    }
    #[cfg(not(unix))]
    drop(metadata);
    Finding::well(name, format!("Only its owner can read {place}."))
}

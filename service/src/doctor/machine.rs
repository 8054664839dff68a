//! The machine: its disk, its clock, its network, who may read its files and write them.

use std::error::Error;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use chrono::{DateTime, Datelike, Utc};
use sea_orm::{EntityTrait, QueryOrder};
use uuid::Uuid;

use super::Finding;
use crate::outgoing;
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
#[crate::boxed]
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
        Err(error) if error.kind() == ErrorKind::NotFound => {
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

/// Checks that files can be made in a directory, which is named by a setting; where it is not there yet, in the one in
/// which it would be made.
#[must_use]
pub fn check_writable(directory: &Path, setting: &str) -> Finding {
    let name = "writing";
    let place = directory
        .ancestors()
        .find(|place| place.exists())
        .unwrap_or(Path::new("."));
    let probe = place.join(format!("doctor-{}.part", Uuid::new_v4().simple()));
    let written = File::create_new(&probe).and_then(|_| std::fs::remove_file(&probe));
    match written {
        Ok(()) => Finding::well(
            name,
            format!("Files can be made in {}.", directory.display()),
        ),
        Err(error) => Finding::broken(
            name,
            format!("No file can be made in {}: {error}.", directory.display()),
            format!(
                "Run this as the user of the server; if you do, make the directory that user's, or name another one by \
                 `{setting}`."
            ),
        ),
    }
}

/// Checks that an address can be listened on. To be asked where no server runs that listens on it.
#[must_use]
pub fn check_address(address: SocketAddr) -> Finding {
    judge_address(address, TcpListener::bind(address).map(drop))
}

pub(super) fn judge_address(address: SocketAddr, bound: io::Result<()>) -> Finding {
    let name = "address";
    let remedy = "Choose another address by `listen` or --listen; port 0 takes any free one.";
    match bound {
        Ok(()) => Finding::well(name, format!("{address} can be listened on.")),
        // Whoever has it now may be gone when a server starts.
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            let message = format!(
                "Another program listens on {address}; no server can start there meanwhile."
            );
            Finding::doubtful(name, message, remedy)
        }
        Err(error) => {
            let message = format!("{address} cannot be listened on: {error}.");
            Finding::broken(name, message, remedy)
        }
    }
}

/// Checks that others can be connected to: webhooks and other sign-ins need the system's certificates.
#[must_use]
pub fn check_certificates() -> Finding {
    judge_certificates(outgoing::client().build().map(drop))
}

pub(super) fn judge_certificates(read: Result<(), impl Error>) -> Finding {
    let name = "certificates";
    match read {
        Ok(()) => Finding::well(name, "Others are known by the system's certificates."),
        Err(error) => {
            let reason = error
                .source()
                .map_or_else(|| error.to_string(), ToString::to_string);
            Finding::broken(
                name,
                format!("Others cannot be connected to: {reason}."),
                "Install the system's certificates; mostly the package is called ca-certificates.",
            )
        }
    }
}

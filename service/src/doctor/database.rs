//! The database itself, and how far the index is.

use std::path::Path;

use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};

use super::Finding;
use crate::change::searchable_total;
use crate::error::{Error, Result};
use crate::search::{IndexSettings, IndexState, SearchIndex};
use crate::store::Store;

/// What is said of a database that is damaged.
const RESTORE: &str =
    "Stop the server, keep a copy of the data directory, and restore the latest backup.";

/// Checks that the database answers, which it is, and whether it is whole. SQLite reads its whole file for that.
pub async fn check_database(store: &Store) -> Vec<Finding> {
    let mut findings = match version(store).await {
        Ok(version) => vec![Finding::well("database", format!("{version} answers."))],
        Err(error) => {
            let message = format!("The database does not answer: {error}.");
            let remedy = "Check that it runs, and that `database_url` is right.";
            return vec![Finding::broken("database", message, remedy)];
        }
    };
    if store.backend() == DatabaseBackend::Sqlite {
        findings.push(integrity(store).await);
    }
    findings
}

async fn version(store: &Store) -> Result<String> {
    let postgres = store.backend() == DatabaseBackend::Postgres;
    let question = if postgres {
        "SELECT current_setting('server_version') AS answer"
    } else {
        "SELECT sqlite_version() AS answer"
    };
    let name = if postgres { "PostgreSQL" } else { "SQLite" };
    let answers = texts(store, question, "answer").await?;
    Ok(format!("{name} {}", answers.join("")))
}

async fn texts(store: &Store, question: &str, column: &str) -> Result<Vec<String>> {
    let statement = Statement::from_string(store.backend(), question);
    let rows = store.reader().query_all_raw(statement).await?;
    Ok(rows
        .iter()
        .map(|row| row.try_get::<String>("", column))
        .collect::<std::result::Result<_, _>>()?)
}

async fn integrity(store: &Store) -> Finding {
    let name = "integrity";
    let checked = async {
        let mut faults = texts(store, "PRAGMA quick_check(20)", "quick_check").await?;
        faults.retain(|fault| fault != "ok");
        for table in texts(store, "PRAGMA foreign_key_check", "table").await? {
            faults.push(format!("a row of {table} refers to one that is not there"));
            if faults.len() >= 20 {
                break;
            }
        }
        Ok::<_, Error>(faults)
    };
    match checked.await {
        Ok(faults) if faults.is_empty() => Finding::well(
            name,
            "The database file is whole, and every reference leads somewhere.",
        ),
        Ok(faults) => Finding::broken(
            name,
            format!("The database file is damaged: {}.", faults.join("; ")),
            RESTORE,
        ),
        Err(error) => Finding::broken(
            name,
            format!("The database file cannot be read: {error}."),
            RESTORE,
        ),
    }
}

/// Checks that there is an index, and how far it is behind. With `deep` every file is compared with its checksum, and
/// the number of documents with the number of rows.
pub async fn check_index(
    store: &Store,
    directory: &Path,
    settings: IndexSettings,
    deep: bool,
) -> Finding {
    let name = "index";
    let rebuild = "Run `repertoire reindex`; a running server does it by itself.";
    let inspection = match SearchIndex::inspect(directory, settings, deep).await {
        Ok(inspection) => inspection,
        Err(error) => {
            let message = format!(
                "The search index {} cannot be read: {error}.",
                directory.display()
            );
            return Finding::broken(name, message, "Check the owner of the data directory.");
        }
    };
    match inspection.state {
        IndexState::Ready => {}
        IndexState::Missing => {
            return Finding::doubtful(name, "There is no search index yet.", rebuild);
        }
        IndexState::Outdated => {
            let message = "Another version or other settings made the search index.";
            return Finding::doubtful(name, message, rebuild);
        }
        IndexState::Corrupt(reason) => {
            return Finding::broken(
                name,
                format!("The search index is damaged: {reason}."),
                rebuild,
            );
        }
    }
    let newest = match store.position().await {
        Ok(newest) => u64::try_from(newest).unwrap_or(0),
        Err(error) => {
            let message = format!("The position of the change log cannot be read: {error}.");
            return Finding::broken(name, message, "See what is said of the database.");
        }
    };
    if inspection.checkpoint > newest {
        let message = format!(
            "The search index has reached {}, and the database only {newest}: it is of another database.",
            inspection.checkpoint
        );
        return Finding::broken(name, message, rebuild);
    }
    let behind = newest - inspection.checkpoint;
    let documents = inspection.documents;
    if deep && behind == 0 {
        match rows_at(store, newest).await {
            Ok(Some(rows)) if rows != documents => {
                let message = format!(
                    "The search index has {documents} documents, and the database {rows} rows that belong into it."
                );
                return Finding::broken(name, message, rebuild);
            }
            Ok(_) => {}
            Err(error) => {
                let message = format!(
                    "The rows that belong into the search index cannot be counted: {error}."
                );
                return Finding::broken(name, message, "See what is said of the database.");
            }
        }
    }
    let message =
        format!("The search index has {documents} documents and is {behind} change(s) behind.");
    if behind == 0 {
        Finding::well(name, message)
    } else {
        let remedy = "A running server catches up by itself; if this stays, read its log.";
        Finding::doubtful(name, message, remedy)
    }
}

/// How many rows belong into the index; none when something was written after that position, and they may be of a newer
/// state than the index.
async fn rows_at(store: &Store, position: u64) -> Result<Option<u64>> {
    let rows = searchable_total(store).await?;
    let newest = u64::try_from(store.position().await?).unwrap_or(0);
    Ok((newest == position).then_some(rows))
}

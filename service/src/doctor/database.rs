//! The database itself.

use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};

use super::Finding;
use crate::error::{Error, Result};
use crate::store::Store;

/// What is said of a database that is damaged.
const RESTORE: &str =
    "Stop the server, keep a copy of the data directory, and restore the latest backup.";

/// Checks that the database answers, which it is, and whether it is whole. SQLite reads its whole file for that.
#[crate::boxed]
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

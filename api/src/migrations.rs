//! Which migrations the database lacks, and running them.

use anyhow::Context;
use migration::sea_orm::{ConnectionTrait, DatabaseBackend, TransactionTrait};
use migration::{Migrator, MigratorTrait};
use service::store::Store;

/// Names the advisory lock under which one process at a time migrates a PostgreSQL database.
const LOCK: i64 = 0x7265_7065_7274_6f69;

/// The names of the migrations that the database lacks, in order.
///
/// # Errors
///
/// When the database does not answer.
pub async fn pending(store: &Store) -> anyhow::Result<Vec<String>> {
    let pending = Migrator::get_pending_migrations(store.migration_connection())
        .await
        .context("The migrations of the database cannot be read.")?;
    Ok(pending
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect())
}

/// Runs what is pending, and answers the names of what was run. Of several processes one runs them and the others
/// wait.
///
/// # Errors
///
/// When a migration fails; what was run before it stays.
pub async fn run(store: &Store) -> anyhow::Result<Vec<String>> {
    let connection = store.migration_connection();
    let lock = match store.backend() {
        DatabaseBackend::Postgres => {
            let transaction = connection.begin().await?;
            transaction
                .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})"))
                .await?;
            Some(transaction)
        }
        _ => None,
    };
    let names = pending(store).await?;
    Migrator::up(connection, None)
        .await
        .context("A migration failed; the database keeps those that were run before it.")?;
    if let Some(lock) = lock {
        lock.commit().await?;
    }
    Ok(names)
}

/// Brings the database up to date, or refuses when that is not allowed; answers the names of what was run.
///
/// # Errors
///
/// When a migration fails, or is pending and may not be run.
pub async fn prepare(store: &Store, allowed: bool) -> anyhow::Result<Vec<String>> {
    let pending = pending(store).await?;
    if pending.is_empty() {
        return Ok(pending);
    }
    if allowed {
        return run(store).await;
    }
    Err(anyhow::anyhow!(
        "The database lacks {} migration(s): {}. Run `repertoire migrate` first.",
        pending.len(),
        pending.join(", ")
    ))
}

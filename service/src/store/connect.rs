//! Opening SQLite and PostgreSQL with the settings that durability and concurrency need.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, DbErr,
    Statement,
};
use tokio::sync::watch;

use super::Store;
use super::direct::DirectReader;
use super::statements::observe;
use super::writer::Writer;
use crate::clock::Clock;

/// The first SQLite release without the WAL-reset bug, which can corrupt a database in just our use: several
/// connections on one write-ahead log.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// The page cache of each SQLite connection, in KiB if negative. What it does not hold, the system's page cache does; a
/// mapped file would count in full for each.
pub(super) const PAGE_CACHE: i32 = -8_000;
/// Connections of sea-orm's driver that read SQLite, beside those that read directly.
const DRIVER_READERS: u32 = 4;

/// Where the database is, and how many connections it gets.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// `sqlite:///path/to/file` or `postgres://…`.
    pub url: String,
    /// Connections for reading (SQLite), or in all (PostgreSQL).
    pub connections: u32,
}

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL names neither SQLite nor PostgreSQL.
    #[error(
        "the database URL must start with sqlite: or postgres:, for example sqlite:///var/lib/repertoire/repertoire.db"
    )]
    UnknownScheme,
    /// The SQLite library is older than is safe.
    #[error(
        "SQLite {found} is too old: 3.51.3 or newer is needed, since older ones may corrupt a write-ahead log"
    )]
    OldSqlite {
        /// The version found.
        found: String,
    },
    /// The database said no.
    #[error("the database cannot be opened: {0}")]
    Database(#[from] DbErr),
}

impl StoreOptions {
    /// A SQLite file.
    #[must_use]
    pub fn sqlite(file: &Path, connections: u32) -> Self {
        Self {
            url: format!("sqlite://{}", file.display()),
            connections,
        }
    }

    /// Whether the URL names PostgreSQL.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres:") || self.url.starts_with("postgresql:")
    }
}

impl Store {
    /// Opens the database; a SQLite file is made when it is not there. Migrations are not run here.
    #[crate::boxed]
    pub async fn open(options: &StoreOptions, clock: Clock) -> Result<Self, ConnectError> {
        let (newest, _) = watch::channel(0);
        let newest = Arc::new(newest);
        if options.is_postgres() {
            let pool = connect_postgres(options).await?;
            let writer = Writer::concurrent(pool.clone(), clock.clone(), Arc::clone(&newest));
            return Ok(Self {
                direct: None,
                reader: pool,
                writer,
                clock,
                newest,
                kept: Arc::default(),
                projected: Arc::default(),
                batch: None,
            });
        }
        if !options.url.starts_with("sqlite:") {
            return Err(ConnectError::UnknownScheme);
        }
        let writing = connect_sqlite(options, 1, false).await?;
        check_sqlite_version(&writing).await?;
        let connections = options.connections.max(1);
        let reader = connect_sqlite(options, connections.min(DRIVER_READERS), true).await?;
        let direct = DirectReader::open(&options.url, connections)?;
        let writer = Writer::single(writing, clock.clone(), Arc::clone(&newest));
        Ok(Self {
            direct: Some(Arc::new(direct)),
            reader,
            writer,
            clock,
            newest,
            kept: Arc::default(),
            projected: Arc::default(),
            batch: None,
        })
    }

    /// The connection that migrations run over: the writing one.
    #[must_use]
    pub fn migration_connection(&self) -> &DatabaseConnection {
        self.writer.connection()
    }
}

async fn connect_postgres(options: &StoreOptions) -> Result<DatabaseConnection, ConnectError> {
    let mut connect = ConnectOptions::new(&options.url);
    connect
        .max_connections(options.connections.max(2))
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(5))
        .connect_timeout(Duration::from_secs(5))
        .test_before_acquire(true)
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(|options| options.statement_cache_capacity(512));
    let mut connection = Database::connect(connect).await?;
    observe(&mut connection);
    Ok(connection)
}

async fn connect_sqlite(
    options: &StoreOptions,
    connections: u32,
    reading: bool,
) -> Result<DatabaseConnection, ConnectError> {
    let mut connect = ConnectOptions::new(&options.url);
    connect
        .max_connections(connections)
        .min_connections(1)
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |options| {
            options
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(10))
                .statement_cache_capacity(512)
                .row_buffer_size(128)
                .pragma("query_only", if reading { "1" } else { "0" })
                .pragma("temp_store", "memory")
                .pragma("cache_size", PAGE_CACHE.to_string())
        });
    let mut connection = Database::connect(connect).await?;
    observe(&mut connection);
    Ok(connection)
}

async fn check_sqlite_version(connection: &DatabaseConnection) -> Result<(), ConnectError> {
    let statement = Statement::from_string(
        DatabaseBackend::Sqlite,
        "SELECT sqlite_version() AS version",
    );
    let found: String = match connection.query_one_raw(statement).await? {
        Some(row) => row.try_get("", "version")?,
        None => String::new(),
    };
    if version(&found) < OLDEST_SQLITE {
        Err(ConnectError::OldSqlite { found })
    } else {
        Ok(())
    }
}

fn version(text: &str) -> (u32, u32, u32) {
    let mut parts = text.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_is_one_whose_log_cannot_be_reset_under_a_writer() {
        let bundled = rusqlite::version();
        assert!(version(bundled) >= OLDEST_SQLITE, "{bundled}");
        for (old, is_old) in [
            ("3.51.2", true),
            ("3.7.0", true),
            ("3.51.3", false),
            ("3.53", false),
            ("", true),
        ] {
            assert_eq!(version(old) < OLDEST_SQLITE, is_old, "{old}");
        }
    }
}

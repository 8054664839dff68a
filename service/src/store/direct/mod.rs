//! Reading SQLite with one hop a statement: the statement runs on a thread that may wait for the disk, and all its rows
//! come back at once. The driver behind sea-orm hands over each row through a channel and each value as a copy, and rows
//! are decoded by looking their columns up by name; that costs several times what SQLite itself does.

mod cell;
mod row;

pub(crate) use row::{DirectRow, DirectValue};

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::{DbErr, RuntimeErr, Statement};
use tokio::sync::Semaphore;

use self::cell::{Bound, Cell};
use self::row::Columns;
use crate::error::{Error, Result};

/// Statements that a connection keeps prepared.
const PREPARED: usize = 512;
/// Asks for the newest position of the change log.
pub(super) const POSITION: &str = "SELECT position FROM change_head WHERE id = 1";

/// Connections that only read, each used by one statement at a time. Reads in place need no permit: no more of them run
/// at once than the runtime has threads.
pub(super) struct DirectReader {
    options: SqliteConnectOptions,
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
}

impl fmt::Debug for DirectReader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DirectReader")
            .finish_non_exhaustive()
    }
}

impl DirectReader {
    /// Opens the database of a URL, which must be there, with so many connections at most.
    pub(super) fn open(url: &str, connections: u32) -> Result<Self, DbErr> {
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|error| DbErr::Conn(RuntimeErr::Internal(error.to_string())))?;
        let first = connect(&options)
            .map_err(|error| DbErr::Conn(RuntimeErr::Internal(error.to_string())))?;
        Ok(Self {
            options,
            idle: Mutex::new(vec![first]),
            permits: Semaphore::new(connections.max(1) as usize),
        })
    }

    /// The rows of a select.
    pub(super) async fn rows(self: &Arc<Self>, statement: Statement) -> Result<Vec<DirectRow>> {
        let permit = self.permits.acquire().await.map_err(Error::internal)?;
        let reader = Arc::clone(self);
        let rows = tokio::task::spawn_blocking(move || {
            let connection = reader.take()?;
            let rows = read(&connection, &statement);
            reader.give_back(connection);
            rows
        })
        .await
        .map_err(Error::internal)?;
        drop(permit);
        Ok(rows?)
    }

    /// The row that a select finds by its key. Read in place: a few pages of the database, mostly in memory, are read
    /// sooner than another thread is woken.
    pub(super) fn row(&self, statement: &Statement) -> Result<Option<DirectRow>> {
        let connection = self.take()?;
        let rows = read(&connection, statement);
        self.give_back(connection);
        Ok(rows?.pop())
    }

    /// The newest position of the change log. Read in place: every write changes this row last, so that its page is in
    /// memory, and a hop to another thread takes longer than reading it.
    pub(super) fn position(&self) -> Result<Option<i64>> {
        let connection = self.take()?;
        let position = read_position(&connection);
        self.give_back(connection);
        Ok(position?)
    }

    fn take(&self) -> rusqlite::Result<Connection> {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        idle.map_or_else(|| connect(&self.options), Ok)
    }

    fn give_back(&self, connection: Connection) {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(connection);
    }
}

fn connect(options: &SqliteConnectOptions) -> rusqlite::Result<Connection> {
    // A reader of a write-ahead log writes to its index; `query_only` keeps it from the rest.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(options.get_filename(), flags)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "cache_size", super::connect::PAGE_CACHE)?;
    Ok(connection)
}

fn read_position(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    let mut statement = connection.prepare_cached(POSITION)?;
    let mut rows = statement.query([])?;
    rows.next()?.map(|row| row.get(0)).transpose()
}

fn bind(prepared: &mut rusqlite::Statement<'_>, statement: &Statement) -> rusqlite::Result<()> {
    if let Some(values) = &statement.values {
        for (place, value) in (1..).zip(values.iter()) {
            prepared.raw_bind_parameter(place, Bound(value))?;
        }
    }
    Ok(())
}

fn read(connection: &Connection, statement: &Statement) -> rusqlite::Result<Vec<DirectRow>> {
    let mut prepared = connection.prepare_cached(&statement.sql)?;
    bind(&mut prepared, statement)?;
    let columns = Arc::new(Columns::new(prepared.column_names()));
    let width = prepared.column_count();
    let mut found = Vec::new();
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next()? {
        let cells = (0..width)
            .map(|place| Ok(Cell::from(row.get_ref(place)?)))
            .collect::<rusqlite::Result<_>>()?;
        found.push(DirectRow::new(Arc::clone(&columns), cells));
    }
    Ok(found)
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{CannotOpen, DatabaseBusy, DatabaseLocked, OutOfMemory};
        match error.sqlite_error_code() {
            Some(DatabaseBusy | DatabaseLocked | CannotOpen | OutOfMemory) => {
                Self::Unavailable("The database does not answer in time; try again shortly.".into())
            }
            _ => Self::internal(error),
        }
    }
}

#[cfg(test)]
mod tests;

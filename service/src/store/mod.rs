//! The database: how it is opened, read and written. Nothing else opens a connection or begins a transaction.

mod connect;
mod statements;
mod unit;
mod writer;

pub use connect::{ConnectError, StoreOptions};
pub use statements::counted;
pub use unit::{PendingChange, WriteUnit, Written};

use std::sync::Arc;

use futures_util::future::BoxFuture;
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, EntityTrait};
use tokio::sync::watch;
use uuid::Uuid;

use crate::clock::Clock;
use crate::error::{Error, Result};
use writer::Writer;

/// The open database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    reader: DatabaseConnection,
    writer: Writer,
    clock: Clock,
    newest: Arc<watch::Sender<i64>>,
}

/// What a write does inside its transaction.
pub type Work<T> = Box<dyn for<'a> FnOnce(&'a mut WriteUnit) -> BoxFuture<'a, Result<T>> + Send>;

impl Store {
    /// The pool for reading: never written through.
    #[must_use]
    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Which database this is.
    #[must_use]
    pub fn backend(&self) -> DatabaseBackend {
        self.reader.get_database_backend()
    }

    /// The clock that writes are stamped by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Runs `work` in one transaction, appends its change rows, and commits.
    ///
    /// The work runs in a task of its own: a caller that goes away neither cancels it nor leaves a transaction open. An
    /// error rolls everything back; when this answers `Ok`, the write is durable.
    pub async fn write<T: Send + 'static>(
        &self,
        actor: Option<Uuid>,
        work: impl for<'a> FnOnce(&'a mut WriteUnit) -> BoxFuture<'a, Result<T>> + Send + 'static,
    ) -> Result<Written<T>> {
        self.writer.run(actor, Box::new(work)).await
    }

    /// The newest position of the change log, read from the database.
    pub async fn position(&self) -> Result<i64> {
        read_position(&self.reader).await
    }

    /// Tells of the newest position that this process knows of, whenever it grows.
    #[must_use]
    pub fn watch_position(&self) -> watch::Receiver<i64> {
        self.newest.subscribe()
    }

    /// Reads the newest position and tells the watchers: for writes of other processes.
    pub async fn refresh_position(&self) -> Result<i64> {
        let position = self.position().await?;
        writer::announce(&self.newest, position);
        Ok(position)
    }
}

async fn read_position(connection: &impl ConnectionTrait) -> Result<i64> {
    entity::change_head::Entity::find_by_id(1)
        .one(connection)
        .await?
        .map(|head| head.position)
        .ok_or_else(|| Error::internal("the change log has no head row: run `repertoire migrate`"))
}

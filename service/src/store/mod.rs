//! The database: how it is opened, read and written. Nothing else opens a connection or begins a transaction.

mod attempt;
mod batch;
mod connect;
mod direct;
mod kept;
mod row;
mod statements;
mod template;
mod unit;
mod writer;

pub(crate) use attempt::insert as insert_attempt;
pub use attempt::{
    Answered, Attempt, Ended, Named, Outcome, REMEMBERED, RowKey, Shown, apart, note_refusal,
};
pub use connect::{ConnectError, StoreOptions};
pub(crate) use kept::{Kept, KeptToken};
pub(crate) use row::Row;
pub use row::StoredEntity;
pub use statements::{counted, recorded};
pub(crate) use template::{Templates, slot};
pub use unit::{HIDDEN_POSTS, PendingChange, WriteUnit, Written};
pub(crate) use unit::{MERGED_FROM, MERGED_INTO, MOVED, SPLIT_FROM, SPLIT_INTO};

use std::sync::Arc;

use entity::change_head::Column as Head;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::{Expr, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, EntityTrait, QuerySelect, QueryTrait,
    Select, Statement,
};
use tokio::sync::{Mutex, watch};
use uuid::Uuid;

use crate::clock::Clock;
use crate::error::{Error, Result};
use batch::Batch;
use direct::DirectReader;
use writer::Writer;

/// The open database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    reader: DatabaseConnection,
    /// Reads SQLite; none on PostgreSQL.
    direct: Option<Arc<DirectReader>>,
    writer: Writer,
    clock: Clock,
    newest: Arc<watch::Sender<i64>>,
    kept: Arc<Kept>,
    projected: Arc<Mutex<i64>>,
    batch: Option<Arc<Batch>>,
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
    /// error rolls everything back; when this answers `Ok`, the write is durable. What it answers says what a retry of the
    /// same request is shown ([`Outcome`]).
    pub async fn write<T: Outcome + Send + 'static>(
        &self,
        actor: Option<Uuid>,
        work: impl for<'a> FnOnce(&'a mut WriteUnit) -> BoxFuture<'a, Result<T>> + Send + 'static,
    ) -> Result<Written<T>> {
        self.writer.run(actor, Box::new(work)).await
    }

    /// Makes sure that nothing which is kept in memory is older than the database is now. Each request does so before it
    /// believes what is kept, and again after it wrote.
    #[crate::boxed]
    pub async fn freshen(&self) -> Result<()> {
        self.kept.freshen(self).await
    }

    /// Does the same, where the newest position was read within the request already.
    pub(crate) async fn freshen_to(&self, newest: i64) -> Result<()> {
        self.kept.freshen_to(self, newest).await
    }

    /// The same store for one request, which reads lists of the same kind together when they are asked for at the same
    /// time.
    #[must_use]
    pub fn batching(&self) -> Self {
        Self {
            batch: Some(Arc::default()),
            ..self.clone()
        }
    }

    /// The rows of a list. The text of the statement must depend on the kind of list only.
    pub(crate) async fn rows(&self, select: SelectStatement) -> Result<Vec<Row>> {
        match &self.batch {
            Some(batch) => batch.rows(self, select).await,
            None => self.read(self.backend().build(&select)).await,
        }
    }

    /// The row that a statement finds by its key.
    pub(crate) async fn row(&self, statement: Statement) -> Result<Option<Row>> {
        let Some(direct) = &self.direct else {
            return Ok(self.read(statement).await?.pop());
        };
        statements::note(&statement);
        Ok(direct.row(&statement)?.map(Row::Direct))
    }

    /// The rows of a statement whose text is one of few, as those of templates are.
    pub(crate) async fn filled(&self, statement: Statement) -> Result<Vec<Row>> {
        self.read(statement).await
    }

    /// The rows of a statement that reads.
    async fn read(&self, statement: Statement) -> Result<Vec<Row>> {
        let Some(direct) = &self.direct else {
            let rows = self.reader.query_all_raw(statement).await?;
            return Ok(rows
                .into_iter()
                .map(|row| Row::Driver(Box::new(row)))
                .collect());
        };
        statements::note(&statement);
        let rows = direct.rows(statement).await?;
        Ok(rows.into_iter().map(Row::Direct).collect())
    }

    /// The rows of a list of one entity.
    pub(crate) async fn list<E: StoredEntity>(&self, select: Select<E>) -> Result<Vec<E::Model>> {
        let mut rows = self.rows(select.into_query()).await?;
        rows.iter_mut().map(|row| row.model::<E>("")).collect()
    }

    /// The number of rows of a list.
    pub(crate) async fn count(&self, mut select: SelectStatement) -> Result<u64> {
        select.reset_limit().reset_offset().clear_order_by();
        let counted = Query::select()
            .expr_as(Expr::cust("COUNT(*)"), "count")
            .from_subquery(select, "counted")
            .take();
        let rows = self.rows(counted).await?;
        let count: i64 = match rows.first() {
            Some(row) => row.get("count")?,
            None => 0,
        };
        u64::try_from(count).map_err(Error::internal)
    }

    /// Forgets everything that is kept in memory.
    pub fn forget_kept(&self) {
        self.kept.forget_all();
    }

    /// What is kept in memory.
    pub(crate) fn kept(&self) -> &Kept {
        &self.kept
    }

    /// The position that every projection is known to have reached. Who holds it brings them on.
    pub(crate) fn projected(&self) -> &Mutex<i64> {
        &self.projected
    }

    /// The newest position of the change log, read from the database.
    #[crate::boxed]
    pub async fn position(&self) -> Result<i64> {
        match self.position_in_place()? {
            Some(position) => Ok(position),
            None => read_position(&self.reader).await,
        }
    }

    /// The newest position, where it can be read without waiting; none where it cannot.
    fn position_in_place(&self) -> Result<Option<i64>> {
        let Some(direct) = &self.direct else {
            return Ok(None);
        };
        statements::note(&Statement::from_string(
            DatabaseBackend::Sqlite,
            direct::POSITION,
        ));
        direct.position()?.ok_or_else(no_head).map(Some)
    }

    /// The position up to which rows of the change log were removed; 0 while all are kept. Who has read rows after a
    /// position below this has missed some.
    pub async fn kept_after(&self) -> Result<i64> {
        read_head(&self.reader, Head::KeptAfter).await
    }

    /// Tells of the newest position that this process knows of, whenever it grows.
    #[must_use]
    pub fn watch_position(&self) -> watch::Receiver<i64> {
        self.newest.subscribe()
    }

    /// Reads the newest position and tells the watchers: for writes of other processes.
    #[crate::boxed]
    pub async fn refresh_position(&self) -> Result<i64> {
        let position = self.position().await?;
        writer::announce(&self.newest, position);
        Ok(position)
    }
}

/// The newest position of the change log, as a part of a select.
pub(crate) fn newest_position() -> SimpleExpr {
    Expr::cust(format!("({})", direct::POSITION))
}

async fn read_position(connection: &impl ConnectionTrait) -> Result<i64> {
    read_head(connection, Head::Position).await
}

async fn read_head(connection: &impl ConnectionTrait, column: Head) -> Result<i64> {
    entity::change_head::Entity::find_by_id(1)
        .select_only()
        .column(column)
        .into_tuple()
        .one(connection)
        .await?
        .ok_or_else(no_head)
}

fn no_head() -> Error {
    Error::internal("the change log has no head row: run `repertoire migrate`")
}

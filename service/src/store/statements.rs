//! What statements a piece of work runs: how many tell a batched read from one statement an edge, and how each is planned
//! tells a list that an index serves from one that is read whole.

use std::cell::RefCell;

use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, Statement, TransactionTrait};

use super::Store;
use crate::error::Result;

tokio::task_local! {
    static STATEMENTS: RefCell<Vec<Statement>>;
}

/// Runs a future and answers with its output how many statements it ran itself, without the tasks that it spawned.
pub async fn counted<F: Future>(work: F) -> (F::Output, u64) {
    let (output, statements) = recorded(work).await;
    (output, statements.len() as u64)
}

/// Runs a future and answers with its output the statements that it ran itself, without the tasks that it spawned.
pub async fn recorded<F: Future>(work: F) -> (F::Output, Vec<Statement>) {
    STATEMENTS
        .scope(RefCell::default(), async {
            let output = work.await;
            (output, STATEMENTS.with(RefCell::take))
        })
        .await
}

/// Makes a connection take part in the recording.
pub(super) fn observe(connection: &mut DatabaseConnection) {
    connection.set_metric_callback(|info| note(info.statement));
}

/// Records a statement.
pub(super) fn note(statement: &Statement) {
    // Outside of a recorded piece of work there is nobody to tell.
    let _ = STATEMENTS.try_with(|all| all.borrow_mut().push(statement.clone()));
}

impl Store {
    /// How the database would run a statement, line by line. PostgreSQL is told to do without an index only where there is
    /// none, whatever few rows it sees.
    #[crate::boxed]
    pub async fn plan(&self, statement: &Statement) -> Result<Vec<String>> {
        let explain = |how: &str| Statement {
            sql: format!("{how} {}", statement.sql),
            ..statement.clone()
        };
        let transaction = self.reader().begin().await?;
        let (rows, column) = if self.backend() == DatabaseBackend::Sqlite {
            let rows = transaction.query_all_raw(explain("EXPLAIN QUERY PLAN"));
            (rows.await?, "detail")
        } else {
            transaction
                .execute_unprepared("SET LOCAL enable_seqscan = off")
                .await?;
            let rows = transaction.query_all_raw(explain("EXPLAIN"));
            (rows.await?, "QUERY PLAN")
        };
        transaction.rollback().await?;
        rows.iter()
            .map(|row| Ok(row.try_get("", column)?))
            .collect()
    }
}

//! A write that runs once, however often it is asked for. The first statement of its transaction claims the row by which
//! a retry is known, and the last one keeps there what was answered: so there is one exactly if there is the other.
//!
//! Whoever answers a request that has a key runs its work inside [`Attempt::run`]; the first write that this work makes
//! takes the row along. Which keys there are, and what is told of them, is the matter of [`crate::idempotency`].

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use entity::idempotent_write::{self, Column};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::error::{Error, Fault, Result};

/// How long a retry is answered as the first request was.
pub const REMEMBERED: TimeDelta = TimeDelta::hours(24);

tokio::task_local! {
    static ATTEMPT: Option<Arc<Attempt>>;
}

/// What a write answers: it says which things a retry of the same request is shown.
#[diagnostic::on_unimplemented(
    message = "a retry does not know what a write that answers `{Self}` shows",
    note = "say so in service/src/idempotency/outcome.rs"
)]
pub trait Outcome {
    /// Names what it shows. Nothing that is secret, and no text that people wrote: a retry reads the things anew, as far as
    /// its caller may see them then.
    fn show(&self, shown: &mut Shown);
}

/// What a write shows of what it wrote.
#[derive(Debug, Default)]
pub struct Shown {
    nodes: Vec<Named>,
    deleted: Vec<Uuid>,
    details: Map<String, Value>,
}

impl Shown {
    /// Names a thing by its table and its id.
    pub fn node(&mut self, table: &str, id: Uuid) {
        let table = table.to_owned();
        self.nodes.push(Named { table, id });
    }

    /// Names what was deleted; its change row says what it was.
    pub fn deleted(&mut self, id: Uuid) {
        self.deleted.push(id);
    }

    /// Notes another field of the payload, by its name in the schema.
    pub fn detail(&mut self, field: &str, value: Value) {
        self.details.insert(field.to_owned(), value);
    }

    /// What of it is kept. `table_of` tells the table of what was deleted.
    pub(super) fn keep(self, table_of: impl Fn(Uuid) -> Option<String>) -> Answered {
        let Self {
            mut nodes,
            deleted,
            details,
        } = self;
        for id in deleted {
            nodes.extend(table_of(id).map(|table| Named { table, id }));
        }
        Answered {
            nodes,
            faults: Vec::new(),
            details,
        }
    }
}

/// A thing by its table and its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// The table, such as `saved_search`.
    pub table: String,
    /// The row.
    pub id: Uuid,
}

/// What is kept of an answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answered {
    /// The things that it showed.
    pub nodes: Vec<Named>,
    /// What the caller had to mend.
    pub faults: Vec<Fault>,
    /// Other fields of the payload, by their names in the schema.
    pub details: Map<String, Value>,
}

impl Answered {
    /// What is kept of a refusal.
    #[must_use]
    pub fn refused(faults: Vec<Fault>) -> Self {
        Self {
            faults,
            ..Self::default()
        }
    }
}

/// The row of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowKey {
    /// A hash of the caller and the key.
    pub key_hash: String,
    /// Which operation of a batch it is.
    pub operation: i32,
    /// A hash of the key and the root field's name in the answer.
    pub field_hash: String,
    /// A hash of the key, the document and its variables, and one of how far the credential reaches.
    pub fingerprint: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Step {
    /// No write was made, or what was made was taken back.
    #[default]
    Open,
    /// A write was made, and its row with it.
    Written,
    /// Another request with this key has written, or answered, before.
    Overtaken,
}

#[derive(Debug, Default)]
struct State {
    step: Step,
    faults: Vec<Fault>,
}

/// One root field of a mutation that was sent with a key, while it is answered.
#[derive(Debug)]
pub struct Attempt {
    row: RowKey,
    state: Mutex<State>,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// Nothing was written. Here is what the caller has to mend, if that is why.
    Unwritten(Vec<Fault>),
    /// It was written and is kept. Here is what the caller was told to mend all the same.
    Written(Vec<Fault>),
    /// Another request with the same key was faster, and nothing of this one was written.
    Overtaken,
}

impl Attempt {
    /// An attempt at the work of a row.
    #[must_use]
    pub fn new(row: RowKey) -> Self {
        Self {
            row,
            state: Mutex::default(),
        }
    }

    /// Runs the work: its first write takes the row along. Answers with its output what became of the attempt.
    pub async fn run<W: Future>(self, work: W) -> (W::Output, Ended) {
        let attempt = Arc::new(self);
        let output = ATTEMPT.scope(Some(Arc::clone(&attempt)), work).await;
        let State { step, faults } = std::mem::take(&mut *attempt.lock());
        let ended = match step {
            Step::Open => Ended::Unwritten(faults),
            Step::Written => Ended::Written(faults),
            Step::Overtaken => Ended::Overtaken,
        };
        (output, ended)
    }

    /// The attempt that the next write of this task belongs to.
    pub(super) fn current() -> Option<Arc<Self>> {
        let attempt = ATTEMPT.try_with(Clone::clone).ok().flatten()?;
        (attempt.step() == Step::Open).then_some(attempt)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step(&self) -> Step {
        self.lock().step
    }

    pub(super) fn written(&self) {
        self.lock().step = Step::Written;
    }

    /// Claims the row; waits for another transaction that has claimed it, and fails when that is committed.
    pub(super) async fn claim(
        &self,
        connection: &impl ConnectionTrait,
        now: DateTime<Utc>,
    ) -> Result<()> {
        if insert(connection, &self.row, &Answered::default(), now).await? {
            return Ok(());
        }
        self.lock().step = Step::Overtaken;
        Err(Error::Unavailable(
            "Another request with the same Idempotency-Key was answered meanwhile; send this one again."
                .into(),
        ))
    }

    /// Keeps what the write answered.
    pub(super) async fn keep(
        &self,
        connection: &impl ConnectionTrait,
        position: i64,
        answered: &Answered,
    ) -> Result<()> {
        idempotent_write::Entity::update_many()
            .col_expr(Column::Position, Expr::value(position))
            .col_expr(Column::Outcome, Expr::value(to_json(answered)?))
            .filter(Column::KeyHash.eq(&self.row.key_hash))
            .filter(Column::Operation.eq(self.row.operation))
            .filter(Column::FieldHash.eq(&self.row.field_hash))
            .exec(connection)
            .await?;
        Ok(())
    }
}

/// Notes what the caller of this task's request is told to mend.
pub fn note_refusal(faults: &[Fault]) {
    // Without a key there is nobody to tell.
    let _ = ATTEMPT.try_with(|attempt| {
        if let Some(attempt) = attempt {
            attempt.lock().faults = faults.to_vec();
        }
    });
}

/// Runs work whose writes are no part of the attempt: several that are safe to repeat, after which the whole answer is
/// kept.
pub async fn apart<W: Future>(work: W) -> W::Output {
    ATTEMPT.scope(None, work).await
}

/// Inserts the row of an attempt, or renews one that is too old to be told of. False when there is one already.
pub(crate) async fn insert(
    connection: &impl ConnectionTrait,
    row: &RowKey,
    answered: &Answered,
    now: DateTime<Utc>,
) -> Result<bool> {
    let forgotten = Expr::col((idempotent_write::Entity, Column::CreatedAt)).lte(now - REMEMBERED);
    let renew = OnConflict::columns([Column::KeyHash, Column::Operation, Column::FieldHash])
        .update_columns([
            Column::Fingerprint,
            Column::Position,
            Column::Outcome,
            Column::CreatedAt,
        ])
        .action_and_where(forgotten)
        .to_owned();
    let row = idempotent_write::ActiveModel {
        key_hash: Set(row.key_hash.clone()),
        operation: Set(row.operation),
        field_hash: Set(row.field_hash.clone()),
        fingerprint: Set(row.fingerprint.clone()),
        position: Set(None),
        outcome: Set(to_json(answered)?),
        created_at: Set(now),
    };
    let statement = idempotent_write::Entity::insert(row)
        .on_conflict(renew)
        .into_query();
    Ok(connection.execute(&statement).await?.rows_affected() == 1)
}

fn to_json(answered: &Answered) -> Result<Value> {
    serde_json::to_value(answered).map_err(Error::internal)
}

//! Mutations that are sent with an `Idempotency-Key`: for a day the same key with the same request runs nothing again, and
//! is answered as before.
//!
//! The row of a root field is claimed and kept by the transaction of its write ([`Attempt`]), so a crash leaves both or
//! neither, and of two requests at once one waits for the other and finds it done. What was refused wrote nothing: it is
//! kept by a small transaction of its own, and after a crash before that one a retry is simply refused again. So it always
//! is for who is not signed in, or anybody could fill the table.
//!
//! A row names nobody. Keys, callers and requests stand there as hashes into which the key goes, so that a table which is
//! read by others says neither who wrote something nor what was sent, as long as keys cannot be guessed. What is kept in
//! plain are ids, positions and the messages of user errors; secrets and texts never are.

mod outcome;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use entity::idempotent_write::{self, Column};
use futures_util::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use crate::auth::digest;
use crate::error::{Error, Fault, Result};
use crate::store::{Answered, Ended, REMEMBERED, RowKey, Store, insert_attempt};
use crate::viewer::Viewer;

pub use crate::store::{Attempt, Named, Outcome, Shown, apart, note_refusal};

/// Most characters of a key.
pub const LONGEST_KEY: usize = 255;

/// Whether a text can be a key: 1 to 255 visible ASCII characters.
#[must_use]
pub fn is_key(text: &str) -> bool {
    (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A request as far as a retry is known by it.
#[derive(Clone, Copy)]
pub struct Sent<'a> {
    /// Who sent it; none who is not signed in.
    pub caller: Option<Uuid>,
    /// Its key.
    pub key: &'a str,
    /// Its place in a batch, from 0.
    pub operation: usize,
    /// Its document and variables, as a text that is the same for the same.
    pub content: &'a str,
}

impl std::fmt::Debug for Sent<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Its content may hold a password.
        formatter.debug_struct("Sent").finish_non_exhaustive()
    }
}

/// What is known of a request before it runs.
#[derive(Debug)]
pub enum Known {
    /// Root fields that have an answer are answered by it; the others run.
    Keyed(Keyed),
    /// The key was used with another request.
    Reused,
}

/// A request with a key, and what its root fields were answered before.
#[derive(Debug)]
pub struct Keyed {
    key_hash: String,
    operation: i32,
    fingerprint: String,
    fields: String,
    keeps_refusals: bool,
    before: HashMap<String, Recorded>,
}

/// The answer of a root field as it is kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    /// The place of the write in the change log; none where nothing was written.
    pub position: Option<i64>,
    /// The things that were shown.
    pub nodes: Vec<Named>,
    /// Why the input was refused.
    pub faults: Vec<Fault>,
    /// Other fields of the payload, by their names in the schema.
    pub details: serde_json::Map<String, serde_json::Value>,
}

/// How the answer to a root field ended.
#[derive(Debug, PartialEq)]
pub enum Settled {
    /// It is the one that retries are answered by, or none is kept.
    Own,
    /// Another request with this key was faster; here is what it was answered.
    Before(Recorded),
    /// Another request with this key was faster, and was not the same.
    Reused,
}

/// Who calls, in the hash of a key. Who is not signed in is known by the request as a whole: who can send the same again
/// knows all that it says, passwords too.
fn owner(caller: Option<Uuid>, content: &str) -> String {
    caller.map_or_else(|| digest(content), |id| id.to_string())
}

fn hash(parts: &[&str]) -> String {
    digest(&json!(parts).to_string())
}

impl Keyed {
    /// Reads what is known of a request.
    pub async fn open(store: &Store, sent: Sent<'_>) -> Result<Known> {
        let owner = owner(sent.caller, sent.content);
        let mut keyed = Self {
            key_hash: hash(&["key", &owner, sent.key]),
            operation: i32::try_from(sent.operation).map_err(Error::internal)?,
            fingerprint: hash(&["content", &owner, sent.key, sent.content]),
            fields: hash(&["fields", &owner, sent.key]),
            keeps_refusals: sent.caller.is_some(),
            before: HashMap::new(),
        };
        for row in keyed.rows(store).await? {
            if row.fingerprint != keyed.fingerprint {
                return Ok(Known::Reused);
            }
            let field_hash = row.field_hash.clone();
            keyed.before.insert(field_hash, Recorded::read(row)?);
        }
        Ok(Known::Keyed(keyed))
    }

    async fn rows(&self, store: &Store) -> Result<Vec<idempotent_write::Model>> {
        Ok(remembered(store, &self.key_hash)
            .filter(Column::Operation.eq(self.operation))
            .all(store.reader())
            .await?)
    }

    fn field_hash(&self, field: &str) -> String {
        hash(&[&self.fields, field])
    }

    fn row(&self, field: &str) -> RowKey {
        RowKey {
            key_hash: self.key_hash.clone(),
            operation: self.operation,
            field_hash: self.field_hash(field),
            fingerprint: self.fingerprint.clone(),
        }
    }

    /// What a root field was answered before, by its name in the answer.
    #[must_use]
    pub fn before(&self, field: &str) -> Option<&Recorded> {
        self.before.get(&self.field_hash(field))
    }

    /// An attempt to answer a root field.
    #[must_use]
    pub fn attempt(&self, field: &str) -> Attempt {
        Attempt::new(self.row(field))
    }

    /// Settles an attempt. `answered` says whether there is a payload, and no error in place of it: an error is not kept.
    pub async fn settle(
        &self,
        store: &Store,
        field: &str,
        ended: Ended,
        answered: bool,
    ) -> Result<Settled> {
        let kept = match ended {
            Ended::Overtaken => return self.overtaken(store, field).await,
            Ended::Written(faults) if answered && !faults.is_empty() => {
                self.refused_after_all(store, field, faults).await
            }
            Ended::Unwritten(faults) if answered && (faults.is_empty() || self.keeps_refusals) => {
                self.keep(store, field, faults).await
            }
            Ended::Written(_) | Ended::Unwritten(_) => return Ok(Settled::Own),
        };
        match kept {
            Ok(true) => Ok(Settled::Own),
            Ok(false) => self.overtaken(store, field).await,
            // The answer is right all the same, and nothing was written that a retry could do twice.
            Err(error) => {
                tracing::warn!(%error, "what a retry is to be answered could not be kept");
                Ok(Settled::Own)
            }
        }
    }

    /// Keeps an answer that wrote nothing. False where there is another one.
    async fn keep(&self, store: &Store, field: &str, faults: Vec<Fault>) -> Result<bool> {
        let (row, answered) = (self.row(field), Answered::refused(faults));
        let written = store.write(None, move |unit| {
            async move { insert_attempt(unit.db(), &row, &answered, unit.now()).await }.boxed()
        });
        Ok(written.await?.value)
    }

    /// What was written is that something was refused: a refresh token that was used twice, say.
    async fn refused_after_all(
        &self,
        store: &Store,
        field: &str,
        faults: Vec<Fault>,
    ) -> Result<bool> {
        let (row, answered) = (self.row(field), Answered::refused(faults));
        let is_kept = self.keeps_refusals;
        let written = store.write(None, move |unit| {
            async move {
                let key = (row.key_hash.clone(), row.operation, row.field_hash.clone());
                idempotent_write::Entity::delete_by_id(key)
                    .exec(unit.db())
                    .await?;
                Ok(!is_kept || insert_attempt(unit.db(), &row, &answered, unit.now()).await?)
            }
            .boxed()
        });
        Ok(written.await?.value)
    }

    async fn overtaken(&self, store: &Store, field: &str) -> Result<Settled> {
        let field_hash = self.field_hash(field);
        let rows = self.rows(store).await?;
        match rows.into_iter().find(|row| row.field_hash == field_hash) {
            Some(row) if row.fingerprint == self.fingerprint => {
                Recorded::read(row).map(Settled::Before)
            }
            Some(_) => Ok(Settled::Reused),
            None => Err(Error::Unavailable(
                "Another request with the same Idempotency-Key was not done after all; send this one again."
                    .into(),
            )),
        }
    }
}

impl Recorded {
    fn read(row: idempotent_write::Model) -> Result<Self> {
        let answered: Answered = serde_json::from_value(row.outcome).map_err(Error::internal)?;
        Ok(Self {
            position: row.position,
            nodes: answered.nodes,
            faults: answered.faults,
            details: answered.details,
        })
    }
}

fn remembered(store: &Store, key_hash: &str) -> sea_orm::Select<idempotent_write::Entity> {
    idempotent_write::Entity::find()
        .filter(Column::KeyHash.eq(key_hash))
        .filter(Column::CreatedAt.gt(store.clock().now() - REMEMBERED))
}

/// Where the viewer's own writes with a key ended: those of all root fields, and of a batch, together. None for a key that
/// is not known, or no longer, and for who is not signed in.
pub async fn outcome(store: &Store, viewer: &Viewer, key: &str) -> Result<Option<Recorded>> {
    if !is_key(key) {
        return Err(Error::BadArgument {
            argument: "key",
            message: format!("A key has 1 to {LONGEST_KEY} visible ASCII characters."),
        });
    }
    let Some(user) = viewer.user_id() else {
        return Ok(None);
    };
    let rows = remembered(store, &hash(&["key", &owner(Some(user), ""), key]))
        .order_by_asc(Column::Operation)
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Position)
        .all(store.reader())
        .await?;
    let mut all: Option<Recorded> = None;
    for row in rows {
        let found = Recorded::read(row)?;
        let all = all.get_or_insert_default();
        all.position = all.position.max(found.position);
        all.nodes.extend(found.nodes);
        all.faults.extend(found.faults);
    }
    Ok(all)
}

/// Forgets what was answered more than a day ago; answers how many rows that were.
pub async fn remove_forgotten(store: &Store) -> Result<u64> {
    let written = store
        .write(None, |unit| {
            async move {
                let deleted = idempotent_write::Entity::delete_many()
                    .filter(Column::CreatedAt.lte(unit.now() - REMEMBERED))
                    .exec(unit.db())
                    .await?;
                Ok(deleted.rows_affected)
            }
            .boxed()
        })
        .await?;
    Ok(written.value)
}

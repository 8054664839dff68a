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
//!
//! An answer tells what its caller could see, by the rights of their credential. So a row also knows, by a hash, how far
//! that credential reached, and is told to those of the same reach only: a session that was refreshed, or another token
//! with the same scopes for the same community.

mod outcome;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::idempotent_write::{self, Column};
use futures_util::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use crate::auth::digest;
use crate::error::{Error, Fault, Result};
use crate::store::{Answered, Ended, REMEMBERED, RowKey, Store, insert_attempt};
use crate::viewer::{Scope, Viewer};

pub use crate::store::{Attempt, Named, Outcome, Shown, apart, note_refusal};

/// Most characters of a key.
pub const LONGEST_KEY: usize = 255;
/// Rows that one transaction removes.
const REMOVED: u64 = 1_000;

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
    content: String,
    fields: String,
    reaches: Reaches,
    keeps_refusals: bool,
    before: HashMap<String, (String, Recorded)>,
}

/// A root field of a request with a key, asked for by somebody with a credential.
#[derive(Debug)]
pub struct Asked<'a> {
    keyed: &'a Keyed,
    field_hash: String,
    fingerprint: String,
}

/// What a root field was answered before.
#[derive(Debug, PartialEq)]
pub enum Before<'a> {
    /// This, to somebody with the same rights.
    Recorded(&'a Recorded),
    /// Something that a credential with these rights is not told.
    Reused,
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

/// How far credentials of a caller reach, by hashes that are of use with their key only.
#[derive(Debug)]
struct Reaches(String);

impl Reaches {
    fn of(owner: &str, key: &str) -> Self {
        Self(hash(&["reach", owner, key]))
    }

    fn hash(&self, viewer: &Viewer) -> String {
        let scopes = Scope::ALL.iter().filter(|scope| viewer.has_scope(**scope));
        let scopes: Vec<&str> = scopes.map(|scope| scope.as_str()).collect();
        let only = viewer.only_community().map(|only| only.to_string());
        let only = only.unwrap_or_default();
        hash(&[&self.0, &scopes.join(" "), &only])
    }

    /// Who is not signed in is known by all that they sent, and has no rights.
    fn of_nobody(&self) -> String {
        hash(&[&self.0])
    }
}

/// What stands in a row: what was sent, and how far the credential reached.
fn fingerprint(content: &str, reach: &str) -> String {
    format!("{content}.{reach}")
}

impl Keyed {
    /// Reads what is known of a request.
    pub async fn open(store: &Store, sent: Sent<'_>) -> Result<Known> {
        let owner = owner(sent.caller, sent.content);
        let mut keyed = Self {
            key_hash: hash(&["key", &owner, sent.key]),
            operation: i32::try_from(sent.operation).map_err(Error::internal)?,
            content: hash(&["content", &owner, sent.key, sent.content]),
            fields: hash(&["fields", &owner, sent.key]),
            reaches: Reaches::of(&owner, sent.key),
            keeps_refusals: sent.caller.is_some(),
            before: HashMap::new(),
        };
        for row in keyed.rows(store).await? {
            if !row.fingerprint.starts_with(&keyed.content) {
                return Ok(Known::Reused);
            }
            let (field_hash, fingerprint) = (row.field_hash.clone(), row.fingerprint.clone());
            let recorded = Recorded::read(row)?;
            keyed.before.insert(field_hash, (fingerprint, recorded));
        }
        Ok(Known::Keyed(keyed))
    }

    async fn rows(&self, store: &Store) -> Result<Vec<idempotent_write::Model>> {
        Ok(remembered(store, &self.key_hash)
            .filter(Column::Operation.eq(self.operation))
            .all(store.reader())
            .await?)
    }

    /// A root field, by its name in the answer, as `viewer` asks for it.
    #[must_use]
    pub fn asked(&self, field: &str, viewer: &Viewer) -> Asked<'_> {
        let reach = if self.keeps_refusals {
            self.reaches.hash(viewer)
        } else {
            self.reaches.of_nobody()
        };
        Asked {
            keyed: self,
            field_hash: hash(&[&self.fields, field]),
            fingerprint: fingerprint(&self.content, &reach),
        }
    }
}

impl Asked<'_> {
    fn row(&self) -> RowKey {
        RowKey {
            key_hash: self.keyed.key_hash.clone(),
            operation: self.keyed.operation,
            field_hash: self.field_hash.clone(),
            fingerprint: self.fingerprint.clone(),
        }
    }

    /// What it was answered before.
    #[must_use]
    pub fn before(&self) -> Option<Before<'_>> {
        let (fingerprint, recorded) = self.keyed.before.get(&self.field_hash)?;
        Some(if *fingerprint == self.fingerprint {
            Before::Recorded(recorded)
        } else {
            Before::Reused
        })
    }

    /// An attempt to answer it.
    #[must_use]
    pub fn attempt(&self) -> Attempt {
        Attempt::new(self.row())
    }

    /// Settles an attempt. `answered` says whether there is a payload, and no error in place of it: an error is not kept.
    #[crate::boxed]
    pub async fn settle(&self, store: &Store, ended: Ended, answered: bool) -> Result<Settled> {
        let keeps_refusals = self.keyed.keeps_refusals;
        let kept = match ended {
            Ended::Overtaken => return self.overtaken(store).await,
            Ended::Written(faults) if answered && !faults.is_empty() => {
                self.refused_after_all(store, faults).await
            }
            Ended::Unwritten(faults) if answered && (faults.is_empty() || keeps_refusals) => {
                self.keep(store, faults).await
            }
            Ended::Written(_) | Ended::Unwritten(_) => return Ok(Settled::Own),
        };
        match kept {
            Ok(true) => Ok(Settled::Own),
            Ok(false) => self.overtaken(store).await,
            // The answer is right all the same, and nothing was written that a retry could do twice.
            Err(error) => {
                tracing::warn!(%error, "what a retry is to be answered could not be kept");
                Ok(Settled::Own)
            }
        }
    }

    /// Keeps an answer that wrote nothing. False where there is another one.
    async fn keep(&self, store: &Store, faults: Vec<Fault>) -> Result<bool> {
        let (row, answered) = (self.row(), Answered::refused(faults));
        let written = store.write(None, move |unit| {
            async move { insert_attempt(unit.db(), &row, &answered, unit.now()).await }.boxed()
        });
        Ok(written.await?.value)
    }

    /// What was written is that something was refused: a refresh token that was used twice, say.
    async fn refused_after_all(&self, store: &Store, faults: Vec<Fault>) -> Result<bool> {
        let (row, answered) = (self.row(), Answered::refused(faults));
        let is_kept = self.keyed.keeps_refusals;
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

    async fn overtaken(&self, store: &Store) -> Result<Settled> {
        let mut rows = self.keyed.rows(store).await?.into_iter();
        match rows.find(|row| row.field_hash == self.field_hash) {
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
/// is not known, or no longer, or was used with other rights, and for who is not signed in.
#[crate::boxed]
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
    let owner = owner(Some(user), "");
    let reach = Reaches::of(&owner, key).hash(viewer);
    let rows = remembered(store, &hash(&["key", &owner, key]))
        .order_by_asc(Column::Operation)
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Position)
        .all(store.reader())
        .await?;
    let mut all: Option<Recorded> = None;
    for row in rows
        .into_iter()
        .filter(|row| row.fingerprint.ends_with(&reach))
    {
        let found = Recorded::read(row)?;
        let all = all.get_or_insert_default();
        all.position = all.position.max(found.position);
        all.nodes.extend(found.nodes);
        all.faults.extend(found.faults);
    }
    Ok(all)
}

/// Forgets what was answered more than a day ago; answers how many rows that were.
#[crate::boxed]
pub async fn remove_forgotten(store: &Store) -> Result<u64> {
    remove_by(store, REMOVED).await
}

/// Forgets about so many rows in a transaction as `most` says: of those that are as old as the last one all.
async fn remove_by(store: &Store, most: u64) -> Result<u64> {
    let forgotten = store.clock().now() - REMEMBERED;
    let mut removed = 0;
    loop {
        let last: Option<DateTime<Utc>> = idempotent_write::Entity::find()
            .select_only()
            .column(Column::CreatedAt)
            .filter(Column::CreatedAt.lte(forgotten))
            .order_by_asc(Column::CreatedAt)
            .offset(most.saturating_sub(1))
            .limit(1)
            .into_tuple()
            .one(store.reader())
            .await?;
        let until = last.unwrap_or(forgotten);
        let written = store
            .write(None, move |unit| {
                async move {
                    let deleted = idempotent_write::Entity::delete_many()
                        .filter(Column::CreatedAt.lte(until))
                        .exec(unit.db())
                        .await?;
                    Ok(deleted.rows_affected)
                }
                .boxed()
            })
            .await?;
        removed += written.value;
        if last.is_none() {
            return Ok(removed);
        }
    }
}

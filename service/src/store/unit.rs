//! The unit of work: one transaction, who writes and when, and the change rows that go with it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::TextList;
use entity::change::{EntityType, Operation};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseTransaction, EntityTrait};
use uuid::Uuid;

use crate::error::{Error, Result};

/// The field of a discussion whose change says that a post was hidden: its readers see less of it from then on.
pub const HIDDEN_POSTS: &str = "hiddenPosts";

/// The field of something whose change says that it came to another community.
pub(crate) const MOVED: &str = "community";

/// The field of a community whose change says that it became part of another one.
pub(crate) const MERGED_INTO: &str = "mergedInto";
/// The field of a community whose change says that another one became part of it.
pub(crate) const MERGED_FROM: &str = "mergedFrom";
/// The field of a community whose change says that a part of it became one of its own.
pub(crate) const SPLIT_INTO: &str = "splitInto";
/// The field of a new community that says that it was a part of another one.
pub(crate) const SPLIT_FROM: &str = "splitFrom";

/// The answer of a write with its place in the change log.
#[derive(Clone, Copy, Debug)]
pub struct Written<T> {
    /// What the work answered.
    pub value: T,
    /// The position after this write; that of the newest change when it changed nothing.
    pub position: i64,
}

impl<T> Written<T> {
    /// Turns the value into another, keeping the position.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Written<U> {
        Written {
            value: change(self.value),
            position: self.position,
        }
    }
}

/// A change that waits for the commit.
#[derive(Clone, Debug)]
pub struct PendingChange {
    /// What was changed.
    pub entity_type: EntityType,
    /// Which.
    pub entity_id: Uuid,
    /// How.
    pub operation: Operation,
    /// The community that it belongs to.
    pub community_id: Option<Uuid>,
    /// The changed fields, by their names in the schema.
    pub fields: Vec<String>,
    /// Who could see it before: audience tokens; none where it was not there.
    pub audience_before: Option<BTreeSet<String>>,
    /// Who can see it after: audience tokens; none where it is gone.
    pub audience_after: Option<BTreeSet<String>>,
}

impl PendingChange {
    /// Whether somebody who could see it, or something that belongs to it, no longer can.
    fn narrows(&self) -> bool {
        // From INTERNAL to PRIVATE, say, those who see what a community is about stay the same, and its items do not.
        let changes = |name: &str| self.fields.iter().any(|field| field == name);
        let reaches_its_items = self.entity_type == EntityType::Community && changes("visibility");
        // A discussion's document holds the texts of its posts.
        let takes_text_back = self.entity_type == EntityType::Discussion && changes(HIDDEN_POSTS);
        if reaches_its_items || takes_text_back {
            return true;
        }
        match (&self.audience_before, &self.audience_after) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(before), Some(after)) => !before.is_subset(after),
        }
    }
}

/// One transaction with its actor, its time and its pending change rows.
#[derive(Debug)]
pub struct WriteUnit {
    transaction: DatabaseTransaction,
    actor: Option<Uuid>,
    now: DateTime<Utc>,
    changes: Vec<PendingChange>,
}

impl WriteUnit {
    pub(super) fn new(
        transaction: DatabaseTransaction,
        actor: Option<Uuid>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            transaction,
            actor,
            now,
            changes: Vec::new(),
        }
    }

    /// The transaction, for statements.
    #[must_use]
    pub fn db(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Who writes; none for the platform itself.
    #[must_use]
    pub fn actor(&self) -> Option<Uuid> {
        self.actor
    }

    /// The time of this write.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Adds a change row to this write.
    pub fn record(&mut self, change: PendingChange) {
        self.changes.push(change);
    }

    /// The table of something that this write changed.
    pub(super) fn table_of(&self, id: Uuid) -> Option<String> {
        let change = self.changes.iter().find(|change| change.entity_id == id)?;
        Some(change.entity_type.as_str().to_lowercase())
    }

    /// Appends the change rows as the last statements before the commit, and hands the transaction back. Raising the
    /// head row's position locks it until the commit, which makes positions gap-free in commit order.
    pub(super) async fn finish(self) -> Result<(DatabaseTransaction, Option<i64>)> {
        let count = i64::try_from(self.changes.len()).map_err(Error::internal)?;
        if count == 0 {
            return Ok((self.transaction, None));
        }
        let newest = raise_head(&self.transaction, count).await?;
        let first = newest - count + 1;
        let mut rows = Vec::with_capacity(self.changes.len());
        let mut tombstones = Vec::new();
        for (position, change) in (first..).zip(self.changes) {
            if change.operation == Operation::Deleted {
                tombstones.push(entity::tombstone::ActiveModel {
                    entity_id: Set(change.entity_id),
                    entity_type: Set(change.entity_type),
                    community_id: Set(change.community_id),
                    position: Set(position),
                    deleted_at: Set(self.now),
                });
            }
            rows.push(row(position, self.actor, self.now, change));
        }
        // SQLite binds at most 32,766 values a statement.
        for chunk in chunks(rows, 1_000) {
            entity::change::Entity::insert_many(chunk)
                .exec_without_returning(&self.transaction)
                .await?;
        }
        for chunk in chunks(tombstones, 1_000) {
            entity::tombstone::Entity::insert_many(chunk)
                .exec_without_returning(&self.transaction)
                .await?;
        }
        Ok((self.transaction, Some(newest)))
    }

    pub(super) async fn roll_back(self) {
        if let Err(error) = self.transaction.rollback().await {
            tracing::warn!(%error, "a transaction could not be rolled back; its connection is dropped");
        }
    }
}

fn row(
    position: i64,
    actor: Option<Uuid>,
    now: DateTime<Utc>,
    change: PendingChange,
) -> entity::change::ActiveModel {
    let narrowed = change.narrows();
    let tokens = |audience: Option<BTreeSet<String>>| {
        audience.map(|set| TextList(set.into_iter().collect()))
    };
    entity::change::ActiveModel {
        position: Set(position),
        entity_type: Set(change.entity_type),
        entity_id: Set(change.entity_id),
        operation: Set(change.operation),
        community_id: Set(change.community_id),
        actor_id: Set(actor),
        at: Set(now),
        fields: Set(TextList(change.fields)),
        audience_before: Set(tokens(change.audience_before)),
        audience_after: Set(tokens(change.audience_after)),
        narrowed: Set(narrowed),
    }
}

fn chunks<T>(rows: Vec<T>, size: usize) -> impl Iterator<Item = Vec<T>> {
    let mut rows = rows.into_iter();
    std::iter::from_fn(move || {
        let chunk: Vec<T> = rows.by_ref().take(size).collect();
        (!chunk.is_empty()).then_some(chunk)
    })
}

async fn raise_head(transaction: &DatabaseTransaction, count: i64) -> Result<i64> {
    let statement = Query::update()
        .table("change_head")
        .value("position", Expr::col("position").add(count))
        .and_where(Expr::col("id").eq(1))
        .returning_col("position")
        .to_owned();
    let row = transaction.query_one(&statement).await?.ok_or_else(|| {
        Error::internal("the change log has no head row: run `repertoire migrate`")
    })?;
    Ok(row.try_get("", "position")?)
}

//! Removing what ended long ago, and ending what nobody goes on with.

use std::collections::HashSet;

use chrono::TimeDelta;
use entity::operation::{self, OperationState};
use futures_util::FutureExt;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::import::LineError;
use super::step::write_errors;
use super::{Operation, Operations};
use crate::error::{Error, Result};

/// Within this time the file of an import must come.
const UPLOAD_TIME: TimeDelta = TimeDelta::days(1);
/// Operations that are ended in one transaction.
const ENDED: u64 = 200;
/// Operations that are removed in one transaction: each may take ten thousand errors along.
const REMOVED: u64 = 20;
/// Operations of one person that are kept after their end: each has a file, or errors, and takes little to begin.
pub(super) const MOST_KEPT: u64 = 20;

/// Removes finished operations with their files when they were kept long enough, ends imports whose file did not come,
/// and operations whose file no process has any more. Answers how many were removed.
#[crate::boxed]
pub async fn tidy(operations: &Operations) -> Result<u64> {
    use operation::Column;
    let (store, settings) = (operations.store(), operations.settings());
    let now = store.clock().now();
    let waiting = Condition::all()
        .add(Column::FinishedAt.is_null())
        .add(Column::State.eq(OperationState::Queued))
        .add(Column::UploadHash.is_not_null())
        .add(Column::UploadedAt.is_null())
        .add(Column::CreatedAt.lt(now - UPLOAD_TIME));
    let message = "No file came within a day; begin another import with startImport.";
    end(operations, waiting, message).await?;
    let abandoned = Condition::all()
        .add(Column::FinishedAt.is_null())
        .add(Column::CreatedAt.lt(now - settings.kept))
        .add(
            Condition::any()
                .add(Column::LeaseUntil.is_null())
                .add(Column::LeaseUntil.lt(now)),
        );
    let message =
        "No server that has the file of this operation went on with it; begin another one.";
    end(operations, abandoned, message).await?;
    let old = Condition::all().add(Column::FinishedAt.lt(now - settings.kept));
    let mut removed = 0;
    loop {
        let some = remove(operations, old.clone()).await?;
        removed += some;
        if some < REMOVED {
            break;
        }
    }
    sweep(operations).await?;
    Ok(removed)
}

/// Ends operations that nobody goes on with.
async fn end(operations: &Operations, which: Condition, message: &'static str) -> Result<()> {
    operations
        .store()
        .write(None, move |unit| {
            async move {
                use operation::Column;
                let ids: Vec<Uuid> = operation::Entity::find()
                    .select_only()
                    .column(Column::Id)
                    .filter(which.clone())
                    .limit(ENDED)
                    .into_tuple()
                    .all(unit.db())
                    .await?;
                for id in ids {
                    let ended = operation::Entity::update_many()
                        .filter(Column::Id.eq(id))
                        .filter(which.clone())
                        .col_expr(Column::State, Expr::value(OperationState::Failed.as_str()))
                        .col_expr(Column::FinishedAt, Expr::value(Some(unit.now())))
                        .exec(unit.db())
                        .await?;
                    if ended.rows_affected == 1 {
                        let error = LineError {
                            line: None,
                            message: message.to_owned(),
                        };
                        write_errors(unit, id, vec![error]).await?;
                    }
                }
                Ok(())
            }
            .boxed()
        })
        .await?;
    Ok(())
}

/// Removes the oldest operations of a person that have ended, with their files, where there are more than are kept.
pub(super) async fn remove_beyond(operations: &Operations, user: Uuid) -> Result<()> {
    use operation::Column;
    let oldest: Vec<Uuid> = operation::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::UserId.eq(user))
        .filter(Column::FinishedAt.is_not_null())
        .order_by_desc(Column::Id)
        .offset(MOST_KEPT)
        .limit(REMOVED)
        .into_tuple()
        .all(operations.store().reader())
        .await?;
    if !oldest.is_empty() {
        remove(operations, Condition::all().add(Column::Id.is_in(oldest))).await?;
    }
    Ok(())
}

/// Removes some of the operations that meet a condition, with their files, and answers how many.
async fn remove(operations: &Operations, which: Condition) -> Result<u64> {
    let written = operations
        .store()
        .write(None, move |unit| {
            async move {
                use operation::Column;
                let rows: Vec<Operation> = operation::Entity::find()
                    .filter(which)
                    .limit(REMOVED)
                    .all(unit.db())
                    .await?;
                operation::Entity::delete_many()
                    .filter(Column::Id.is_in(rows.iter().map(|row| row.id)))
                    .exec(unit.db())
                    .await?;
                Ok(rows)
            }
            .boxed()
        })
        .await?;
    let rows = written.value;
    let removed = rows.len() as u64;
    let (files, place) = (operations.files().clone(), operations.files().place());
    tokio::task::spawn_blocking(move || {
        for row in rows.into_iter().filter(|row| row.place == Some(place)) {
            if let Some(file) = row.file {
                files.remove(&file);
            }
        }
    })
    .await
    .map_err(Error::internal)?;
    Ok(removed)
}

/// Removes files that no operation names.
async fn sweep(operations: &Operations) -> Result<()> {
    let named: Vec<Option<String>> = operation::Entity::find()
        .select_only()
        .column(operation::Column::File)
        .filter(operation::Column::File.is_not_null())
        .into_tuple()
        .all(operations.store().reader())
        .await?;
    let named: HashSet<String> = named.into_iter().flatten().collect();
    let files = operations.files().clone();
    let swept = tokio::task::spawn_blocking(move || files.sweep(|name| named.contains(name)))
        .await
        .map_err(Error::internal)?;
    match swept {
        Ok(0) => {}
        Ok(swept) => tracing::info!(swept, "files that operations had left were removed"),
        Err(error) => tracing::warn!(%error, "the directory of operations cannot be read"),
    }
    Ok(())
}

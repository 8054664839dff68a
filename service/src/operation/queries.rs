//! Reading one's operations, what they could not do, and the results of exports.

use std::collections::HashMap;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use entity::operation::{self, OperationFormat, OperationKind, OperationState};
use entity::operation_error;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait, Select};
use uuid::Uuid;

use super::closing::is_open_to;
use super::rights::whoever_fetches;
use super::{Operation, Operations};
use crate::error::Result;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::operation::own;
use crate::store::Store;
use crate::viewer::Viewer;

/// In the order of the lines.
const BY_ID: Keyset = Keyset {
    table: "operation_error",
    column: None,
    id_column: "id",
    nullable: false,
    direction: Direction::Ascending,
};

/// What an operation could not do.
pub type OperationError = operation_error::Model;

/// Those of the operations that are the viewer's.
#[crate::boxed]
pub async fn by_ids(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Operation>> {
    let Some(own) = own(viewer) else {
        return Ok(HashMap::new());
    };
    let rows = operation::Entity::find()
        .filter(operation::Column::Id.is_in(ids.iter().copied()))
        .filter(own)
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

fn of(operation: Uuid) -> Select<operation_error::Entity> {
    operation_error::Entity::find().filter(operation_error::Column::OperationId.eq(operation))
}

/// A page of what an operation that the viewer was shown could not do, in the order of the lines.
#[crate::boxed]
pub async fn errors(
    store: &Store,
    operation: Uuid,
    request: &PageRequest,
) -> Result<Page<OperationError>> {
    let window = request.check(&BY_ID)?;
    let mut select = of(operation);
    window.apply(QueryTrait::query(&mut select), &BY_ID);
    let rows = store.list(select).await?;
    Ok(window.page(&BY_ID, rows, |row| Cursor {
        value: SortValue::Id,
        id: row.id,
    }))
}

/// How many [`errors`] lists.
#[crate::boxed]
pub async fn error_count(store: &Store, operation: Uuid) -> Result<u64> {
    store.count(of(operation).into_query()).await
}

/// The file that an export wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// How it is written.
    pub format: OperationFormat,
    /// When the export was begun.
    pub created_at: DateTime<Utc>,
}

/// Where the result of an export is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResultOf {
    /// Here.
    Here(ResultFile),
    /// In the directory of another server.
    Elsewhere,
    /// Closed to its owner, who no longer sees all that it may hold.
    Closed,
    /// There is none, or none any more, or its owner's account can no longer be used.
    Nowhere,
}

/// The result of an export whose address somebody has, if it [is open](super::is_open) to its owner now.
#[crate::boxed]
pub async fn result_of(operations: &Operations, id: Uuid) -> Result<ResultOf> {
    let found = operation::Entity::find_by_id(id)
        .filter(operation::Column::Kind.eq(OperationKind::Export))
        .filter(operation::Column::State.eq(OperationState::Succeeded))
        .one(operations.store().reader())
        .await?;
    let Some(row) = found else {
        return Ok(ResultOf::Nowhere);
    };
    let Some(owner) = whoever_fetches(operations.store(), &row).await? else {
        return Ok(ResultOf::Nowhere);
    };
    if !is_open_to(operations.store(), &owner, &row).await? {
        return Ok(ResultOf::Closed);
    }
    let (Some(file), Some(bytes)) = (row.file, row.file_bytes) else {
        return Ok(ResultOf::Nowhere);
    };
    if row.place != Some(operations.files().place()) {
        return Ok(ResultOf::Elsewhere);
    }
    Ok(ResultOf::Here(ResultFile {
        path: operations.files().path(&file),
        bytes: u64::try_from(bytes).unwrap_or_default(),
        format: row.format,
        created_at: row.created_at,
    }))
}

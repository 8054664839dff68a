//! Reading one's operations, what they could not do, and the results of exports.

use std::collections::HashMap;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use entity::membership::{self, MembershipState};
use entity::operation::{self, OperationFormat, OperationKind, OperationState};
use entity::{community, operation_error};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait, Select};
use uuid::Uuid;

use super::rights::whoever_fetches;
use super::{Operation, Operations};
use crate::error::Result;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::operation::{export, own};
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
    /// There is none, or none any more, or it is closed to its owner.
    Nowhere,
}

/// Whether the owner of an export may fetch what it wrote. Whoever could not begin it now may not: they were banned from
/// the community, say, or it was narrowed. An export of everything is about the communities that they were members of.
pub async fn is_open(store: &Store, export_of: &Operation) -> Result<bool> {
    let Some(viewer) = whoever_fetches(store, export_of).await? else {
        return Ok(false);
    };
    let about: Vec<Uuid> = match export_of.community_id {
        Some(id) => vec![id],
        None => viewer
            .memberships()
            .filter(|membership| has_ended_since(membership, export_of.created_at))
            .map(|membership| membership.community_id)
            .collect(),
    };
    if about.is_empty() {
        return Ok(true);
    }
    let communities = community::Entity::find()
        .filter(community::Column::Id.is_in(about.iter().copied()))
        .all(store.reader())
        .await?;
    let may = |community: &community::Model| export(&viewer, community).allows();
    Ok(communities.len() == about.len() && communities.iter().all(may))
}

fn has_ended_since(membership: &membership::Model, time: DateTime<Utc>) -> bool {
    let was_active = membership.joined_at.is_some();
    was_active && membership.state != MembershipState::Active && membership.updated_at >= time
}

/// The result of an export whose address somebody has, if it [is open](is_open) to its owner now.
pub async fn result_of(operations: &Operations, id: Uuid) -> Result<ResultOf> {
    let found = operation::Entity::find_by_id(id)
        .filter(operation::Column::Kind.eq(OperationKind::Export))
        .filter(operation::Column::State.eq(OperationState::Succeeded))
        .one(operations.store().reader())
        .await?;
    let Some(row) = found else {
        return Ok(ResultOf::Nowhere);
    };
    if !is_open(operations.store(), &row).await? {
        return Ok(ResultOf::Nowhere);
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

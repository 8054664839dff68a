//! Beginning an operation, and ending it early.

use entity::operation::{self, OperationFormat, OperationKind, OperationState};
use entity::{community, operation_error, user};
use futures_util::FutureExt;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::rights::Kept;
use super::tidy::remove_beyond;
use super::{Operation, Operations};
use crate::auth::{Secret, digest, generate};
use crate::error::{Error, FaultCode, Result};
use crate::item::insert::insert_many;
use crate::membership::{Hold, standing};
use crate::policy::operation as policy;
use crate::store::{WriteUnit, Written};
use crate::viewer::{Scope, Viewer};

/// What every secret by which a file is sent begins with.
pub(super) const UPLOAD_PREFIX: &str = "rpup_";
const WHAT: &str = "operation";
const COMMUNITY: &[&str] = &["communityId"];
const RESTORE: &[&str] = &["restore"];

/// An import to be begun.
#[derive(Clone, Copy, Debug)]
pub struct StartImport {
    /// The community that it goes to.
    pub community_id: Uuid,
    /// How the file is written.
    pub format: OperationFormat,
    /// Whether to keep ids, authors and history, as administrators may.
    pub restore: bool,
}

/// An export to be begun.
#[derive(Clone, Copy, Debug)]
pub struct StartExport {
    /// The community whose things are written; none for those of all.
    pub community_id: Option<Uuid>,
    /// How the file is to be written.
    pub format: OperationFormat,
}

/// An import that waits for its file.
#[derive(Clone, Debug)]
pub struct Started {
    /// The operation.
    pub operation: Operation,
    /// By this secret the file is sent, once.
    pub secret: Secret,
}

/// Begins an import, which then waits for its file.
#[crate::boxed]
pub async fn start_import(
    operations: &Operations,
    viewer: &Viewer,
    input: StartImport,
) -> Result<Written<Started>> {
    let actor = viewer.require(Scope::Sync)?;
    let (viewer, most) = (viewer.clone(), operations.settings().unfinished);
    let written = operations
        .store()
        .write(Some(actor), move |unit| {
            async move {
                let (fresh, community) =
                    standing(unit, &viewer, input.community_id, Hold::Shared).await?;
                check_import(&fresh, community.as_ref(), input)?;
                let secret = generate(UPLOAD_PREFIX);
                let mut row = new_row(unit, &viewer, OperationKind::Import, input.format);
                row.restore = input.restore;
                row.community_id = Some(input.community_id);
                row.upload_hash = Some(digest(secret.expose()));
                let operation = begin(unit, row, most).await?;
                Ok(Started { operation, secret })
            }
            .boxed()
        })
        .await?;
    make_room(operations, actor).await;
    Ok(written)
}

/// Removes what of a person's operations is too much by now; what cannot be is removed with the next one.
async fn make_room(operations: &Operations, user: Uuid) {
    if let Err(error) = remove_beyond(operations, user).await {
        tracing::warn!(%error, "operations that have ended could not be removed");
    }
}

fn check_import(
    viewer: &Viewer,
    community: Option<&community::Model>,
    input: StartImport,
) -> Result<()> {
    if !input.restore {
        let absent = || Error::not_found(COMMUNITY, "community");
        let community = community.ok_or_else(absent)?;
        return policy::import(viewer, community).require(COMMUNITY, "community");
    }
    // The community may be one that is to come back.
    policy::restore(viewer).require(RESTORE, WHAT)?;
    if input.format != OperationFormat::Ndjson {
        let message = "Only NDJSON holds ids, authors and history; a table is imported as yours.";
        return Err(Error::fault(FaultCode::Invalid, RESTORE, message));
    }
    Ok(())
}

/// Begins an export.
#[crate::boxed]
pub async fn start_export(
    operations: &Operations,
    viewer: &Viewer,
    input: StartExport,
) -> Result<Written<Operation>> {
    let actor = viewer.require(Scope::Sync)?;
    let (viewer, most) = (viewer.clone(), operations.settings().unfinished);
    let written = operations
        .store()
        .write(Some(actor), move |unit| {
            async move {
                if let Some(id) = input.community_id {
                    let (fresh, community) = standing(unit, &viewer, id, Hold::Shared).await?;
                    let community =
                        community.ok_or_else(|| Error::not_found(COMMUNITY, "community"))?;
                    policy::export(&fresh, &community).require(COMMUNITY, "community")?;
                }
                let mut row = new_row(unit, &viewer, OperationKind::Export, input.format);
                row.community_id = input.community_id;
                begin(unit, row, most).await
            }
            .boxed()
        })
        .await?;
    operations.wake();
    make_room(operations, actor).await;
    Ok(written)
}

fn new_row(
    unit: &WriteUnit,
    viewer: &Viewer,
    kind: OperationKind,
    format: OperationFormat,
) -> Operation {
    let kept = Kept::of(viewer);
    Operation {
        id: Uuid::now_v7(),
        user_id: viewer.user_id().unwrap_or_default(),
        kind,
        format,
        restore: false,
        state: OperationState::Queued,
        community_id: None,
        scopes: kept.scopes,
        only_community: kept.only_community,
        api_token_id: kept.api_token,
        done: 0,
        total: None,
        created: 0,
        unchanged: 0,
        failed: 0,
        position: None,
        upload_hash: None,
        uploaded_at: None,
        file: None,
        file_bytes: None,
        place: None,
        lease_owner: None,
        lease_until: None,
        read_to: 0,
        created_at: unit.now(),
        finished_at: None,
    }
}

/// Writes a new operation, unless its owner has as many as anybody may have.
async fn begin(unit: &WriteUnit, row: Operation, most: u64) -> Result<Operation> {
    // One at a time of each person, or together they would be too many.
    user::Entity::find_by_id(row.user_id)
        .lock(LockType::NoKeyUpdate)
        .one(unit.db())
        .await?;
    let unfinished = operation::Entity::find()
        .filter(operation::Column::UserId.eq(row.user_id))
        .filter(operation::Column::FinishedAt.is_null())
        .count(unit.db())
        .await?;
    if unfinished >= most {
        let message = format!(
            "At most {most} operations of one person are under way at once; wait for one to end, or cancel one."
        );
        return Err(Error::fault(FaultCode::LimitReached, &[], message));
    }
    insert_many(unit, vec![row.clone().into_active_model()]).await?;
    Ok(row)
}

/// Ends an operation of the viewer's: what was done until now stays, nothing more is done. One that has ended is answered
/// as it is.
#[crate::boxed]
pub async fn cancel(
    operations: &Operations,
    viewer: &Viewer,
    id: Uuid,
) -> Result<Written<Operation>> {
    let actor = viewer.require(Scope::Sync)?;
    let own = policy::own(viewer).ok_or(Error::Unauthenticated)?;
    let written = operations
        .store()
        .write(Some(actor), move |unit| {
            async move {
                // The chunk that is under way holds the row: it is done, and none after it.
                let found = operation::Entity::find_by_id(id)
                    .filter(own)
                    .lock(LockType::NoKeyUpdate)
                    .one(unit.db())
                    .await?
                    .ok_or_else(|| Error::not_found(&["id"], WHAT))?;
                if found.finished_at.is_some() {
                    return Ok(found);
                }
                cancel_in(unit, found).await
            }
            .boxed()
        })
        .await?;
    if let Some(file) = written.value.file.as_deref()
        && written.value.place == Some(operations.files().place())
    {
        operations.files().discard(file).await;
    }
    Ok(written)
}

async fn cancel_in(unit: &WriteUnit, row: Operation) -> Result<Operation> {
    use operation::Column;
    operation::Entity::update_many()
        .filter(Column::Id.eq(row.id))
        .col_expr(
            Column::State,
            Expr::value(OperationState::Cancelled.as_str()),
        )
        .col_expr(Column::FinishedAt, Expr::value(unit.now()))
        .exec(unit.db())
        .await?;
    let (what, of) = match row.kind {
        OperationKind::Import => ("lines", "What was imported stays."),
        OperationKind::Export => ("things", "There is no result."),
    };
    let total = row
        .total
        .map_or_else(String::new, |total| format!(" of {total}"));
    let message = format!("Cancelled after {}{total} {what}. {of}", row.done);
    insert_many(
        unit,
        vec![
            operation_error::Model {
                id: Uuid::now_v7(),
                operation_id: row.id,
                line: None,
                message,
            }
            .into_active_model(),
        ],
    )
    .await?;
    Ok(Operation {
        state: OperationState::Cancelled,
        finished_at: Some(unit.now()),
        ..row
    })
}

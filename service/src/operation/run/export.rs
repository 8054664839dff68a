//! Working on an export.

use std::io;

use entity::operation::OperationState;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::operation::export::{Plan, Sight, export, unwritable};
use crate::operation::files::discard;
use crate::operation::step::{End, Lease, Row, Written};
use crate::operation::{Operation, Operations, rights};

pub(super) async fn write_export(
    operations: &Operations,
    row: &Operation,
    lease: Lease,
    stop: &CancellationToken,
) -> Result<()> {
    let store = operations.store();
    let viewer = rights::owner(store, row)
        .await?
        .ok_or(Error::Unauthenticated)?;
    let plan = Plan {
        sight: Sight::Of(viewer),
        community: row.community_id,
        format: row.format,
    };
    let (files, id) = (operations.files().clone(), row.id);
    let begun = tokio::task::spawn_blocking(move || {
        let (file, path, name) = files.begin(id)?;
        Ok((file.try_clone()?, file, path, name))
    })
    .await
    .map_err(Error::internal)?;
    let (target, file, path, name) = begun.map_err(|error: io::Error| unwritable(&error))?;
    let mut watch = Row::new(store, lease, stop.clone());
    let written = export(store, &plan, Box::new(target), &mut watch).await;
    let Ok(Some(exported)) = written else {
        discard(path).await;
        return written.map(|_| ());
    };
    let files = operations.files().clone();
    let finished = name.clone();
    tokio::task::spawn_blocking(move || files.finish(&file, &path, &finished))
        .await
        .map_err(Error::internal)?
        .map_err(|error| unwritable(&error))?;
    let end = End {
        state: OperationState::Succeeded,
        done: Some(i32::try_from(exported.things).unwrap_or(i32::MAX)),
        result: Some(Written {
            file: name.clone(),
            bytes: i64::try_from(exported.bytes).unwrap_or(i64::MAX),
            place: operations.files().place(),
            position: exported.position,
        }),
        errors: Vec::new(),
    };
    if !lease.finish(store, end).await? {
        operations.files().discard(&name).await;
    }
    Ok(())
}

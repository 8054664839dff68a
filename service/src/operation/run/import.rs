//! Working on an import.

use std::io;
use std::sync::Arc;

use entity::operation::{self, OperationState};
use futures_util::FutureExt;
use sea_orm::EntityTrait;
use tokio_util::sync::CancellationToken;

use super::{fail, forget_file};
use crate::error::{Error, Result};
use crate::operation::import::{For, Job, LineError, Reader, Scan, Source, drive, scan};
use crate::operation::step::{End, Lease};
use crate::operation::{Operation, Operations, error_count};

pub(super) async fn import(
    operations: &Operations,
    row: &Operation,
    lease: Lease,
    stop: &CancellationToken,
) -> Result<()> {
    let store = operations.store();
    let name = row
        .file
        .as_deref()
        .ok_or_else(|| Error::internal("an import that is worked on has no file"))?;
    let source = Source {
        path: operations.files().path(name),
        format: row.format,
        line_bytes: operations.settings().line_bytes,
    };
    let offset = u64::try_from(row.read_to).unwrap_or_default();
    let opened = open(source, row.restore, offset).await?;
    let (found, reader) = match opened {
        Ok(opened) => opened,
        Err(message) => return fail(operations, row, lease, message).await,
    };
    let total = i32::try_from(found.total).unwrap_or(i32::MAX);
    let known = store
        .write(None, move |unit| {
            async move { lease.begin(unit, total).await }.boxed()
        })
        .await?;
    if !known.value {
        return Ok(());
    }
    let passed_over = found.passed_over();
    let job = Arc::new(Job {
        community: row.community_id,
        restore: row.restore,
        operation: Some(row.id),
        scan: found,
    });
    let kept = error_count(store, row.id).await?;
    let of = For::Row {
        row,
        lease,
        stop: stop.clone(),
    };
    if drive(store, reader, job, &of, kept).await?.is_none() {
        return Ok(());
    }
    let counted = operation::Entity::find_by_id(row.id)
        .one(store.reader())
        .await?
        .ok_or_else(|| Error::internal("an operation is gone"))?;
    let end = End {
        state: state_after(&counted, !passed_over.is_empty()),
        done: None,
        result: None,
        errors: passed_over
            .into_iter()
            .map(|message| LineError {
                line: None,
                message,
            })
            .collect(),
    };
    lease.finish(store, end).await?;
    forget_file(operations, row).await;
    Ok(())
}

/// Where an import stands that came to its end.
fn state_after(row: &Operation, passed_over: bool) -> OperationState {
    if row.failed == 0 && !passed_over {
        OperationState::Succeeded
    } else if row.created > 0 || row.unchanged > 0 {
        OperationState::Partial
    } else {
        OperationState::Failed
    }
}

/// Looks through a file and opens it at a byte; a sentence says why nothing of it can be imported.
pub(in crate::operation) async fn open(
    source: Source,
    restore: bool,
    offset: u64,
) -> Result<Result<(Scan, Reader), String>> {
    let opened = tokio::task::spawn_blocking(move || -> io::Result<_> {
        let Source {
            path,
            format,
            line_bytes,
        } = source;
        let found = match scan(&path, format, line_bytes, restore)? {
            Ok(found) => found,
            Err(message) => return Ok(Err(message)),
        };
        let mut reader = match Reader::open(&path, format, line_bytes)? {
            Ok(reader) => reader,
            Err(message) => return Ok(Err(message)),
        };
        reader.go_to_byte(&path, offset)?;
        Ok(Ok((found, reader)))
    })
    .await
    .map_err(Error::internal)?;
    match opened {
        Ok(opened) => Ok(opened),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok(Err("The file of the import is not there any more.".into()))
        }
        Err(error) => Err(Error::internal(format!(
            "the file of an import cannot be read: {error}"
        ))),
    }
}

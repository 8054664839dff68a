//! Working on what is queued: some operations at the same time in each process, of each person one, so that nobody's long
//! import holds up what others wait for.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::operation::{self, OperationKind, OperationState};
use futures_util::FutureExt;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, DatabaseBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use tokio::task::{self, JoinError, JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::export::{Plan, Sight, export, unwritable};
use super::files::discard;
use super::import::{For, Job, LineError, Reader, Source, drive, scan};
use super::line::said;
use super::step::{End, LEASE, Lease, Row, Written};
use super::{Operation, Operations, error_count, rights};
use crate::error::{Error, Result};
use crate::store::Store;

/// How long nothing is looked for where nobody said that there is something: what others queued, and what was left.
const PAUSE: Duration = Duration::from_secs(5);
/// How long an operation waits after the database or the disk failed it.
const AFTER_FAILURE: TimeDelta = TimeDelta::seconds(10);

/// Most operations that a process works on at the same time.
const AT_ONCE: usize = 3;

/// Works on what is queued until it is told to stop; what is under way then is left where its last chunk ended.
#[must_use]
pub fn run_queued(operations: Operations, stop: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut under_way = UnderWay::new(places(operations.store()));
        while !stop.is_cancelled() {
            match under_way.take_up(&operations, &stop).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, "operations cannot be worked on");
                }
            }
            let has_room = under_way.has_room();
            tokio::select! {
                () = stop.cancelled() => {}
                Some(ended) = under_way.running.join_next_with_id() => under_way.note(ended),
                () = operations.inner.wake.notified(), if has_room => {}
                () = tokio::time::sleep(PAUSE), if has_room => {}
            }
        }
        under_way.end().await;
    })
}

/// How many operations are worked on at the same time. An export holds a connection until it is written, and half of them
/// are left to those who wait for an answer.
fn places(store: &Store) -> usize {
    let reader = store.reader();
    let connections = if store.backend() == DatabaseBackend::Postgres {
        let pool = reader.get_postgres_connection_pool();
        pool.options().get_max_connections()
    } else {
        let pool = reader.get_sqlite_connection_pool();
        pool.options().get_max_connections()
    };
    usize::try_from(connections / 2).map_or(AT_ONCE, |half| half.clamp(1, AT_ONCE))
}

/// The operations that this process works on, each in a task of its own.
#[derive(Debug)]
pub(super) struct UnderWay {
    places: usize,
    running: JoinSet<()>,
    /// Whose they are.
    owners: HashMap<task::Id, Uuid>,
}

impl UnderWay {
    pub(super) fn new(places: usize) -> Self {
        Self {
            places,
            running: JoinSet::new(),
            owners: HashMap::new(),
        }
    }

    fn has_room(&self) -> bool {
        self.running.len() < self.places
    }

    /// Begins to work on an operation of somebody of whom none is under way; false where there is none, or no room.
    pub(super) async fn take_up(
        &mut self,
        operations: &Operations,
        stop: &CancellationToken,
    ) -> Result<bool> {
        if !self.has_room() {
            return Ok(false);
        }
        let busy: Vec<Uuid> = self.owners.values().copied().collect();
        let Some(row) = claim(operations, &busy).await? else {
            return Ok(false);
        };
        let (owner, operations, stop) = (row.user_id, operations.clone(), stop.clone());
        self.begin(owner, async move {
            if let Err(error) = work(&operations, &row, &stop).await {
                tracing::warn!(%error, operation = %row.id, "an operation is left until its lease ends");
            }
        });
        Ok(true)
    }

    /// Does some work of somebody's.
    pub(super) fn begin(&mut self, owner: Uuid, work: impl Future<Output = ()> + Send + 'static) {
        let running = self.running.spawn(work);
        self.owners.insert(running.id(), owner);
    }

    fn note(&mut self, ended: Result<(task::Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                tracing::error!(%error, "the work on an operation ended by itself");
                error.id()
            }
        };
        self.owners.remove(&id);
    }

    /// Waits until all that is under way has ended.
    pub(super) async fn end(&mut self) {
        while let Some(ended) = self.running.join_next_with_id().await {
            self.note(ended);
        }
    }
}

/// Works on one operation; false where there is none to do.
pub async fn run_next(operations: &Operations, stop: &CancellationToken) -> Result<bool> {
    let Some(row) = claim(operations, &[]).await? else {
        return Ok(false);
    };
    work(operations, &row, stop).await?;
    Ok(true)
}

/// Works on an operation that this process has taken, to its end or until it is told to stop.
async fn work(operations: &Operations, row: &Operation, stop: &CancellationToken) -> Result<()> {
    let lease = Lease {
        operation: row.id,
        process: operations.process(),
    };
    tracing::info!(operation = %row.id, kind = row.kind.as_str(), "an operation is worked on");
    let outcome = match row.kind {
        OperationKind::Import => import(operations, row, lease, stop).await,
        OperationKind::Export => write_export(operations, row, lease, stop).await,
    };
    let failed = match outcome {
        Ok(()) => {
            if stop.is_cancelled() {
                lease
                    .give_back(operations.store(), TimeDelta::zero())
                    .await?;
            }
            return Ok(());
        }
        Err(Error::Unavailable(reason)) => {
            tracing::warn!(operation = %row.id, reason, "an operation waits");
            lease.give_back(operations.store(), AFTER_FAILURE).await?;
            return Ok(());
        }
        Err(error @ Error::Refused(_)) => said(&error),
        Err(Error::Unauthenticated) => {
            "The account or the token that began this can no longer be used.".to_owned()
        }
        Err(error) => {
            tracing::error!(operation = %row.id, %error, "an operation failed");
            "The server could not do this because of a fault of its own; its log says more under the id of the operation."
                .to_owned()
        }
    };
    fail(operations, row, lease, failed).await
}

async fn fail(
    operations: &Operations,
    row: &Operation,
    lease: Lease,
    message: String,
) -> Result<()> {
    let end = End {
        state: OperationState::Failed,
        done: None,
        result: None,
        errors: vec![LineError {
            line: None,
            message,
        }],
    };
    lease.finish(operations.store(), end).await?;
    forget_file(operations, row).await;
    Ok(())
}

async fn forget_file(operations: &Operations, row: &Operation) {
    if let (OperationKind::Import, Some(file)) = (row.kind, &row.file) {
        operations.files().discard(file).await;
    }
}

/// What can be worked on now: what is queued, and what a process left in the middle.
fn due(now: DateTime<Utc>, place: Uuid) -> Condition {
    use operation::Column;
    let queued = Condition::all()
        .add(Column::State.eq(OperationState::Queued))
        .add(
            Condition::any()
                .add(Column::Kind.eq(OperationKind::Export))
                .add(Column::UploadedAt.is_not_null()),
        );
    let left = Condition::all()
        .add(Column::State.eq(OperationState::Running))
        .add(Column::LeaseUntil.lte(now));
    Condition::all()
        .add(Column::FinishedAt.is_null())
        .add(Condition::any().add(queued).add(left))
        .add(
            Condition::any()
                .add(Column::Kind.eq(OperationKind::Export))
                .add(Column::Place.eq(place)),
        )
}

/// Takes the oldest operation that can be worked on, for this process alone; none of those who are `busy`.
async fn claim(operations: &Operations, busy: &[Uuid]) -> Result<Option<Operation>> {
    let (store, place) = (operations.store(), operations.files().place());
    let of_others =
        (!busy.is_empty()).then(|| operation::Column::UserId.is_not_in(busy.iter().copied()));
    let found = operation::Entity::find()
        .filter(due(store.clock().now(), place).add_option(of_others))
        .order_by_asc(operation::Column::Id)
        .limit(1)
        .one(store.reader())
        .await?;
    let Some(mut row) = found else {
        return Ok(None);
    };
    let process = operations.process();
    let written = store
        .write(None, move |unit| {
            async move {
                use operation::Column;
                let until = unit.now() + LEASE;
                let claimed = operation::Entity::update_many()
                    .filter(Column::Id.eq(row.id))
                    // Whoever took it meanwhile changed one of these.
                    .filter(due(unit.now(), place))
                    .col_expr(Column::State, Expr::value(OperationState::Running.as_str()))
                    .col_expr(Column::LeaseOwner, Expr::value(Some(process)))
                    .col_expr(Column::LeaseUntil, Expr::value(Some(until)))
                    .exec(unit.db())
                    .await?;
                row.state = OperationState::Running;
                row.lease_owner = Some(process);
                row.lease_until = Some(until);
                Ok((claimed.rows_affected == 1).then_some(row))
            }
            .boxed()
        })
        .await?;
    Ok(written.value)
}

async fn import(
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
pub(super) async fn open(
    source: Source,
    restore: bool,
    offset: u64,
) -> Result<Result<(super::import::Scan, Reader), String>> {
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

async fn write_export(
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

//! Rebuilding the index on demand, whether or not a server has it open.
//!
//! A server alone writes its index. Another process that wants it rebuilt leaves a request in the database, which the
//! server's follower finds, and reads there how far it is.

use std::path::Path;
use std::time::Duration;

use entity::setting;
use futures_util::FutureExt;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::apply::catch_up;
use super::rebuild::{self, Losses};
use crate::error::{Error, Result};
use crate::search::{IndexError, IndexSettings, Progress, SearchIndex};
use crate::store::Store;

/// The key of the setting that holds the newest request.
const KEY: &str = "reindex";
/// How often the one who asked looks how far it is.
const POLL: Duration = Duration::from_millis(250);
/// So often it looks without an answer before it gives up.
const PATIENCE: u32 = 120;

/// Why the index was not rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum ReindexError {
    /// The directory cannot be used.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The database or the engine failed.
    #[error(transparent)]
    Service(#[from] Error),
    /// A server has the index open and does not answer.
    #[error(
        "The search index is in use by a process that does not answer. Stop it, then run this again; if it is no server of this database, give this one another directory."
    )]
    NoAnswer,
    /// The server could not rebuild it.
    #[error("The server could not rebuild the search index: {0}")]
    Refused(String),
}

/// A request to rebuild the index in a directory, and what became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Request {
    id: Uuid,
    directory: String,
    #[serde(default)]
    losses: Losses,
    state: State,
    done: u64,
    total: u64,
    message: Option<String>,
}

impl Request {
    /// What is to be done when the new index lacks most.
    pub(super) fn losses(&self) -> Losses {
        self.losses
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    Requested,
    Running,
    Done,
    Failed,
}

/// Rebuilds the index in a directory from the database: in this process, or by the server that has it open. `progress`
/// is told how far it is.
pub async fn reindex(
    store: &Store,
    directory: &Path,
    settings: IndexSettings,
    losses: Losses,
    mut progress: impl FnMut(Progress),
) -> Result<(), ReindexError> {
    match SearchIndex::open(directory, settings).await {
        Ok(index) => Ok(Box::pin(rebuild_here(store, &index, losses, &mut progress)).await?),
        Err(IndexError::InUse { .. }) => {
            ask_server(store, &name(directory).await, losses, &mut progress).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn rebuild_here(
    store: &Store,
    index: &SearchIndex,
    losses: Losses,
    progress: &mut impl FnMut(Progress),
) -> Result<()> {
    let mut told = index.watch_progress();
    let building = rebuild::build(store.clone(), index.clone(), losses);
    tokio::pin!(building);
    let built = loop {
        tokio::select! {
            built = &mut building => break built?,
            Ok(()) = told.changed() => {
                if let Some(now) = *told.borrow_and_update() {
                    progress(now);
                }
            }
        }
    };
    progress(Progress {
        done: built.read,
        total: built.read,
    });
    rebuild::finish(store, index, built).await?;
    catch_up(store, index).await
}

async fn ask_server(
    store: &Store,
    directory: &str,
    losses: Losses,
    progress: &mut impl FnMut(Progress),
) -> Result<(), ReindexError> {
    let request = Request {
        id: Uuid::new_v4(),
        directory: directory.to_owned(),
        losses,
        state: State::Requested,
        done: 0,
        total: 0,
        message: None,
    };
    let id = request.id;
    write(store, request.clone()).await?;
    let mut unanswered = 0;
    loop {
        tokio::time::sleep(POLL).await;
        let found = read(store).await?.filter(|request| request.id == id);
        let Some(found) = found else {
            return Err(ReindexError::Refused(
                "another request took its place; run this again".into(),
            ));
        };
        match found.state {
            State::Requested => {
                unanswered += 1;
                if unanswered > PATIENCE {
                    // Withdrawn, so that a server that starts tomorrow does not take it on.
                    answer(store, request, &Err(Error::internal("withdrawn"))).await?;
                    return Err(ReindexError::NoAnswer);
                }
            }
            State::Running => progress(Progress {
                done: found.done,
                total: found.total,
            }),
            State::Done => return Ok(()),
            State::Failed => {
                let message = found.message.unwrap_or_default();
                return Err(ReindexError::Refused(message));
            }
        }
    }
}

/// The request that this process is to serve, if there is one; it is taken on.
pub(super) async fn requested(store: &Store, index: &SearchIndex) -> Result<Option<Request>> {
    let Some(mut request) = read(store).await? else {
        return Ok(None);
    };
    let Some(directory) = index.statistics().directory else {
        return Ok(None);
    };
    // One that is running was taken on by this process before it was stopped: nobody else has the directory.
    let open = matches!(request.state, State::Requested | State::Running);
    if !open || request.directory != name(&directory).await {
        return Ok(None);
    }
    request.state = State::Running;
    write(store, request.clone()).await?;
    Ok(Some(request))
}

/// Tells how far it is.
pub(super) async fn report(store: &Store, mut request: Request, progress: Progress) -> Result<()> {
    request.done = progress.done;
    request.total = progress.total;
    write_if_newest(store, request).await
}

/// Tells how it ended.
pub(super) async fn answer(
    store: &Store,
    mut request: Request,
    finished: &Result<()>,
) -> Result<()> {
    match finished {
        Ok(()) => request.state = State::Done,
        Err(error) => {
            request.state = State::Failed;
            request.message = Some(error.to_string());
        }
    }
    write_if_newest(store, request).await
}

/// The directory as every process on this machine calls it.
async fn name(directory: &Path) -> String {
    let path = tokio::fs::canonicalize(directory).await;
    path.as_deref().unwrap_or(directory).display().to_string()
}

async fn read(store: &Store) -> Result<Option<Request>> {
    let row = setting::Entity::find_by_id(KEY.to_owned())
        .one(store.reader())
        .await?;
    // One of another version is as good as none.
    Ok(row.and_then(|row| serde_json::from_value(row.value).ok()))
}

async fn write_if_newest(store: &Store, request: Request) -> Result<()> {
    let newest = read(store).await?;
    if newest.is_some_and(|newest| newest.id == request.id) {
        write(store, request).await?;
    }
    Ok(())
}

async fn write(store: &Store, request: Request) -> Result<()> {
    let value = serde_json::to_value(request).map_err(Error::internal)?;
    store
        .write(None, move |unit| {
            async move {
                let row = setting::ActiveModel {
                    key: Set(KEY.to_owned()),
                    value: Set(value),
                    updated_at: Set(unit.now()),
                };
                setting::Entity::insert(row)
                    .on_conflict(
                        OnConflict::column(setting::Column::Key)
                            .update_columns([setting::Column::Value, setting::Column::UpdatedAt])
                            .to_owned(),
                    )
                    .exec_without_returning(unit.db())
                    .await?;
                Ok(())
            }
            .boxed()
        })
        .await?;
    Ok(())
}

//! Taking in the file of an import, as it comes, in constant memory.

use std::path::PathBuf;

use entity::operation::{self, OperationKind};
use futures_util::FutureExt;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use tokio::runtime::Handle;
use uuid::Uuid;

use super::export::unwritable;
use super::files;
use super::rights::active_user;
use super::{Operation, Operations};
use crate::auth::digest;
use crate::error::Error;

/// So many at once may send the file of an import: whoever sends it again may be there before it is known that the line
/// broke. Each holds as much of the disk as it has sent.
const MOST_SENDERS: usize = 2;

/// Why a file is not taken.
#[derive(Debug)]
pub enum Refusal {
    /// There is no such import, or the secret is not its own.
    Unknown,
    /// The import has its file already, is being sent it, or has ended; the text is a full sentence.
    Over(String),
    /// The file is larger than is allowed.
    TooLarge {
        /// Bytes that are allowed.
        most: u64,
    },
    /// Less came than was announced, or nothing at all; the text is a full sentence.
    Incomplete(String),
    /// The service could not do its part.
    Service(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Service(error)
    }
}

impl From<sea_orm::DbErr> for Refusal {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Service(error.into())
    }
}

/// The file of an import that is being taken in. Dropped before [`Receiving::finish`], nothing of it is left, and the
/// import goes on waiting.
#[derive(Debug)]
pub struct Receiving {
    operations: Operations,
    id: Uuid,
    file: File,
    path: PathBuf,
    name: String,
    announced: Option<u64>,
    received: u64,
    /// Whether nothing is left of it under the name that it is taken in by.
    over: bool,
    _sender: Sender,
}

/// Somebody who sends the file of an import; counted until it is dropped.
#[derive(Debug)]
struct Sender {
    operations: Operations,
    id: Uuid,
}

impl Sender {
    fn begin(operations: &Operations, id: Uuid) -> Result<Self, Refusal> {
        let mut senders = operations.senders();
        let others = senders.entry(id).or_default();
        if *others >= MOST_SENDERS {
            return Err(Refusal::Over(
                "The file of this import is being sent already; wait until that has come to its end, or has paused for a minute."
                    .into(),
            ));
        }
        *others += 1;
        Ok(Self {
            operations: operations.clone(),
            id,
        })
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let mut senders = self.operations.senders();
        if let Some(left) = senders.get_mut(&self.id) {
            *left = left.saturating_sub(1);
            if *left == 0 {
                senders.remove(&self.id);
            }
        }
    }
}

impl Operations {
    /// Begins to take in the file of an import, for whoever has its secret. `announced` is the size that the sender says.
    #[crate::boxed]
    pub async fn receive(
        &self,
        id: Uuid,
        secret: &str,
        announced: Option<u64>,
    ) -> Result<Receiving, Refusal> {
        let found = operation::Entity::find_by_id(id)
            .filter(operation::Column::Kind.eq(OperationKind::Import))
            .filter(operation::Column::UploadHash.eq(digest(secret)))
            .one(self.store().reader())
            .await?;
        let row = found.ok_or(Refusal::Unknown)?;
        if active_user(self.store(), row.user_id).await?.is_none() {
            return Err(Refusal::Unknown);
        }
        check_waiting(&row)?;
        let most = self.settings().upload_bytes;
        if announced.is_some_and(|bytes| bytes > most) {
            return Err(Refusal::TooLarge { most });
        }
        let sender = Sender::begin(self, id)?;
        let files = self.files().clone();
        let (file, path, name) = tokio::task::spawn_blocking(move || files.begin(id))
            .await
            .map_err(Error::internal)?
            .map_err(|error| unwritable(&error))?;
        Ok(Receiving {
            operations: self.clone(),
            id,
            file: File::from_std(file),
            path,
            name,
            announced,
            received: 0,
            over: false,
            _sender: sender,
        })
    }
}

fn check_waiting(row: &Operation) -> Result<(), Refusal> {
    if row.finished_at.is_some() {
        return Err(Refusal::Over(
            "This import has ended; begin another one with startImport.".into(),
        ));
    }
    if row.uploaded_at.is_some() {
        return Err(Refusal::Over(
            "This import has its file already; begin another one with startImport.".into(),
        ));
    }
    Ok(())
}

impl Receiving {
    /// Takes in what came next. Nothing is left of a file that is refused.
    #[crate::boxed]
    pub async fn write(&mut self, data: &[u8]) -> Result<(), Refusal> {
        let written = self.append(data).await;
        if written.is_err() {
            self.discard().await;
        }
        written
    }

    async fn append(&mut self, data: &[u8]) -> Result<(), Refusal> {
        let most = self.operations.settings().upload_bytes;
        self.received += data.len() as u64;
        if self.received > most {
            return Err(Refusal::TooLarge { most });
        }
        let written = self.file.write_all(data).await;
        written.map_err(|error| unwritable(&error))?;
        Ok(())
    }

    /// All has come: the import may begin. Nothing is left of a file that is refused.
    #[crate::boxed]
    pub async fn finish(mut self) -> Result<Operation, Refusal> {
        let finished = self.hand_over().await;
        if finished.is_err() {
            self.discard().await;
        }
        finished
    }

    /// Removes what has come.
    async fn discard(&mut self) {
        files::discard(self.path.clone()).await;
        self.over = true;
    }

    async fn hand_over(&mut self) -> Result<Operation, Refusal> {
        if let Some(announced) = self.announced.filter(|bytes| *bytes != self.received) {
            return Err(Refusal::Incomplete(format!(
                "{announced} bytes were announced, and {} came; send the file again.",
                self.received
            )));
        }
        if self.received == 0 {
            return Err(Refusal::Incomplete(
                "The file is empty; send it as the body of the request.".into(),
            ));
        }
        let flushed = self.file.flush().await;
        flushed.map_err(|error| unwritable(&error))?;
        let file = self.file.try_clone().await;
        let file = file.map_err(|error| unwritable(&error))?.into_std().await;
        let (files, path, name) = (
            self.operations.files().clone(),
            self.path.clone(),
            self.name.clone(),
        );
        tokio::task::spawn_blocking(move || files.finish(&file, &path, &name))
            .await
            .map_err(Error::internal)?
            .map_err(|error| unwritable(&error))?;
        let queued = self.queue().await;
        if !matches!(queued, Ok(Some(_))) {
            self.operations.files().discard(&self.name).await;
        }
        let Some(operation) = queued? else {
            let over = "Another file came at the same time and was taken; begin another import with startImport.";
            return Err(Refusal::Over(over.into()));
        };
        self.over = true;
        self.operations.wake();
        Ok(operation)
    }

    /// Gives the import its file, unless it has one or was ended.
    async fn queue(&self) -> Result<Option<Operation>, Error> {
        let (id, name, place) = (self.id, self.name.clone(), self.operations.files().place());
        let bytes = i64::try_from(self.received).unwrap_or(i64::MAX);
        let written = self
            .operations
            .store()
            .write(None, move |unit| {
                async move {
                    use operation::Column;
                    let given = operation::Entity::update_many()
                        .filter(Column::Id.eq(id))
                        .filter(Column::UploadedAt.is_null())
                        .filter(Column::FinishedAt.is_null())
                        .col_expr(Column::UploadedAt, Expr::value(Some(unit.now())))
                        .col_expr(Column::File, Expr::value(Some(name)))
                        .col_expr(Column::FileBytes, Expr::value(Some(bytes)))
                        .col_expr(Column::Place, Expr::value(Some(place)))
                        .exec(unit.db())
                        .await?;
                    if given.rows_affected == 0 {
                        return Ok(None);
                    }
                    Ok(operation::Entity::find_by_id(id).one(unit.db()).await?)
                }
                .boxed()
            })
            .await?;
        Ok(written.value)
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let path = std::mem::take(&mut self.path);
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(move || files::remove(&path))),
            // Nobody is held up by the disk here.
            Err(_) => files::remove(&path),
        }
    }
}

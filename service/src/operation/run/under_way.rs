//! The operations that a process works on.

use std::collections::HashMap;

use tokio::task::{self, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::claim::claim;
use super::work;
use crate::error::Result;
use crate::operation::Operations;

/// The operations that this process works on, each in a task of its own.
#[derive(Debug)]
pub(in crate::operation) struct UnderWay {
    places: usize,
    pub(super) running: JoinSet<()>,
    /// Whose they are.
    owners: HashMap<task::Id, Uuid>,
}

impl UnderWay {
    pub(in crate::operation) fn new(places: usize) -> Self {
        Self {
            places,
            running: JoinSet::new(),
            owners: HashMap::new(),
        }
    }

    pub(super) fn has_room(&self) -> bool {
        self.running.len() < self.places
    }

    /// Begins to work on an operation of somebody of whom none is under way; false where there is none, or no room.
    pub(in crate::operation) async fn take_up(
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
    pub(in crate::operation) fn begin(
        &mut self,
        owner: Uuid,
        work: impl Future<Output = ()> + Send + 'static,
    ) {
        let running = self.running.spawn(work);
        self.owners.insert(running.id(), owner);
    }

    pub(super) fn note(&mut self, ended: Result<(task::Id, ()), JoinError>) {
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
    pub(in crate::operation) async fn end(&mut self) {
        while let Some(ended) = self.running.join_next_with_id().await {
            self.note(ended);
        }
    }
}

//! What became of what another system listed.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use service::idempotency::Recorded;
use service::sync::{self, SyncReport};

use crate::graphql::connection::count;
use crate::graphql::errors::UserError;
use crate::graphql::item::loaders::ResourceById;
use crate::graphql::mutation::Settled;
use crate::graphql::plain::Plain;
use crate::graphql::request::ask;
use crate::graphql::resource::Resource;
use crate::graphql::scalars::Position;

/// What became of a resource that another system listed, or no longer lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::sync::SyncOutcome")]
pub enum SyncOutcome {
    /// It was new.
    Created,
    /// It was changed, published, handed in for review or brought back from the archive.
    Updated,
    /// Nothing was written: it was the same, or `KEEP_OURS` kept what was edited here.
    Unchanged,
    /// It was archived, as no call of the run listed it.
    Archived,
    /// It was edited or archived here since the last synchronization, and the system changed it too: nothing was written.
    Conflict,
    /// It was refused: nothing of it was written, the others were.
    Failed,
}

/// What became of one resource.
#[derive(Clone, Debug)]
pub struct SyncResult {
    result: sync::SyncResult,
}

/// What became of one resource.
#[Object]
impl SyncResult {
    /// What the other system calls it, as you wrote it.
    async fn external_id(&self) -> &str {
        &self.result.external_id
    }

    /// What became of it.
    async fn outcome(&self) -> SyncOutcome {
        self.result.outcome.into()
    }

    /// The resource as it is now; null where there is none, where you may not see it, and where a dry run would make it.
    async fn resource(&self, context: &Context<'_>) -> Result<Option<Plain<Resource>>> {
        let Some(id) = self.result.resource_id else {
            return Ok(None);
        };
        let found = ask(context, ResourceById(id)).await?;
        Ok(found.map(Plain::from))
    }

    /// Why it failed, or what the conflict is. Paths begin with `input` and the item's place in the call.
    async fn user_errors(&self) -> Vec<UserError> {
        let faults = self.result.faults.iter().cloned();
        faults.map(UserError::from).collect()
    }
}

/// How many resources came to each outcome.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct SyncCounts {
    /// Those that were CREATED.
    created: i32,
    /// Those that were UPDATED.
    updated: i32,
    /// Those that were UNCHANGED.
    unchanged: i32,
    /// Those that were ARCHIVED.
    archived: i32,
    /// Those with a CONFLICT.
    conflict: i32,
    /// Those that FAILED.
    failed: i32,
}

impl From<sync::SyncCounts> for SyncCounts {
    fn from(counts: sync::SyncCounts) -> Self {
        let number = |counted: usize| count(counted as u64);
        Self {
            created: number(counts.created),
            updated: number(counts.updated),
            unchanged: number(counts.unchanged),
            archived: number(counts.archived),
            conflict: number(counts.conflict),
            failed: number(counts.failed),
        }
    }
}

/// The outcome of `syncResources` and of `finishSync`.
#[derive(Clone, Debug, SimpleObject)]
pub struct SyncResourcesPayload {
    /// What became of each item, in the order of the input; of `finishSync` what was archived, by its external id: at most
    /// 1,000, and `counts` counts all. Empty when the call was refused.
    results: Vec<SyncResult>,
    /// How many came to each outcome.
    counts: SyncCounts,
    /// Why the call as a whole was refused; empty when it was not. Nothing was written then.
    user_errors: Vec<UserError>,
    /// The place of this write in the change log; null after a dry run, and when the call was refused. Where nothing changed
    /// it is that of the newest change.
    position: Option<Position>,
}

impl SyncResourcesPayload {
    /// The payload of a call that is answered again.
    ///
    /// # Errors
    ///
    /// When what was recorded cannot be read.
    pub fn again(recorded: &Recorded) -> serde_json::Result<Self> {
        let report = recorded.details.get("sync").cloned();
        let report = report.map(serde_json::from_value).transpose()?;
        let faults = recorded.faults.iter().cloned();
        let settled = Settled {
            value: report,
            position: recorded.position.map(Position::from),
            user_errors: faults.map(UserError::from).collect(),
        };
        Ok(settled.into())
    }
}

impl From<Settled<SyncReport>> for SyncResourcesPayload {
    fn from(settled: Settled<SyncReport>) -> Self {
        let report = settled.value.unwrap_or_default();
        let results = report.results.into_iter();
        Self {
            results: results.map(|result| SyncResult { result }).collect(),
            counts: report.counts.into(),
            user_errors: settled.user_errors,
            position: settled.position.filter(|_| !report.dry_run),
        }
    }
}

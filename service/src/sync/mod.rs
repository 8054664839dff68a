//! Synchronization with other systems, such as a learning management system: resources by what they are called there.
//!
//! A call lists up to [`MOST_ITEMS`] resources of one system for one community, and is one unit of work: what is new is
//! made, what changed becomes a new revision, and each item has its own outcome. Of each resource the digest of what was
//! taken last is kept, with the revision that came of it. So what the system repeats costs no write, and what was
//! edited here since then is known: [`SyncConflictRule`] says what happens to it when the system changes it too.
//!
//! Calls with the same run belong together: [`finish_sync`] archives what none of them listed.
//!
//! Two calls for the same system and community follow each other: each holds the system's row.

mod change;
mod digest;
mod finish;
mod known;
mod run;
mod source;
#[cfg(test)]
mod tests;
mod write;

use entity::community;
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use uuid::Uuid;

pub use entity::sync_source::SyncConflictRule;
pub use finish::{DELETE_LIMIT, FinishSync, finish_sync};
pub use source::{MOST_SYSTEMS, SyncSource, policies_of, set_policy};
pub use write::sync_in;

use crate::error::{Error, Fault, FaultCode, Result};
use crate::item::ItemContent;
use crate::membership::{Hold, standing};
use crate::policy::Decision;
use crate::resource::ResourceContent;
use crate::store::{Store, WriteUnit, Written, apart};
use crate::validation::{Faults, Patch, TITLE, TextRule};
use crate::viewer::{Scope, Viewer};

/// Most items of a call.
pub const MOST_ITEMS: usize = 1_000;
/// Most results that are listed; [`SyncCounts`] counts them all.
pub const MOST_RESULTS: usize = 1_000;

const COMMUNITY: &[&str] = &["communityId"];
const SYSTEM: &[&str] = &["system"];
const RUN: &[&str] = &["run"];
const INPUT: &str = "input";
/// What callers call a run.
const RUN_NAME: TextRule = TextRule { max: 200, ..TITLE };

/// A resource as another system has it. What is left out stays as it is here, null empties it.
#[derive(Clone, Debug, Default)]
pub struct SyncItem {
    /// What it is called there.
    pub external_id: String,
    /// Whether to publish it, or to hand it in where the community asks for a review.
    pub publish: bool,
    /// Where the system shows it.
    pub external_url: Patch<String>,
    /// What all items have.
    pub content: ItemContent,
    /// What only resources have.
    pub resource: ResourceContent,
    /// What could not be read of it, at paths that begin with `input`; it is refused for that.
    pub unread: Vec<Fault>,
}

/// What a system lists.
#[derive(Clone, Debug, Default)]
pub struct SyncResources {
    /// The community that the resources belong to.
    pub community_id: Uuid,
    /// The name of the system; case counts.
    pub system: String,
    /// The resources, each once.
    pub items: Vec<SyncItem>,
    /// The run that the call belongs to.
    pub run: Option<String>,
    /// Whether to answer the outcomes and write nothing.
    pub dry_run: bool,
}

/// What became of a listed resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SyncOutcome {
    /// It was new.
    Created,
    /// Its content, its reference or its publication changed.
    Updated,
    /// Nothing was written.
    Unchanged,
    /// It was archived, being no longer listed.
    Archived,
    /// It was edited here too, and nothing was written.
    Conflict,
    /// It was refused.
    Failed,
}

/// What became of one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncResult {
    /// What it is called there, as the caller wrote it.
    pub external_id: String,
    /// What became of it.
    pub outcome: SyncOutcome,
    /// The resource; none where there is none, or would be none but for a dry run. Whether the viewer may read it is to
    /// be asked.
    pub resource_id: Option<Uuid>,
    /// Why it failed, or what the conflict is.
    pub faults: Vec<Fault>,
}

/// How many resources came to each outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncCounts {
    /// [`SyncOutcome::Created`].
    pub created: usize,
    /// [`SyncOutcome::Updated`].
    pub updated: usize,
    /// [`SyncOutcome::Unchanged`].
    pub unchanged: usize,
    /// [`SyncOutcome::Archived`].
    pub archived: usize,
    /// [`SyncOutcome::Conflict`].
    pub conflict: usize,
    /// [`SyncOutcome::Failed`].
    pub failed: usize,
}

impl SyncCounts {
    /// Counts results.
    #[must_use]
    pub fn of(results: &[SyncResult]) -> Self {
        let mut counts = Self::default();
        for result in results {
            *match result.outcome {
                SyncOutcome::Created => &mut counts.created,
                SyncOutcome::Updated => &mut counts.updated,
                SyncOutcome::Unchanged => &mut counts.unchanged,
                SyncOutcome::Archived => &mut counts.archived,
                SyncOutcome::Conflict => &mut counts.conflict,
                SyncOutcome::Failed => &mut counts.failed,
            } += 1;
        }
        counts
    }
}

/// What came of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncReport {
    /// The results, in the order of the input; at most [`MOST_RESULTS`].
    pub results: Vec<SyncResult>,
    /// All of them counted.
    pub counts: SyncCounts,
    /// Whether nothing was written.
    pub dry_run: bool,
}

impl SyncReport {
    fn of(results: Vec<SyncResult>, dry_run: bool) -> Self {
        Self {
            counts: SyncCounts::of(&results),
            results,
            dry_run,
        }
    }
}

/// Writes what a system lists: see the module. A member who may contribute does so, with a token that has the scope;
/// what may be done with each resource is decided as if its owner did it.
#[crate::boxed]
pub async fn sync_resources(
    store: &Store,
    viewer: &Viewer,
    call: SyncResources,
) -> Result<Written<SyncReport>> {
    let actor = viewer.require(Scope::Sync)?;
    let viewer = viewer.clone();
    if call.dry_run {
        let report = apart(rehearse(store, actor, viewer, call)).await?;
        return keep(store, actor, report).await;
    }
    store
        .write(Some(actor), move |unit| {
            async move {
                let results = sync_in(unit, &viewer, call).await?;
                Ok(SyncReport::of(results, false))
            }
            .boxed()
        })
        .await
}

/// Does everything, and takes it back.
async fn rehearse(
    store: &Store,
    actor: Uuid,
    viewer: Viewer,
    call: SyncResources,
) -> Result<SyncReport> {
    let (answer, answered) = oneshot::channel();
    let taken_back = store
        .write(Some(actor), move |unit| {
            async move {
                let results = sync_in(unit, &viewer, call).await?;
                // Whoever waits for them is told that nothing was written.
                let _ = answer.send(SyncReport::of(results, true));
                Err::<(), _>(Error::internal("a dry run is taken back"))
            }
            .boxed()
        })
        .await;
    match (answered.await, taken_back) {
        (Ok(report), _) => Ok(report),
        (Err(_), Err(error)) => Err(error),
        (Err(_), Ok(_)) => Err(Error::internal("a dry run answered nothing")),
    }
}

/// Has retries with the same key answered by a report of what was done apart.
async fn keep(store: &Store, actor: Uuid, report: SyncReport) -> Result<Written<SyncReport>> {
    store
        .write(Some(actor), move |_| async move { Ok(report) }.boxed())
        .await
}

/// A community that the viewer may do this in, held until the commit, with the viewer's present standing.
async fn open(
    unit: &WriteUnit,
    viewer: &Viewer,
    community: Uuid,
    decide: fn(&Viewer, &community::Model) -> Decision,
) -> Result<(Viewer, community::Model)> {
    const WHAT: &str = "community";
    let (viewer, found) = standing(unit, viewer, community, Hold::Shared).await?;
    let found = found.ok_or_else(|| Error::not_found(COMMUNITY, WHAT))?;
    decide(&viewer, &found).require(COMMUNITY, WHAT)?;
    Ok((viewer, found))
}

/// The community and the viewer, once nothing of the call is refused.
fn opened<T>(faults: Faults, opened: Option<T>) -> Result<T> {
    faults.check()?;
    opened.ok_or_else(|| Error::internal("a community was not opened"))
}

/// A fault of an item, by its place in the call.
fn at(place: usize, part: &[&str], code: FaultCode, message: impl Into<String>) -> Fault {
    let place = place.to_string();
    Fault::new(code, &[&[INPUT, place.as_str()], part].concat(), message)
}

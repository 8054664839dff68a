//! Synchronization with other systems in the schema.

mod inputs;
mod loaders;
mod mutations;
mod payload;

use async_graphql::{Context, Enum, Result, SimpleObject};
use service::sync::SyncSource;
use uuid::Uuid;

pub use inputs::SyncResourceInput;
pub use mutations::SyncMutation;
pub use payload::{SyncCounts, SyncResourcesPayload, SyncResult};

use loaders::PoliciesOf;

use super::request::ask;

/// What happens to a resource that was edited here since the last synchronization when the other system changes it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::sync::SyncConflictRule")]
pub enum SyncConflictRule {
    /// What the system sends becomes a new revision; what was edited here is in the one before.
    TakeTheirs,
    /// What was edited here stays, and the item is UNCHANGED.
    KeepOurs,
    /// Nothing is written, and the item is a CONFLICT.
    Report,
}

/// A system that resources of a community are synchronized with.
#[derive(Clone, Debug, SimpleObject)]
pub struct SyncPolicy {
    /// The name of the system.
    system: String,
    /// What happens to what was edited here.
    on_conflict: SyncConflictRule,
}

impl From<SyncSource> for SyncPolicy {
    fn from(row: SyncSource) -> Self {
        Self {
            system: row.system,
            on_conflict: row.on_conflict.into(),
        }
    }
}

/// The systems that a community is synchronized with, for those who may see them.
pub async fn policies_of(context: &Context<'_>, community: Uuid) -> Result<Vec<SyncPolicy>> {
    let found = ask(context, PoliciesOf(community)).await?;
    Ok(found.unwrap_or_default())
}

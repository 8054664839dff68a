//! Mutations that are sent with an `Idempotency-Key`: run once, and answered again.

mod content;
mod once;
mod replay;
#[cfg(test)]
mod tests;

pub use content::content;
pub use once::{Idempotent, REUSED};

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use service::idempotency::{self, Named, Recorded};
use uuid::Uuid;

use super::errors::{IntoGraphql, UserError};
use super::ids::{NodeType, encode};
use super::request::{store, viewer};
use super::scalars::Position;

/// The header of an answer in which something was not run, but answered as it was before.
pub const REPLAYED: &str = "idempotent-replayed";

/// What became of a mutation that was sent with an `Idempotency-Key`.
#[derive(Clone, Debug, SimpleObject)]
pub struct IdempotentOutcome {
    /// The place of the write in the change log; null when the input was refused. Of several mutations of one request the
    /// last one.
    position: Option<Position>,
    /// Ids of what the payload showed, and of what was deleted, as they were then: some may be gone. Empty when the input was
    /// refused, and for an anonymous report.
    node_ids: Vec<ID>,
    /// Why the input was refused; empty when it was not.
    user_errors: Vec<UserError>,
}

impl From<Recorded> for IdempotentOutcome {
    fn from(recorded: Recorded) -> Self {
        let nodes = recorded.nodes.iter().filter_map(node_of);
        Self {
            position: recorded.position.map(Position::from),
            node_ids: nodes.map(|(node_type, id)| encode(node_type, id)).collect(),
            user_errors: recorded.faults.into_iter().map(UserError::from).collect(),
        }
    }
}

/// A thing by the type of its global id.
fn node_of(named: &Named) -> Option<(NodeType, Uuid)> {
    let mut all = NodeType::ALL.iter().copied();
    let node_type = all.find(|node_type| node_type.prefix() == named.table)?;
    Some((node_type, named.id))
}

/// Queries of what became of mutations.
#[derive(Debug, Default)]
pub struct IdempotencyQuery;

#[Object]
impl IdempotencyQuery {
    /// What became of your mutations that were sent with this `Idempotency-Key` in the last 24 hours; null when none was, and
    /// for an anonymous request. Ask after an interruption, when the answer was lost: or send the same request again.
    async fn idempotent_outcome(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "The key as it was sent in the header: 1 to 255 visible ASCII characters."
        )]
        key: String,
    ) -> Result<Option<IdempotentOutcome>> {
        let found = idempotency::outcome(store(context)?, &viewer(context)?, &key).await;
        Ok(found.graphql()?.map(IdempotentOutcome::from))
    }
}

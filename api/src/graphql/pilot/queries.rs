//! Queries of pilots.

use async_graphql::{Context, ID, Object, Result};

use super::Pilot;
use super::loaders::PilotById;
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::{NodeType, decode};
use crate::graphql::request::ask;

/// Queries of pilots.
#[derive(Debug, Default)]
pub struct PilotQuery;

#[Object]
impl PilotQuery {
    /// A pilot; null when there is none that you may see.
    async fn pilot(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the pilot.")] id: ID,
    ) -> Result<Option<Pilot>> {
        let id = decode("id", &id, NodeType::Pilot).graphql()?;
        ask(context, PilotById(id)).await
    }
}

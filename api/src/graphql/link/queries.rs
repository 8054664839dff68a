//! Queries of lineage.

use async_graphql::{Context, ID, Object, Result};

use super::{LineageDirection, LineageLink, lineage, lineage_request};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::decode_any;
use crate::graphql::node::entity_type;

/// Queries of lineage.
#[derive(Debug, Default)]
pub struct LinkQuery;

#[Object]
impl LinkQuery {
    /// The graph of relations around something, the nearest first: what it came from, and what came of it. What you may
    /// not see ends its branch. Empty where there is nothing that you may see.
    async fn lineage(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "Id of an item, a community, or of something else that is related to others."
        )]
        id: ID,
        #[graphql(desc = "Which way; BOTH if not given.")] direction: Option<LineageDirection>,
        #[graphql(desc = "How many relations away, from 1 to 10; 5 if not given.")] depth: Option<
            i32,
        >,
        #[graphql(desc = "How many relations, at most 500; 100 if not given.")] first: Option<i32>,
    ) -> Result<Vec<LineageLink>> {
        let (node_type, id) = decode_any("id", &id).graphql()?;
        match entity_type(node_type) {
            Some(entity_type) => {
                let request = lineage_request(direction, depth, first);
                lineage(context, (entity_type, id), request).await
            }
            None => Ok(Vec::new()),
        }
    }
}

//! Queries of work queues.

use async_graphql::{Context, Object, Result};
use service::entity::membership::MembershipState;

use super::WorkItemConnection;
use crate::graphql::community::loaders::CommunityById;
use crate::graphql::connection::page_request;
use crate::graphql::request::{ask_many, viewer};

/// Queries of work queues.
#[derive(Debug, Default)]
pub struct WorkQuery;

#[Object]
impl WorkQuery {
    /// Everything that awaits you in all communities of which you are an active member: first what each community's kind
    /// puts first, and of that what is due, or waits, longest. Empty for an anonymous request.
    async fn work_queue(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many; 20 if not given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
    ) -> Result<Option<WorkItemConnection>> {
        let viewer = viewer(context)?;
        let active = viewer
            .memberships()
            .filter(|membership| membership.state == MembershipState::Active);
        let communities = active
            .map(|membership| CommunityById(membership.community_id))
            .collect();
        let communities = ask_many(context, communities).await?;
        let request = page_request(first, after, None, None);
        let queue = WorkItemConnection::of(context, communities, &request).await?;
        Ok(Some(queue))
    }
}

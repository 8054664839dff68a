//! What a community has: what its members made, tell and talk about, and what it shares with others.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use service::entity::community;
use service::item::ListScope;
use service::pilot::PilotScope;

use super::whole;
use crate::graphql::activity::{self, ActivityConnection, ActivityFilter};
use crate::graphql::boundary_share::{BoundaryShareConnection, BoundaryShareState};
use crate::graphql::collection::{self, CollectionConnection};
use crate::graphql::connection::page_request;
use crate::graphql::discussion::{self, DiscussionConnection, DiscussionFilter};
use crate::graphql::innovation::{self, InnovationConnection, InnovationFilter, InnovationOrder};
use crate::graphql::pilot::{PilotConnection, PilotState};
use crate::graphql::practice::{self, PracticeConnection, PracticeFilter, PracticeOrder};
use crate::graphql::resource::{self, ResourceConnection, ResourceFilter, ResourceOrder};
use crate::graphql::value_story::ValueStoryConnection;

/// What a community has.
#[derive(Clone, Debug)]
pub struct CommunityRepertoire {
    pub(super) row: Arc<community::Model>,
}

/// What a community has.
#[Object]
impl CommunityRepertoire {
    /// Its resources that you may see, the last changed first unless `orderBy` says otherwise.
    #[expect(
        clippy::too_many_arguments,
        reason = "a connection has four arguments of its own"
    )]
    async fn resources(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which resources.")] filter: Option<ResourceFilter>,
        #[graphql(desc = "In what order.")] order_by: Option<ResourceOrder>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<ResourceConnection> {
        let request = page_request(first, after, last, before);
        let scope = ListScope::Community(self.row.id);
        resource::page(context, filter, order_by, scope, &request).await
    }

    /// The pilots of its resources, practices and innovations that you may see, the last planned first.
    async fn pilots(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only those in this state.")] state: Option<PilotState>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<PilotConnection> {
        let request = page_request(first, after, last, before);
        let scope = PilotScope::Community(self.row.id);
        PilotConnection::of(context, scope, state.map(Into::into), &request).await
    }

    /// Its practices that you may see, the last changed first unless `orderBy` says otherwise.
    #[expect(
        clippy::too_many_arguments,
        reason = "a connection has four arguments of its own"
    )]
    async fn practices(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which practices.")] filter: Option<PracticeFilter>,
        #[graphql(desc = "In what order.")] order_by: Option<PracticeOrder>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<PracticeConnection> {
        let request = page_request(first, after, last, before);
        let scope = ListScope::Community(self.row.id);
        practice::page(context, filter, order_by, scope, &request).await
    }

    /// Its innovations that you may see, the last changed first unless `orderBy` says otherwise.
    #[expect(
        clippy::too_many_arguments,
        reason = "a connection has four arguments of its own"
    )]
    async fn innovations(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which innovations.")] filter: Option<InnovationFilter>,
        #[graphql(desc = "In what order.")] order_by: Option<InnovationOrder>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<InnovationConnection> {
        let request = page_request(first, after, last, before);
        let scope = ListScope::Community(self.row.id);
        innovation::page(context, filter, order_by, scope, &request).await
    }

    /// Its collections that you may see, the last changed first.
    async fn collections(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<CollectionConnection> {
        let request = page_request(first, after, last, before);
        collection::page(context, ListScope::Community(self.row.id), &request).await
    }

    /// What it offers to other communities and is offered by them, the newest first, as far as you may see it.
    async fn boundary_shares(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only those in this state.")] state: Option<BoundaryShareState>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<BoundaryShareConnection> {
        let request = page_request(first, after, last, before);
        match whole(context, &self.row)? {
            Some(row) => {
                BoundaryShareConnection::of_community(context, row.id, state, &request).await
            }
            None => Ok(BoundaryShareConnection::empty()),
        }
    }

    /// What members tell of the value that it had for them, the newest first, as far as they consent.
    async fn value_stories(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<ValueStoryConnection> {
        let request = page_request(first, after, last, before);
        ValueStoryConnection::of_community(context, self.row.id, &request).await
    }

    /// Its activities that you may see, by when they begin; recurring ones by their first occurrence.
    async fn activities(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which activities.")] filter: Option<ActivityFilter>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<ActivityConnection> {
        let request = page_request(first, after, last, before);
        let scope = ListScope::Community(self.row.id);
        activity::page(context, filter, scope, &request).await
    }

    /// Its discussions that you may see, the newest activity first.
    async fn discussions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which discussions.")] filter: Option<DiscussionFilter>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<DiscussionConnection> {
        let request = page_request(first, after, last, before);
        discussion::page(context, self.row.id, filter, &request).await
    }
}

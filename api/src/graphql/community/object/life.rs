//! How a community lives: its members, what they agree on and want to know, what awaits them, and how it does.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use service::entity::community;
use service::goal::GoalScope;
use service::membership::MemberFilter;

use super::whole;
use crate::graphql::activity::{self, Occurrence};
use crate::graphql::community::loaders::StageHistoryOf;
use crate::graphql::community::{StageAdvice, StageChange};
use crate::graphql::connection::page_request;
use crate::graphql::defining_statement::{DefiningStatementConnection, StatementState};
use crate::graphql::flag::{FlagConnection, FlagState};
use crate::graphql::goal::{GoalConnection, GoalState};
use crate::graphql::health::{self, HealthIndicator};
use crate::graphql::learning_question::LearningQuestionConnection;
use crate::graphql::membership::{
    MembershipConnection, MembershipFunction, MembershipRole, MembershipState,
};
use crate::graphql::participation::ParticipationLevel;
use crate::graphql::request::ask;
use crate::graphql::scalars::DateTime;
use crate::graphql::search::{self, KnowledgeGap};
use crate::graphql::sync::{self, SyncPolicy};
use crate::graphql::work_queue::WorkItemConnection;

/// How a community lives.
#[derive(Clone, Debug)]
pub struct CommunityLife {
    pub(super) row: Arc<community::Model>,
}

/// How a community lives.
#[Object]
impl CommunityLife {
    /// What awaits you here: first what its kind puts first, and of that what is due, or waits, longest. Empty unless you
    /// are an active member.
    async fn work_queue(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many; 20 if not given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
    ) -> Result<WorkItemConnection> {
        let request = page_request(first, after, None, None);
        WorkItemConnection::of(context, vec![Arc::clone(&self.row)], &request).await
    }

    /// How it does, by the indicators of its kind: at most 15. What not everybody sees who sees all of the community is not
    /// counted. Empty for those who see only what it is about.
    async fn health(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "Over so many days up to now, where a figure is about a span of time; 90 if not given, at most 1,095."
        )]
        window_days: Option<i32>,
    ) -> Result<Vec<HealthIndicator>> {
        health::of_community(context, &self.row, window_days).await
    }

    /// Searches by its members, or in it, that found nothing or nothing worth opening, most frequent first; at least three
    /// people each. For its active members, empty for everyone else.
    async fn knowledge_gaps(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many; 20 if not given, at most 100.")] first: Option<i32>,
    ) -> Result<Vec<KnowledgeGap>> {
        search::knowledge_gaps(context, self.row.id, first).await
    }

    /// The systems that its resources are synchronized with, by name; at most 50. For its facilitators, empty for everyone
    /// else.
    async fn sync_policies(&self, context: &Context<'_>) -> Result<Vec<SyncPolicy>> {
        sync::policies_of(context, self.row.id).await
    }

    /// What its next stage asks for, and whether it is there: for its active members. Others are told the stages only.
    async fn stage_advice(&self, context: &Context<'_>) -> Result<StageAdvice> {
        StageAdvice::of(context, &self.row).await
    }

    /// The steps that it took from stage to stage, the oldest first; at most 200.
    async fn stage_history(&self, context: &Context<'_>) -> Result<Vec<StageChange>> {
        if whole(context, &self.row)?.is_none() {
            return Ok(Vec::new());
        }
        let found = ask(context, StageHistoryOf(self.row.id)).await?;
        Ok(found.unwrap_or_default())
    }

    /// Its members, the oldest membership first.
    #[expect(
        clippy::too_many_arguments,
        reason = "a connection has four arguments of its own"
    )]
    async fn members(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "With this role.")] role: Option<MembershipRole>,
        #[graphql(desc = "With this function.")] function: Option<MembershipFunction>,
        #[graphql(desc = "Who take part so much; for facilitators, empty for everyone else.")]
        participation: Option<ParticipationLevel>,
        #[graphql(
            desc = "In this state; ACTIVE if not given. Other states are shown to facilitators only."
        )]
        state: Option<MembershipState>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<MembershipConnection> {
        let filter = MemberFilter {
            role: role.map(Into::into),
            function: function.map(Into::into),
            participation: participation.map(Into::into),
            state: state.map(Into::into),
        };
        let request = page_request(first, after, last, before);
        MembershipConnection::of_community(context, &self.row, filter, &request).await
    }

    /// What defines it, in its members' words, the oldest first.
    async fn statements(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "In this state; in any if not given.")] state: Option<StatementState>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<DefiningStatementConnection> {
        let request = page_request(first, after, last, before);
        let state = state.map(Into::into);
        DefiningStatementConnection::of_community(context, self.row.id, state, &request).await
    }

    /// Its goals, the oldest first. Members see each other's individual goals among them.
    async fn goals(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "In this state; in any if not given.")] state: Option<GoalState>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<GoalConnection> {
        let request = page_request(first, after, last, before);
        let scope = GoalScope::Community(self.row.id);
        GoalConnection::of(context, scope, state.map(Into::into), &request).await
    }

    /// What it wants to find out, by rank.
    async fn learning_agenda(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<LearningQuestionConnection> {
        let request = page_request(first, after, last, before);
        LearningQuestionConnection::of_community(context, self.row.id, &request).await
    }

    /// What was flagged in it, the oldest first; for its stewards and facilitators, empty for everyone else.
    async fn flags(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "In this state; in any if not given.")] state: Option<FlagState>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
    ) -> Result<FlagConnection> {
        let request = page_request(first, after, None, None);
        FlagConnection::of_community(context, self.row.id, state, &request).await
    }

    /// What takes place in it in a range of time, of at most 400 days: the occurrences of all its activities that you may
    /// see, by their starts; at most 500.
    async fn calendar(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The first moment of the range.")] from: DateTime,
        #[graphql(desc = "The first moment after the range.")] to: DateTime,
    ) -> Result<Vec<Occurrence>> {
        activity::calendar_of(context, self.row.id, &from, &to).await
    }
}

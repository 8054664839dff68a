//! A community in the schema.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use service::community::{about_only, kind, next_statuses};
use service::entity::community;
use service::evolution::Kin;
use service::goal::GoalScope;
use service::item::ListScope;
use service::membership::MemberFilter;
use service::pilot::PilotScope;
use service::policy;

use super::loaders::{CommunityById, DomainsOf, LanguagesOf, SponsorsOf, StageHistoryOf};
use super::stage::{StageAdvice, StageChange, stage_options};
use super::{
    CommunityConnection, CommunityKind, CommunityPolicy, CommunityStage, CommunityStatus,
    CommunityVisibility, JoinPolicy, MeetingMode, StageLabel,
};
use crate::graphql::activity::{self, ActivityConnection, ActivityFilter, Occurrence};
use crate::graphql::boundary_share::{BoundaryShareConnection, BoundaryShareState};
use crate::graphql::collection::{self, CollectionConnection};
use crate::graphql::connection::page_request;
use crate::graphql::defining_statement::{DefiningStatementConnection, StatementState};
use crate::graphql::discussion::{self, DiscussionConnection, DiscussionFilter};
use crate::graphql::domain::Domain;
use crate::graphql::flag::{FlagConnection, FlagState};
use crate::graphql::follow;
use crate::graphql::goal::{GoalConnection, GoalState};
use crate::graphql::health::{self, HealthIndicator};
use crate::graphql::ids::{NodeType, encode};
use crate::graphql::innovation::{self, InnovationConnection, InnovationFilter, InnovationOrder};
use crate::graphql::item::Action;
use crate::graphql::item::{Lifecycle, TransitionOption};
use crate::graphql::learning_question::LearningQuestionConnection;
use crate::graphql::membership::{
    Membership, MembershipConnection, MembershipFunction, MembershipRole, MembershipState,
};
use crate::graphql::organization::{Organization, Sector};
use crate::graphql::participation::ParticipationLevel;
use crate::graphql::pilot::{PilotConnection, PilotState};
use crate::graphql::plain::plain_fields;
use crate::graphql::practice::{self, PracticeConnection, PracticeFilter, PracticeOrder};
use crate::graphql::request::{ask, viewer};
use crate::graphql::resource::{self, ResourceConnection, ResourceFilter, ResourceOrder};
use crate::graphql::scalars::{DateTime, Locale};
use crate::graphql::search::{self, KnowledgeGap};
use crate::graphql::value_story::ValueStoryConnection;
use crate::graphql::work_queue::WorkItemConnection;

/// A community of practice.
#[derive(Clone, Debug)]
pub struct Community {
    row: Arc<community::Model>,
}

impl Community {
    /// The row, for the policy.
    #[must_use]
    pub fn row(&self) -> &community::Model {
        &self.row
    }

    /// The communities that came of it or that it came of, for those who see more of it than what it is about.
    async fn kin(&self, context: &Context<'_>, kin: Kin) -> Result<Vec<Community>> {
        match self.whole(context)? {
            Some(row) => super::kin(context, kin, row.id).await,
            None => Ok(Vec::new()),
        }
    }

    /// The row, for those who see more of the community than what it is about.
    fn whole(&self, context: &Context<'_>) -> Result<Option<&Arc<community::Model>>> {
        Ok((!about_only(&viewer(context)?, &self.row)).then_some(&self.row))
    }
}

impl From<community::Model> for Community {
    fn from(row: community::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl From<Arc<community::Model>> for Community {
    fn from(row: Arc<community::Model>) -> Self {
        Self { row }
    }
}

/// A community of practice: people who share a concern and build a repertoire together. Of a PRIVATE community, others
/// than members see only what it is about: fields that may be null are null then, and lists are empty.
#[Object]
impl Community {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::Community, self.row.id)
    }

    /// Its unique readable name in addresses.
    async fn slug(&self) -> &str {
        &self.row.slug
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// What it is for.
    async fn purpose(&self) -> &str {
        &self.row.purpose
    }

    /// About the community, Markdown. See `descriptionHtml` for something to show.
    async fn description(&self, context: &Context<'_>) -> Result<Option<&str>> {
        let row = self.whole(context)?;
        Ok(row.and_then(|row| row.description.as_deref()))
    }

    /// Sanitized HTML of the description: safe to put into a page.
    async fn description_html(&self, context: &Context<'_>) -> Result<Option<String>> {
        let row = self.whole(context)?;
        let markdown = row.and_then(|row| row.description.as_deref());
        Ok(markdown.map(service::text::markdown_to_html))
    }

    /// Which of the four kinds it is.
    async fn kind(&self) -> CommunityKind {
        self.row.kind.into()
    }

    /// The rules in force: what its kind asks for, with its own settings. Those who see only what a community is about
    /// are shown its kind's.
    async fn policy(&self, context: &Context<'_>) -> Result<CommunityPolicy> {
        Ok(match self.whole(context)? {
            Some(row) => kind::policy_of(row),
            None => kind::of(self.row.kind).defaults,
        }
        .into())
    }

    /// The names under which it shows the stages of innovations, in the order of the stages. Empty for those who see only
    /// what it is about.
    async fn stage_labels(&self, context: &Context<'_>) -> Result<Vec<StageLabel>> {
        let row = self.whole(context)?;
        Ok(row.map(|row| StageLabel::all(row)).unwrap_or_default())
    }

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

    /// Searches by its members, or in it, that found nothing, most frequent first; at least three people each. For its
    /// active members, empty for everyone else.
    async fn knowledge_gaps(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many; 20 if not given, at most 100.")] first: Option<i32>,
    ) -> Result<Vec<KnowledgeGap>> {
        search::knowledge_gaps(context, self.row.id, first).await
    }

    /// Where it is in its life.
    async fn stage(&self) -> CommunityStage {
        self.row.stage.into()
    }

    /// What its next stage asks for, and whether it is there: for its active members. Others are told the stages only.
    async fn stage_advice(&self, context: &Context<'_>) -> Result<StageAdvice> {
        StageAdvice::of(context, &self.row).await
    }

    /// The steps that it took from stage to stage, the oldest first; at most 200.
    async fn stage_history(&self, context: &Context<'_>) -> Result<Vec<StageChange>> {
        if self.whole(context)?.is_none() {
            return Ok(Vec::new());
        }
        let found = ask(context, StageHistoryOf(self.row.id)).await?;
        Ok(found.unwrap_or_default())
    }

    /// Whether it is open for writing.
    async fn status(&self) -> CommunityStatus {
        self.row.status.into()
    }

    /// Who may see it.
    async fn visibility(&self) -> CommunityVisibility {
        self.row.visibility.into()
    }

    /// How one becomes a member.
    async fn join_policy(&self) -> JoinPolicy {
        self.row.join_policy.into()
    }

    /// How it meets.
    async fn meeting_mode(&self) -> Option<MeetingMode> {
        self.row.meeting_mode.map(Into::into)
    }

    /// The part of society that it belongs to.
    async fn sector(&self) -> Option<Sector> {
        self.row.sector.map(Into::into)
    }

    /// The languages that it works in; at most 10.
    async fn languages(&self, context: &Context<'_>) -> Result<Vec<Locale>> {
        let found = ask(context, LanguagesOf(self.row.id)).await?;
        Ok(found.into_iter().flatten().map(Locale).collect())
    }

    /// The community that it is part of.
    async fn parent(&self, context: &Context<'_>) -> Result<Option<Community>> {
        match self.whole(context)?.and_then(|row| row.parent_id) {
            Some(id) => Ok(ask(context, CommunityById(id)).await?.map(Into::into)),
            None => Ok(None),
        }
    }

    /// The communities that are part of it, by name.
    async fn children(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<CommunityConnection> {
        if self.whole(context)?.is_none() {
            return Ok(CommunityConnection::empty());
        }
        let request = page_request(first, after, last, before);
        CommunityConnection::of_parts(context, self.row.id, &request).await
    }

    /// The community that it split off; null where it did not, or where you may not know of that.
    async fn split_from(&self, context: &Context<'_>) -> Result<Option<Community>> {
        Ok(self.kin(context, Kin::SplitFrom).await?.into_iter().next())
    }

    /// The communities that split off it, the latest first, as far as you may know of them; at most 50.
    async fn split_into(&self, context: &Context<'_>) -> Result<Vec<Community>> {
        self.kin(context, Kin::SplitInto).await
    }

    /// The community that it became part of; null where it did not, or where you may not know of that.
    async fn merged_into(&self, context: &Context<'_>) -> Result<Option<Community>> {
        Ok(self.kin(context, Kin::MergedInto).await?.into_iter().next())
    }

    /// The communities that became part of it, the latest first, as far as you may know of them; at most 50.
    async fn merged_from(&self, context: &Context<'_>) -> Result<Vec<Community>> {
        self.kin(context, Kin::MergedFrom).await
    }

    /// What it cares about; at most 10.
    async fn domains(&self, context: &Context<'_>) -> Result<Vec<Domain>> {
        let found = ask(context, DomainsOf(self.row.id)).await?;
        Ok(found.unwrap_or_default())
    }

    /// Organizations that sponsor it; at most 20.
    async fn sponsors(&self, context: &Context<'_>) -> Result<Vec<Organization>> {
        if self.whole(context)?.is_none() {
            return Ok(Vec::new());
        }
        let found = ask(context, SponsorsOf(self.row.id)).await?;
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
        match self.whole(context)? {
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

    /// Your own membership, in whatever state; null when you never had one.
    async fn viewer_membership(&self, context: &Context<'_>) -> Result<Option<Membership>> {
        let viewer = viewer(context)?;
        Ok(viewer.membership(self.row.id).cloned().map(Into::into))
    }

    /// Whether you follow it.
    async fn viewer_follows(&self, context: &Context<'_>) -> Result<bool> {
        follow::viewer_follows(context, self.row.id).await
    }

    /// What you may do with it now.
    async fn viewer_can(&self, context: &Context<'_>) -> Result<Vec<Action>> {
        let actions = policy::community::actions(&viewer(context)?, &self.row);
        Ok(actions.into_iter().map(Into::into).collect())
    }

    /// The steps that are open from its present status and stage, and what holds each back for you.
    async fn available_transitions(&self, context: &Context<'_>) -> Result<Vec<TransitionOption>> {
        let viewer = viewer(context)?;
        let Some(row) = self.whole(context)? else {
            return Ok(Vec::new());
        };
        let archiving = policy::community::archive(&viewer, row).blocker();
        let statuses = next_statuses(row.status).iter().map(|to| {
            let blocked_by = archiving.clone().into_iter().collect();
            TransitionOption::new(Lifecycle::State, to.as_str(), blocked_by)
        });
        let mut options: Vec<_> = statuses.collect();
        options.extend(stage_options(context, row).await?);
        Ok(options)
    }

    /// Counts changes of its own fields, from 1. Send it as `expectedRevision` when you change the community.
    async fn revision(&self) -> i32 {
        self.row.revision
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// When it was last changed, archived or restored.
    async fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }
}

plain_fields!(Community {
    "id" => id,
    "slug" => slug,
    "name" => name,
    "purpose" => purpose,
    "description" => description,
    "kind" => kind,
    "stage" => stage,
    "status" => status,
    "visibility" => visibility,
    "joinPolicy" => join_policy,
    "meetingMode" => meeting_mode,
    "sector" => sector,
    "revision" => revision,
    "createdAt" => created_at,
    "updatedAt" => updated_at,
});

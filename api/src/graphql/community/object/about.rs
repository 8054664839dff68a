//! What a community is, where it came from, and what the viewer may do with it.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use service::community::{kind, next_statuses};
use service::entity::community;
use service::evolution::Kin;
use service::policy;

use super::{Community, whole};
use crate::graphql::community::loaders::{CommunityById, DomainsOf, LanguagesOf, SponsorsOf};
use crate::graphql::community::stage::stage_options;
use crate::graphql::community::{
    Cadence, CommunityConnection, CommunityKind, CommunityPolicy, CommunityStage, CommunityStatus,
    CommunityVisibility, JoinPolicy, MeetingMode, StageLabel,
};
use crate::graphql::connection::page_request;
use crate::graphql::domain::Domain;
use crate::graphql::follow;
use crate::graphql::ids::{NodeType, encode};
use crate::graphql::item::{Action, Lifecycle, TransitionOption};
use crate::graphql::membership::Membership;
use crate::graphql::organization::{Organization, Sector};
use crate::graphql::plain::plain_fields;
use crate::graphql::request::{ask, viewer};
use crate::graphql::scalars::{DateTime, Locale};

/// What a community is, where it came from, and what the viewer may do with it.
#[derive(Clone, Debug)]
pub struct CommunityAbout {
    pub(super) row: Arc<community::Model>,
}

/// The communities that came of one or that it came of, for those who see more of it than what it is about.
async fn kin(
    context: &Context<'_>,
    row: &Arc<community::Model>,
    kin: Kin,
) -> Result<Vec<Community>> {
    match whole(context, row)? {
        Some(row) => crate::graphql::community::kin(context, kin, row.id).await,
        None => Ok(Vec::new()),
    }
}

/// What a community is, where it came from, and what you may do with it.
#[Object]
impl CommunityAbout {
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
        let row = whole(context, &self.row)?;
        Ok(row.and_then(|row| row.description.as_deref()))
    }

    /// Sanitized HTML of the description: safe to put into a page.
    async fn description_html(&self, context: &Context<'_>) -> Result<Option<String>> {
        let row = whole(context, &self.row)?;
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
        Ok(match whole(context, &self.row)? {
            Some(row) => kind::policy_of(row),
            None => kind::of(self.row.kind).defaults,
        }
        .into())
    }

    /// The names under which it shows the stages of innovations, in the order of the stages. Empty for those who see only
    /// what it is about.
    async fn stage_labels(&self, context: &Context<'_>) -> Result<Vec<StageLabel>> {
        let row = whole(context, &self.row)?;
        Ok(row.map(|row| StageLabel::all(row)).unwrap_or_default())
    }

    /// Where it is in its life.
    async fn stage(&self) -> CommunityStage {
        self.row.stage.into()
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

    /// How often it means to meet. Null for those who see only what it is about.
    async fn cadence(&self, context: &Context<'_>) -> Result<Option<Cadence>> {
        let row = whole(context, &self.row)?;
        Ok(row.and_then(|row| row.cadence).map(Into::into))
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
        match whole(context, &self.row)?.and_then(|row| row.parent_id) {
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
        if whole(context, &self.row)?.is_none() {
            return Ok(CommunityConnection::empty());
        }
        let request = page_request(first, after, last, before);
        CommunityConnection::of_parts(context, self.row.id, &request).await
    }

    /// The community that it split off; null where it did not, or where you may not know of that.
    async fn split_from(&self, context: &Context<'_>) -> Result<Option<Community>> {
        Ok(kin(context, &self.row, Kin::SplitFrom)
            .await?
            .into_iter()
            .next())
    }

    /// The communities that split off it, the latest first, as far as you may know of them; at most 50.
    async fn split_into(&self, context: &Context<'_>) -> Result<Vec<Community>> {
        kin(context, &self.row, Kin::SplitInto).await
    }

    /// The community that it became part of; null where it did not, or where you may not know of that.
    async fn merged_into(&self, context: &Context<'_>) -> Result<Option<Community>> {
        Ok(kin(context, &self.row, Kin::MergedInto)
            .await?
            .into_iter()
            .next())
    }

    /// The communities that became part of it, the latest first, as far as you may know of them; at most 50.
    async fn merged_from(&self, context: &Context<'_>) -> Result<Vec<Community>> {
        kin(context, &self.row, Kin::MergedFrom).await
    }

    /// What it cares about; at most 10.
    async fn domains(&self, context: &Context<'_>) -> Result<Vec<Domain>> {
        let found = ask(context, DomainsOf(self.row.id)).await?;
        Ok(found.unwrap_or_default())
    }

    /// Organizations that sponsor it; at most 20.
    async fn sponsors(&self, context: &Context<'_>) -> Result<Vec<Organization>> {
        if whole(context, &self.row)?.is_none() {
            return Ok(Vec::new());
        }
        let found = ask(context, SponsorsOf(self.row.id)).await?;
        Ok(found.unwrap_or_default())
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
        let Some(row) = whole(context, &self.row)? else {
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

plain_fields!(CommunityAbout {
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
    "cadence" => cadence,
    "sector" => sector,
    "revision" => revision,
    "createdAt" => created_at,
    "updatedAt" => updated_at,
});

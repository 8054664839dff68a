//! Mutations of communities.

use async_graphql::{Context, ID, Object, Result};
use service::community::{self, SetStage};
use service::evolution;
use service::store::Written;

use super::{
    Community, CommunityKind, CommunityPolicyInput, CommunityStage, CreateCommunityInput,
    SetCommunityKindPayload, SplitCommunityInput, StageLabelInput, TransformationOutcome,
    UpdateCommunityInput,
};
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::mutation::{payload, settle};
use crate::graphql::request::{renew_standing, store, viewer};

payload!(CommunityPayload, community: Community, "community");

/// Mutations of communities.
#[derive(Debug, Default)]
pub struct CommunityMutation;

#[Object]
impl CommunityMutation {
    /// Makes a community; for every signed-in user, who becomes its facilitator.
    async fn create_community(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The new community.")] input: CreateCommunityInput,
    ) -> Result<Option<CommunityPayload>> {
        let mut decoder = Decoder::default();
        let input = input.read(&mut decoder);
        let outcome = community::create(store(context)?, &viewer(context)?, input).await;
        answer_with_standing(context, decoder, outcome).await
    }

    /// Changes what a community says of itself, and its rules; for its facilitators.
    async fn update_community(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the community.")] id: ID,
        #[graphql(desc = "What to change.")] input: UpdateCommunityInput,
        #[graphql(desc = "The revision that you changed; a newer one is a CONFLICT.")]
        expected_revision: Option<i32>,
    ) -> Result<Option<CommunityPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Community);
        let input = input.read(&mut decoder, expected_revision);
        let outcome = community::update(store(context)?, &viewer(context)?, id, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Changes the rules of a community, within bounds; for its facilitators.
    async fn update_community_policy(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the community.")] id: ID,
        #[graphql(desc = "What to change.")] input: CommunityPolicyInput,
    ) -> Result<Option<CommunityPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Community);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = community::update_policy(store, &viewer, id, input.read()).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Makes a community one of another kind; for its facilitators. Nothing is lost: what is published stays so, and the
    /// community's own settings stay. Ask first with `dryRun`, and read `conflicts`.
    async fn set_community_kind(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the community.")] id: ID,
        #[graphql(desc = "The kind that it is to be of.")] kind: CommunityKind,
        #[graphql(
            desc = "True to change nothing, and only list what would break the kind's guards."
        )]
        dry_run: Option<bool>,
    ) -> Result<Option<SetCommunityKindPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Community);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let dry_run = dry_run.unwrap_or(false);
        let outcome = community::set_kind(store, &viewer, id, kind.into(), dry_run).await;
        let settled = settle(context, decoder, outcome)?;
        Ok(Some(SetCommunityKindPayload::new(settled, kind.into())))
    }

    /// Takes a community to its next stage, or one step back; for its facilitators. TRANSFORMATION ends in an outcome:
    /// RENEWED with `stage: COALESCING`; INSTITUTIONALISED, `SOCIAL_CLUB` and FADED with `stage: TRANSFORMATION`, and the
    /// community is archived.
    async fn set_community_stage(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the community.")] id: ID,
        #[graphql(desc = "The stage that it goes to.")] stage: CommunityStage,
        #[graphql(desc = "Why, for its history.")] reason: String,
        #[graphql(desc = "What its transformation ends in; from TRANSFORMATION only.")]
        outcome: Option<TransformationOutcome>,
        #[graphql(
            name = "override",
            desc = "True to go on although `stageAdvice` has unmet criteria; the history says which."
        )]
        overriding: Option<bool>,
    ) -> Result<Option<CommunityPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Community);
        let input = SetStage {
            stage: stage.into(),
            reason,
            outcome: outcome.map(Into::into),
            overriding: overriding.unwrap_or(false),
        };
        let outcome = community::set_stage(store(context)?, &viewer(context)?, id, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Makes a part of a community one of its own, and answers that; for the community's facilitators. Items keep their
    /// ids and everything else, and `cameFrom` says where they were. Those who come along are members of both. The new
    /// community is as visible as the old one, so nobody reads there what they could not read before.
    async fn split_community(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the community that is split.")] id: ID,
        #[graphql(desc = "What comes along, and what the new community is.")]
        input: SplitCommunityInput,
    ) -> Result<Option<CommunityPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Community);
        let input = input.read(&mut decoder);
        let outcome = evolution::split(store(context)?, &viewer(context)?, id, input).await;
        answer_with_standing(context, decoder, outcome).await
    }

    /// Makes a community part of another, and answers that; for who facilitates both. All items, value stories, open
    /// boundary shares and active members go there; what the two shared with each other ends. Its `children` become
    /// children of the other; the one that is the other, or above it, takes its place instead. What is left is archived,
    /// and its slug leads to the other. Refused where the other is more open, since more people could read what is here
    /// then. Members of the other community read what members of this one could.
    async fn merge_communities(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the community that becomes part of the other.")] id: ID,
        #[graphql(desc = "Id of the other community.")] into_id: ID,
        #[graphql(desc = "Why, for the history.")] reason: String,
        #[graphql(
            desc = "The revision of the community that becomes part of the other, as you read it; a newer one is a CONFLICT."
        )]
        expected_revision: Option<i32>,
    ) -> Result<Option<CommunityPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Community);
        let into = decoder.id(&["intoId"], &into_id, NodeType::Community);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = evolution::merge(store, &viewer, id, into, reason, expected_revision).await;
        answer_with_standing(context, decoder, outcome).await
    }

    /// Names the stages of innovations as the community shows them; for its facilitators. Stages that you leave out show
    /// the names of their own again.
    async fn rename_stages(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the community.")] community_id: ID,
        #[graphql(desc = "The names, each stage once.")] labels: Vec<StageLabelInput>,
    ) -> Result<Option<CommunityPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["communityId"], &community_id, NodeType::Community);
        let labels = labels.into_iter().map(StageLabelInput::read).collect();
        let outcome =
            community::rename_stages(store(context)?, &viewer(context)?, id, labels).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Closes a community for writing; for its facilitators. It stays readable and searchable.
    async fn archive_community(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the community.")] id: ID,
    ) -> Result<Option<CommunityPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Community);
        let outcome = community::archive(store(context)?, &viewer(context)?, id).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Opens an archived community again; for its facilitators.
    async fn restore_community(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the community.")] id: ID,
    ) -> Result<Option<CommunityPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Community);
        let outcome = community::restore(store(context)?, &viewer(context)?, id).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }
}

/// The payload for a community, answered with the standing that the write gave the viewer there.
async fn answer_with_standing(
    context: &Context<'_>,
    decoder: Decoder,
    outcome: service::error::Result<Written<service::entity::community::Model>>,
) -> Result<Option<CommunityPayload>> {
    let settled = settle(context, decoder, outcome)?;
    if let Some(row) = &settled.value {
        renew_standing(context, row.id).await?;
    }
    Ok(Some(settled.into()))
}

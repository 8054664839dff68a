//! Mutations of memberships.

use async_graphql::{Context, ID, Object, Result};
use service::membership;
use service::store::Written;

use super::{Membership, MembershipFunction, MembershipRole};
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::mutation::{payload, settle};
use crate::graphql::request::{renew_standing, store, viewer};

payload!(MembershipPayload, membership: Membership, "membership");

/// What people do about their own memberships.
#[derive(Debug, Default)]
pub struct MembershipMutation;

#[Object]
impl MembershipMutation {
    /// Becomes a member of a community, or asks to where its facilitators approve. Accepts a pending invitation.
    async fn join_community(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the community.")] community_id: ID,
    ) -> Result<Option<MembershipPayload>> {
        let mut decoder = Decoder::default();
        let community = decoder.id(&["communityId"], &community_id, NodeType::Community);
        let outcome = membership::join(store(context)?, &viewer(context)?, community).await;
        answer(context, decoder, outcome).await
    }

    /// Ends your membership of a community. Its last facilitator cannot leave.
    async fn leave_community(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the community.")] community_id: ID,
    ) -> Result<Option<MembershipPayload>> {
        let mut decoder = Decoder::default();
        let community = decoder.id(&["communityId"], &community_id, NodeType::Community);
        let outcome = membership::leave(store(context)?, &viewer(context)?, community).await;
        answer(context, decoder, outcome).await
    }

    /// Accepts or declines an invitation to you, or, as a facilitator, somebody's request to join.
    async fn respond_to_membership(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the membership that waits for an answer.")] id: ID,
        #[graphql(desc = "Whether to accept it; otherwise it is declined.")] accept: bool,
    ) -> Result<Option<MembershipPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Membership);
        let outcome = membership::respond(store(context)?, &viewer(context)?, id, accept).await;
        answer(context, decoder, outcome).await
    }
}

/// What facilitators do about the members of their community.
#[derive(Debug, Default)]
pub struct MemberMutation;

#[Object]
impl MemberMutation {
    /// Invites somebody to a community; for its facilitators. Who asked to join becomes a member at once.
    async fn invite_member(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the community.")] community_id: ID,
        #[graphql(desc = "Id of the person to invite.")] user_id: ID,
        #[graphql(desc = "The role that the person will have; MEMBER if not given.")] role: Option<
            MembershipRole,
        >,
    ) -> Result<Option<MembershipPayload>> {
        let mut decoder = Decoder::default();
        let community = decoder.id(&["communityId"], &community_id, NodeType::Community);
        let user = decoder.id(&["userId"], &user_id, NodeType::User);
        let role = role.map(Into::into);
        let outcome =
            membership::invite(store(context)?, &viewer(context)?, community, user, role).await;
        answer(context, decoder, outcome).await
    }

    /// Gives an active member another role; for facilitators. The last facilitator keeps theirs. Where none is left,
    /// an administrator may make a member one.
    async fn set_member_role(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the membership.")] id: ID,
        #[graphql(desc = "The new role.")] role: MembershipRole,
    ) -> Result<Option<MembershipPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Membership);
        let outcome =
            membership::set_role(store(context)?, &viewer(context)?, id, role.into()).await;
        answer(context, decoder, outcome).await
    }

    /// Says what an active member does for the community beside their role; for facilitators. What was said before no
    /// longer holds.
    async fn set_member_functions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the membership.")] id: ID,
        #[graphql(desc = "All that the member does from now on; none when empty.")] functions: Vec<
            MembershipFunction,
        >,
    ) -> Result<Option<MembershipPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Membership);
        let functions = functions.into_iter().map(Into::into).collect();
        let outcome =
            membership::set_functions(store(context)?, &viewer(context)?, id, functions).await;
        answer(context, decoder, outcome).await
    }

    /// Ends somebody's membership, takes an invitation back, or lifts a ban; for facilitators.
    async fn remove_member(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the membership.")] id: ID,
        #[graphql(desc = "Why, for its history.")] reason: Option<String>,
    ) -> Result<Option<MembershipPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Membership);
        let outcome = membership::remove(store(context)?, &viewer(context)?, id, reason).await;
        answer(context, decoder, outcome).await
    }

    /// Ends somebody's membership, or refuses their request, and bars the way back; for facilitators. It holds until a
    /// facilitator lifts it, by `removeMember` or by inviting the person again.
    async fn ban_member(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the membership, in any state.")] id: ID,
        #[graphql(desc = "Why, for its history.")] reason: Option<String>,
    ) -> Result<Option<MembershipPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Membership);
        let outcome = membership::ban(store(context)?, &viewer(context)?, id, reason).await;
        answer(context, decoder, outcome).await
    }
}

/// The payload, answered with the standing that the write gave the viewer. An administrator who named a facilitator of
/// a community that they do not see is shown no membership.
pub(in crate::graphql) async fn answer(
    context: &Context<'_>,
    decoder: Decoder,
    outcome: service::error::Result<Written<service::entity::membership::Model>>,
) -> Result<Option<MembershipPayload>> {
    let mut settled = settle(context, decoder, outcome)?;
    if let Some(row) = &settled.value {
        if viewer(context)?.user_id() == Some(row.user_id) {
            renew_standing(context, row.community_id).await?;
        }
        let seen = Membership::from(row.clone())
            .seen_community(context)
            .await?;
        if seen.is_none() {
            settled.value = None;
        }
    }
    Ok(Some(settled.into()))
}

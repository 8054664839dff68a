//! Invitations by e-mail.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use service::auth;

use crate::graphql::errors::UserError;
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::membership::{MembershipPayload, answer};
use crate::graphql::mutation::sort;
use crate::graphql::request::{app, client_address, viewer};
use crate::graphql::scalars::DateTime;

/// The outcome of inviting somebody by e-mail. It is the same whether the address has an account or not.
#[derive(SimpleObject)]
pub struct InviteUserPayload {
    /// When the invitation ends; null when the input was refused.
    expires_at: Option<DateTime>,
    /// The token of the invitation, where this server sends no mail: pass it on to the person, who hands it in at
    /// `signUp`, or at `redeemInvitation`. Null where the invitation went by mail.
    invitation_token: Option<String>,
    /// Why the input was refused; empty when it was not. Nothing was written then.
    user_errors: Vec<UserError>,
}

/// Mutations of invitations by e-mail.
#[derive(Debug, Default)]
pub struct InvitationMutation;

#[Object]
impl InvitationMutation {
    /// Invites somebody by e-mail into a community that you facilitate; administrators also to the platform alone. Once
    /// the person has signed up they are invited to the community. Where the server sends mail, your own address must be
    /// confirmed.
    async fn invite_user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The address of the person. It may have an account or not.")]
        email: String,
        #[graphql(desc = "Id of the community; administrators may leave it out.")]
        community_id: Option<ID>,
    ) -> Result<Option<InviteUserPayload>> {
        let mut decoder = Decoder::default();
        let community =
            community_id.map(|id| decoder.id(&["communityId"], &id, NodeType::Community));
        let (auth, client) = (&app(context)?.auth, client_address(context));
        let outcome = auth::invite_user(auth, client, &viewer(context)?, &email, community).await;
        Ok(Some(match sort(decoder, outcome)? {
            Ok(invited) => InviteUserPayload {
                expires_at: Some(invited.expires_at.into()),
                invitation_token: invited.token.map(auth::Secret::into_inner),
                user_errors: Vec::new(),
            },
            Err(user_errors) => InviteUserPayload {
                expires_at: None,
                invitation_token: None,
                user_errors,
            },
        }))
    }

    /// Hands in the token of an invitation that came to your own address: you are invited to its community then, and
    /// join it by `joinCommunity`.
    async fn redeem_invitation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The token, as the page that the mail leads to finds it.")] token: String,
    ) -> Result<Option<MembershipPayload>> {
        let (auth, client) = (&app(context)?.auth, client_address(context));
        let outcome = auth::redeem_invitation(auth, client, &viewer(context)?, &token.into()).await;
        answer(context, Decoder::default(), outcome).await
    }
}

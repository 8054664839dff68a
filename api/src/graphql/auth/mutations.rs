//! Mutations of sessions and API tokens.

use async_graphql::{Context, ID, Object, Result};
use service::auth::{self, AuthenticationError, IssuedSession, Secret, SignIn, SignUp};
use service::error::Error;

use super::{
    CreateApiTokenInput, CreateApiTokenPayload, RevokeApiTokenPayload, SignInInput, SignInPayload,
    SignOutPayload, SignUpInput,
};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::{Decoder, NodeType, encode};
use crate::graphql::mutation::{settle, sort};
use crate::graphql::request::{app, client_address, renew, store, viewer};

/// Mutations of sessions.
#[derive(Debug, Default)]
pub struct SessionMutation;

#[Object]
impl SessionMutation {
    /// Makes an account and signs in, as far as `serverInfo.signUp` lets people. Where the server sends mail, it asks the
    /// person by mail to confirm the address.
    async fn sign_up(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The new account.")] input: SignUpInput,
    ) -> Result<Option<SignInPayload>> {
        let input = SignUp {
            email: input.email,
            password: input.password.into(),
            display_name: input.display_name,
            handle: input.handle,
            invitation_token: input.invitation_token.map(Secret::from),
        };
        let outcome = auth::sign_up(&app(context)?.auth, client_address(context), input).await;
        begin(context, outcome).await
    }

    /// Signs in by e-mail address and password. The rest of the request is answered as the signed-in user may see it.
    async fn sign_in(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "E-mail address and password.")] input: SignInInput,
    ) -> Result<Option<SignInPayload>> {
        let input = SignIn {
            email: input.email,
            password: input.password.into(),
        };
        let outcome = auth::sign_in(&app(context)?.auth, client_address(context), input).await;
        begin(context, outcome).await
    }

    /// Exchanges a refresh token, once, for the next pair of tokens; a second use revokes the whole family.
    async fn refresh_session(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The newest refresh token of the session.")] refresh_token: String,
    ) -> Result<Option<SignInPayload>> {
        let outcome =
            auth::refresh_session(&app(context)?.auth, &Secret::from(refresh_token)).await;
        begin(context, outcome).await
    }

    /// Ends the session that a refresh token belongs to, with all its tokens, at once.
    async fn sign_out(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "A refresh token of the session.")] refresh_token: String,
    ) -> Result<Option<SignOutPayload>> {
        let outcome = auth::sign_out(&app(context)?.auth, &Secret::from(refresh_token)).await;
        let user_errors = sort(Decoder::default(), outcome)?.err().unwrap_or_default();
        Ok(Some(SignOutPayload { user_errors }))
    }
}

/// Goes on as the user of a session that just began.
pub(super) async fn begin(
    context: &Context<'_>,
    outcome: service::error::Result<IssuedSession>,
) -> Result<Option<SignInPayload>> {
    let session = match sort(Decoder::default(), outcome)? {
        Ok(session) => session,
        Err(user_errors) => return Ok(Some(SignInPayload::refused(user_errors))),
    };
    let token = session.access_token.expose();
    let viewer = auth::authenticate(&app(context)?.auth, Some(token)).await;
    let viewer = viewer.map_err(|error| match error {
        AuthenticationError::Service(error) => error,
        other => Error::internal(other),
    });
    renew(context, viewer.graphql()?)?;
    Ok(Some(SignInPayload::issued(session)))
}

/// Mutations of API tokens.
#[derive(Debug, Default)]
pub struct ApiTokenMutation;

#[Object]
impl ApiTokenMutation {
    /// Makes an API token of your own. API tokens cannot make API tokens.
    async fn create_api_token(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The new token.")] input: CreateApiTokenInput,
    ) -> Result<Option<CreateApiTokenPayload>> {
        let mut decoder = Decoder::default();
        let input = input.read(&mut decoder);
        let outcome = auth::create_api_token(store(context)?, &viewer(context)?, input).await;
        let settled = settle(context, decoder, outcome)?;
        let (api_token, secret) = settled
            .value
            .map(|made| (made.api_token.into(), made.secret.into_inner()))
            .unzip();
        Ok(Some(CreateApiTokenPayload {
            api_token,
            secret,
            user_errors: settled.user_errors,
        }))
    }

    /// Revokes an API token of your own, at once and for good.
    async fn revoke_api_token(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the API token.")] id: ID,
    ) -> Result<Option<RevokeApiTokenPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::ApiToken);
        let outcome = auth::revoke_api_token(store(context)?, &viewer(context)?, id).await;
        let settled = settle(context, decoder, outcome)?;
        Ok(Some(RevokeApiTokenPayload {
            revoked_id: settled.value.map(|id| encode(NodeType::ApiToken, id)),
            user_errors: settled.user_errors,
        }))
    }
}

//! What goes by mail: confirming an address, a forgotten password.

use async_graphql::{Context, Object, Result};
use service::auth::{self, Secret};

use super::SignInPayload;
use super::mutations::begin;
use crate::graphql::ids::Decoder;
use crate::graphql::mutation::{DonePayload, sort};
use crate::graphql::request::{app, client_address, forget_loaded, viewer};

/// Mutations that mails lead to, or that send one.
#[derive(Debug, Default)]
pub struct EmailMutation;

#[Object]
impl EmailMutation {
    /// Confirms an e-mail address by the token of a mail: that of the account, or the new one that was asked for. Nobody
    /// needs to be signed in, and confirming again changes nothing.
    async fn verify_email(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The token, as the page that the mail leads to finds it.")] token: String,
    ) -> Result<Option<DonePayload>> {
        let auth = &app(context)?.auth;
        let outcome = auth::verify_email(auth, client_address(context), &token.into()).await;
        forget_loaded(context)?;
        done(outcome)
    }

    /// Sends you another mail to confirm your e-mail address with; none where it is confirmed. At most five a day.
    async fn request_email_verification(
        &self,
        context: &Context<'_>,
    ) -> Result<Option<DonePayload>> {
        let (auth, client) = (&app(context)?.auth, client_address(context));
        let outcome = auth::request_email_verification(auth, client, &viewer(context)?).await;
        done(outcome)
    }

    /// Asks for another e-mail address for your account. It changes once you confirm it by the mail that is sent there,
    /// and the former address is told. Whether another account has the address is not said here.
    async fn request_email_change(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The new e-mail address.")] email: String,
        #[graphql(desc = "The password that you sign in with.")] current_password: String,
    ) -> Result<Option<DonePayload>> {
        let (auth, client) = (&app(context)?.auth, client_address(context));
        let viewer = viewer(context)?;
        let password = Secret::from(current_password);
        let outcome = auth::request_email_change(auth, client, &viewer, &email, &password).await;
        done(outcome)
    }

    /// Sends a mail that leads to a new password, if there is an account with this address and a password. Answers alike
    /// whether the address is known or not.
    async fn request_password_reset(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "E-mail address of the account.")] email: String,
    ) -> Result<Option<DonePayload>> {
        let (auth, client) = (&app(context)?.auth, client_address(context));
        let outcome = auth::request_password_reset(auth, client, &email).await;
        done(outcome)
    }

    /// Sets a new password by the token of a mail, which works once, for an hour. Ends all sessions of the account and
    /// signs in.
    async fn reset_password(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The token, as the page that the mail leads to finds it.")] token: String,
        #[graphql(desc = "The new password: 10 to 200 characters.")] password: String,
    ) -> Result<Option<SignInPayload>> {
        let (auth, client) = (&app(context)?.auth, client_address(context));
        let outcome = auth::reset_password(auth, client, &token.into(), &password.into()).await;
        begin(context, outcome).await
    }
}

fn done(outcome: service::error::Result<()>) -> Result<Option<DonePayload>> {
    let user_errors = sort(Decoder::default(), outcome)?.err().unwrap_or_default();
    Ok(Some(DonePayload { user_errors }))
}

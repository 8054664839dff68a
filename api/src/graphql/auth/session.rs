//! Sessions in the schema.

use async_graphql::{Enum, InputObject, SimpleObject};
use service::auth::IssuedSession;

use crate::graphql::errors::UserError;
use crate::graphql::scalars::DateTime;
use crate::graphql::user::User;

/// Who may make an account by `signUp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::auth::SignUpPolicy")]
pub enum SignUpPolicy {
    /// Everybody.
    Open,
    /// Whoever was invited, by the token of the invitation.
    Invited,
    /// Nobody.
    Closed,
}

/// A new account.
#[derive(InputObject)]
pub struct SignUpInput {
    /// E-mail address, by which you sign in. Nobody but you and administrators sees it.
    pub email: String,
    /// 10 to 200 characters.
    pub password: String,
    /// The name to show, at most 100 characters.
    pub display_name: String,
    /// Unique readable name: 3 to 40 lower-case letters, digits, hyphens and underscores, a letter first; made of the
    /// display name if not given.
    pub handle: Option<String>,
    /// The token of an invitation to this e-mail address; needed where `serverInfo.signUp` is INVITED. You are invited to
    /// the community of the invitation then.
    pub invitation_token: Option<String>,
}

/// Somebody who has an account.
#[derive(InputObject)]
pub struct SignInInput {
    /// E-mail address of the account.
    pub email: String,
    /// Password of the account.
    pub password: String,
}

/// The outcome of signing in: a session's user and tokens.
#[derive(SimpleObject)]
pub struct SignInPayload {
    /// Who signed in; null when the input was refused.
    user: Option<User>,
    /// A short-lived JWT for `Authorization: Bearer`; null when the input was refused.
    access_token: Option<String>,
    /// When the access token ends; refresh the session before.
    access_token_expires_at: Option<DateTime>,
    /// Exchange it once, by `refreshSession`, for the next pair of tokens.
    refresh_token: Option<String>,
    /// Why the input was refused; empty when it was not.
    user_errors: Vec<UserError>,
}

impl SignInPayload {
    /// The payload with a session.
    #[must_use]
    pub fn issued(session: IssuedSession) -> Self {
        Self {
            user: Some(session.user.into()),
            access_token: Some(session.access_token.into_inner()),
            access_token_expires_at: Some(session.access_token_expires_at.into()),
            refresh_token: Some(session.refresh_token.into_inner()),
            user_errors: Vec::new(),
        }
    }

    /// The payload of a refusal.
    #[must_use]
    pub fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            user: None,
            access_token: None,
            access_token_expires_at: None,
            refresh_token: None,
            user_errors,
        }
    }
}

/// The outcome of signing out.
#[derive(Clone, Debug, SimpleObject)]
pub struct SignOutPayload {
    /// Why the input was refused; empty when it was not.
    pub user_errors: Vec<UserError>,
}

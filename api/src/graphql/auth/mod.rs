//! Signing in, what goes by mail, and API tokens in the schema.

mod api_token;
mod email;
mod invitation;
pub mod loaders;
mod mutations;
mod session;

pub use api_token::{
    ApiToken, ApiTokenConnection, CreateApiTokenInput, CreateApiTokenPayload,
    RevokeApiTokenPayload, TokenScope,
};
pub use email::EmailMutation;
pub use invitation::{InvitationMutation, InviteUserPayload};
pub use mutations::{ApiTokenMutation, SessionMutation};
pub use session::{SignInInput, SignInPayload, SignOutPayload, SignUpInput, SignUpPolicy};

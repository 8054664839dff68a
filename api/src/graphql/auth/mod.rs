//! Signing in and API tokens in the schema.

mod api_token;
pub mod loaders;
mod mutations;
mod session;

pub use api_token::{
    ApiToken, ApiTokenConnection, CreateApiTokenInput, CreateApiTokenPayload,
    RevokeApiTokenPayload, TokenScope,
};
pub use mutations::{ApiTokenMutation, SessionMutation};
pub use session::{SignInInput, SignInPayload, SignOutPayload, SignUpInput};

//! Whoever used an account before somebody else showed that its address is theirs.

use entity::email_token::EmailTokenPurpose;
use uuid::Uuid;

use super::{api_token, email_token, session};
use crate::error::Result;
use crate::store::WriteUnit;
use crate::webhook;

/// Ends all by which an account is used without its password: sessions, API tokens, webhooks, and links that were sent by
/// mail, to another address that it was to have, say. The password is for the caller to replace or to remove.
pub(super) async fn shut_out(unit: &mut WriteUnit, user: Uuid) -> Result<()> {
    session::revoke_all(unit, user).await?;
    api_token::revoke_all(unit, user).await?;
    email_token::take_back(unit, user, EmailTokenPurpose::ALL).await?;
    webhook::remove_all(unit, user).await
}

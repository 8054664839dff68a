//! Tokens that are sent by mail: random, good for one use and a while, in the database as hashes only.

use chrono::{DateTime, TimeDelta, Utc};
use entity::email_token::{self, EmailTokenPurpose};
use futures_util::FutureExt;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::Secret;
use super::secret::{EMAIL_TOKEN_PREFIX, PASSWORD_RESET_PREFIX, digest, generate, is_well_formed};
use crate::error::{Error, FaultCode, Result};
use crate::mail::{CONFIRMATION_LIFETIME, PASSWORD_RESET_LIFETIME};
use crate::store::{Store, WriteUnit};

fn prefix(purpose: EmailTokenPurpose) -> &'static str {
    match purpose {
        EmailTokenPurpose::VerifyEmail | EmailTokenPurpose::ChangeEmail => EMAIL_TOKEN_PREFIX,
        EmailTokenPurpose::ResetPassword => PASSWORD_RESET_PREFIX,
    }
}

fn lifetime(purpose: EmailTokenPurpose) -> TimeDelta {
    match purpose {
        EmailTokenPurpose::VerifyEmail | EmailTokenPurpose::ChangeEmail => CONFIRMATION_LIFETIME,
        EmailTokenPurpose::ResetPassword => PASSWORD_RESET_LIFETIME,
    }
}

/// Makes a token for the holder of an account, to be sent to that address.
pub(super) async fn issue(
    unit: &WriteUnit,
    user: Uuid,
    purpose: EmailTokenPurpose,
    email: &str,
) -> Result<Secret> {
    let secret = generate(prefix(purpose));
    email_token::Entity::insert(email_token::ActiveModel {
        id: Set(Uuid::now_v7()),
        user_id: Set(user),
        purpose: Set(purpose),
        email: Set(email.to_owned()),
        hash: Set(digest(secret.expose())),
        created_at: Set(unit.now()),
        expires_at: Set(unit.now() + lifetime(purpose)),
        used_at: Set(None),
    })
    .exec_without_returning(unit.db())
    .await?;
    Ok(secret)
}

/// The hash of a token, if the text is one of a kind that may have that purpose.
pub(super) fn hash_of(purpose: EmailTokenPurpose, token: &Secret) -> Option<String> {
    is_well_formed(prefix(purpose), token.expose()).then(|| digest(token.expose()))
}

/// The token with that hash, used or not.
pub(super) async fn find(
    connection: &impl ConnectionTrait,
    hash: &str,
) -> Result<Option<email_token::Model>> {
    Ok(email_token::Entity::find()
        .filter(email_token::Column::Hash.eq(hash))
        .one(connection)
        .await?)
}

/// Whether a token can still be used.
pub(super) fn is_open(token: &email_token::Model, now: DateTime<Utc>) -> bool {
    token.used_at.is_none() && token.expires_at > now
}

/// Uses a token. Of two uses at the same time one succeeds.
pub(super) async fn take(unit: &WriteUnit, token: &email_token::Model) -> Result<bool> {
    let taken = email_token::Entity::update_many()
        .col_expr(email_token::Column::UsedAt, Expr::value(unit.now()))
        .filter(email_token::Column::Id.eq(token.id))
        .filter(email_token::Column::UsedAt.is_null())
        .filter(email_token::Column::ExpiresAt.gt(unit.now()))
        .exec(unit.db())
        .await?;
    Ok(taken.rows_affected == 1)
}

/// Takes back the tokens of an account that were not used.
pub(super) async fn take_back(
    unit: &WriteUnit,
    user: Uuid,
    purposes: &[EmailTokenPurpose],
) -> Result<()> {
    email_token::Entity::update_many()
        .col_expr(email_token::Column::UsedAt, Expr::value(unit.now()))
        .filter(email_token::Column::UserId.eq(user))
        .filter(email_token::Column::Purpose.is_in(purposes.iter().copied()))
        .filter(email_token::Column::UsedAt.is_null())
        .exec(unit.db())
        .await?;
    Ok(())
}

/// Removes all tokens that an account was sent, used or not: each names an address.
pub(crate) async fn remove_all(unit: &WriteUnit, user: Uuid) -> Result<()> {
    email_token::Entity::delete_many()
        .filter(email_token::Column::UserId.eq(user))
        .exec(unit.db())
        .await?;
    Ok(())
}

/// How many tokens of that purpose the account was sent since a time.
pub(super) async fn count_since(
    unit: &WriteUnit,
    user: Uuid,
    purpose: EmailTokenPurpose,
    since: DateTime<Utc>,
) -> Result<u64> {
    Ok(email_token::Entity::find()
        .filter(email_token::Column::UserId.eq(user))
        .filter(email_token::Column::Purpose.eq(purpose))
        .filter(email_token::Column::CreatedAt.gt(since))
        .count(unit.db())
        .await?)
}

/// Removes tokens that ended more than a day ago; answers how many.
#[crate::boxed]
pub async fn remove_ended_email_tokens(store: &Store) -> Result<u64> {
    let written = store
        .write(None, |unit| {
            async move {
                let deleted = email_token::Entity::delete_many()
                    .filter(email_token::Column::ExpiresAt.lt(unit.now() - TimeDelta::days(1)))
                    .exec(unit.db())
                    .await?;
                Ok(deleted.rows_affected)
            }
            .boxed()
        })
        .await?;
    Ok(written.value)
}

pub(super) fn wrong_token() -> Error {
    Error::fault(
        FaultCode::InvalidCredentials,
        &["token"],
        "This link is unknown, used or too old; ask for a new one.",
    )
}

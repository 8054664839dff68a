//! Sessions: signing in, exchanging refresh tokens, and signing out.

use chrono::{DateTime, TimeDelta, Utc};
use entity::user::UserStatus;
use entity::{password, refresh_token, session, user};
use futures_util::FutureExt;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, JoinType, QueryFilter,
    QuerySelect,
};
use uuid::Uuid;

use super::account::email_key;
use super::password::{Comparison, may_be_password};
use super::presence::has_hash;
use super::secret::{REFRESH_TOKEN_PREFIX, digest, generate, is_well_formed};
use super::{Auth, ClientAddress, Secret};
use crate::error::{Error, FaultCode, Result};
use crate::store::{Outcome, Shown, Store, WriteUnit};

/// Somebody who says that they have an account.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: Secret,
}

/// A session as its client gets it: who signed in, and the two tokens.
#[derive(Clone, Debug)]
pub struct IssuedSession {
    /// Who signed in.
    pub user: user::Model,
    /// A JSON Web Token of some minutes, for `Authorization: Bearer`.
    pub access_token: Secret,
    /// When it ends.
    pub access_token_expires_at: DateTime<Utc>,
    /// Exchanged once for the next pair by [`refresh_session`].
    pub refresh_token: Secret,
}

/// A session's row with its newest refresh token.
#[derive(Clone, Debug)]
pub(super) struct Renewed {
    user: user::Model,
    session: session::Model,
    refresh_token: Secret,
}

impl Outcome for Renewed {
    fn show(&self, shown: &mut Shown) {
        self.user.show(shown);
    }
}

/// Signs in by e-mail address and password. An unknown address, a wrong password and an account that may not be used
/// answer the same `INVALID_CREDENTIALS` after the same work.
#[crate::boxed]
pub async fn sign_in(auth: &Auth, client: ClientAddress, input: SignIn) -> Result<IssuedSession> {
    let key = email_key(&input.email);
    let attempt = auth.limits().sign_in(client, &key, auth.now())?;
    // No account has these, and PostgreSQL takes no NUL.
    if !may_be_password(&input.password) || key.len() > 1_000 || key.contains('\0') {
        return Err(wrong_credentials());
    }
    let mut renewed = enter(auth, &key, &input.password).await?;
    if renewed.is_none() {
        renewed = enter(auth, &key, &input.password).await?;
    }
    let renewed = renewed.ok_or_else(wrong_credentials)?;
    attempt.succeeded();
    issue(auth, renewed)
}

/// Begins a session of whoever has that address and password; none where the password was changed between the comparison
/// and the writing, if only by another sign-in, which had it hashed at another cost.
async fn enter(auth: &Auth, key: &str, typed: &Secret) -> Result<Option<Renewed>> {
    let found = user::Entity::find()
        .join(
            JoinType::LeftJoin,
            user::Entity::belongs_to(password::Entity)
                .from(user::Column::Id)
                .to(password::Column::UserId)
                .into(),
        )
        .filter(user::Column::EmailKey.eq(key))
        .select_also(password::Entity)
        .one(auth.store().reader())
        .await?;
    let (user, stored) = match found {
        Some((user, stored)) => (Some(user), stored.map(|password| password.hash)),
        None => (None, None),
    };
    let comparison = auth.passwords().compare(typed, stored.clone()).await?;
    let (id, compared) = match (user, stored, comparison) {
        (Some(user), Some(hash), Comparison::Same | Comparison::SameAtAnotherCost)
            if may_sign_in(auth, &user) =>
        {
            (user.id, hash)
        }
        _ => return Err(wrong_credentials()),
    };
    let rehashed = match comparison {
        Comparison::SameAtAnotherCost => Some(auth.passwords().hash(typed).await?),
        _ => None,
    };
    let worker = auth.clone();
    let written = auth
        .store()
        .write(Some(id), move |unit| {
            async move { enter_in(unit, &worker, id, &compared, rehashed).await }.boxed()
        })
        .await?;
    Ok(written.value)
}

/// The last step of [`enter`], by the hash that was compared.
pub(super) async fn enter_in(
    unit: &mut WriteUnit,
    auth: &Auth,
    id: Uuid,
    compared: &str,
    rehashed: Option<String>,
) -> Result<Option<Renewed>> {
    // Held, so that whoever is shut out at this moment does not come in after it.
    let user = user::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(unit.db())
        .await?
        .filter(|user| may_sign_in(auth, user))
        .ok_or_else(wrong_credentials)?;
    if !has_hash(unit, id, compared).await? {
        return Ok(None);
    }
    if let Some(new) = rehashed {
        replace_hash(unit, id, new).await?;
    }
    let ends = unit.now() + auth.options().session_lifetime;
    Ok(Some(begin(unit, user, ends).await?))
}

/// Exchanges a refresh token for the next pair. A second use of one revokes the whole family: one of the two users is
/// not the one it was given to.
#[crate::boxed]
pub async fn refresh_session(auth: &Auth, refresh_token: &Secret) -> Result<IssuedSession> {
    if !is_well_formed(REFRESH_TOKEN_PREFIX, refresh_token.expose()) {
        return Err(wrong_refresh_token());
    }
    let hash = digest(refresh_token.expose());
    let written = auth
        .store()
        .write(None, move |unit| exchange(unit, hash).boxed())
        .await?;
    let renewed = written.value.ok_or_else(wrong_refresh_token)?;
    if !may_sign_in(auth, &renewed.user) {
        return Err(wrong_refresh_token());
    }
    issue(auth, renewed)
}

/// Ends the session that a refresh token belongs to, with all its tokens. Ending it again changes nothing.
#[crate::boxed]
pub async fn sign_out(auth: &Auth, refresh_token: &Secret) -> Result<()> {
    if !is_well_formed(REFRESH_TOKEN_PREFIX, refresh_token.expose()) {
        return Err(wrong_refresh_token());
    }
    let hash = digest(refresh_token.expose());
    let written = auth
        .store()
        .write(None, move |unit| {
            async move {
                let Some(token) = find_token(unit, &hash).await? else {
                    return Ok(false);
                };
                revoke(unit, token.session_id).await?;
                Ok(true)
            }
            .boxed()
        })
        .await?;
    if written.value {
        Ok(())
    } else {
        Err(wrong_refresh_token())
    }
}

/// Removes sessions that ended more than a day ago, with their tokens; answers how many.
#[crate::boxed]
pub async fn remove_ended_sessions(store: &Store) -> Result<u64> {
    let written = store
        .write(None, |unit| {
            async move {
                let long_ago = unit.now() - TimeDelta::days(1);
                let deleted = session::Entity::delete_many()
                    .filter(session::Column::ExpiresAt.lt(long_ago))
                    .exec(unit.db())
                    .await?;
                Ok(deleted.rows_affected)
            }
            .boxed()
        })
        .await?;
    Ok(written.value)
}

pub(super) fn may_sign_in(auth: &Auth, user: &user::Model) -> bool {
    user.status == UserStatus::Active && (auth.options().demo_sign_in || !user.is_demo)
}

fn wrong_credentials() -> Error {
    Error::fault(
        FaultCode::InvalidCredentials,
        &["input"],
        "The e-mail address or the password is wrong.",
    )
}

fn wrong_refresh_token() -> Error {
    Error::fault(
        FaultCode::InvalidCredentials,
        &["refreshToken"],
        "This refresh token is unknown, used, expired or revoked; sign in again.",
    )
}

pub(super) fn issue(auth: &Auth, renewed: Renewed) -> Result<IssuedSession> {
    let (access_token, access_token_expires_at) = auth.access_tokens().issue(
        renewed.user.id,
        renewed.session.id,
        renewed.session.expires_at,
        auth.now(),
    )?;
    Ok(IssuedSession {
        user: renewed.user,
        access_token,
        access_token_expires_at,
        refresh_token: renewed.refresh_token,
    })
}

/// Begins a session that ends then.
pub(super) async fn begin(
    unit: &mut WriteUnit,
    user: user::Model,
    ends: DateTime<Utc>,
) -> Result<Renewed> {
    let session = session::ActiveModel {
        id: Set(Uuid::now_v7()),
        user_id: Set(user.id),
        created_at: Set(unit.now()),
        expires_at: Set(ends),
        revoked_at: Set(None),
    }
    .insert(unit.db())
    .await?;
    let refresh_token = add_token(unit, session.id).await?;
    Ok(Renewed {
        user,
        session,
        refresh_token,
    })
}

async fn add_token(unit: &WriteUnit, session: Uuid) -> Result<Secret> {
    let secret = generate(REFRESH_TOKEN_PREFIX);
    refresh_token::ActiveModel {
        id: Set(Uuid::now_v7()),
        session_id: Set(session),
        hash: Set(digest(secret.expose())),
        created_at: Set(unit.now()),
        used_at: Set(None),
    }
    .insert(unit.db())
    .await?;
    Ok(secret)
}

async fn find_token(unit: &WriteUnit, hash: &str) -> Result<Option<refresh_token::Model>> {
    Ok(refresh_token::Entity::find()
        .filter(refresh_token::Column::Hash.eq(hash))
        .one(unit.db())
        .await?)
}

/// The next token, or none when this one is good for nothing. The answer is no error, since an error would take the
/// revocation back.
async fn exchange(unit: &mut WriteUnit, hash: String) -> Result<Option<Renewed>> {
    let Some(token) = find_token(unit, &hash).await? else {
        return Ok(None);
    };
    let found = session::Entity::find_by_id(token.session_id)
        .join(
            JoinType::InnerJoin,
            session::Entity::belongs_to(user::Entity)
                .from(session::Column::UserId)
                .to(user::Column::Id)
                .into(),
        )
        .select_also(user::Entity)
        .one(unit.db())
        .await?;
    let Some((session, Some(user))) = found else {
        return Ok(None);
    };
    if session.revoked_at.is_some()
        || session.expires_at <= unit.now()
        || user.status != UserStatus::Active
    {
        return Ok(None);
    }
    // Of two uses at the same time only one finds the token unused.
    let marked = refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::UsedAt, Expr::value(unit.now()))
        .filter(refresh_token::Column::Id.eq(token.id))
        .filter(refresh_token::Column::UsedAt.is_null())
        .exec(unit.db())
        .await?;
    if marked.rows_affected != 1 {
        revoke(unit, session.id).await?;
        tracing::warn!(session = %session.id, user = %user.id, "a refresh token was used twice; its session is revoked");
        return Ok(None);
    }
    let refresh_token = add_token(unit, session.id).await?;
    Ok(Some(Renewed {
        user,
        session,
        refresh_token,
    }))
}

async fn revoke(unit: &WriteUnit, session: Uuid) -> Result<()> {
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(unit.now()))
        .filter(session::Column::Id.eq(session))
        .filter(session::Column::RevokedAt.is_null())
        .exec(unit.db())
        .await?;
    Ok(())
}

/// Ends all sessions of a user.
pub(crate) async fn revoke_all(unit: &WriteUnit, user: Uuid) -> Result<()> {
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(unit.now()))
        .filter(session::Column::UserId.eq(user))
        .filter(session::Column::RevokedAt.is_null())
        .exec(unit.db())
        .await?;
    Ok(())
}

async fn replace_hash(unit: &WriteUnit, user: Uuid, new: String) -> Result<()> {
    password::Entity::update_many()
        .col_expr(password::Column::Hash, Expr::value(new))
        .col_expr(password::Column::UpdatedAt, Expr::value(unit.now()))
        .filter(password::Column::UserId.eq(user))
        .exec(unit.db())
        .await?;
    Ok(())
}

/// Removes all sessions of a user, with their tokens.
pub(crate) async fn remove_all(unit: &WriteUnit, user: Uuid) -> Result<()> {
    session::Entity::delete_many()
        .filter(session::Column::UserId.eq(user))
        .exec(unit.db())
        .await?;
    Ok(())
}

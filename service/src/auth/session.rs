//! Sessions: signing in, exchanging refresh tokens, signing out, and showing again that one is who signed in.

use chrono::{DateTime, TimeDelta, Utc};
use entity::user::UserStatus;
use entity::{password, refresh_token, session, user};
use futures_util::FutureExt;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, JoinType, QueryFilter,
    QuerySelect,
};
use uuid::Uuid;

use super::account::email_key;
use super::password::{Comparison, may_be_password};
use super::secret::{REFRESH_TOKEN_PREFIX, digest, generate, is_well_formed};
use super::verification::require_person;
use super::{Auth, ClientAddress, Secret};
use crate::error::{Error, FaultCode, Result};
use crate::store::{Outcome, Shown, Store, WriteUnit};
use crate::viewer::{Credential, Viewer};

/// For so long after signing in nobody is asked again who they are, where there is no password to ask for.
const RECENT: TimeDelta = TimeDelta::minutes(15);

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
pub async fn sign_in(auth: &Auth, client: ClientAddress, input: SignIn) -> Result<IssuedSession> {
    let key = email_key(&input.email);
    let attempt = auth.limits().sign_in(client, &key, auth.now())?;
    // No account has these, and PostgreSQL takes no NUL.
    if !may_be_password(&input.password) || key.len() > 1_000 || key.contains('\0') {
        return Err(wrong_credentials());
    }
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
    let comparison = auth
        .passwords()
        .compare(&input.password, stored.clone())
        .await?;
    let user = match (user, comparison) {
        (Some(user), Comparison::Same | Comparison::SameAtAnotherCost)
            if may_sign_in(auth, &user) =>
        {
            user
        }
        _ => return Err(wrong_credentials()),
    };
    let rehashed = match comparison {
        Comparison::SameAtAnotherCost => Some(auth.passwords().hash(&input.password).await?),
        _ => None,
    };
    attempt.succeeded();
    let lifetime = auth.options().session_lifetime;
    let written = auth
        .store()
        .write(Some(user.id), move |unit| {
            async move {
                if let (Some(new), Some(old)) = (rehashed, stored) {
                    replace_hash(unit, user.id, &old, new).await?;
                }
                begin(unit, user, unit.now() + lifetime).await
            }
            .boxed()
        })
        .await?;
    issue(auth, written.value)
}

/// Exchanges a refresh token for the next pair. A second use of one revokes the whole family: one of the two users is
/// not the one it was given to.
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

async fn replace_hash(unit: &WriteUnit, user: Uuid, old: &str, new: String) -> Result<()> {
    // Not over a password that was changed meanwhile.
    password::Entity::update_many()
        .col_expr(password::Column::Hash, Expr::value(new))
        .col_expr(password::Column::UpdatedAt, Expr::value(unit.now()))
        .filter(password::Column::UserId.eq(user))
        .filter(password::Column::Hash.eq(old))
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

/// Makes sure, before something that cannot be undone, that whoever signed in is still the one who asks, and answers who
/// that is: by their password, or, where they have none here, by having signed in a moment ago. No API token can do this.
pub(crate) async fn confirm_person(
    auth: &Auth,
    client: ClientAddress,
    viewer: &Viewer,
    typed: Option<&Secret>,
) -> Result<Uuid> {
    let id = require_person(viewer)?;
    let stored = password::Entity::find_by_id(id)
        .one(auth.store().reader())
        .await?;
    let Some(stored) = stored else {
        if signed_in_lately(auth, viewer).await? {
            return Ok(id);
        }
        return Err(Error::forbidden(
            &[],
            "Sign in again and do this within 15 minutes: your account has no password that you could be asked for.",
        ));
    };
    let field = &["password"];
    let Some(typed) = typed else {
        return Err(Error::fault(
            FaultCode::Required,
            field,
            "Give the password of your account: this cannot be undone.",
        ));
    };
    let key = viewer.user().and_then(|user| user.email_key.as_deref());
    let attempt = auth
        .limits()
        .sign_in(client, key.unwrap_or_default(), auth.now())?;
    let is_theirs = may_be_password(typed)
        && auth.passwords().compare(typed, Some(stored.hash)).await? != Comparison::Different;
    if !is_theirs {
        return Err(Error::fault(
            FaultCode::InvalidCredentials,
            field,
            "This is not the password of your account.",
        ));
    }
    attempt.succeeded();
    Ok(id)
}

/// Whether the viewer has just signed in. An external issuer vouches for a person by tokens that live for a short time:
/// whoever has a valid one has signed in there lately.
async fn signed_in_lately(auth: &Auth, viewer: &Viewer) -> Result<bool> {
    Ok(match viewer.credential() {
        Some(Credential::ExternalIssuer) => true,
        Some(Credential::Session(id)) => session::Entity::find_by_id(id)
            .one(auth.store().reader())
            .await?
            .is_some_and(|session| auth.now() - session.created_at <= RECENT),
        Some(Credential::ApiToken(_)) | None => false,
    })
}

//! From the bearer token of a request to its viewer, in two statements.

use std::collections::HashMap;

use chrono::TimeDelta;
use entity::user::{PlatformRole, UserStatus};
use entity::{api_token, membership, session, user};
use futures_util::FutureExt;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::access_token::LONGEST_TOKEN;
use super::secret::{API_TOKEN_PREFIX, REFRESH_TOKEN_PREFIX, digest, is_well_formed};
use super::{Auth, issuer};
use crate::error::{Error, Result};
use crate::viewer::{Credential, Scope, SignedIn, Viewer};

/// How exactly the last use of an API token is kept.
const LAST_USED_STEP: TimeDelta = TimeDelta::minutes(1);

/// Why a bearer token makes nobody a viewer. The texts are for the one who sent it and tell nothing that a guesser
/// could use.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticationError {
    /// The text is no token at all, or one that was mistyped or cut off.
    #[error(
        "The bearer token is malformed. Send an access token as signIn answers it, or an API token, whole and unchanged."
    )]
    Malformed,
    /// A refresh token was sent in the place of an access token.
    #[error(
        "This is a refresh token. Exchange it by the mutation refreshSession, and send the access token that it answers."
    )]
    RefreshToken,
    /// The signature, the issuer, the audience or another claim is not what it must be.
    #[error("The bearer token is not valid here. Sign in again.")]
    Invalid,
    /// Its time is over.
    #[error(
        "The bearer token has expired. Refresh the session, sign in again, or make a new API token."
    )]
    Expired,
    /// Its session or the API token was revoked, or the account can no longer be used.
    #[error("The bearer token was revoked. Sign in again, or make a new API token.")]
    Revoked,
    /// The issuer vouches for the person, but nobody here is that person.
    #[error("There is no account here for this sign-in. Ask an administrator for one.")]
    UnknownUser,
    /// The database or the issuer could not be asked: no fault of the token.
    #[error(transparent)]
    Service(#[from] Error),
}

impl From<sea_orm::DbErr> for AuthenticationError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Service(error.into())
    }
}

/// The viewer that a bearer token (without the word `Bearer`) stands for; without one, an anonymous viewer.
///
/// An access token of a revoked session, or of an account that may no longer be used, is refused at once. A token that
/// is malformed, forged or expired costs no statement.
pub async fn authenticate(
    auth: &Auth,
    bearer: Option<&str>,
) -> Result<Viewer, AuthenticationError> {
    let Some(bearer) = bearer else {
        return Ok(Viewer::anonymous());
    };
    if bearer.starts_with(API_TOKEN_PREFIX) {
        return by_api_token(auth, bearer).await;
    }
    if bearer.starts_with(REFRESH_TOKEN_PREFIX) {
        return Err(AuthenticationError::RefreshToken);
    }
    if bearer.len() > LONGEST_TOKEN {
        return Err(AuthenticationError::Malformed);
    }
    if let Some(identity) = auth.issuers().verify(auth, bearer).await? {
        let user = issuer::user_of(auth, &identity).await?;
        return viewer(
            auth,
            user,
            Scope::ALL.to_vec(),
            None,
            Credential::ExternalIssuer,
        )
        .await;
    }
    by_access_token(auth, bearer).await
}

async fn by_access_token(auth: &Auth, token: &str) -> Result<Viewer, AuthenticationError> {
    let now = auth.now();
    let claims = auth.access_tokens().verify(token, now)?;
    let user = user::Entity::find_by_id(claims.sub)
        .join(
            JoinType::InnerJoin,
            user::Entity::belongs_to(session::Entity)
                .from(user::Column::Id)
                .to(session::Column::UserId)
                .into(),
        )
        .filter(session::Column::Id.eq(claims.sid))
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now))
        .one(auth.store().reader())
        .await?
        .ok_or(AuthenticationError::Revoked)?;
    if user.is_demo && !auth.options().demo_sign_in {
        return Err(AuthenticationError::Revoked);
    }
    let credential = Credential::Session(claims.sid);
    viewer(auth, user, Scope::ALL.to_vec(), None, credential).await
}

async fn by_api_token(auth: &Auth, token: &str) -> Result<Viewer, AuthenticationError> {
    if !is_well_formed(API_TOKEN_PREFIX, token) {
        return Err(AuthenticationError::Malformed);
    }
    let found = api_token::Entity::find()
        .join(
            JoinType::InnerJoin,
            api_token::Entity::belongs_to(user::Entity)
                .from(api_token::Column::UserId)
                .to(user::Column::Id)
                .into(),
        )
        .filter(api_token::Column::Hash.eq(digest(token)))
        .select_also(user::Entity)
        .one(auth.store().reader())
        .await?;
    let Some((token, Some(user))) = found else {
        return Err(AuthenticationError::Revoked);
    };
    if token.revoked_at.is_some() {
        return Err(AuthenticationError::Revoked);
    }
    let now = auth.now();
    if token.expires_at.is_some_and(|end| end <= now) {
        return Err(AuthenticationError::Expired);
    }
    let scopes = token
        .scopes
        .0
        .iter()
        .filter_map(|name| Scope::parse(name))
        .filter(|scope| may_have(user.platform_role, *scope))
        .collect();
    let (id, community) = (token.id, token.community_id);
    let viewer = viewer(auth, user, scopes, community, Credential::ApiToken(id)).await?;
    note_use(auth, &token);
    Ok(viewer)
}

/// Whether a token of somebody with this role may have the scope: a token gives no more than its owner has.
pub(super) fn may_have(role: PlatformRole, scope: Scope) -> bool {
    match scope {
        Scope::Read | Scope::Write | Scope::Sync => true,
        Scope::Analytics => matches!(role, PlatformRole::Analyst | PlatformRole::Admin),
        Scope::Admin => role == PlatformRole::Admin,
    }
}

async fn viewer(
    auth: &Auth,
    user: user::Model,
    scopes: Vec<Scope>,
    only_community: Option<Uuid>,
    credential: Credential,
) -> Result<Viewer, AuthenticationError> {
    if user.status != UserStatus::Active {
        return Err(AuthenticationError::Revoked);
    }
    let memberships: HashMap<_, _> = membership::Entity::find()
        .filter(membership::Column::UserId.eq(user.id))
        .all(auth.store().reader())
        .await?
        .into_iter()
        .map(|membership| (membership.community_id, membership))
        .collect();
    let signed_in = SignedIn {
        user,
        memberships,
        scopes,
        only_community,
    };
    Ok(Viewer::signed_in(signed_in).with_credential(credential))
}

/// Writes when the token was last used, beside the request, which neither waits for it nor fails by it.
fn note_use(auth: &Auth, token: &api_token::Model) {
    let now = auth.now();
    let fresh = |at| now - at < LAST_USED_STEP;
    if token.last_used_at.is_some_and(fresh) || !auth.claim_note_of_use(token.id) {
        return;
    }
    let (id, auth) = (token.id, auth.clone());
    auth.clone().spawn(async move {
        let written = auth
            .store()
            .write(None, move |unit| {
                async move {
                    let before = unit.now() - LAST_USED_STEP;
                    api_token::Entity::update_many()
                        .col_expr(api_token::Column::LastUsedAt, Expr::value(unit.now()))
                        .filter(api_token::Column::Id.eq(id))
                        .filter(
                            Condition::any()
                                .add(api_token::Column::LastUsedAt.is_null())
                                .add(api_token::Column::LastUsedAt.lte(before)),
                        )
                        .exec(unit.db())
                        .await?;
                    Ok(())
                }
                .boxed()
            })
            .await;
        auth.release_note_of_use(id);
        if let Err(error) = written {
            tracing::warn!(%error, api_token = %id, "the last use of an API token could not be written");
        }
    });
}

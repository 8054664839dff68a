//! From the bearer token of a request to its viewer. Who somebody is, is kept in memory for as long as the change log
//! says that it is so; whether a session is still open is asked each time.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use chrono::{DateTime, TimeDelta, Utc};
use entity::user::{PlatformRole, UserStatus};
use entity::{api_token, membership, session, user};
use futures_util::FutureExt;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use super::access_token::LONGEST_TOKEN;
use super::secret::{API_TOKEN_PREFIX, REFRESH_TOKEN_PREFIX, digest, is_well_formed};
use super::{Auth, issuer};
use crate::error::{Error, Result};
use crate::store::{KeptToken, Store, Templates, newest_position, slot};
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
/// is malformed, forged or expired costs no statement. For a session or an API token what is kept in memory is
/// [fresh](Store::freshen) as of this call.
#[crate::boxed]
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
        let person = signed_in(auth, user, Scope::ALL.to_vec(), None).await?;
        let signed_in_at = identity.signed_in_at();
        let credential = Credential::ExternalIssuer { signed_in_at };
        return Ok(Viewer::signed_in(person).with_credential(credential));
    }
    by_access_token(auth, bearer).await
}

async fn by_access_token(auth: &Auth, token: &str) -> Result<Viewer, AuthenticationError> {
    let now = auth.now();
    let claims = auth.access_tokens().verify(token, now)?;
    let session = open_session(auth.store(), claims.sid, claims.sub).await?;
    let session = session.filter(|session| now < session.ends);
    let session = session.ok_or(AuthenticationError::Revoked)?;
    auth.store().freshen_to(session.position).await?;
    let kept = auth.store().kept();
    let person = if let Some(person) = kept.viewers.get(&claims.sub) {
        person
    } else {
        let mark = kept.mark();
        let user = user::Entity::find_by_id(claims.sub)
            .one(auth.store().reader())
            .await?
            .ok_or(AuthenticationError::Revoked)?;
        let person = Arc::new(signed_in(auth, user, Scope::ALL.to_vec(), None).await?);
        kept.keep(&kept.viewers, mark, [(claims.sub, Arc::clone(&person))]);
        person
    };
    if person.user.is_demo && !auth.options().demo_sign_in {
        return Err(AuthenticationError::Revoked);
    }
    Ok(Viewer::shared(person).with_credential(Credential::Session(claims.sid)))
}

static SESSION: LazyLock<Templates<()>> = LazyLock::new(Templates::default);

/// A session that was not revoked.
struct OpenSession {
    ends: DateTime<Utc>,
    /// The newest position of the change log, read with it.
    position: i64,
}

/// A session of somebody; none where it was revoked, or is none of theirs.
async fn open_session(store: &Store, session: Uuid, user: Uuid) -> Result<Option<OpenSession>> {
    let template = SESSION.get(store.backend(), (), || {
        session::Entity::find_by_id(slot(0))
            .select_only()
            .column(session::Column::ExpiresAt)
            .expr_as(newest_position(), "position")
            .filter(session::Column::UserId.eq(slot(1)))
            .filter(session::Column::RevokedAt.is_null())
            .into_query()
    });
    let found = store.row(template.fill(&[session, user])).await?;
    found
        .map(|row| {
            Ok(OpenSession {
                ends: row.get("expires_at")?,
                position: row.get("position")?,
            })
        })
        .transpose()
}

async fn by_api_token(auth: &Auth, token: &str) -> Result<Viewer, AuthenticationError> {
    if !is_well_formed(API_TOKEN_PREFIX, token) {
        return Err(AuthenticationError::Malformed);
    }
    auth.store().freshen().await?;
    let hash = digest(token);
    let kept = auth.store().kept();
    let known = if let Some(known) = kept.tokens.get(&hash) {
        known
    } else {
        let mark = kept.mark();
        let known = Arc::new(find_api_token(auth, &hash).await?);
        kept.keep(&kept.tokens, mark, [(hash, Arc::clone(&known))]);
        known
    };
    let now = auth.now();
    if known.token.expires_at.is_some_and(|end| end <= now) {
        return Err(AuthenticationError::Expired);
    }
    note_use(auth, &known.token);
    Ok(Viewer::shared(Arc::clone(&known.owner))
        .with_credential(Credential::ApiToken(known.token.id)))
}

async fn find_api_token(auth: &Auth, hash: &str) -> Result<KeptToken, AuthenticationError> {
    let found = api_token::Entity::find()
        .join(
            JoinType::InnerJoin,
            api_token::Entity::belongs_to(user::Entity)
                .from(api_token::Column::UserId)
                .to(user::Column::Id)
                .into(),
        )
        .filter(api_token::Column::Hash.eq(hash))
        .select_also(user::Entity)
        .one(auth.store().reader())
        .await?;
    let Some((token, Some(user))) = found else {
        return Err(AuthenticationError::Revoked);
    };
    if token.revoked_at.is_some() {
        return Err(AuthenticationError::Revoked);
    }
    let scopes = token
        .scopes
        .0
        .iter()
        .filter_map(|name| Scope::parse(name))
        .filter(|scope| may_have(user.platform_role, *scope))
        .collect();
    let owner = Arc::new(signed_in(auth, user, scopes, token.community_id).await?);
    Ok(KeptToken { token, owner })
}

/// Whether a token of somebody with this role may have the scope: a token gives no more than its owner has.
pub(crate) fn may_have(role: PlatformRole, scope: Scope) -> bool {
    match scope {
        Scope::Read | Scope::Write | Scope::Sync => true,
        Scope::Analytics => matches!(role, PlatformRole::Analyst | PlatformRole::Admin),
        Scope::Admin => role == PlatformRole::Admin,
    }
}

async fn signed_in(
    auth: &Auth,
    user: user::Model,
    scopes: Vec<Scope>,
    only_community: Option<Uuid>,
) -> Result<SignedIn, AuthenticationError> {
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
    Ok(SignedIn {
        user,
        memberships,
        scopes,
        only_community,
    })
}

/// Writes when the token was last used, beside the request, which neither waits for it nor fails by it.
fn note_use(auth: &Auth, token: &api_token::Model) {
    if !auth.claim_note_of_use(token, LAST_USED_STEP) {
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
        if let Err(error) = written {
            auth.release_note_of_use(id);
            tracing::warn!(%error, api_token = %id, "the last use of an API token could not be written");
        }
    });
}

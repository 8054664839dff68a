//! With whose rights an operation works: those of its owner as they are now, within those of the credential that began it.

use std::collections::HashMap;

use entity::operation::Model;
use entity::user::UserStatus;
use entity::{TextList, api_token, membership, user};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::auth::may_have;
use crate::error::Result;
use crate::store::Store;
use crate::viewer::{Credential, Scope, SignedIn, Viewer};

/// What is kept of a credential.
pub(super) struct Kept {
    pub(super) scopes: TextList,
    pub(super) only_community: Option<Uuid>,
    pub(super) api_token: Option<Uuid>,
}

impl Kept {
    pub(super) fn of(viewer: &Viewer) -> Self {
        let scopes = Scope::ALL.iter().copied();
        let scopes = scopes.filter(|scope| viewer.has_scope(*scope));
        Self {
            scopes: TextList(scopes.map(|scope| scope.as_str().to_owned()).collect()),
            only_community: viewer.only_community(),
            api_token: match viewer.credential() {
                Some(Credential::ApiToken(id)) => Some(id),
                _ => None,
            },
        }
    }
}

/// The owner of an operation as they are now; none where the account or the token can no longer be used.
pub(super) async fn owner(store: &Store, operation: &Model) -> Result<Option<Viewer>> {
    let now = store.clock().now();
    if let Some(token) = operation.api_token_id {
        let good = api_token::Entity::find_by_id(token)
            .one(store.reader())
            .await?
            .filter(|token| token.revoked_at.is_none())
            .filter(|token| token.expires_at.is_none_or(|end| end > now));
        if good.is_none() {
            return Ok(None);
        }
    }
    let Some(viewer) = whoever_fetches(store, operation).await? else {
        return Ok(None);
    };
    Ok(Some(match operation.api_token_id {
        Some(token) => viewer.with_credential(Credential::ApiToken(token)),
        None => viewer,
    }))
}

/// The owner of an operation as they are now, with the rights that it was begun with: for its result, which they fetch
/// though the token that began it has ended. None where the account can no longer be used.
pub(super) async fn whoever_fetches(store: &Store, operation: &Model) -> Result<Option<Viewer>> {
    let Some(user) = active_user(store, operation.user_id).await? else {
        return Ok(None);
    };
    let scopes = operation.scopes.0.iter();
    let scopes = scopes.filter_map(|name| Scope::parse(name));
    let scopes = scopes.filter(|scope| may_have(user.platform_role, *scope));
    let scopes = scopes.collect();
    let viewer = signed_in(store, user, scopes, operation.only_community).await?;
    Ok(Some(viewer))
}

pub(super) async fn active_user(store: &Store, id: Uuid) -> Result<Option<user::Model>> {
    let found = user::Entity::find_by_id(id).one(store.reader()).await?;
    Ok(found.filter(|user| user.status == UserStatus::Active))
}

/// Somebody with these rights.
pub(super) async fn signed_in(
    store: &Store,
    user: user::Model,
    scopes: Vec<Scope>,
    only_community: Option<Uuid>,
) -> Result<Viewer> {
    let memberships: HashMap<_, _> = membership::Entity::find()
        .filter(membership::Column::UserId.eq(user.id))
        .all(store.reader())
        .await?
        .into_iter()
        .map(|membership| (membership.community_id, membership))
        .collect();
    Ok(Viewer::signed_in(SignedIn {
        user,
        memberships,
        scopes,
        only_community,
    }))
}

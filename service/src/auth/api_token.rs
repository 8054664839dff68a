//! API tokens: made by a person for an integration, scoped, shown once, revocable.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::change::{EntityType, Operation};
use entity::membership::MembershipState;
use entity::{TextList, api_token, membership, user};
use futures_util::FutureExt;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use super::Secret;
use super::authenticate::may_have;
use super::presence::held_viewer;
use super::secret::{API_TOKEN_PREFIX, digest, generate};
use crate::error::{Error, FaultCode, Result};
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::audience;
use crate::store::{PendingChange, Store, WriteUnit, Written};
use crate::user::{account_by_email, held};
use crate::validation::{Faults, TextRule};
use crate::viewer::{Credential, Scope, Viewer};

/// Most tokens that somebody may have at once, expired and revoked ones not counted.
pub const MOST_API_TOKENS: u64 = 50;

const NAME: TextRule = TextRule {
    min: 1,
    max: 100,
    multiline: false,
};

/// The order of a list of tokens: newest first.
const NEWEST_FIRST: Keyset = Keyset {
    table: "api_token",
    column: None,
    id_column: "id",
    nullable: false,
    direction: Direction::Descending,
};

/// A token that somebody wants.
#[derive(Clone, Debug)]
pub struct CreateApiToken {
    /// What it is for.
    pub name: String,
    /// What it may be used for; at least one.
    pub scopes: Vec<Scope>,
    /// The one community that it is good for.
    pub community_id: Option<Uuid>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A new token with its secret, which is shown once.
#[derive(Clone, Debug)]
pub struct CreatedApiToken {
    /// The row.
    pub api_token: api_token::Model,
    /// The token itself, for `Authorization: Bearer`.
    pub secret: Secret,
}

/// Makes a token of the viewer's own. Only who signed in as a person may: a token cannot make others that outlive it.
#[crate::boxed]
pub async fn create_api_token(
    store: &Store,
    viewer: &Viewer,
    input: CreateApiToken,
) -> Result<Written<CreatedApiToken>> {
    let user = viewer.require(Scope::Write)?;
    if matches!(viewer.credential(), Some(Credential::ApiToken(_))) {
        return Err(Error::forbidden(
            &[],
            "An API token cannot make API tokens; sign in with your password or your organization's account.",
        ));
    }
    let viewer = viewer.clone();
    store
        .write(Some(user), move |unit| {
            async move {
                let owner = held_viewer(unit, &viewer).await?;
                create(unit, &owner, &input).await
            }
            .boxed()
        })
        .await
}

/// Makes a token for the account with that e-mail address, as the operator.
#[crate::boxed]
pub async fn create_api_token_for(
    store: &Store,
    email: &str,
    input: CreateApiToken,
) -> Result<Written<CreatedApiToken>> {
    let user = account_by_email(store, email).await?;
    store
        .write(None, move |unit| {
            async move {
                let owner = held(unit, user.id).await?;
                create(unit, &owner, &input).await
            }
            .boxed()
        })
        .await
}

/// Makes a token of somebody who is held until the commit, so that two at once count each other.
async fn create(
    unit: &mut WriteUnit,
    owner: &user::Model,
    input: &CreateApiToken,
) -> Result<CreatedApiToken> {
    let (name, scopes) = check(unit, owner, input).await?;
    insert(unit, owner, input, name, scopes).await
}

async fn check(
    unit: &WriteUnit,
    owner: &user::Model,
    input: &CreateApiToken,
) -> Result<(String, Vec<Scope>)> {
    let mut faults = Faults::default();
    let name = faults.text(&["input", "name"], &input.name, NAME);
    if input.scopes.is_empty() {
        faults.add(
            FaultCode::Required,
            &["input", "scopes"],
            "Name at least one scope.",
        );
    }
    for (place, scope) in input.scopes.iter().enumerate() {
        if !may_have(owner.platform_role, *scope) {
            faults.add(
                FaultCode::Forbidden,
                &["input", "scopes", &place.to_string()],
                format!(
                    "A token cannot have the scope {}, since its owner has no such right.",
                    scope.as_str()
                ),
            );
        }
    }
    if let Some(community) = input.community_id {
        let member = membership::Entity::find()
            .filter(membership::Column::UserId.eq(owner.id))
            .filter(membership::Column::CommunityId.eq(community))
            .filter(membership::Column::State.eq(MembershipState::Active))
            .one(unit.db())
            .await?;
        if member.is_none() {
            faults.add(
                FaultCode::NotFound,
                &["input", "communityId"],
                "There is no community with this id of which the token's owner is an active member.",
            );
        }
    }
    if input.expires_at.is_some_and(|end| end <= unit.now()) {
        faults.add(
            FaultCode::OutOfRange,
            &["input", "expiresAt"],
            "The end of the token must lie in the future.",
        );
    }
    let live = live_tokens(owner.id)
        .filter(
            Condition::any()
                .add(api_token::Column::ExpiresAt.is_null())
                .add(api_token::Column::ExpiresAt.gt(unit.now())),
        )
        .count(unit.db())
        .await?;
    if live >= MOST_API_TOKENS {
        faults.add(
            FaultCode::LimitReached,
            &[],
            format!("Nobody may have more than {MOST_API_TOKENS} API tokens; revoke one first."),
        );
    }
    faults.check()?;
    let scopes = Scope::ALL.iter().copied();
    Ok((
        name,
        scopes
            .filter(|scope| input.scopes.contains(scope))
            .collect(),
    ))
}

async fn insert(
    unit: &mut WriteUnit,
    owner: &user::Model,
    input: &CreateApiToken,
    name: String,
    scopes: Vec<Scope>,
) -> Result<CreatedApiToken> {
    let secret = generate(API_TOKEN_PREFIX);
    let scopes = scopes.into_iter().map(|scope| scope.as_str().to_owned());
    let api_token = api_token::ActiveModel {
        id: Set(Uuid::now_v7()),
        user_id: Set(owner.id),
        name: Set(name),
        hash: Set(digest(secret.expose())),
        scopes: Set(TextList(scopes.collect())),
        community_id: Set(input.community_id),
        expires_at: Set(input.expires_at),
        last_used_at: Set(None),
        revoked_at: Set(None),
        created_at: Set(unit.now()),
    }
    .insert(unit.db())
    .await?;
    unit.record(PendingChange {
        entity_type: EntityType::ApiToken,
        entity_id: api_token.id,
        operation: Operation::Created,
        community_id: None,
        fields: ["name", "scopes", "community", "expiresAt"]
            .map(str::to_owned)
            .to_vec(),
        audience_before: None,
        audience_after: Some(audience::of_user(owner.id)),
    });
    Ok(CreatedApiToken { api_token, secret })
}

/// Revokes a token of the viewer's own at once; answers its id. Revoking it again changes nothing.
#[crate::boxed]
pub async fn revoke_api_token(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<Uuid>> {
    let user = viewer.require(Scope::Write)?;
    store
        .write(Some(user), move |unit| {
            async move {
                let token = api_token::Entity::find_by_id(id)
                    .filter(api_token::Column::UserId.eq(user))
                    .lock(LockType::NoKeyUpdate)
                    .one(unit.db())
                    .await?
                    .ok_or_else(|| Error::not_found(&["id"], "API token"))?;
                if token.revoked_at.is_some() {
                    return Ok(id);
                }
                revoke(unit, token).await?;
                Ok(id)
            }
            .boxed()
        })
        .await
}

/// Revokes all tokens of a user.
pub(super) async fn revoke_all(unit: &mut WriteUnit, owner: Uuid) -> Result<()> {
    let tokens = live_tokens(owner)
        .lock(LockType::NoKeyUpdate)
        .all(unit.db())
        .await?;
    for token in tokens {
        revoke(unit, token).await?;
    }
    Ok(())
}

/// Removes all tokens of a user, those too that were revoked before.
pub(crate) async fn remove_all(unit: &mut WriteUnit, owner: Uuid) -> Result<()> {
    revoke_all(unit, owner).await?;
    api_token::Entity::delete_many()
        .filter(api_token::Column::UserId.eq(owner))
        .exec(unit.db())
        .await?;
    Ok(())
}

async fn revoke(unit: &mut WriteUnit, token: api_token::Model) -> Result<()> {
    let (id, owner) = (token.id, token.user_id);
    let mut revoked = token.into_active_model();
    revoked.revoked_at = Set(Some(unit.now()));
    revoked.update(unit.db()).await?;
    unit.record(PendingChange {
        entity_type: EntityType::ApiToken,
        entity_id: id,
        operation: Operation::Deleted,
        community_id: None,
        fields: Vec::new(),
        audience_before: Some(audience::of_user(owner)),
        audience_after: None,
    });
    Ok(())
}

fn live_tokens(owner: Uuid) -> sea_orm::Select<api_token::Entity> {
    api_token::Entity::find()
        .filter(api_token::Column::UserId.eq(owner))
        .filter(api_token::Column::RevokedAt.is_null())
}

/// A page of a user's tokens that are not revoked, newest first: one's own; of everybody else none.
#[crate::boxed]
pub async fn page_api_tokens(
    store: &Store,
    viewer: &Viewer,
    owner: Uuid,
    request: &PageRequest,
) -> Result<Page<api_token::Model>> {
    let window = request.check(&NEWEST_FIRST)?;
    if viewer.user_id() != Some(owner) {
        return Ok(Page::empty());
    }
    let mut select = live_tokens(owner);
    window.apply(QueryTrait::query(&mut select), &NEWEST_FIRST);
    let rows = select.all(store.reader()).await?;
    Ok(window.page(&NEWEST_FIRST, rows, |row| Cursor {
        value: SortValue::Id,
        id: row.id,
    }))
}

/// How many tokens [`page_api_tokens`] pages through.
#[crate::boxed]
pub async fn count_api_tokens(store: &Store, viewer: &Viewer, owner: Uuid) -> Result<u64> {
    if viewer.user_id() != Some(owner) {
        return Ok(0);
    }
    Ok(live_tokens(owner).count(store.reader()).await?)
}

/// Those of the tokens that are the viewer's own and not revoked.
pub async fn api_tokens_by_ids(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, api_token::Model>> {
    let Some(owner) = viewer.user_id() else {
        return Ok(HashMap::new());
    };
    let rows = live_tokens(owner)
        .filter(api_token::Column::Id.is_in(ids.iter().copied()))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

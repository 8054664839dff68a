//! Which user here a subject at an issuer is.

use entity::user::UserStatus;
use entity::{external_identity, password, user};
use futures_util::FutureExt;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, JoinType, QueryFilter,
    QuerySelect,
};
use uuid::Uuid;

use super::Identity;
use super::erased::is_from_before;
use crate::auth::account::{self, Handle, NewAccount, check_email, email_key};
use crate::auth::former_holder::shut_out;
use crate::auth::verification::confirm;
use crate::auth::{Auth, AuthenticationError};
use crate::error::{Error, Result};
use crate::store::WriteUnit;
use crate::user::DISPLAY_NAME;
use crate::validation::Faults;

/// The name of somebody of whom the issuer says none.
const NAMELESS: &str = "New member";

/// The user whose identity this is; on the first sign-in the account is found or made, as the configuration says.
pub(in crate::auth) async fn user_of(
    auth: &Auth,
    identity: &Identity,
) -> Result<user::Model, AuthenticationError> {
    if let Some(user) = find(auth, identity).await? {
        return Ok(user);
    }
    if is_from_before(auth, &identity.claims).await? {
        return Err(AuthenticationError::Revoked);
    }
    match link_or_create(auth, identity).await {
        // Another request of the same person came first, or took the handle.
        Err(AuthenticationError::Service(Error::Unavailable(_) | Error::Refused(_))) => {
            find(auth, identity)
                .await?
                .ok_or(AuthenticationError::UnknownUser)
        }
        other => other,
    }
}

async fn find(auth: &Auth, identity: &Identity) -> Result<Option<user::Model>> {
    let of_user = user::Entity::belongs_to(external_identity::Entity)
        .from(user::Column::Id)
        .to(external_identity::Column::UserId);
    Ok(user::Entity::find()
        .join(JoinType::InnerJoin, of_user.into())
        .filter(external_identity::Column::Issuer.eq(identity.claims.iss.as_str()))
        .filter(external_identity::Column::Subject.eq(identity.claims.sub.as_str()))
        .one(auth.store().reader())
        .await?)
}

async fn link_or_create(
    auth: &Auth,
    identity: &Identity,
) -> Result<user::Model, AuthenticationError> {
    let email = trusted_email(identity);
    if let Some(email) = &email
        && let Some(user) = link(auth, identity, email_key(email)).await?
    {
        return Ok(user);
    }
    if !identity.issuer.create_users {
        return Err(AuthenticationError::UnknownUser);
    }
    let id = Uuid::now_v7();
    let claims = &identity.claims;
    let names = [&claims.name, &claims.preferred_username];
    let display_name = names
        .into_iter()
        .flatten()
        .find_map(|name| sound_name(name))
        .unwrap_or_else(|| NAMELESS.to_owned());
    let account = NewAccount {
        id,
        // The issuer is trusted in this, or there is no address.
        email_verified: email.is_some(),
        email,
        handle: Handle::From(
            claims
                .preferred_username
                .as_deref()
                .and_then(|name| name.split('@').next())
                .filter(|name| !name.is_empty())
                .unwrap_or(&display_name)
                .to_owned(),
        ),
        display_name,
        role: user::PlatformRole::Member,
        password_hash: None,
        is_demo: false,
    };
    let link = Link::of(identity, id);
    let written = account::write_account(auth.store(), Some(id), account, move |unit, user| {
        let link = link.clone();
        async move {
            link.insert(unit).await?;
            Ok(user)
        }
        .boxed()
    })
    .await?;
    Ok(written.value)
}

/// Makes the account with that address the person's; none where nobody has the address.
async fn link(auth: &Auth, identity: &Identity, email_key: String) -> Result<Option<user::Model>> {
    let found = user::Entity::find()
        .filter(user::Column::EmailKey.eq(&email_key))
        .one(auth.store().reader())
        .await?;
    let Some(found) = found else {
        return Ok(None);
    };
    // Whoever tries it again and again holds up no writer.
    if found.status != UserStatus::Active {
        return Ok(Some(found));
    }
    let link = Link::of(identity, found.id);
    let written = auth
        .store()
        .write(Some(found.id), move |unit| {
            async move { link_in(unit, link, &email_key).await }.boxed()
        })
        .await?;
    Ok(written.value)
}

pub(super) async fn link_in(
    unit: &mut WriteUnit,
    link: Link,
    email_key: &str,
) -> Result<Option<user::Model>> {
    // Held: whoever is erased at the same moment has no address afterwards.
    let found = user::Entity::find_by_id(link.user)
        .filter(user::Column::EmailKey.eq(email_key))
        .lock(LockType::NoKeyUpdate)
        .one(unit.db())
        .await?;
    let Some(user) = found else {
        return Ok(None);
    };
    // Nobody uses it now, so that nobody takes it over either.
    if user.status != UserStatus::Active {
        return Ok(Some(user));
    }
    link.insert(unit).await?;
    if user.email_verified_at.is_some() {
        return Ok(Some(user));
    }
    // Anybody may have made it with this address, to wait in it for its owner.
    shut_out(unit, user.id).await?;
    password::Entity::delete_by_id(user.id)
        .exec(unit.db())
        .await?;
    Ok(Some(confirm(unit, user).await?))
}

fn trusted_email(identity: &Identity) -> Option<String> {
    let claims = &identity.claims;
    let verified = claims
        .email_verified
        .as_ref()
        .is_some_and(super::Truth::holds);
    let email = claims
        .email
        .as_deref()
        .filter(|_| verified && identity.issuer.trust_email)?;
    let mut faults = Faults::default();
    let email = check_email(&mut faults, &[], email);
    faults.is_empty().then_some(email)
}

fn sound_name(name: &str) -> Option<String> {
    let name: String = name.trim().chars().take(DISPLAY_NAME.max).collect();
    let mut faults = Faults::default();
    let name = faults.text(&[], &name, DISPLAY_NAME);
    faults.is_empty().then_some(name)
}

/// Who somebody is at an issuer and here.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) user: Uuid,
}

impl Link {
    fn of(identity: &Identity, user: Uuid) -> Self {
        Self {
            issuer: identity.claims.iss.clone(),
            subject: identity.claims.sub.clone(),
            user,
        }
    }

    async fn insert(self, unit: &WriteUnit) -> Result<()> {
        external_identity::ActiveModel {
            id: Set(Uuid::now_v7()),
            issuer: Set(self.issuer),
            subject: Set(self.subject),
            user_id: Set(self.user),
            created_at: Set(unit.now()),
        }
        .insert(unit.db())
        .await?;
        Ok(())
    }
}

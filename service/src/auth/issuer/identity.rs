//! Which user here a subject at an issuer is.

use entity::{external_identity, user};
use futures_util::FutureExt;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, JoinType, QueryFilter,
    QuerySelect,
};
use uuid::Uuid;

use super::Identity;
use crate::auth::account::{self, Handle, NewAccount, check_email, email_key};
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
    let existing = match &email {
        Some(email) => {
            user::Entity::find()
                .filter(user::Column::EmailKey.eq(email_key(email)))
                .one(auth.store().reader())
                .await?
        }
        None => None,
    };
    if let Some(user) = existing {
        let (id, link) = (user.id, Link::of(identity, user.id));
        auth.store()
            .write(Some(id), move |unit| {
                async move { link.insert(unit).await }.boxed()
            })
            .await?;
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

#[derive(Clone, Debug)]
struct Link {
    issuer: String,
    subject: String,
    user: Uuid,
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

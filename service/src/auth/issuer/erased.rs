//! People who were erased here, as their issuers know them. A hash stays of each, so that a token from before the erasure
//! does not make them an account again; one that they are given later does.

use entity::{erased_identity, external_identity};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{Claims, LEEWAY_SECONDS, seconds};
use crate::auth::{Auth, Salt, digest};
use crate::error::Result;
use crate::store::WriteUnit;

/// What the hashes are salted with.
const SALT: Salt = Salt {
    setting: "erased_identity_salt",
    prefix: "rpei_",
};

/// Removes who somebody who goes is at other issuers. The tokens that they have from there are nobody's any more.
pub(crate) async fn remove_identities(unit: &WriteUnit, user: Uuid) -> Result<()> {
    let of_user = external_identity::Column::UserId.eq(user);
    let identities = external_identity::Entity::find()
        .filter(of_user.clone())
        .all(unit.db())
        .await?;
    if identities.is_empty() {
        return Ok(());
    }
    let salt = SALT.of(unit).await?;
    let rows = identities
        .iter()
        .map(|identity| erased_identity::ActiveModel {
            hash: Set(hash(&salt, &identity.issuer, &identity.subject)),
            erased_at: Set(unit.now()),
        });
    // Whoever came back may go again.
    let key = OnConflict::column(erased_identity::Column::Hash)
        .update_column(erased_identity::Column::ErasedAt)
        .to_owned();
    erased_identity::Entity::insert_many(rows)
        .on_conflict(key)
        .exec_without_returning(unit.db())
        .await?;
    external_identity::Entity::delete_many()
        .filter(of_user)
        .exec(unit.db())
        .await?;
    Ok(())
}

/// Whether a token is of somebody who was erased, and from before, or does not say from when.
pub(super) async fn is_from_before(auth: &Auth, claims: &Claims) -> Result<bool> {
    let reader = auth.store().reader();
    let Some(salt) = SALT.stored(reader).await? else {
        return Ok(false);
    };
    let hash = hash(&salt, &claims.iss, &claims.sub);
    let erased = erased_identity::Entity::find_by_id(hash)
        .one(reader)
        .await?;
    Ok(erased.is_some_and(|erased| {
        // The issuer's clock may be ahead.
        let latest = erased.erased_at.timestamp() + LEEWAY_SECONDS;
        claims.iat.is_none_or(|made| seconds(made) <= latest)
    }))
}

fn hash(salt: &str, issuer: &str, subject: &str) -> String {
    digest(&format!("{salt}\0{issuer}\0{subject}"))
}

//! Accounts as the operator names them: whatever their status, with their private fields.

use entity::user;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::by_handle;
use crate::auth::email_key;
use crate::error::{Error, FaultCode, Result};
use crate::store::Store;
use crate::viewer::Viewer;

/// The account with that e-mail address, for the operator.
#[crate::boxed]
pub async fn account_by_email(store: &Store, email: &str) -> Result<user::Model> {
    let found = user::Entity::find()
        .filter(user::Column::EmailKey.eq(email_key(email)))
        .one(store.reader())
        .await?;
    let message = "There is no account with this e-mail address.";
    found.ok_or_else(|| Error::fault(FaultCode::NotFound, &["input", "email"], message))
}

/// The account with that handle, case ignored, for the operator.
#[crate::boxed]
pub async fn account_by_handle(store: &Store, handle: &str) -> Result<user::Model> {
    let found = by_handle(store, &Viewer::anonymous(), handle).await?;
    let message = "There is no account with this handle.";
    found.ok_or_else(|| Error::fault(FaultCode::NotFound, &["input", "handle"], message))
}

//! Reinstating: whoever was suspended can use their account again.

use entity::user::{self, UserStatus};
use futures_util::FutureExt;
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use uuid::Uuid;

use super::account::{Account, FIELD, WHAT, note};
use super::save_private;
use crate::error::{Error, Result};
use crate::policy::platform as policy;
use crate::store::{Store, WriteUnit, Written};
use crate::viewer::{Scope, Viewer};

/// Reinstates somebody, as an administrator: they may sign in again, and their API tokens and webhooks work again.
/// Sessions stay ended. Reinstating whoever is not suspended changes nothing.
#[crate::boxed]
pub async fn reinstate(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<user::Model>> {
    let actor = viewer.require(Scope::Write)?;
    policy::suspend_user(viewer, id).require(FIELD, WHAT)?;
    write(store, Some((actor, viewer.clone())), id).await
}

/// Reinstates somebody as [`reinstate`] does, as the operator.
#[crate::boxed]
pub async fn reinstate_as_operator(store: &Store, id: Uuid) -> Result<Written<user::Model>> {
    let written = write(store, None, id).await;
    written.map_err(|error| error.at(FIELD, &[]))
}

/// Reinstates, as an administrator or the operator.
async fn write(
    store: &Store,
    by: Option<(Uuid, Viewer)>,
    id: Uuid,
) -> Result<Written<user::Model>> {
    let (actor, viewer) = by.unzip();
    store
        .write(actor, move |unit| reinstate_in(unit, viewer, id).boxed())
        .await
}

async fn reinstate_in(
    unit: &mut WriteUnit,
    viewer: Option<Viewer>,
    id: Uuid,
) -> Result<user::Model> {
    let account = Account::hold(unit, viewer.as_ref(), id, &[]).await?;
    account.require(policy::suspend_user, id)?;
    let person = account
        .person
        .ok_or_else(|| Error::not_found(FIELD, WHAT))?;
    match person.status {
        UserStatus::Active => Ok(person),
        UserStatus::Suspended => {
            note(unit, &person, UserStatus::Active, None).await?;
            let mut row = person.into_active_model();
            row.status = Set(UserStatus::Active);
            save_private(unit, row, &["status"]).await
        }
        UserStatus::Erased => Err(Error::not_from_here(
            FIELD,
            "Whoever was erased cannot be brought back; the person may make a new account.",
        )),
    }
}

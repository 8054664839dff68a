//! Suspending: an account cannot be used until it is reinstated. All that the person made stays as it is.

use std::collections::HashMap;

use entity::mail::{self, MailState};
use entity::transition;
use entity::user::{self, UserStatus};
use futures_util::FutureExt;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use super::account::{Account, FIELD, WHAT, note};
use super::save_private;
use crate::auth::{revoke_sessions, take_back_invitations};
use crate::error::{Error, Result};
use crate::policy::platform as policy;
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{Faults, SUMMARY};
use crate::viewer::{Scope, Viewer};

/// Suspends somebody, as an administrator: their sessions end, as invitations by them do that nobody has used, and until
/// they are reinstated they cannot sign in, their API tokens are refused, and nothing is sent to them or to their
/// webhooks. Suspending again changes nothing.
#[crate::boxed]
pub async fn suspend(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    reason: String,
) -> Result<Written<user::Model>> {
    let actor = viewer.require(Scope::Write)?;
    // Whoever may not do this holds up nobody else; asked again when the account is held.
    policy::suspend_user(viewer, id).require(FIELD, WHAT)?;
    write(store, Some((actor, viewer.clone())), id, reason).await
}

/// Suspends somebody as [`suspend`] does, as the operator.
#[crate::boxed]
pub async fn suspend_as_operator(
    store: &Store,
    id: Uuid,
    reason: String,
) -> Result<Written<user::Model>> {
    let written = write(store, None, id, reason).await;
    written.map_err(|error| error.at(FIELD, &[]))
}

/// Suspends, as an administrator or the operator.
async fn write(
    store: &Store,
    by: Option<(Uuid, Viewer)>,
    id: Uuid,
    reason: String,
) -> Result<Written<user::Model>> {
    let (actor, viewer) = by.unzip();
    store
        .write(actor, move |unit| {
            suspend_in(unit, viewer, id, reason).boxed()
        })
        .await
}

async fn suspend_in(
    unit: &mut WriteUnit,
    viewer: Option<Viewer>,
    id: Uuid,
    reason: String,
) -> Result<user::Model> {
    let account = Account::hold(unit, viewer.as_ref(), id, &[]).await?;
    account.require(policy::suspend_user, id)?;
    let mut faults = Faults::default();
    let reason = faults.text(&["reason"], &reason, SUMMARY);
    let found = faults.absorb(with_account(&account))?;
    faults.check()?;
    let person = found.ok_or_else(|| Error::internal("a refusal has no faults"))?;
    if person.status == UserStatus::Suspended {
        return Ok(person);
    }
    revoke_sessions(unit, id).await?;
    take_back_invitations(unit, id).await?;
    // What waits to be sent to them is of no use to somebody who cannot sign in.
    mail::Entity::delete_many()
        .filter(mail::Column::UserId.eq(id))
        .filter(mail::Column::State.eq(MailState::Pending))
        .exec(unit.db())
        .await?;
    note(unit, &person, UserStatus::Suspended, Some(reason)).await?;
    let mut row = person.into_active_model();
    row.status = Set(UserStatus::Suspended);
    save_private(unit, row, &["status"]).await
}

/// The person, where there is an account that may be suspended, or is already.
fn with_account(account: &Account) -> Result<user::Model> {
    let person = account.person.clone();
    let person = person.ok_or_else(|| Error::not_found(FIELD, WHAT))?;
    match person.status {
        UserStatus::Active => account
            .leaves_an_administrator(&person)
            .map_err(|error| error.at(&[], FIELD))?,
        UserStatus::Suspended => {}
        UserStatus::Erased => {
            let message = "This person is gone already: there is no account left to suspend.";
            return Err(Error::not_from_here(FIELD, message));
        }
    }
    Ok(person)
}

/// Why people were suspended last, as it was said then: for administrators alone.
pub async fn suspension_reasons(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, String>> {
    if !policy::read_suspension(viewer) {
        return Ok(HashMap::new());
    }
    let steps = transition::Entity::find()
        .filter(transition::Column::EntityId.is_in(ids.iter().copied()))
        .filter(transition::Column::ToState.eq(UserStatus::Suspended.as_str()))
        .order_by_asc(transition::Column::Id)
        .all(store.reader())
        .await?;
    // Of each person the last one stays.
    Ok(steps
        .into_iter()
        .filter_map(|step| Some((step.entity_id, step.reason?)))
        .collect())
}

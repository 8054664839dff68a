//! Erasing: a person goes for good. What they gave stays under [`FORMER_MEMBER`]; all that was theirs alone is removed.
//!
//! [`private`] says what is removed, [`handover`] what others go on with, [`byline`] where others name the person. The
//! tests name every column that points at a person, and look through the database for one that was forgotten.

mod byline;
mod handover;
mod private;

use entity::TextList;
use entity::transition;
use entity::user::{self, PlatformRole, UserStatus};
use futures_util::FutureExt;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::account::{Account, FIELD, WHAT, note};
use super::profile::save_public;
use super::{FORMER_MEMBER, FORMER_PREFIX};
use crate::auth::{Auth, ClientAddress, Secret, check_credential, confirm_person};
use crate::change::differing;
use crate::error::{Error, FaultCode, Result};
use crate::membership::{belongings, end, hold_communities, leaves_nobody_alone};
use crate::policy::platform as policy;
use crate::store::{Store, WriteUnit, Written};
use crate::validation::Faults;
use crate::viewer::{Scope, Viewer};

/// Letters of the handle of somebody who is gone.
const LETTERS: usize = 6;
/// How often another handle is made up where somebody has it.
const TRIES: usize = 5;

/// Who erases somebody.
#[derive(Clone, Debug)]
enum By {
    /// The operator.
    Operator,
    /// An administrator.
    Administrator(Viewer),
    /// The person.
    Themselves(Viewer),
}

impl By {
    /// Whoever this is as far as they are signed in.
    fn viewer(&self) -> Option<&Viewer> {
        match self {
            Self::Operator => None,
            Self::Administrator(viewer) | Self::Themselves(viewer) => Some(viewer),
        }
    }
}

/// Erases somebody else, as an administrator. Refused where others would be left without a facilitator, or the platform
/// without an administrator.
#[crate::boxed]
pub async fn erase(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<user::Model>> {
    let actor = viewer.require(Scope::Write)?;
    // Whoever may not do this holds up nobody else; asked again when the account is held.
    policy::erase_user(viewer, id).require(FIELD, WHAT)?;
    let written = write(store, Some(actor), id, &By::Administrator(viewer.clone())).await;
    written.map_err(|error| error.at(&[], FIELD))
}

/// Erases somebody as the operator; refused where [`erase`] is.
#[crate::boxed]
pub async fn erase_as_operator(store: &Store, id: Uuid) -> Result<Written<user::Model>> {
    let written = write(store, None, id, &By::Operator).await;
    written.map_err(|error| error.at(FIELD, &[]))
}

/// Erases the viewer, who shows by the password that they are no passer-by; refused where [`erase`] is.
#[crate::boxed]
pub async fn erase_me(
    auth: &Auth,
    client: ClientAddress,
    viewer: &Viewer,
    password: Option<&Secret>,
) -> Result<Written<user::Model>> {
    let id = confirm_person(auth, client, viewer, password).await?;
    write(auth.store(), Some(id), id, &By::Themselves(viewer.clone())).await
}

/// Erases, again with another handle where somebody takes the one that was made up at the same moment.
async fn write(
    store: &Store,
    actor: Option<Uuid>,
    id: Uuid,
    by: &By,
) -> Result<Written<user::Model>> {
    let mut tries = 1;
    loop {
        let by = by.clone();
        let written = store
            .write(actor, move |unit| erase_in(unit, by, id).boxed())
            .await;
        match written {
            Err(Error::Refused(faults))
                if tries < TRIES && faults.iter().any(|fault| fault.code == FaultCode::Taken) =>
            {
                tries += 1;
            }
            other => return other,
        }
    }
}

async fn erase_in(unit: &mut WriteUnit, by: By, id: Uuid) -> Result<user::Model> {
    // Held in the order in which others hold them: communities, items, people.
    let communities = hold_communities(unit, id).await?;
    let kept = handover::hold_items(unit, id).await?;
    let homes: Vec<Uuid> = communities.iter().map(|community| community.id).collect();
    let account = Account::hold(unit, by.viewer(), id, &homes).await?;
    match &by {
        By::Themselves(viewer) => check_credential(unit, viewer).await?,
        By::Administrator(_) | By::Operator => account.require(policy::erase_user, id)?,
    }
    let person = account.person.clone();
    let person = person.ok_or_else(|| Error::not_found(FIELD, WHAT))?;
    if person.status == UserStatus::Erased {
        let message = "This person was erased already.";
        return Err(Error::not_from_here(FIELD, message));
    }
    let belongings = belongings(unit, id, &communities).await?;
    let mut faults = Faults::default();
    faults.absorb(account.leaves_an_administrator(&person))?;
    faults.absorb(leaves_nobody_alone(unit, account.viewer.as_ref(), &belongings).await)?;
    faults.check()?;
    end(unit, belongings).await?;
    handover::give_back(unit, &kept).await?;
    handover::stay_away(unit, id).await?;
    byline::forget(unit, id).await?;
    private::remove(unit, &person).await?;
    forget_reasons(unit, id).await?;
    note(unit, &person, UserStatus::Erased, None).await?;
    save(unit, person).await
}

/// Forgets what was said of the person when the account was suspended: who goes leaves no such words behind.
async fn forget_reasons(unit: &WriteUnit, id: Uuid) -> Result<()> {
    transition::Entity::update_many()
        .col_expr(
            transition::Column::Reason,
            Expr::value(Option::<String>::None),
        )
        .filter(transition::Column::EntityId.eq(id))
        .exec(unit.db())
        .await?;
    Ok(())
}

/// A handle that tells nothing, and that nobody has.
async fn free_handle(unit: &WriteUnit) -> Result<String> {
    for _ in 0..TRIES {
        let letters: String = (0..LETTERS)
            .map(|_| char::from(rand::random_range(b'a'..=b'z')))
            .collect();
        let handle = format!("{FORMER_PREFIX}{letters}");
        let taken = user::Entity::find()
            .filter(user::Column::HandleKey.eq(&handle))
            .one(unit.db())
            .await?;
        if taken.is_none() {
            return Ok(handle);
        }
    }
    Err(Error::Unavailable(
        "No handle was found for somebody who is gone; try again.".into(),
    ))
}

/// The row of the person as it stays. Its change tells everybody who shows the person, and the search index, to read
/// anew.
async fn save(unit: &mut WriteUnit, old: user::Model) -> Result<user::Model> {
    let handle = free_handle(unit).await?;
    // Every column by its name, so that nobody adds one without a thought of this.
    let new = user::Model {
        id: old.id,
        handle_key: handle.clone(),
        handle,
        email: None,
        email_key: None,
        display_name: FORMER_MEMBER.to_owned(),
        bio: None,
        practice_settings: TextList::default(),
        locale: None,
        time_zone: None,
        avatar_url: None,
        platform_role: PlatformRole::Member,
        status: UserStatus::Erased,
        organization_id: None,
        is_demo: old.is_demo,
        email_verified_at: None,
        notification_email: None,
        created_at: old.created_at,
        updated_at: unit.now(),
    };
    let fields = differing(&[
        ("displayName", true),
        ("handle", true),
        ("bio", old.bio.is_some()),
        ("practiceSettings", !old.practice_settings.0.is_empty()),
        ("locale", old.locale.is_some()),
        ("timeZone", old.time_zone.is_some()),
        ("avatarUrl", old.avatar_url.is_some()),
        ("organization", old.organization_id.is_some()),
        ("expertise", true),
    ]);
    // What only the person and administrators saw is in no row that everybody reads.
    save_public(unit, new, fields).await
}

//! Erasing: a person goes for good. What they gave stays under [`FORMER_MEMBER`]; all that was theirs alone is removed.
//!
//! [`private`] says what is removed, [`handover`] what others go on with. The tests name every column that points at a
//! person, and look through the database for one that was forgotten.

mod handover;
mod private;

use entity::change::{EntityType, Operation};
use entity::transition;
use entity::user::{self, PlatformRole, UserStatus};
use futures_util::FutureExt;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::account::{Account, FIELD, WHAT, note};
use super::{FORMER_MEMBER, FORMER_PREFIX};
use crate::auth::{Auth, ClientAddress, Secret, confirm_person};
use crate::error::{Error, FaultCode, Result};
use crate::membership::{belongings, end, hold_communities, leaves_nobody_alone};
use crate::policy::{audience, platform as policy};
use crate::store::{PendingChange, Store, WriteUnit, Written};
use crate::validation::Faults;
use crate::viewer::{Scope, Viewer};

/// Letters of the handle of somebody who is gone.
const LETTERS: usize = 6;
/// How often another handle is made up where somebody has it.
const TRIES: usize = 5;

/// Who erases somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// An administrator.
    Administrator,
    /// The person.
    Themselves,
}

/// Erases somebody else, as an administrator. Refused where others would be left without a facilitator, or the platform
/// without an administrator.
pub async fn erase(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<user::Model>> {
    let actor = viewer.require(Scope::Write)?;
    // Whoever may not do this holds up nobody else; asked again when the account is held.
    policy::erase_user(viewer, id).require(FIELD, WHAT)?;
    let written = write(store, actor, viewer, id, By::Administrator).await;
    written.map_err(|error| error.at(&[], FIELD))
}

/// Erases the viewer, who shows by the password that they are no passer-by; refused where [`erase`] is.
pub async fn erase_me(
    auth: &Auth,
    client: ClientAddress,
    viewer: &Viewer,
    password: Option<&Secret>,
) -> Result<Written<user::Model>> {
    let id = confirm_person(auth, client, viewer, password).await?;
    write(auth.store(), id, viewer, id, By::Themselves).await
}

/// Erases, again with another handle where somebody takes the one that was made up at the same moment.
async fn write(
    store: &Store,
    actor: Uuid,
    viewer: &Viewer,
    id: Uuid,
    by: By,
) -> Result<Written<user::Model>> {
    let mut tries = 1;
    loop {
        let viewer = viewer.clone();
        let written = store
            .write(Some(actor), move |unit| {
                erase_in(unit, viewer, id, by).boxed()
            })
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

async fn erase_in(unit: &mut WriteUnit, viewer: Viewer, id: Uuid, by: By) -> Result<user::Model> {
    // Held in the order in which others hold them: communities, items, people.
    let communities = hold_communities(unit, id).await?;
    let kept = handover::hold_kept(unit, id).await?;
    let homes: Vec<Uuid> = communities.iter().map(|community| community.id).collect();
    let account = Account::hold(unit, &viewer, id, &homes).await?;
    if by == By::Administrator {
        policy::erase_user(&account.viewer, id).require(FIELD, WHAT)?;
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
    faults.absorb(leaves_nobody_alone(unit, &account.viewer, &belongings).await)?;
    faults.check()?;
    end(unit, belongings).await?;
    handover::give_back(unit, &kept).await?;
    handover::stay_away(unit, id).await?;
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
    let fields = [
        ("displayName", true),
        ("handle", true),
        ("bio", old.bio.is_some()),
        ("locale", old.locale.is_some()),
        ("timeZone", old.time_zone.is_some()),
        ("avatarUrl", old.avatar_url.is_some()),
        ("organization", old.organization_id.is_some()),
        ("expertise", true),
    ];
    let new = new
        .into_active_model()
        .reset_all()
        .update(unit.db())
        .await?;
    // What only the person and administrators saw is in no row that everybody reads.
    unit.record(PendingChange {
        entity_type: EntityType::User,
        entity_id: new.id,
        operation: Operation::Updated,
        community_id: None,
        fields: fields
            .into_iter()
            .filter(|(_, differs)| *differs)
            .map(|(field, _)| field.to_owned())
            .collect(),
        audience_before: Some(audience::of_everybody()),
        audience_after: Some(audience::of_everybody()),
    });
    Ok(new)
}

//! What active members do for a community beside their role: set by facilitators, for all to see who see the membership.

use std::collections::HashMap;

use entity::membership::{self, MembershipState};
use entity::membership_function::{self, MembershipFunction};
use futures_util::FutureExt;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use uuid::Uuid;

use super::commands::{MEMBERSHIP, held_membership};
use super::steps::record;
use crate::error::{Error, Result};
use crate::policy;
use crate::store::{Store, WriteUnit, Written};
use crate::validation::Faults;
use crate::viewer::{Scope, Viewer};

/// Says what an active member does for the community, by its facilitators; what was said before no longer holds. A
/// function gives no power, and ends with the membership.
#[crate::boxed]
pub async fn set_functions(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    functions: Vec<MembershipFunction>,
) -> Result<Written<membership::Model>> {
    let actor = viewer.require(Scope::Write)?;
    let mut faults = Faults::default();
    faults.list_length(
        &["functions"],
        functions.len(),
        MembershipFunction::ALL.len(),
    );
    faults.check()?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            set_functions_in(unit, viewer, id, functions).boxed()
        })
        .await
}

async fn set_functions_in(
    unit: &mut WriteUnit,
    viewer: Viewer,
    id: Uuid,
    mut functions: Vec<MembershipFunction>,
) -> Result<membership::Model> {
    let (viewer, held) = held_membership(unit, &viewer, id).await?;
    let (community, old) = held
        .filter(|(community, old)| policy::community::read_membership(&viewer, community, old))
        .ok_or_else(|| Error::not_found(&["id"], MEMBERSHIP))?;
    policy::community::manage_members(&viewer, &community).require(&["id"], MEMBERSHIP)?;
    if old.state != MembershipState::Active {
        return Err(Error::not_from_here(
            &["id"],
            "Only an active member has functions in the community.",
        ));
    }
    functions.sort_unstable();
    functions.dedup();
    let before = functions_of(unit.db(), &[id]).await?.remove(&id);
    if before.unwrap_or_default() == functions {
        return Ok(old);
    }
    end_functions(unit, id).await?;
    if !functions.is_empty() {
        let rows = functions
            .into_iter()
            .map(|function| membership_function::ActiveModel {
                membership_id: Set(id),
                function: Set(function),
            });
        membership_function::Entity::insert_many(rows)
            .exec_without_returning(unit.db())
            .await?;
    }
    let mut new = old.clone();
    new.updated_at = unit.now();
    let new = new
        .into_active_model()
        .reset_all()
        .update(unit.db())
        .await?;
    let fields = vec!["functions".to_owned()];
    record(unit, &community, Some(&old), &new, fields);
    Ok(new)
}

/// Ends the functions of a member.
pub(super) async fn end_functions(unit: &WriteUnit, membership: Uuid) -> Result<()> {
    membership_function::Entity::delete_many()
        .filter(membership_function::Column::MembershipId.eq(membership))
        .exec(unit.db())
        .await?;
    Ok(())
}

/// What members do for their communities, of memberships that the viewer was shown; each in the declared order.
pub async fn functions_of(
    connection: &impl ConnectionTrait,
    memberships: &[Uuid],
) -> Result<HashMap<Uuid, Vec<MembershipFunction>>> {
    let rows = membership_function::Entity::find()
        .filter(membership_function::Column::MembershipId.is_in(memberships.iter().copied()))
        .all(connection)
        .await?;
    let mut found: HashMap<Uuid, Vec<MembershipFunction>> = HashMap::new();
    for row in rows {
        found
            .entry(row.membership_id)
            .or_default()
            .push(row.function);
    }
    for functions in found.values_mut() {
        functions.sort_unstable();
    }
    Ok(found)
}

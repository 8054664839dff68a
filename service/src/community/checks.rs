//! What a community may be part of and point at: checks that need the database.

use std::collections::HashSet;

use entity::{community, organization};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::domain::DEEPEST;
use crate::error::{Error, FaultCode, Result};
use crate::merged_domain::{each_once, meant};
use crate::policy;
use crate::store::WriteUnit;
use crate::validation::{Faults, MAX_DOMAINS, MAX_SPONSORS};
use crate::viewer::Viewer;

/// Ids in one statement.
const CHUNK: usize = 1_000;

/// The domains of a list without doubles, those that became part of others being these now; those that do not exist are
/// faults.
pub(super) async fn domains(
    unit: &WriteUnit,
    faults: &mut Faults,
    ids: &[Uuid],
) -> Result<Vec<Uuid>> {
    let path = ["input", "domainIds"];
    let ids = bounded(faults, &path, ids, MAX_DOMAINS);
    let meant = meant(unit.db(), ids.to_vec()).await?;
    let known = meant.keys().copied().collect();
    let ids = existing(faults, &path, "domain", ids, &known)?;
    Ok(each_once(&ids, &meant))
}

/// The organizations of a list without doubles; those that do not exist are faults.
pub(super) async fn sponsors(
    unit: &WriteUnit,
    faults: &mut Faults,
    ids: &[Uuid],
) -> Result<Vec<Uuid>> {
    let path = ["input", "sponsorIds"];
    let ids = bounded(faults, &path, ids, MAX_SPONSORS);
    let known: HashSet<Uuid> = organization::Entity::find()
        .select_only()
        .column(organization::Column::Id)
        .filter(organization::Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(unit.db())
        .await?
        .into_iter()
        .collect();
    existing(faults, &path, "organization", ids, &known)
}

fn bounded<'a>(faults: &mut Faults, path: &[&str], ids: &'a [Uuid], most: usize) -> &'a [Uuid] {
    faults.list_length(path, ids.len(), most);
    ids.get(..most).unwrap_or(ids)
}

fn existing(
    faults: &mut Faults,
    path: &[&str],
    what: &str,
    ids: &[Uuid],
    known: &HashSet<Uuid>,
) -> Result<Vec<Uuid>> {
    let mut kept: Vec<Uuid> = Vec::new();
    for (place, id) in ids.iter().enumerate() {
        if !known.contains(id) {
            let place = place.to_string();
            let at = [path, &[place.as_str()]].concat();
            faults.absorb(Err::<(), _>(Error::not_found(&at, what)))?;
        } else if !kept.contains(id) {
            kept.push(*id);
        }
    }
    Ok(kept)
}

/// Checks that a community, or one still to be made, may become part of this one: the viewer facilitates it, no circle
/// closes, and the chain above every part stays within its bound. `viewer` knows the standing in the parent.
pub(super) async fn parent(
    unit: &WriteUnit,
    faults: &mut Faults,
    viewer: &Viewer,
    id: Option<Uuid>,
    parent: Uuid,
) -> Result<()> {
    let path = ["input", "parentId"];
    let found = community::Entity::find_by_id(parent).one(unit.db()).await?;
    let allowed = match &found {
        Some(found) => policy::community::update(viewer, found).require(&path, "community"),
        None => Err(Error::not_found(&path, "community")),
    };
    if faults.absorb(allowed)?.is_none() {
        return Ok(());
    }
    let mut above = 1;
    let mut next = found;
    while let Some(ancestor) = next {
        if Some(ancestor.id) == id {
            faults.add(
                FaultCode::Invalid,
                &path,
                "A community cannot be part of itself or of one of its own parts.",
            );
            return Ok(());
        }
        let Some(further) = ancestor.parent_id.filter(|_| above <= DEEPEST) else {
            break;
        };
        next = community::Entity::find_by_id(further)
            .one(unit.db())
            .await?;
        above += 1;
    }
    let below = match id {
        Some(id) => levels(unit, vec![id]).await? - 1,
        None => 0,
    };
    if above + below > DEEPEST {
        faults.add(
            FaultCode::LimitReached,
            &path,
            format!("A community may have at most {DEEPEST} others above it."),
        );
    }
    Ok(())
}

/// How many levels of communities there are, from these down: none without communities, and never counted further than
/// one more than may be, so that a ring ends.
pub(crate) async fn levels(unit: &WriteUnit, from: Vec<Uuid>) -> Result<i32> {
    let mut level = from;
    let mut levels = 0;
    while !level.is_empty() && levels <= DEEPEST {
        levels += 1;
        let mut below: Vec<Uuid> = Vec::new();
        for chunk in level.chunks(CHUNK) {
            let found: Vec<Uuid> = community::Entity::find()
                .select_only()
                .column(community::Column::Id)
                .filter(community::Column::ParentId.is_in(chunk.iter().copied()))
                .into_tuple()
                .all(unit.db())
                .await?;
            below.extend(found);
        }
        level = below;
    }
    Ok(levels)
}

//! Making, changing and removing domains.

use std::collections::BTreeSet;

use entity::change::{EntityType, Operation};
use entity::domain;
use futures_util::FutureExt;
use sea_orm::sea_query::{Expr, ExprTrait, LockType, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QuerySelect,
};
use uuid::Uuid;

use super::inputs::{CreateDomain, UpdateDomain, changed, made, patched};
use super::related::Place;
use super::slugs::{Owner, Slug};
use super::{related, tree};
use crate::error::{Error, Fault, FaultCode, Result};
use crate::membership::refresh;
use crate::policy::{audience, platform};
use crate::store::{PendingChange, Store, WriteUnit, Written};
use crate::validation::{Faults, Patch};
use crate::viewer::{Scope, Viewer};

pub(super) const WHAT: &str = "domain";
const TAKEN: &str = "Another domain has this slug.";

/// Makes a domain.
#[crate::boxed]
pub async fn create(
    store: &Store,
    viewer: &Viewer,
    input: CreateDomain,
) -> Result<Written<domain::Model>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            create_in(unit, viewer, input).boxed()
        })
        .await
}

/// Changes a domain. Moving it takes everything narrower along.
#[crate::boxed]
pub async fn update(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    input: UpdateDomain,
) -> Result<Written<domain::Model>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            update_in(unit, viewer, id, input).boxed()
        })
        .await
}

/// Removes a domain under which nothing stands or is filed.
#[crate::boxed]
pub async fn delete(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<Uuid>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| delete_in(unit, viewer, id).boxed())
        .await
}

pub(super) async fn require_keeper(unit: &WriteUnit, viewer: &Viewer) -> Result<()> {
    let viewer = refresh(unit, viewer, &[]).await?;
    platform::manage_domains(&viewer).require(&[], WHAT)
}

async fn create_in(
    unit: &mut WriteUnit,
    viewer: Viewer,
    input: CreateDomain,
) -> Result<domain::Model> {
    require_keeper(unit, &viewer).await?;
    tree::hold_tree(unit, Owner::Domain).await?;
    let mut faults = Faults::default();
    let slug = match &input.slug {
        Some(slug) => Slug::Given(faults.slug(&["input", "slug"], slug)),
        None => Slug::Derived,
    };
    let mut row = made(&input, unit.now(), &mut faults);
    if let Some(parent) = input.parent_id {
        tree::check_parent(unit, &mut faults, &["input", "parentId"], None, parent).await?;
    }
    let place = Place {
        id: None,
        parent: input.parent_id,
    };
    let related = related::check(unit, &mut faults, place, &input.related_ids).await?;
    if let Slug::Given(slug) = &slug
        && Owner::Domain.is_taken(unit, slug, row.id).await?
    {
        faults.add(FaultCode::Taken, &["input", "slug"], TAKEN);
    }
    faults.check()?;
    insert(unit, &mut row, &slug).await?;
    tree::enter(unit, row.id, row.parent_id).await?;
    unit.record(change(row.id, Operation::Created, Vec::new()));
    related::write(unit, row.id, &BTreeSet::new(), &related).await?;
    Ok(row)
}

async fn insert(unit: &WriteUnit, row: &mut domain::Model, slug: &Slug) -> Result<()> {
    for attempt in slug.attempts() {
        row.slug = slug
            .choose(unit, Owner::Domain, &row.name, *attempt)
            .await?;
        let inserted = domain::Entity::insert(row.clone().into_active_model())
            .on_conflict(
                OnConflict::column(domain::Column::Slug)
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(unit.db())
            .await;
        match inserted {
            Ok(0) | Err(DbErr::RecordNotInserted) => {}
            Ok(_) => return Owner::Domain.claim(unit, &row.slug).await,
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::fault(FaultCode::Taken, &["input", "slug"], TAKEN))
}

async fn update_in(
    unit: &mut WriteUnit,
    viewer: Viewer,
    id: Uuid,
    mut input: UpdateDomain,
) -> Result<domain::Model> {
    require_keeper(unit, &viewer).await?;
    let related_ids = std::mem::take(&mut input.related_ids);
    if input.parent_id != Patch::Absent || related_ids != Patch::Absent {
        tree::hold_tree(unit, Owner::Domain).await?;
    }
    let old = domain::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(unit.db())
        .await?
        .ok_or_else(|| Error::not_found(&["id"], WHAT))?;
    let mut faults = Faults::default();
    if input
        .expected_revision
        .is_some_and(|expected| expected != old.revision)
    {
        faults.absorb(Err::<(), _>(Error::conflict(old.revision)))?;
    }
    let mut new = patched(&old, input, &mut faults);
    let related = check_relations(unit, &mut faults, (&old, &new), related_ids).await?;
    if new.slug != old.slug && Owner::Domain.is_taken(unit, &new.slug, id).await? {
        faults.add(FaultCode::Taken, &["input", "slug"], TAKEN);
    }
    faults.check()?;

    let mut fields = changed(&old, &new);
    if related.as_ref().is_some_and(|(old, new)| old != new) {
        fields.push(related::FIELD.to_owned());
    }
    if fields.is_empty() {
        return Ok(old);
    }
    new.revision += 1;
    new.updated_at = unit.now();
    let new = new
        .into_active_model()
        .reset_all()
        .update(unit.db())
        .await?;
    if new.slug != old.slug {
        Owner::Domain.claim(unit, &new.slug).await?;
        Owner::Domain.redirect(unit, &old.slug, id).await?;
    }
    if new.parent_id != old.parent_id {
        tree::move_under(unit, id, new.parent_id).await?;
    }
    unit.record(change(id, Operation::Updated, fields));
    if let Some((old, new)) = &related {
        related::write(unit, id, old, new).await?;
    }
    Ok(new)
}

/// Checks where a domain is to stand, and what it is to be related to. Answers what it was related to and what it is to be
/// related to, where that is said.
async fn check_relations(
    unit: &WriteUnit,
    faults: &mut Faults,
    (old, new): (&domain::Model, &domain::Model),
    related_ids: Patch<Vec<Uuid>>,
) -> Result<Option<(BTreeSet<Uuid>, BTreeSet<Uuid>)>> {
    let id = old.id;
    let path = &["input", "parentId"];
    let mut moves_to = None;
    if new.parent_id != old.parent_id
        && let Some(parent) = new.parent_id
        && tree::check_parent(unit, faults, path, Some(id), parent).await?
    {
        moves_to = Some(parent);
    }
    let said = match related_ids {
        Patch::Absent => None,
        Patch::Null => Some(Vec::new()),
        Patch::Value(ids) => Some(ids),
    };
    if let Some(parent) = moves_to {
        let stays_related = said.is_none();
        related::check_move(unit, faults, (id, parent), stays_related).await?;
    }
    let Some(ids) = said else {
        return Ok(None);
    };
    let place = Place {
        id: Some(id),
        parent: new.parent_id,
    };
    let before = related::of(unit, id).await?;
    let after = related::check(unit, faults, place, &ids).await?;
    Ok(Some((before, after)))
}

async fn delete_in(unit: &mut WriteUnit, viewer: Viewer, id: Uuid) -> Result<Uuid> {
    require_keeper(unit, &viewer).await?;
    tree::hold_tree(unit, Owner::Domain).await?;
    domain::Entity::find_by_id(id)
        .lock(LockType::Update)
        .one(unit.db())
        .await?
        .ok_or_else(|| Error::not_found(&["id"], WHAT))?;
    let mut faults = Vec::new();
    for (table, column, message) in [
        (
            "domain",
            "parent_id",
            "Narrower domains stand under this one; move or remove them first.",
        ),
        (
            "community_domain",
            "domain_id",
            "Communities care about this domain; give them another first.",
        ),
        (
            "item_domain",
            "domain_id",
            "Items of the repertoire belong to this domain; give them another first.",
        ),
    ] {
        let select = Query::select()
            .expr(Expr::value(1))
            .from(table)
            .and_where(Expr::col(column).eq(id))
            .limit(1)
            .take();
        if unit.db().query_one(&select).await?.is_some() {
            faults.push(Fault::new(FaultCode::BlockedByReferences, &["id"], message));
        }
    }
    if !faults.is_empty() {
        return Err(Error::Refused(faults));
    }
    let related = related::of(unit, id).await?;
    domain::Entity::delete_by_id(id).exec(unit.db()).await?;
    Owner::Domain.forget(unit, id).await?;
    unit.record(change(id, Operation::Deleted, Vec::new()));
    related::tell(unit, related).await?;
    Ok(id)
}

/// The change row of a domain.
pub(super) fn change(id: Uuid, operation: Operation, fields: Vec<String>) -> PendingChange {
    let everybody = || Some(audience::of_everybody());
    PendingChange {
        entity_type: EntityType::Domain,
        entity_id: id,
        operation,
        community_id: None,
        fields,
        audience_before: if operation == Operation::Created {
            None
        } else {
            everybody()
        },
        audience_after: if operation == Operation::Deleted {
            None
        } else {
            everybody()
        },
    }
}

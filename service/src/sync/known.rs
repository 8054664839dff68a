//! What is here of what a call lists, found in a few statements: most calls repeat what was taken already.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::external_reference::{Column, Entity};
use entity::item::PublicationStatus;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::digest::digest;
use super::write::Call;
use super::{INPUT, SyncItem, SyncOutcome, SyncResult, at};
use crate::error::{Error, Fault, FaultCode, Result};
use crate::external_reference::EXTERNAL_ID;
use crate::policy::sync::changeable;
use crate::store::WriteUnit;
use crate::validation::Faults;

/// An item of a call, with its place there.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) place: usize,
    /// The id, checked.
    pub(super) external_id: String,
    pub(super) item: SyncItem,
}

/// An item of a call that is here already, and that may be written.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) listed: Listed,
    pub(super) resource_id: Uuid,
    pub(super) digest: String,
}

/// The items of a call, sorted by what is to be done with them.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    /// By place; none where something is to be done yet.
    pub(super) results: Vec<Option<SyncResult>>,
    pub(super) new: Vec<Listed>,
    pub(super) changed: Vec<Changed>,
}

impl Sorted {
    /// Notes what became of an item.
    pub(super) fn settle(
        &mut self,
        place: usize,
        external_id: String,
        outcome: SyncOutcome,
        resource_id: Option<Uuid>,
    ) {
        self.note(place, external_id, outcome, resource_id, Vec::new());
    }

    /// Notes that an item failed, and the resource that it names where that is here.
    pub(super) fn fail(
        &mut self,
        place: usize,
        external_id: String,
        resource_id: Option<Uuid>,
        faults: Vec<Fault>,
    ) {
        let outcome = SyncOutcome::Failed;
        self.note(place, external_id, outcome, resource_id, faults);
    }

    /// Notes that the system and somebody here both changed a resource.
    pub(super) fn conflict(
        &mut self,
        place: usize,
        external_id: String,
        resource_id: Uuid,
        fault: Fault,
    ) {
        let (outcome, id) = (SyncOutcome::Conflict, Some(resource_id));
        self.note(place, external_id, outcome, id, vec![fault]);
    }

    fn note(
        &mut self,
        place: usize,
        external_id: String,
        outcome: SyncOutcome,
        resource_id: Option<Uuid>,
        faults: Vec<Fault>,
    ) {
        if let Some(result) = self.results.get_mut(place) {
            *result = Some(SyncResult {
                external_id,
                outcome,
                resource_id,
                faults,
            });
        }
    }
}

/// Sorts the items of a call.
pub(super) async fn sort(unit: &WriteUnit, call: &Call, items: Vec<SyncItem>) -> Result<Sorted> {
    let mut sorted = Sorted {
        results: vec![None; items.len()],
        ..Sorted::default()
    };
    let listed = listed(&mut sorted, items)?;
    let mut here = Here::load(unit, call, &listed).await?;
    let mut resources = HashSet::new();
    let mut listed_again = Vec::new();
    for listed in listed {
        let Some(found) = here.remove(&listed.external_id) else {
            sorted.new.push(listed);
            continue;
        };
        let Listed { place, .. } = listed;
        let (id, external_id) = (found.resource_id, listed.item.external_id.clone());
        if !resources.insert(id) {
            let message = "Another item of this call is the same resource.";
            let fault = at(place, &["externalId"], FaultCode::Taken, message);
            sorted.fail(place, external_id, Some(id), vec![fault]);
            continue;
        }
        if !found.may_change {
            sorted.fail(place, external_id, Some(id), vec![not_yours(place)]);
            continue;
        }
        let digest = digest(&listed.item);
        let comes_back = found.archived && found.archived_by_run && listed.item.publish;
        let repeats = found.sent_hash.as_ref() == Some(&digest)
            && listed.item.unread.is_empty()
            && !comes_back;
        if repeats {
            sorted.settle(place, external_id, SyncOutcome::Unchanged, Some(id));
            if found.archived_by_run && !found.archived {
                listed_again.push(id);
            }
        } else {
            sorted.changed.push(Changed {
                listed,
                resource_id: id,
                digest,
            });
        }
    }
    if !listed_again.is_empty() {
        // Somebody brought them back here; what is archived from now on is so for another reason.
        Entity::update_many()
            .col_expr(Column::ArchivedAt, Expr::value(None::<DateTime<Utc>>))
            .filter(Column::CommunityId.eq(call.community.id))
            .filter(Column::System.eq(call.source.system.as_str()))
            .filter(Column::ResourceId.is_in(listed_again))
            .exec(unit.db())
            .await?;
    }
    Ok(sorted)
}

/// What stands in the way of somebody who may not change a resource, whether they may read it or not.
pub(super) fn not_yours(place: usize) -> Fault {
    let message = "There is a resource of this id that you may not change: only its authors, and stewards and facilitators of the community, may.";
    at(place, &["externalId"], FaultCode::Forbidden, message)
}

/// The items of a call that have an id of their own.
fn listed(sorted: &mut Sorted, items: Vec<SyncItem>) -> Result<Vec<Listed>> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut listed = Vec::with_capacity(items.len());
    for (place, item) in items.into_iter().enumerate() {
        let mut faults = Faults::default();
        let path = [INPUT, "externalId"];
        let external_id = faults.text(&path, &item.external_id, EXTERNAL_ID);
        if faults.is_empty() {
            match places.entry(external_id.clone()) {
                Entry::Vacant(vacant) => {
                    vacant.insert(place);
                }
                Entry::Occupied(first) => {
                    let message = format!(
                        "Item {} of this call has the same id; each is listed once.",
                        first.get()
                    );
                    faults.add(FaultCode::Taken, &path, message);
                }
            }
        }
        if faults.is_empty() {
            listed.push(Listed {
                place,
                external_id,
                item,
            });
        } else {
            let (external_id, found) = all_faults(item, faults)?;
            sorted.fail(place, external_id, None, placed(place, found));
        }
    }
    Ok(listed)
}

/// Everything that is wrong with an item whose id is.
fn all_faults(item: SyncItem, mut faults: Faults) -> Result<(String, Vec<Fault>)> {
    item.content.check(&mut faults);
    item.resource.check(&mut faults);
    faults.url_patch(&[INPUT, "externalUrl"], item.external_url);
    match faults.check() {
        Err(Error::Refused(found)) => Ok((item.external_id, merged(item.unread, found))),
        Err(error) => Err(error),
        Ok(()) => Ok((item.external_id, item.unread)),
    }
}

/// What could not be read of an item, with what else is wrong with it.
pub(super) fn merged(unread: Vec<Fault>, found: Vec<Fault>) -> Vec<Fault> {
    let mut faults = unread;
    let read = faults.len();
    for fault in found {
        let unread = faults.iter().take(read);
        if !unread
            .map(|known| &known.field)
            .any(|field| *field == fault.field)
        {
            faults.push(fault);
        }
    }
    faults
}

/// The faults of an item as faults of its call.
pub(super) fn placed(place: usize, mut faults: Vec<Fault>) -> Vec<Fault> {
    for fault in &mut faults {
        let part = match fault.field.first() {
            Some(first) if first == INPUT => 1,
            _ => 0,
        };
        let rest = fault.field.split_off(part);
        fault.field = vec![INPUT.to_owned(), place.to_string()];
        fault.field.extend(rest);
    }
    faults
}

/// What is here by an id.
struct Here {
    resource_id: Uuid,
    sent_hash: Option<String>,
    /// Whether the end of a run archived it.
    archived_by_run: bool,
    archived: bool,
    may_change: bool,
}

impl Here {
    /// What is here of what is listed, by its id, in one narrow statement.
    async fn load(
        unit: &WriteUnit,
        call: &Call,
        listed: &[Listed],
    ) -> Result<HashMap<String, Self>> {
        if listed.is_empty() {
            return Ok(HashMap::new());
        }
        let ids = listed.iter().map(|listed| listed.external_id.as_str());
        let archived = PublicationStatus::Archived.as_str();
        let reference = |column: &'static str| Expr::col(("external_reference", column));
        let select = Query::select()
            .column(("external_reference", "external_id"))
            .column(("external_reference", "resource_id"))
            .column(("external_reference", "sent_hash"))
            .expr_as(reference("archived_at").is_not_null(), "archived_by_run")
            .expr_as(Expr::col(("item", "status")).eq(archived), "archived")
            .expr_as(Expr::from(changeable(&call.viewer)), "may_change")
            .from("external_reference")
            .inner_join(
                "item",
                Expr::col(("item", "id")).equals(("external_reference", "resource_id")),
            )
            .cond_where(named(unit, call, ids)?)
            .take();
        let rows = unit.db().query_all(&select).await?;
        rows.iter()
            .map(|row| {
                let here = Self {
                    resource_id: row.try_get("", "resource_id")?,
                    sent_hash: row.try_get("", "sent_hash")?,
                    archived_by_run: row.try_get("", "archived_by_run")?,
                    archived: row.try_get("", "archived")?,
                    may_change: row.try_get("", "may_change")?,
                };
                Ok((row.try_get("", "external_id")?, here))
            })
            .collect()
    }
}

/// The condition on `external_reference` for what the system of a call calls so. The ids are one value, however many
/// they are: a statement with a thousand is read and planned each time anew.
pub(super) fn named<'a>(
    unit: &WriteUnit,
    call: &Call,
    external_ids: impl Iterator<Item = &'a str>,
) -> Result<Condition> {
    let ids: Vec<&str> = external_ids.collect();
    let ids = serde_json::to_string(&ids).map_err(Error::internal)?;
    let one_of = match unit.db().get_database_backend() {
        DatabaseBackend::Sqlite => "IN (SELECT value FROM json_each(?))",
        // An array is looked up in the index, id by id; a subquery may be joined in any way.
        _ => "= ANY(ARRAY(SELECT json_array_elements_text(CAST($1 AS json))))",
    };
    let one_of = format!("external_reference.external_id {one_of}");
    let reference = |column: &'static str| Expr::col(("external_reference", column));
    Ok(Condition::all()
        .add(reference("community_id").eq(call.community.id))
        .add(reference("system").eq(call.source.system.as_str()))
        .add(Expr::cust_with_values(one_of, [ids])))
}

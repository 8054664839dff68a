//! What only a collection has: given by a client, and checked.

use std::collections::{HashMap, HashSet};

use entity::collection;
use entity::item::{self as item_row, ItemType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::Entry;
use crate::error::{FaultCode, Result};
use crate::item::entity_type;
use crate::policy::filter::readable_items;
use crate::store::WriteUnit;
use crate::validation::{Faults, MAX_ENTRIES, Patch, SUMMARY, TITLE, TextRule};
use crate::viewer::Viewer;

/// What somebody would type into a search box.
const QUERY: TextRule = TextRule {
    max: 1_000,
    ..TITLE
};
/// A note is said in few words.
const NOTE: TextRule = TextRule {
    max: 2_000,
    ..SUMMARY
};

/// What only a collection has, as a client gives it.
#[derive(Clone, Debug, Default)]
pub struct CollectionContent {
    /// What it is for.
    pub description: Patch<String>,
    /// The search whose hits it holds.
    pub search_query: Patch<String>,
    /// The path, of a new collection.
    pub entries: Option<Vec<NewEntry>>,
}

/// An entry to be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// The item.
    pub id: Uuid,
    /// What the curator says of it.
    pub note: Option<String>,
}

pub(super) struct CheckedCollection {
    description: Patch<String>,
    search_query: Patch<String>,
}

impl CollectionContent {
    pub(super) fn check(self, faults: &mut Faults) -> CheckedCollection {
        let query = &["input", "searchQuery"];
        CheckedCollection {
            description: faults.text_patch(&["input", "description"], self.description, SUMMARY),
            search_query: faults.text_patch(query, self.search_query, QUERY),
        }
    }
}

impl CheckedCollection {
    pub(super) fn apply(self, row: &mut collection::Model) {
        row.description = self.description.or_keep(row.description.take());
        row.search_query = self.search_query.or_keep(row.search_query.take());
    }
}

/// A collection is a path or a saved search, not both.
pub(super) fn check_kind(
    row: &collection::Model,
    entries: &[Entry],
    field: &[&str],
    faults: &mut Faults,
) {
    if row.search_query.is_some() && !entries.is_empty() {
        let message = "A collection holds the entries that were chosen, or what its search finds, not both: empty the other first.";
        faults.add(FaultCode::Invalid, field, message);
    }
}

/// The entries as they are to be stored; later doubles are left out. Notes, under the argument `field`, what leads to no
/// item that the viewer may read; those in `kept` were there before.
pub(super) async fn check_entries(
    unit: &WriteUnit,
    viewer: &Viewer,
    collection: Option<Uuid>,
    given: Vec<NewEntry>,
    kept: &[Entry],
    field: &[&str],
    faults: &mut Faults,
) -> Result<Vec<Entry>> {
    faults.list_length(field, given.len(), MAX_ENTRIES);
    if given.is_empty() || given.len() > MAX_ENTRIES {
        return Ok(Vec::new());
    }
    let rows: Vec<(Uuid, ItemType)> = item_row::Entity::find()
        .select_only()
        .columns([item_row::Column::Id, item_row::Column::ItemType])
        .filter(item_row::Column::Id.is_in(given.iter().map(|entry| entry.id)))
        .filter(readable_items(viewer))
        .into_tuple()
        .all(unit.db())
        .await?;
    let mut types: HashMap<Uuid, _> = kept
        .iter()
        .map(|entry| (entry.item.1, entry.item.0))
        .collect();
    types.extend(
        rows.into_iter()
            .map(|(id, item_type)| (id, entity_type(item_type))),
    );
    let mut seen = HashSet::new();
    let mut entries = Vec::with_capacity(given.len());
    for (place, entry) in given.into_iter().enumerate() {
        let place = place.to_string();
        let at = |part: &'static str| [field, &[place.as_str(), part]].concat();
        let note = faults.optional_text(&at("note"), entry.note.as_deref(), NOTE);
        match types.get(&entry.id) {
            _ if collection == Some(entry.id) => {
                let message = "A collection is no entry of itself.";
                faults.add(FaultCode::Invalid, &at("id"), message);
            }
            None => {
                let message = "There is no item with this id that you may see.";
                faults.add(FaultCode::NotFound, &at("id"), message);
            }
            Some(entity_type) if seen.insert(entry.id) => entries.push(Entry {
                item: (*entity_type, entry.id),
                note,
            }),
            Some(_) => {}
        }
    }
    Ok(entries)
}

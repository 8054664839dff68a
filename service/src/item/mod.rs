//! What every item of the shared repertoire has in common: content, authors, revisions, publication, deletion.
//!
//! Resources, practices, innovations, activities, discussions and collections are items; their own modules add what only
//! they have, and call this one for all the rest, so that each rule is written once.

pub(crate) mod approvals;
pub(crate) mod batch;
pub(crate) mod below;
pub(crate) mod content;
mod create;
mod credit;
mod delete;
mod edges;
mod filter;
pub(crate) mod gate;
pub(crate) mod insert;
mod lists;
pub(crate) mod origin;
pub(crate) mod pending;
pub(crate) mod publication;
mod queries;
pub(crate) mod relate;
pub(crate) mod renewal;
mod revisions;
mod state;
mod tagged;
pub(crate) mod update;
pub(crate) mod waiting;

pub use approvals::{Approver, approvers_of, approvers_of_shown, makers_of, missing};
pub(crate) use approvals::{made_by, newest_revision};
pub use content::{CheckedContent, ItemContent};
pub(crate) use create::publishes_at_once;
pub use create::{Draft, create_many, create_one};
pub(crate) use credit::{Byline, add_bylines, byline_rows, bylines_in, bylines_of, credit};
pub use delete::delete;
pub(crate) use delete::delete_in;
pub use edges::{Edges, With};
pub use filter::{ItemFilter, ItemOrder, TimeRange};
pub use insert::{NewItem, insert};
pub(crate) use lists::grouped;
pub use lists::{authors_of, bodies_of, domains_of, tags_of};
pub use origin::Origin;
pub use publication::{archive, next_statuses, publication_steps, publish, restore, submit};
pub use queries::{DetailsRow, ItemKind, List, ListScope, Listed, by_ids, count, find, page};
pub(crate) use queries::{count_where, listed, lock, page_where, select_where};
pub(crate) use revisions::readable as readable_revisions;
pub use revisions::{
    Revision, page_of_revisions, pending_of, restore_revision, revision_by_number, revision_count,
    revisions_by_ids,
};
pub(crate) use state::complete;
pub(crate) use state::load_many_for_update;
pub use state::{Details, Entry, ItemState, load_for_update, load_many};
pub(crate) use update::update;

use entity::change::EntityType;
use entity::item::ItemType;

/// What the change log calls an item of a type.
#[must_use]
pub fn entity_type(item_type: ItemType) -> EntityType {
    match item_type {
        ItemType::Resource => EntityType::Resource,
        ItemType::Practice => EntityType::Practice,
        ItemType::Innovation => EntityType::Innovation,
        ItemType::Activity => EntityType::Activity,
        ItemType::Discussion => EntityType::Discussion,
        ItemType::Collection => EntityType::Collection,
    }
}

/// The word for an item of a type in messages.
#[must_use]
pub fn noun(item_type: ItemType) -> &'static str {
    match item_type {
        ItemType::Resource => "resource",
        ItemType::Practice => "practice",
        ItemType::Innovation => "innovation",
        ItemType::Activity => "activity",
        ItemType::Discussion => "discussion",
        ItemType::Collection => "collection",
    }
}

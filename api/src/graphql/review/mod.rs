//! Review and stewardship in the schema: reviews, comparisons, and who keeps an item.

mod compare;
pub mod loaders;
mod mutations;
mod object;

use service::entity::item::ItemType;

pub use compare::{FieldDiff, ReviewQuery, RevisionDiff};
pub use mutations::{ReviewInput, ReviewMutation};
pub use object::{Review, ReviewConnection, ReviewVerdict};

use super::ids::NodeType;

/// What the ids of an item of a type are.
#[must_use]
pub fn node_type(item_type: ItemType) -> NodeType {
    match item_type {
        ItemType::Resource => NodeType::Resource,
        ItemType::Practice => NodeType::Practice,
        ItemType::Innovation => NodeType::Innovation,
        ItemType::Activity => NodeType::Activity,
        ItemType::Discussion => NodeType::Discussion,
        ItemType::Collection => NodeType::Collection,
    }
}

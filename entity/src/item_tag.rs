//! A tag of an item.

use sea_orm::entity::prelude::*;

use crate::item::ItemType;

/// A tag of an item, with what lists of tagged items are chosen and ordered by. The database keeps these copies as the
/// item is.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "item_tag")]
pub struct Model {
    /// The item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: Uuid,
    /// The folded tag.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tag_key: String,
    /// The tag as written.
    pub tag: String,
    /// Order, from 0.
    pub place: i32,
    /// The item's type.
    pub item_type: ItemType,
    /// The item's community.
    pub community_id: Uuid,
    /// When the item was last changed.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

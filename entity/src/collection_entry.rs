//! An item on the path of a collection.

use sea_orm::entity::prelude::*;

pub use crate::change::EntityType;

/// An item on the path of a collection.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "collection_entry")]
pub struct Model {
    /// The collection.
    #[sea_orm(primary_key, auto_increment = false)]
    pub collection_id: Uuid,
    /// The item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: Uuid,
    /// What kind of item it is.
    pub item_type: EntityType,
    /// Order, from 0.
    pub place: i32,
    /// What the curator says of it.
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

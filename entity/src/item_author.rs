//! A user who is an author of an item.

use sea_orm::entity::prelude::*;

/// A user who is an author of an item.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "item_author")]
pub struct Model {
    /// The item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: Uuid,
    /// The author.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// Order, from 0.
    pub place: i32,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

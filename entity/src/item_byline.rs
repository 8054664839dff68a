//! A user whose name stands among the bylines of an item, or of one of its revisions.

use sea_orm::entity::prelude::*;

/// A user whose name stands among the bylines of an item, or of one of its revisions: who made what the item was made of.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "item_byline")]
pub struct Model {
    /// The item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: Uuid,
    /// The user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// The byline: the name that the user had then.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub name: String,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! The Markdown body of an item, apart so that lists do not read it.

use sea_orm::entity::prelude::*;

/// The Markdown body of an item, apart so that lists do not read it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "item_text")]
pub struct Model {
    /// The item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: Uuid,
    /// Markdown.
    #[sea_orm(column_type = "Text")]
    pub body: String,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

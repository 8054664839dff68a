//! What somebody's import made of a line, so that the same line makes nothing twice.

use sea_orm::entity::prelude::*;

/// What somebody's import made of a line, so that the same line makes nothing twice.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "imported_item")]
pub struct Model {
    /// The community that it was imported into.
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: Uuid,
    /// Who imported it: nobody learns by importing what others imported.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// What the line is known by: the id that it gives, or a digest of what it says.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub source: String,
    /// What was made of it, as long as it is there.
    pub item_id: Uuid,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

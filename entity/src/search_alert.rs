//! What a saved search has found and told of.

use sea_orm::entity::prelude::*;

/// What a saved search has found and told of: once each.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "search_alert")]
pub struct Model {
    /// The saved search.
    #[sea_orm(primary_key, auto_increment = false)]
    pub saved_search_id: Uuid,
    /// What it found.
    #[sea_orm(primary_key, auto_increment = false)]
    pub about_id: Uuid,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! The one row that holds how far the change log goes, and how far back it is kept.

use sea_orm::entity::prelude::*;

/// The one row that holds how far the change log goes, and how far back it is kept.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change_head")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// The newest position.
    pub position: i64,
    /// The rows up to this position were removed; 0 while all are kept.
    pub kept_after: i64,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! One member's endorsement of a defining statement.

use sea_orm::entity::prelude::*;

/// One member's endorsement of a defining statement.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "endorsement")]
pub struct Model {
    /// The statement.
    #[sea_orm(primary_key, auto_increment = false)]
    pub statement_id: Uuid,
    /// Who endorsed it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// When.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

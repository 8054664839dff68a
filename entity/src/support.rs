//! A person’s support of an innovation.

use sea_orm::entity::prelude::*;

/// A person’s support of an innovation.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "support")]
pub struct Model {
    /// The innovation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub innovation_id: Uuid,
    /// The supporter.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! Two domains that are related, neither of them broader than the other: a row for each of the two directions.

use sea_orm::entity::prelude::*;

/// Two domains that are related, seen from one of them.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "related_domain")]
pub struct Model {
    /// The one.
    #[sea_orm(primary_key, auto_increment = false)]
    pub domain_id: Uuid,
    /// The other.
    #[sea_orm(primary_key, auto_increment = false)]
    pub related_id: Uuid,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! A domain that became part of another one: older revisions and other systems go on naming it.

use sea_orm::entity::prelude::*;

/// A domain that became part of another one.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "merged_domain")]
pub struct Model {
    /// The id that it had.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The domain that has what was filed under it.
    pub into_id: Uuid,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

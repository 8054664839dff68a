//! The transitive closure of the domain tree: each domain with itself and every broader one.

use sea_orm::entity::prelude::*;

/// The transitive closure of the domain tree: each domain with itself and every broader one.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "domain_ancestor")]
pub struct Model {
    /// The narrower domain.
    #[sea_orm(primary_key, auto_increment = false)]
    pub domain_id: Uuid,
    /// Itself or a broader one.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ancestor_id: Uuid,
    /// Steps between them; 0 for itself.
    pub distance: i32,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

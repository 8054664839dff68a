//! A slug that a domain or a community had before.

use sea_orm::entity::prelude::*;

/// A slug that a domain or a community had before.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "slug_redirect")]
pub struct Model {
    /// `DOMAIN` or `COMMUNITY`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub entity_type: String,
    /// The old slug.
    #[sea_orm(primary_key, auto_increment = false)]
    pub slug: String,
    /// What it leads to.
    pub target_id: Uuid,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

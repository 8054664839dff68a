//! How good somebody finds a resource.

use sea_orm::entity::prelude::*;

/// How good somebody finds a resource.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rating")]
pub struct Model {
    /// The resource.
    #[sea_orm(primary_key, auto_increment = false)]
    pub resource_id: Uuid,
    /// Who rated it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// From 1 to 5.
    pub rating: i32,
    /// What the rater says of it.
    #[sea_orm(column_type = "Text", nullable)]
    pub comment: Option<String>,
    /// When it was rated first.
    pub created_at: DateTimeUtc,
    /// When it was rated last.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

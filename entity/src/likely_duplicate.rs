//! A resource that is likely the same as an older one of its community.

use sea_orm::entity::prelude::*;

/// A resource that is likely the same as an older one of its community.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "likely_duplicate")]
pub struct Model {
    /// The newer of the two.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: Uuid,
    /// The older: of all that are like it, the likeliest.
    pub other_id: Uuid,
    /// Their community.
    pub community_id: Uuid,
    /// When that was found.
    pub found_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

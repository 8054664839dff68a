//! What somebody wants to hear of: a community, a domain, an item or a person.

use sea_orm::entity::prelude::*;

pub use crate::change::EntityType;

/// What somebody wants to hear of. Whether they still may see it is to be asked.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "follow")]
pub struct Model {
    /// Who follows.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// What is followed.
    #[sea_orm(primary_key, auto_increment = false)]
    pub target_id: Uuid,
    /// What kind of thing that is.
    pub target_type: EntityType,
    /// Since when.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

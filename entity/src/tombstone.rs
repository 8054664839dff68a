//! What is kept of a deleted thing.

use sea_orm::entity::prelude::*;

use crate::change::EntityType;

/// What is kept of a deleted thing.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tombstone")]
pub struct Model {
    /// What was deleted.
    #[sea_orm(primary_key, auto_increment = false)]
    pub entity_id: Uuid,
    /// What it was.
    pub entity_type: EntityType,
    /// The community that it belonged to.
    pub community_id: Option<Uuid>,
    /// Its place in the change log.
    pub position: i64,
    /// When.
    pub deleted_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

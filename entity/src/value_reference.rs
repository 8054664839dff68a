//! What a step of a value story points at.

use sea_orm::entity::prelude::*;

pub use crate::change::EntityType;

/// What a step of a value story points at, as long as it is there.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "value_reference")]
pub struct Model {
    /// The story.
    #[sea_orm(primary_key, auto_increment = false)]
    pub story_id: Uuid,
    /// The place of the step.
    #[sea_orm(primary_key, auto_increment = false)]
    pub step: i32,
    /// Order within the step, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: i32,
    /// What kind of thing it is.
    pub entity_type: EntityType,
    /// Which.
    pub entity_id: Uuid,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

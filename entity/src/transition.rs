//! One step in the life of an item, a membership or a community, with who, why and when.

use sea_orm::entity::prelude::*;

use crate::TextList;
pub use crate::community::TransformationOutcome;

/// One step in the life of an item, a membership or a community, with who, why and when.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "transition")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What made the step.
    pub entity_id: Uuid,
    /// The state before; none at the start.
    pub from_state: Option<String>,
    /// The state after.
    pub to_state: String,
    /// Who did it.
    pub actor_id: Option<Uuid>,
    /// Why.
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
    /// When.
    pub at: DateTimeUtc,
    /// What a community's transformation ended in by this step.
    pub outcome: Option<TransformationOutcome>,
    /// The keys of the criteria that were unmet, where the step was taken all the same.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub overrode: Option<TextList>,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! A run of synchronization: many calls that together list everything that a system has.

use sea_orm::entity::prelude::*;

/// A run of synchronization: many calls that together list everything that a system has.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_run")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The system and its community.
    pub source_id: Uuid,
    /// What the caller calls it.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// When its first call came.
    pub started_at: DateTimeUtc,
    /// When it was finished; none while it goes on, and the time of its first call where what it listed was forgotten.
    pub finished_at: Option<DateTimeUtc>,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

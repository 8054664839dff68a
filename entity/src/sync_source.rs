//! A system that resources of a community are synchronized with.

use sea_orm::entity::prelude::*;

stored_enum! {
    /// What happens to a resource that was edited here since the last synchronization when the system changes it too.
    SyncConflictRule {
        /// The system's content becomes a new revision.
        TakeTheirs = "TAKE_THEIRS",
        /// What was edited here stays.
        KeepOurs = "KEEP_OURS",
        /// Nothing is written, and the conflict is reported.
        Report = "REPORT",
    }
}

/// A system that resources of a community are synchronized with. Who synchronizes holds its row, so that two calls
/// follow each other.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_source")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The community.
    pub community_id: Uuid,
    /// The name of the system.
    #[sea_orm(column_type = "Text")]
    pub system: String,
    /// What happens to what was edited here.
    pub on_conflict: SyncConflictRule,
    /// When it was first heard of.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

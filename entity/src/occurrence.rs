//! What one occurrence of an activity has otherwise than the activity says; most occurrences have no row.

use sea_orm::entity::prelude::*;

use crate::activity::ActivityState;

/// What one occurrence of an activity has otherwise than the activity says; most occurrences have no row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "occurrence")]
pub struct Model {
    /// The activity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub activity_id: Uuid,
    /// The start that the rule gives; it stays when the occurrence is moved.
    #[sea_orm(primary_key, auto_increment = false)]
    pub recurrence_id: DateTimeUtc,
    /// When it begins.
    pub starts_at: DateTimeUtc,
    /// When it ends.
    pub ends_at: DateTimeUtc,
    /// Where it stands; none where the activity says it.
    pub state: Option<ActivityState>,
    /// What is to be done, Markdown; none where the activity says it.
    #[sea_orm(column_type = "Text", nullable)]
    pub agenda: Option<String>,
    /// What was done, Markdown.
    #[sea_orm(column_type = "Text", nullable)]
    pub notes: Option<String>,
    /// Where the recording is.
    pub recording_url: Option<String>,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! Whether somebody comes to, or was at, an occurrence of an activity.

use sea_orm::entity::prelude::*;

stored_enum! {
    /// Whether somebody comes, or was there.
    AttendanceState {
        /// Means to come.
        Going = "GOING",
        /// May come.
        Maybe = "MAYBE",
        /// Does not come.
        Declined = "DECLINED",
        /// Was there.
        Attended = "ATTENDED",
    }
}

/// Whether somebody comes to, or was at, an occurrence of an activity.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attendance")]
pub struct Model {
    /// The activity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub activity_id: Uuid,
    /// The occurrence, by the start that the rule gives.
    #[sea_orm(primary_key, auto_increment = false)]
    pub recurrence_id: DateTimeUtc,
    /// The person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// Whether they come, or were there.
    pub state: AttendanceState,
    /// When that was last said.
    pub updated_at: DateTimeUtc,
    /// When the person was reminded that it begins soon.
    pub reminded_at: Option<DateTimeUtc>,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

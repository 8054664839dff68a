//! How a member takes part in a community now.

use sea_orm::entity::prelude::*;

stored_enum! {
    /// How much a member takes part, in falling order.
    ParticipationLevel {
        /// Carries the community.
        Core = "CORE",
        /// Takes part regularly.
        Active = "ACTIVE",
        /// Takes part now and then.
        Occasional = "OCCASIONAL",
        /// Reads along.
        Peripheral = "PERIPHERAL",
        /// Has left no trace for a long time.
        Inactive = "INACTIVE",
    }
}

/// How a member takes part in a community now. Derived from what the member did.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "participation")]
pub struct Model {
    /// The membership.
    #[sea_orm(primary_key, auto_increment = false)]
    pub membership_id: Uuid,
    /// The community of the membership.
    pub community_id: Uuid,
    /// How much.
    pub level: ParticipationLevel,
    /// Contributions within the window.
    pub contributions: i32,
    /// Attendances within the window.
    pub attendances: i32,
    /// Reactions within the window.
    pub reactions: i32,
    /// When the member last did something that counts.
    pub last_active_at: Option<DateTimeUtc>,
    /// The first day on which this changes without anything being done; none where it stays.
    pub due_on: Option<Date>,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! What a community, or one of its members, wants to reach.

use sea_orm::entity::prelude::*;

stored_enum! {
    /// Where a goal stands.
    GoalState {
        /// It is pursued.
        Open = "OPEN",
        /// It was reached.
        Met = "MET",
        /// It was given up.
        Dropped = "DROPPED",
    }
}

/// What a community, or one of its members, wants to reach.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "goal")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The community.
    pub community_id: Uuid,
    /// The membership whose goal it is; none for a group goal.
    pub membership_id: Option<Uuid>,
    /// What it says.
    #[sea_orm(column_type = "Text")]
    pub text: String,
    /// The day by which it is to be reached.
    pub target_date: Option<Date>,
    /// Where it stands.
    pub state: GoalState,
    /// When it was set.
    pub created_at: DateTimeUtc,
    /// When it last changed its state or evidence.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! What somebody reports to those who look after a community.

use sea_orm::entity::prelude::*;

pub use crate::change::EntityType;

stored_enum! {
    /// What is wrong with what is flagged.
    FlagReason {
        /// It is not true.
        Inaccurate = "INACCURATE",
        /// It no longer holds.
        Outdated = "OUTDATED",
        /// The same is there already.
        Duplicate = "DUPLICATE",
        /// It hurts people.
        Offensive = "OFFENSIVE",
        /// It belongs to somebody who did not allow it.
        Copyright = "COPYRIGHT",
        /// It advertises.
        Spam = "SPAM",
        /// Something else, which the note says.
        Other = "OTHER",
    }
}

stored_enum! {
    /// Where a flag stands.
    FlagState {
        /// It waits for a decision.
        Open = "OPEN",
        /// It was found right.
        Upheld = "UPHELD",
        /// It was found wrong.
        Dismissed = "DISMISSED",
    }
}

/// What somebody reports to those who look after a community. It outlives what it is about.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "flag")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What kind of thing is flagged.
    pub target_type: EntityType,
    /// Which.
    pub target_id: Uuid,
    /// The community of what is flagged, whose stewards decide.
    pub community_id: Uuid,
    /// Who raised it; none where that is not known any more.
    pub raised_by: Option<Uuid>,
    /// What is wrong.
    pub reason: FlagReason,
    /// What who raised it says of it.
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
    /// Where it stands.
    pub state: FlagState,
    /// Who decided.
    pub decided_by: Option<Uuid>,
    /// When.
    pub decided_at: Option<DateTimeUtc>,
    /// What who decided says of it.
    #[sea_orm(column_type = "Text", nullable)]
    pub decision_note: Option<String>,
    /// When it was raised.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! What somebody took back to their own practice.

use sea_orm::entity::prelude::*;

pub use crate::change::EntityType;

stored_enum! {
    /// Where an adoption stands.
    AdoptionState {
        /// It is to be used.
        Planned = "PLANNED",
        /// It is used.
        InUse = "IN_USE",
        /// It was used for long enough to tell, and stays.
        Confirmed = "CONFIRMED",
        /// It is no longer used.
        Stopped = "STOPPED",
    }
}

stored_enum! {
    /// What came of an adoption.
    AdoptionOutcome {
        /// Things got better.
        Improved = "IMPROVED",
        /// Things stayed as they were.
        NoChange = "NO_CHANGE",
        /// Things got worse.
        Worse = "WORSE",
        /// It is too early to tell.
        TooEarly = "TOO_EARLY",
    }
}

/// What somebody took back to their own practice: a resource, a practice or an innovation.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "adoption")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What kind of thing was adopted.
    pub subject_type: EntityType,
    /// What was adopted.
    pub subject_id: Uuid,
    /// The community of what was adopted.
    pub community_id: Uuid,
    /// Who adopted it; none where that is not known any more.
    pub adopter_id: Option<Uuid>,
    /// Where the adopter practises.
    pub organization_id: Option<Uuid>,
    /// In what setting, one line.
    pub setting: String,
    /// The folded setting: adoptions with the same one reach one setting.
    pub setting_key: String,
    /// What was done otherwise than it says.
    #[sea_orm(column_type = "Text", nullable)]
    pub adaptation: Option<String>,
    /// The number of the revision that the adopter was shown.
    pub revision_used: i32,
    /// Where it stands.
    pub state: AdoptionState,
    /// What came of it.
    pub outcome: Option<AdoptionOutcome>,
    /// How it went, in the adopter's words.
    #[sea_orm(column_type = "Text", nullable)]
    pub story: Option<String>,
    /// When it was reported.
    pub created_at: DateTimeUtc,
    /// When it was last changed.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! Something that a member did, as participation counts it.

use sea_orm::entity::prelude::*;

stored_enum! {
    /// What kinds of act participation counts.
    ParticipationAct {
        /// Made something: an item, a post, a statement, a question, a review, an adoption.
        Contribution = "CONTRIBUTION",
        /// Was at an occurrence of an activity.
        Attendance = "ATTENDANCE",
        /// Endorsed or supported what somebody made.
        Reaction = "REACTION",
    }
}

/// Something that a member did, as participation counts it. Derived from the change log.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "participation_act")]
pub struct Model {
    /// The membership.
    #[sea_orm(primary_key, auto_increment = false)]
    pub membership_id: Uuid,
    /// What kind of act it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub act: ParticipationAct,
    /// What was made, attended or reacted to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: Uuid,
    /// When; of an attendance, when the occurrence began by its rule.
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

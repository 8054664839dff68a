//! What an active member does for the community beside their role: shown and used for routing, without any power.

use sea_orm::entity::prelude::*;

stored_enum! {
    /// What a member may do for a community, in the words of the field.
    MembershipFunction {
        /// Backs it within an organization.
        Sponsor = "SPONSOR",
        /// Keeps its events and its people together.
        Coordinator = "COORDINATOR",
        /// Carries knowledge to and from other communities.
        Broker = "BROKER",
        /// Is asked about the subject.
        SubjectExpert = "SUBJECT_EXPERT",
        /// Looks after its tools.
        TechnologySteward = "TECHNOLOGY_STEWARD",
    }
}

/// What an active member does for the community beside their role.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "membership_function")]
pub struct Model {
    /// The membership.
    #[sea_orm(primary_key, auto_increment = false)]
    pub membership_id: Uuid,
    /// What the member does.
    #[sea_orm(primary_key, auto_increment = false)]
    pub function: MembershipFunction,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

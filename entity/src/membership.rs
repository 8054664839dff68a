//! A person’s part in a community; one per person and community, kept through its states.

use sea_orm::entity::prelude::*;

stored_enum! {
    /// What a member may do, in rising order.
    MembershipRole {
        /// Takes part.
        Member = "MEMBER",
        /// Reviews.
        Reviewer = "REVIEWER",
        /// Keeps the repertoire.
        Steward = "STEWARD",
        /// Leads the community.
        Facilitator = "FACILITATOR",
    }
}

stored_enum! {
    /// Where a membership stands.
    MembershipState {
        /// Waits for the invited person.
        Invited = "INVITED",
        /// Waits for a facilitator.
        Requested = "REQUESTED",
        /// Takes part.
        Active = "ACTIVE",
        /// The invited person said no.
        Declined = "DECLINED",
        /// The invitation ran out.
        Expired = "EXPIRED",
        /// A facilitator said no.
        Rejected = "REJECTED",
        /// The member left.
        Left = "LEFT",
        /// A facilitator ended it.
        Removed = "REMOVED",
        /// A facilitator ended it and bars the way back.
        Banned = "BANNED",
    }
}

/// A person’s part in a community; one per person and community, kept through its states.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "membership")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The community.
    pub community_id: Uuid,
    /// The person.
    pub user_id: Uuid,
    /// What the member may do.
    pub role: MembershipRole,
    /// Where the membership stands.
    pub state: MembershipState,
    /// When it last became active.
    pub joined_at: Option<DateTimeUtc>,
    /// Who invited.
    pub invited_by: Option<Uuid>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last changed.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

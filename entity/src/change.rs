//! One row of the change log: what was changed, by whom, and who could see it before and after.

use sea_orm::entity::prelude::*;

use crate::TextList;

stored_enum! {
    /// What a change is about.
    EntityType {
        /// A user.
        User = "USER",
        /// An organization.
        Organization = "ORGANIZATION",
        /// A domain.
        Domain = "DOMAIN",
        /// A community.
        Community = "COMMUNITY",
        /// A membership.
        Membership = "MEMBERSHIP",
        /// A resource.
        Resource = "RESOURCE",
        /// A practice.
        Practice = "PRACTICE",
        /// An innovation.
        Innovation = "INNOVATION",
        /// An activity.
        Activity = "ACTIVITY",
        /// A defining statement.
        DefiningStatement = "DEFINING_STATEMENT",
        /// A goal.
        Goal = "GOAL",
        /// A question of a learning agenda.
        LearningQuestion = "LEARNING_QUESTION",
        /// A discussion.
        Discussion = "DISCUSSION",
        /// A collection.
        Collection = "COLLECTION",
        /// A value story.
        ValueStory = "VALUE_STORY",
        /// A share of an item with another community.
        BoundaryShare = "BOUNDARY_SHARE",
        /// A post of a discussion.
        Post = "POST",
        /// A review.
        Review = "REVIEW",
        /// A flag.
        Flag = "FLAG",
        /// An adoption.
        Adoption = "ADOPTION",
        /// A pilot.
        Pilot = "PILOT",
        /// An experience report.
        ExperienceReport = "EXPERIENCE_REPORT",
        /// An api token.
        ApiToken = "API_TOKEN",
        /// A webhook.
        Webhook = "WEBHOOK",
    }
}

stored_enum! {
    /// What a change did.
    Operation {
        /// It was made.
        Created = "CREATED",
        /// It was changed.
        Updated = "UPDATED",
        /// It was deleted.
        Deleted = "DELETED",
    }
}

/// One row of the change log: what was changed, by whom, and who could see it before and after.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change")]
pub struct Model {
    /// Place in the log, gap-free in commit order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// What was changed.
    pub entity_type: EntityType,
    /// Which.
    pub entity_id: Uuid,
    /// How.
    pub operation: Operation,
    /// The community that it belongs to.
    pub community_id: Option<Uuid>,
    /// Who did it.
    pub actor_id: Option<Uuid>,
    /// When.
    pub at: DateTimeUtc,
    /// Names of the changed fields.
    #[sea_orm(column_type = "JsonBinary")]
    pub fields: TextList,
    /// Audience tokens before; none where it was not there.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub audience_before: Option<TextList>,
    /// Audience tokens after; none where it is gone.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub audience_after: Option<TextList>,
    /// Whether somebody who could see it no longer can.
    pub narrowed: bool,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! An address of another system that somebody has told of what happens.

use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

stored_enum! {
    /// What a webhook is told of.
    WebhookEvent {
        /// A resource was published, or came into sight.
        ResourcePublished = "RESOURCE_PUBLISHED",
        /// A published resource was changed.
        ResourceUpdated = "RESOURCE_UPDATED",
        /// A resource was archived.
        ResourceArchived = "RESOURCE_ARCHIVED",
        /// A resource was deleted, or left the sight.
        ResourceDeleted = "RESOURCE_DELETED",
        /// A practice was published, or came into sight.
        PracticePublished = "PRACTICE_PUBLISHED",
        /// A practice is recommended.
        PracticeRecommended = "PRACTICE_RECOMMENDED",
        /// An innovation came to another stage.
        InnovationAdvanced = "INNOVATION_ADVANCED",
        /// A discussion began, or came into sight.
        DiscussionCreated = "DISCUSSION_CREATED",
        /// A discussion was resolved.
        DiscussionResolved = "DISCUSSION_RESOLVED",
        /// A membership began or was changed.
        MembershipChanged = "MEMBERSHIP_CHANGED",
        /// A saved search found something newly.
        SearchAlert = "SEARCH_ALERT",
        /// Anything was changed.
        Change = "CHANGE",
    }
}

stored_enum! {
    /// Why nothing is sent to a webhook.
    DisabledReason {
        /// Its owner switched it off.
        Owner = "OWNER",
        /// Nothing could be delivered for days.
        Failing = "FAILING",
        /// The receiver said that it is gone.
        Gone = "GONE",
        /// More deliveries waited than are kept.
        Overdue = "OVERDUE",
    }
}

/// Events, each once and in declared order, stored as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct EventList(pub Vec<WebhookEvent>);

/// An address of another system that somebody has told of what happens.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is: it is told of what this person may see.
    pub user_id: Uuid,
    /// Where deliveries are posted to.
    #[sea_orm(column_type = "Text")]
    pub url: String,
    /// What it is told of.
    #[sea_orm(column_type = "JsonBinary")]
    pub events: EventList,
    /// The one community that it is told of; none for all.
    pub community_id: Option<Uuid>,
    /// The position of the change log when it was made: it is told of what came later.
    pub position: i64,
    /// Whether it is told at all.
    pub enabled: bool,
    /// Why it is not.
    pub disabled_reason: Option<DisabledReason>,
    /// The first failed attempt after the last that was taken.
    pub failing_since: Option<DateTimeUtc>,
    /// Failed attempts since the last that was taken.
    pub failures: i32,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last changed.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

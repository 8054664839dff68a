//! What somebody is told of.

use sea_orm::entity::prelude::*;

pub use crate::change::EntityType;

stored_enum! {
    /// Why somebody is told.
    NotificationReason {
        /// There is news of something that they follow.
        Followed = "FOLLOWED",
        /// A text names them.
        Mentioned = "MENTIONED",
        /// They are suggested as a helper.
        AskedToHelp = "ASKED_TO_HELP",
        /// Another community offers something to one that they look after.
        Offered = "OFFERED",
        /// Something waits for a review that they may make.
        AskedToReview = "ASKED_TO_REVIEW",
        /// Somebody answered.
        Replied = "REPLIED",
        /// They are invited to a community, or their request to join was decided.
        Invited = "INVITED",
        /// A target was missed, and they are to see to it.
        Escalated = "ESCALATED",
        /// The time for something has come.
        Due = "DUE",
        /// A search that they saved finds something new.
        SearchAlert = "SEARCH_ALERT",
        /// Nothing is sent to a webhook of theirs any more.
        WebhookDisabled = "WEBHOOK_DISABLED",
    }
}

/// What somebody is told of: while it is unread, one row a person, reason and thing.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who is told.
    pub user_id: Uuid,
    /// Why.
    pub reason: NotificationReason,
    /// What kind of thing it is about.
    pub about_type: EntityType,
    /// Which. Whether the person still may see it is to be asked.
    pub about_id: Uuid,
    /// Whose act it was; none for the platform itself.
    pub actor_id: Option<Uuid>,
    /// When it was last raised.
    pub raised_at: DateTimeUtc,
    /// When it was read.
    pub read_at: Option<DateTimeUtc>,
    /// When it was last sent by mail, since it was last raised.
    pub mailed_at: Option<DateTimeUtc>,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

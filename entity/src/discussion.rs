//! What a discussion has beyond every item.

use sea_orm::entity::prelude::*;

pub use crate::change::EntityType;

stored_enum! {
    /// What a discussion is for.
    DiscussionKind {
        /// Talking something over.
        Discussion = "DISCUSSION",
        /// Somebody asks for help.
        HelpRequest = "HELP_REQUEST",
        /// Something does not work.
        Problem = "PROBLEM",
        /// Something to be known by all.
        Announcement = "ANNOUNCEMENT",
    }
}

stored_enum! {
    /// Where a discussion stands.
    DiscussionState {
        /// Goes on.
        Open = "OPEN",
        /// A post was accepted as the answer.
        Resolved = "RESOLVED",
        /// Ended without an answer.
        Closed = "CLOSED",
    }
}

stored_enum! {
    /// Why a discussion was closed.
    CloseReason {
        /// The same is talked about elsewhere.
        Duplicate = "DUPLICATE",
        /// Nobody needs it any more.
        Stale = "STALE",
        /// It does not belong here.
        OffTopic = "OFF_TOPIC",
    }
}

/// What a discussion has beyond every item.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "discussion")]
pub struct Model {
    /// The item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The community of the item, so that one index serves its lists.
    pub community_id: Uuid,
    /// What it is for.
    pub kind: DiscussionKind,
    /// Where it stands.
    pub state: DiscussionState,
    /// Why it was closed.
    pub close_reason: Option<CloseReason>,
    /// What kind of item it is about.
    pub about_type: Option<EntityType>,
    /// The item that it is about.
    pub about_id: Option<Uuid>,
    /// The post that was accepted as the answer.
    pub accepted_post_id: Option<Uuid>,
    /// When somebody else than the asker first posted.
    pub first_answered_at: Option<DateTimeUtc>,
    /// When the accepted answer was accepted.
    pub resolved_at: Option<DateTimeUtc>,
    /// How many posts there are, hidden ones too.
    pub post_count: i32,
    /// When the newest post was made.
    pub last_post_at: Option<DateTimeUtc>,
    /// When it was made, posted to, or last changed its state.
    pub last_activity_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

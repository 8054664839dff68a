//! What an activity has beyond every item.

use sea_orm::entity::prelude::*;

stored_enum! {
    /// What members do together.
    ActivityKind {
        /// A meeting.
        Meeting = "MEETING",
        /// A workshop.
        Workshop = "WORKSHOP",
        /// A webinar.
        Webinar = "WEBINAR",
        /// Work on a problem that somebody brings.
        ProblemSolving = "PROBLEM_SOLVING",
        /// Peers advise on a task ahead.
        PeerAssist = "PEER_ASSIST",
        /// A visit to where the practice is.
        SiteVisit = "SITE_VISIT",
        /// A group that studies something.
        StudyGroup = "STUDY_GROUP",
        /// Being together.
        Social = "SOCIAL",
    }
}

stored_enum! {
    /// Where people meet.
    ActivityMode {
        /// In one place.
        FaceToFace = "FACE_TO_FACE",
        /// On the web.
        Online = "ONLINE",
        /// Both at once.
        Hybrid = "HYBRID",
    }
}

stored_enum! {
    /// Where an activity, or one occurrence of it, stands.
    ActivityState {
        /// It is to take place.
        Planned = "PLANNED",
        /// It took place.
        Held = "HELD",
        /// It does not take place.
        Cancelled = "CANCELLED",
    }
}

/// What an activity has beyond every item. Its kind is the item's.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "activity")]
pub struct Model {
    /// The item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Where people meet.
    pub mode: ActivityMode,
    /// Where it stands.
    pub state: ActivityState,
    /// When it begins; of a recurring one, when the first occurrence does.
    pub starts_at: DateTimeUtc,
    /// When it ends; of a recurring one, when the first occurrence does.
    pub ends_at: DateTimeUtc,
    /// IANA name of the zone in whose local time it recurs.
    pub time_zone: String,
    /// RFC 5545 RRULE; none for a single activity.
    pub recurrence: Option<String>,
    /// Where it is.
    pub place: Option<String>,
    /// Where to join on the web; for active members only.
    pub join_url: Option<String>,
    /// Where the recording is.
    pub recording_url: Option<String>,
    /// What is to be done, Markdown.
    #[sea_orm(column_type = "Text", nullable)]
    pub agenda: Option<String>,
    /// What was done, Markdown.
    #[sea_orm(column_type = "Text", nullable)]
    pub notes: Option<String>,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! A community of practice.

use std::collections::BTreeMap;

use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::innovation::InnovationStage;
pub use crate::organization::Sector;

stored_enum! {
    /// The four kinds of community of practice.
    CommunityKind {
        /// Members help each other with everyday problems.
        Helping = "HELPING",
        /// Members develop, validate and spread practices.
        BestPractice = "BEST_PRACTICE",
        /// Members organize and keep knowledge.
        KnowledgeStewarding = "KNOWLEDGE_STEWARDING",
        /// Members develop new ideas across boundaries.
        Innovation = "INNOVATION",
    }
}

stored_enum! {
    /// Stages of a community’s life (Wenger, McDermott & Snyder 2002).
    CommunityStage {
        /// People discover that they share a concern.
        Potential = "POTENTIAL",
        /// The community forms and finds value in meeting.
        Coalescing = "COALESCING",
        /// Focus, roles and boundaries become clear.
        Maturing = "MATURING",
        /// The community keeps its knowledge and stays lively.
        Stewardship = "STEWARDSHIP",
        /// The community becomes something else, or ends.
        Transformation = "TRANSFORMATION",
    }
}

stored_enum! {
    /// What a community's transformation ends in (Wenger, McDermott & Snyder 2002).
    TransformationOutcome {
        /// It came together anew.
        Renewed = "RENEWED",
        /// A part of it became a community of its own.
        Split = "SPLIT",
        /// It became part of another community.
        Merged = "MERGED",
        /// An organization took over its work.
        Institutionalised = "INSTITUTIONALISED",
        /// Its members stay in touch, without a practice to keep.
        SocialClub = "SOCIAL_CLUB",
        /// It came to an end.
        Faded = "FADED",
    }
}

stored_enum! {
    /// Whether a community is open for writing.
    CommunityStatus {
        /// Open.
        Active = "ACTIVE",
        /// Readable and searchable, not writable.
        Archived = "ARCHIVED",
    }
}

stored_enum! {
    /// Who may see a community.
    CommunityVisibility {
        /// Anyone.
        Public = "PUBLIC",
        /// Any signed-in user.
        Internal = "INTERNAL",
        /// Members; others with a session see what it is about.
        Private = "PRIVATE",
        /// Members; to others it does not exist.
        Unlisted = "UNLISTED",
    }
}

stored_enum! {
    /// How one becomes a member.
    JoinPolicy {
        /// By joining.
        Open = "OPEN",
        /// By asking a facilitator.
        Approval = "APPROVAL",
        /// By a facilitator’s invitation only.
        Invitation = "INVITATION",
    }
}

stored_enum! {
    /// How a community meets.
    MeetingMode {
        /// In person.
        FaceToFace = "FACE_TO_FACE",
        /// On the web.
        Online = "ONLINE",
        /// Both.
        Blended = "BLENDED",
    }
}

stored_enum! {
    /// How often a community means to meet.
    Cadence {
        /// Every week.
        Weekly = "WEEKLY",
        /// Every two weeks.
        Fortnightly = "FORTNIGHTLY",
        /// Every month.
        Monthly = "MONTHLY",
        /// Every three months.
        Quarterly = "QUARTERLY",
        /// Every year.
        Yearly = "YEARLY",
        /// As there is occasion.
        Irregular = "IRREGULAR",
    }
}

stored_enum! {
    /// Whose review a resource needs before readers are shown it.
    ReviewRule {
        /// Nobody's: its authors publish it.
        None = "NONE",
        /// One reviewer's.
        OneReviewer = "ONE_REVIEWER",
        /// One steward's.
        OneSteward = "ONE_STEWARD",
    }
}

/// The names that a community gives stages of innovations, stored as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct StageLabels(pub BTreeMap<InnovationStage, String>);

/// A community of practice.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "community")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Unique readable name.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The folded name, for order and prefix search.
    pub name_key: String,
    /// What it is for, in a sentence or two.
    pub purpose: String,
    /// Markdown.
    pub description: Option<String>,
    /// Which of the four kinds it is.
    pub kind: CommunityKind,
    /// Where it is in its life.
    pub stage: CommunityStage,
    /// Whether it is open for writing.
    pub status: CommunityStatus,
    /// Who may see it.
    pub visibility: CommunityVisibility,
    /// How one becomes a member.
    pub join_policy: JoinPolicy,
    /// How it meets.
    pub meeting_mode: Option<MeetingMode>,
    /// How often it means to meet.
    pub cadence: Option<Cadence>,
    /// Its sector.
    pub sector: Option<Sector>,
    /// The community that it is part of.
    pub parent_id: Option<Uuid>,
    /// Its own review rule of resources; none where it keeps its kind's.
    pub resource_review: Option<ReviewRule>,
    /// Its own number of approvals of a practice; none where it keeps its kind's.
    pub practice_quorum: Option<i32>,
    /// Its own number of endorsements of a statement; none where it keeps its kind's.
    pub statement_quorum: Option<i32>,
    /// Its own hours until a first answer; none where it keeps its kind's.
    pub first_answer_target_hours: Option<i32>,
    /// Its own days from review to review; none where it keeps its kind's.
    pub review_interval_days: Option<i32>,
    /// Its own days that an innovation may stay in a stage; none where it keeps its kind's.
    pub stage_age_limit_days: Option<i32>,
    /// The names under which it shows stages of innovations; those that it does not name have the names of their own.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub stage_labels: Option<StageLabels>,
    /// Counts changes of its own editable fields, from 1.
    pub revision: i32,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last changed.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

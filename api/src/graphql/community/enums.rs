//! Enums of communities.

use async_graphql::Enum;

use crate::graphql::plain::plain_enums;

/// The four kinds of community of practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::community::CommunityKind")]
pub enum CommunityKind {
    /// Members help each other with everyday problems.
    Helping,
    /// Members develop, validate and spread practices.
    BestPractice,
    /// Members organize and keep knowledge.
    KnowledgeStewarding,
    /// Members develop new ideas across boundaries.
    Innovation,
}

/// Stages of a community's life (Wenger, `McDermott` & Snyder 2002).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::community::CommunityStage")]
pub enum CommunityStage {
    /// People discover that they share a concern.
    Potential,
    /// The community forms and finds value in meeting.
    Coalescing,
    /// Focus, roles and boundaries become clear.
    Maturing,
    /// The community keeps its knowledge and stays lively.
    Stewardship,
    /// The community becomes something else, or ends.
    Transformation,
}

/// Whether a community is open for writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::community::CommunityStatus")]
pub enum CommunityStatus {
    /// Open.
    Active,
    /// Readable and searchable, not writable.
    Archived,
}

/// Who may see a community.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::community::CommunityVisibility")]
pub enum CommunityVisibility {
    /// Anyone.
    Public,
    /// Any signed-in user.
    Internal,
    /// Members; other signed-in users see what it is about.
    Private,
    /// Members; to others it does not exist.
    Unlisted,
}

/// How one becomes a member of a community.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::community::JoinPolicy")]
pub enum JoinPolicy {
    /// By joining.
    Open,
    /// By asking a facilitator.
    Approval,
    /// By a facilitator's invitation only.
    Invitation,
}

/// How a community meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::community::MeetingMode")]
pub enum MeetingMode {
    /// In person.
    FaceToFace,
    /// On the web.
    Online,
    /// Both.
    Blended,
}

/// How often a community means to meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::community::Cadence")]
pub enum Cadence {
    /// Every week.
    Weekly,
    /// Every two weeks.
    Fortnightly,
    /// Every month.
    Monthly,
    /// Every three months.
    Quarterly,
    /// Every year.
    Yearly,
    /// As there is occasion.
    Irregular,
}

plain_enums!(
    Cadence,
    CommunityKind,
    CommunityStage,
    CommunityStatus,
    CommunityVisibility,
    JoinPolicy,
    MeetingMode,
);

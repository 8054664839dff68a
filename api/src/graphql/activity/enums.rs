//! Enums of activities.

use async_graphql::Enum;

use crate::graphql::plain::plain_enums;

/// What members do together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::activity::ActivityKind")]
pub enum ActivityKind {
    /// A meeting.
    Meeting,
    /// A workshop.
    Workshop,
    /// A webinar.
    Webinar,
    /// Work on a problem that somebody brings.
    ProblemSolving,
    /// Peers advise on a task ahead.
    PeerAssist,
    /// A visit to where the practice is.
    SiteVisit,
    /// A group that studies something.
    StudyGroup,
    /// Being together.
    Social,
}

/// Where people meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::activity::ActivityMode")]
pub enum ActivityMode {
    /// In one place.
    FaceToFace,
    /// On the web.
    Online,
    /// Both at once.
    Hybrid,
}

/// Where an activity, or one occurrence of it, stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::activity::ActivityState")]
pub enum ActivityState {
    /// It is to take place.
    Planned,
    /// It took place.
    Held,
    /// It does not take place.
    Cancelled,
}

/// Whether somebody comes to an occurrence, or was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::attendance::AttendanceState")]
pub enum AttendanceState {
    /// Means to come.
    Going,
    /// May come.
    Maybe,
    /// Does not come.
    Declined,
    /// Was there.
    Attended,
}

plain_enums!(ActivityKind, ActivityMode, ActivityState);

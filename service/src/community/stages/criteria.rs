//! What each stage asks for before a community goes on to it.
//!
//! Stages and what matters in them are those of Wenger, McDermott & Snyder, *Cultivating Communities of Practice* (2002),
//! chapters 4 and 5: find a common ground, then value in meeting, then a clear focus with roles, then a practice that is
//! kept alive. The numbers are how this platform recognizes them, not the authors'.

use entity::community::CommunityStage;

use crate::error::{Blocker, BlockerCode};

/// Something that a stage asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// Its name, for programs.
    pub key: &'static str,
    /// What is to be done, as a full sentence.
    pub description: &'static str,
    pub(super) counted: Counted,
    pub(super) asked: Asked,
}

/// How many there are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    AtLeast(u64),
    None,
}

/// What of a community is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    Domains,
    Members,
    Facilitators,
    Stewards,
    CoreMembers,
    Questions,
    AnsweredQuestions,
    AdoptedStatements,
    RecentMeetings,
    Published,
    GoalsMet,
    OpenGoals,
    OpenRequests,
}

/// The days within which meetings count as recent.
pub(super) const RECENT_DAYS: i64 = 90;

impl Criterion {
    /// How many have to be counted to decide it.
    pub(super) const fn most(self) -> u64 {
        match self.asked {
            Asked::AtLeast(count) => count,
            Asked::None => 1,
        }
    }

    /// Whether so many, counted up to [`Self::most`], meet it.
    pub(super) const fn is_met_by(self, count: u64) -> bool {
        match self.asked {
            Asked::AtLeast(least) => count >= least,
            Asked::None => count == 0,
        }
    }

    /// The guard that holds a community back as long as this is unmet.
    #[must_use]
    pub fn blocker(self) -> Blocker {
        Blocker::new(BlockerCode::CriterionUnmet, self.description)
    }
}

const fn at_least(
    count: u64,
    counted: Counted,
    key: &'static str,
    description: &'static str,
) -> Criterion {
    Criterion {
        key,
        description,
        counted,
        asked: Asked::AtLeast(count),
    }
}

const fn none(counted: Counted, key: &'static str, description: &'static str) -> Criterion {
    Criterion {
        key,
        description,
        counted,
        asked: Asked::None,
    }
}

/// What a stage asks of a community that goes on to it.
#[must_use]
pub const fn criteria(stage: CommunityStage) -> &'static [Criterion] {
    match stage {
        CommunityStage::Potential => &[],
        CommunityStage::Coalescing => COALESCING,
        CommunityStage::Maturing => MATURING,
        CommunityStage::Stewardship => STEWARDSHIP,
        CommunityStage::Transformation => TRANSFORMATION,
    }
}

/// People who share a concern have found each other, and somebody brings them together.
const COALESCING: &[Criterion] = &[
    at_least(
        1,
        Counted::Domains,
        "DOMAIN",
        "Name at least one domain that members care about: give `domainIds` with `updateCommunity`.",
    ),
    at_least(
        1,
        Counted::Facilitators,
        "FACILITATOR",
        "Have a facilitator whose account can be used.",
    ),
    at_least(
        3,
        Counted::Members,
        "MEMBERS",
        "Win at least 3 active members.",
    ),
    at_least(
        1,
        Counted::Questions,
        "QUESTION",
        "Say what you want to find out together: put at least one question on the learning agenda.",
    ),
];

/// Members find value in meeting, and say what they are about.
const MATURING: &[Criterion] = &[
    at_least(
        1,
        Counted::AdoptedStatements,
        "STATEMENT",
        "Adopt at least one statement of what defines the community.",
    ),
    at_least(
        3,
        Counted::RecentMeetings,
        "RHYTHM",
        "Find a rhythm: meet at least 3 times in 90 days, and say who was there.",
    ),
    at_least(
        5,
        Counted::Published,
        "FIRST_ITEMS",
        "Publish at least 5 resources or practices.",
    ),
];

/// Focus and roles are clear, and the community reaches what it wants.
const STEWARDSHIP: &[Criterion] = &[
    at_least(
        1,
        Counted::Stewards,
        "STEWARD",
        "Make at least one member a steward, who keeps the repertoire.",
    ),
    at_least(
        3,
        Counted::CoreMembers,
        "CORE_GROUP",
        "Have at least 3 members whose participation is CORE or ACTIVE.",
    ),
    at_least(
        1,
        Counted::GoalsMet,
        "GOAL_MET",
        "Meet at least one goal of the community.",
    ),
    at_least(
        1,
        Counted::AnsweredQuestions,
        "QUESTION_ANSWERED",
        "Answer at least one question of the learning agenda.",
    ),
    at_least(
        20,
        Counted::Published,
        "REPERTOIRE",
        "Publish at least 20 resources or practices.",
    ),
];

/// What was begun is brought to an end before the community becomes something else.
const TRANSFORMATION: &[Criterion] = &[
    none(
        Counted::OpenGoals,
        "GOALS_SETTLED",
        "Say of each open goal of the community that it is met or dropped.",
    ),
    none(
        Counted::OpenRequests,
        "REQUESTS_SETTLED",
        "Answer or close each open request for help.",
    ),
];

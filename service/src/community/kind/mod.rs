//! The four kinds of community, side by side: what each asks for unless a community says otherwise.
//!
//! A kind is behaviour. It sets defaults, which a facilitator may change within [`QUORUM`], [`HOURS`] and [`DAYS`], and
//! guards, which hold for all of its communities. Everything else is open in every kind.

pub mod clock;
mod conflicts;
mod indicator;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use chrono::{DateTime, TimeDelta, Utc};
use entity::community::{self, CommunityKind, ReviewRule};
use entity::innovation::InnovationStage;
use entity::item::ItemType;
use entity::membership::MembershipRole;

use crate::error::{Blocker, BlockerCode};

pub use conflicts::{Conflict, conflict_count, page_of_conflicts};
pub use indicator::{Indicator, Unit};

/// How many approvals or endorsements a community may ask for.
pub const QUORUM: RangeInclusive<i64> = 1..=10;
/// How many hours a clock may have.
pub const HOURS: RangeInclusive<i64> = 1..=720;
/// How many days a clock may have.
pub const DAYS: RangeInclusive<i64> = 7..=1_095;

/// What a kind of community asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The rules of a community that has no settings of its own.
    pub defaults: CommunityPolicy,
    /// What a resource, a practice or a collection must have while it is published.
    pub published_needs: &'static [Need],
    /// Whether a practice is recommended only with evidence from its use.
    pub recommends_by_evidence: bool,
    /// Why something may await a member, the most pressing first.
    pub work: &'static [WorkReason],
    /// What says how such a community does, in the order in which it is shown.
    pub health: &'static [Indicator],
}

/// Why something awaits a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WorkReason {
    /// A question that nobody has answered.
    Unanswered,
    /// A question that nobody has answered, about what the member knows about.
    MatchesExpertise,
    /// A revision that waits for a review that the member may make.
    AwaitingReview,
    /// Something published whose next review is due.
    ReviewOverdue,
    /// Something published that nobody keeps.
    WithoutSteward,
    /// A practice that is recommended and that nobody uses.
    NotAdopted,
    /// A pilot past its end of which nobody told.
    PilotWithoutReport,
    /// Something that is likely the same as something else.
    LikelyDuplicate,
    /// An innovation that waits for a decision about its stage.
    Undecided,
    /// Somebody who asks to join.
    MembershipRequest,
    /// A report that waits for a decision.
    Flag,
}

/// The rules in force in a community.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommunityPolicy {
    /// Whose review a revision of a resource needs before readers are shown it.
    pub resource_review: ReviewRule,
    /// How many approvals of one revision publish a practice.
    pub practice_quorum: i32,
    /// How many endorsements adopt a defining statement.
    pub statement_quorum: i32,
    /// Within how many hours a help request is to have its first answer; none without such a clock.
    pub first_answer_target_hours: Option<i32>,
    /// After how many days what is published is to be reviewed again; none without such a clock.
    pub review_interval_days: Option<i32>,
    /// After how many days in a stage an innovation is to be parked or moved on; none without such a clock.
    pub stage_age_limit_days: Option<i32>,
}

/// What something published may be required to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Somebody who keeps it.
    Steward,
    /// A domain that it is filed under.
    Domain,
    /// A stated licence.
    Licence,
    /// A date of the next review.
    ReviewDate,
}

/// Members help each other with everyday problems: what they share is published first.
const HELPING: Kind = Kind {
    defaults: CommunityPolicy {
        resource_review: ReviewRule::None,
        practice_quorum: 1,
        statement_quorum: 3,
        first_answer_target_hours: Some(48),
        review_interval_days: None,
        stage_age_limit_days: None,
    },
    published_needs: &[],
    recommends_by_evidence: false,
    work: &[
        WorkReason::Unanswered,
        WorkReason::MatchesExpertise,
        WorkReason::MembershipRequest,
        WorkReason::Flag,
        WorkReason::AwaitingReview,
        WorkReason::Undecided,
        WorkReason::PilotWithoutReport,
        WorkReason::ReviewOverdue,
        WorkReason::LikelyDuplicate,
    ],
    health: &[
        Indicator::HoursToFirstAnswer,
        Indicator::HoursToAcceptedAnswer,
        Indicator::ResolvedShare,
        Indicator::HelperShare,
        Indicator::CapturedAnswerReuse,
    ],
};

/// Members develop, validate and spread practices: two look at each practice, and once a year again.
const BEST_PRACTICE: Kind = Kind {
    defaults: CommunityPolicy {
        resource_review: ReviewRule::OneReviewer,
        practice_quorum: 2,
        statement_quorum: 3,
        first_answer_target_hours: None,
        review_interval_days: Some(365),
        stage_age_limit_days: None,
    },
    published_needs: &[],
    recommends_by_evidence: true,
    work: &[
        WorkReason::AwaitingReview,
        WorkReason::NotAdopted,
        WorkReason::ReviewOverdue,
        WorkReason::MembershipRequest,
        WorkReason::Flag,
        WorkReason::Unanswered,
        WorkReason::MatchesExpertise,
        WorkReason::PilotWithoutReport,
        WorkReason::Undecided,
        WorkReason::WithoutSteward,
        WorkReason::LikelyDuplicate,
    ],
    health: &[
        Indicator::AdoptionsPerPractice,
        Indicator::SettingsReached,
        Indicator::DaysToRecommended,
        Indicator::OverdueShare,
    ],
};

/// Members organize and keep knowledge: whatever is published has a keeper, a place, a licence and a date.
const KNOWLEDGE_STEWARDING: Kind = Kind {
    defaults: CommunityPolicy {
        resource_review: ReviewRule::OneSteward,
        practice_quorum: 1,
        statement_quorum: 3,
        first_answer_target_hours: None,
        review_interval_days: Some(180),
        stage_age_limit_days: None,
    },
    published_needs: &[Need::Steward, Need::Domain, Need::Licence, Need::ReviewDate],
    recommends_by_evidence: false,
    work: &[
        WorkReason::ReviewOverdue,
        WorkReason::WithoutSteward,
        WorkReason::LikelyDuplicate,
        WorkReason::AwaitingReview,
        WorkReason::MembershipRequest,
        WorkReason::Flag,
        WorkReason::Unanswered,
        WorkReason::MatchesExpertise,
        WorkReason::Undecided,
        WorkReason::PilotWithoutReport,
    ],
    health: &[
        Indicator::InDateShare,
        Indicator::StewardShare,
        Indicator::DomainCoverage,
        Indicator::ZeroResultShare,
    ],
};

/// Members develop new ideas across boundaries: no idea stays undecided for long.
const INNOVATION: Kind = Kind {
    defaults: CommunityPolicy {
        resource_review: ReviewRule::None,
        practice_quorum: 1,
        statement_quorum: 3,
        first_answer_target_hours: None,
        review_interval_days: None,
        stage_age_limit_days: Some(60),
    },
    published_needs: &[],
    recommends_by_evidence: false,
    work: &[
        WorkReason::Undecided,
        WorkReason::PilotWithoutReport,
        WorkReason::AwaitingReview,
        WorkReason::MembershipRequest,
        WorkReason::Flag,
        WorkReason::Unanswered,
        WorkReason::MatchesExpertise,
        WorkReason::ReviewOverdue,
        WorkReason::LikelyDuplicate,
    ],
    health: &[
        Indicator::Reached(InnovationStage::Idea),
        Indicator::Reached(InnovationStage::Exploring),
        Indicator::Reached(InnovationStage::Piloting),
        Indicator::Reached(InnovationStage::Validated),
        Indicator::Reached(InnovationStage::Promoted),
        Indicator::Conversion(InnovationStage::Idea),
        Indicator::Conversion(InnovationStage::Exploring),
        Indicator::Conversion(InnovationStage::Piloting),
        Indicator::Conversion(InnovationStage::Validated),
        Indicator::DaysInStage(InnovationStage::Idea),
        Indicator::DaysInStage(InnovationStage::Exploring),
        Indicator::DaysInStage(InnovationStage::Piloting),
        Indicator::DaysInStage(InnovationStage::Validated),
        Indicator::PilotsPerIdea,
        Indicator::LearningCapturedShare,
    ],
};

/// What a kind asks for.
#[must_use]
pub const fn of(kind: CommunityKind) -> &'static Kind {
    match kind {
        CommunityKind::Helping => &HELPING,
        CommunityKind::BestPractice => &BEST_PRACTICE,
        CommunityKind::KnowledgeStewarding => &KNOWLEDGE_STEWARDING,
        CommunityKind::Innovation => &INNOVATION,
    }
}

/// The rules in force in a community: its kind's, with its own settings.
#[must_use]
pub fn policy_of(community: &community::Model) -> CommunityPolicy {
    let defaults = of(community.kind).defaults;
    CommunityPolicy {
        resource_review: community
            .resource_review
            .unwrap_or(defaults.resource_review),
        practice_quorum: community
            .practice_quorum
            .unwrap_or(defaults.practice_quorum),
        statement_quorum: community
            .statement_quorum
            .unwrap_or(defaults.statement_quorum),
        first_answer_target_hours: community
            .first_answer_target_hours
            .or(defaults.first_answer_target_hours),
        review_interval_days: community
            .review_interval_days
            .or(defaults.review_interval_days),
        stage_age_limit_days: community
            .stage_age_limit_days
            .or(defaults.stage_age_limit_days),
    }
}

/// The approvals that a revision needs before readers are shown it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approvals {
    /// How many people must approve it; 0 where its authors publish it.
    pub needed: i32,
    /// What these people must be at least.
    pub by: MembershipRole,
}

impl CommunityPolicy {
    /// When what readers are shown now, or what still holds, is to be reviewed again; none without such a clock.
    #[must_use]
    pub fn next_review(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let days = self.review_interval_days?;
        Some(now + TimeDelta::days(days.into()))
    }

    /// The approvals that a revision of an item of this type needs.
    #[must_use]
    pub fn approvals(&self, item_type: ItemType) -> Approvals {
        let (needed, by) = match item_type {
            // A collection is offered as a resource is.
            ItemType::Resource | ItemType::Collection => match self.resource_review {
                ReviewRule::None => (0, MembershipRole::Reviewer),
                ReviewRule::OneReviewer => (1, MembershipRole::Reviewer),
                ReviewRule::OneSteward => (1, MembershipRole::Steward),
            },
            ItemType::Practice => (self.practice_quorum, MembershipRole::Reviewer),
            ItemType::Innovation | ItemType::Activity | ItemType::Discussion => {
                (0, MembershipRole::Reviewer)
            }
        };
        Approvals { needed, by }
    }
}

impl Need {
    /// Why something that lacks this cannot be published.
    #[must_use]
    pub fn blocker(self) -> Blocker {
        let (code, message) = match self {
            Self::Steward => (
                BlockerCode::StewardMissing,
                "What this community publishes has a steward: name one with `setSteward`.",
            ),
            Self::Domain => (
                BlockerCode::DomainMissing,
                "What this community publishes is filed under a domain: give `domainIds`.",
            ),
            Self::Licence => (
                BlockerCode::LicenceMissing,
                "What this community publishes states its licence: give `licence`.",
            ),
            Self::ReviewDate => (
                BlockerCode::ReviewDateMissing,
                "What this community publishes has a date of its next review: set one with `setSteward` or `renewReview`.",
            ),
        };
        Blocker::new(code, message)
    }
}

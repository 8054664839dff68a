//! The health indicators: what each kind of community looks at to see how it does.

use entity::innovation::InnovationStage;

/// Something that says how a community does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Indicator {
    /// How long a question waits for its first answer.
    HoursToFirstAnswer,
    /// How long a question waits for an answer that is accepted.
    HoursToAcceptedAnswer,
    /// How many of the questions are resolved.
    ResolvedShare,
    /// How many of the members helped somebody else.
    HelperShare,
    /// How often captured answers were taken up.
    CapturedAnswerReuse,
    /// How often a practice was adopted.
    AdoptionsPerPractice,
    /// In how many settings practices were adopted.
    SettingsReached,
    /// How long a practice takes from EMERGING to RECOMMENDED.
    DaysToRecommended,
    /// How many of the practices wait for a review that is due.
    OverdueShare,
    /// How much of what is published has a review date that has not passed.
    InDateShare,
    /// How much of what is published is kept by somebody.
    StewardShare,
    /// How many combinations of domain and kind hold a resource.
    DomainCoverage,
    /// How many searches found nothing.
    ZeroResultShare,
    /// How many innovations reached a stage.
    Reached(InnovationStage),
    /// How many of those that reached a stage went on to the next.
    Conversion(InnovationStage),
    /// How long innovations stay in a stage.
    DaysInStage(InnovationStage),
    /// How many pilots an idea had.
    PilotsPerIdea,
    /// How many of the innovations that were given up say what was learned.
    LearningCapturedShare,
}

/// In what an indicator is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Hours.
    Hours,
    /// Days.
    Days,
    /// A part of a whole, from 0 to 1.
    Share,
    /// A number of things.
    Count,
}

impl Unit {
    /// The name under which it is shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hours => "HOURS",
            Self::Days => "DAYS",
            Self::Share => "SHARE",
            Self::Count => "COUNT",
        }
    }
}

impl Indicator {
    /// The name by which a program knows it.
    #[must_use]
    pub fn key(self) -> String {
        match self {
            Self::HoursToFirstAnswer => "HOURS_TO_FIRST_ANSWER".into(),
            Self::HoursToAcceptedAnswer => "HOURS_TO_ACCEPTED_ANSWER".into(),
            Self::ResolvedShare => "RESOLVED_SHARE".into(),
            Self::HelperShare => "HELPER_SHARE".into(),
            Self::CapturedAnswerReuse => "CAPTURED_ANSWER_REUSE".into(),
            Self::AdoptionsPerPractice => "ADOPTIONS_PER_PRACTICE".into(),
            Self::SettingsReached => "SETTINGS_REACHED".into(),
            Self::DaysToRecommended => "DAYS_TO_RECOMMENDED".into(),
            Self::OverdueShare => "OVERDUE_SHARE".into(),
            Self::InDateShare => "IN_DATE_SHARE".into(),
            Self::StewardShare => "STEWARD_SHARE".into(),
            Self::DomainCoverage => "DOMAIN_COVERAGE".into(),
            Self::ZeroResultShare => "ZERO_RESULT_SHARE".into(),
            Self::Reached(stage) => format!("REACHED_{}", stage.as_str()),
            Self::Conversion(stage) => format!("CONVERSION_FROM_{}", stage.as_str()),
            Self::DaysInStage(stage) => format!("DAYS_IN_{}", stage.as_str()),
            Self::PilotsPerIdea => "PILOTS_PER_IDEA".into(),
            Self::LearningCapturedShare => "LEARNING_CAPTURED_SHARE".into(),
        }
    }

    /// What it says, for people.
    #[must_use]
    pub fn label(self) -> String {
        match self {
            Self::HoursToFirstAnswer => "Median time to the first answer".into(),
            Self::HoursToAcceptedAnswer => "Median time to the accepted answer".into(),
            Self::ResolvedShare => "Questions resolved".into(),
            Self::HelperShare => "Members who helped".into(),
            Self::CapturedAnswerReuse => "Reuse of captured answers".into(),
            Self::AdoptionsPerPractice => "Adoptions per practice".into(),
            Self::SettingsReached => "Settings reached".into(),
            Self::DaysToRecommended => "Median time from EMERGING to RECOMMENDED".into(),
            Self::OverdueShare => "Practices whose review is overdue".into(),
            Self::InDateShare => "Published and in date".into(),
            Self::StewardShare => "Published and kept by a steward".into(),
            Self::DomainCoverage => "Combinations of domain and kind with a resource".into(),
            Self::ZeroResultShare => "Searches that found nothing".into(),
            Self::Reached(stage) => format!("Innovations that reached {}", stage.as_str()),
            Self::Conversion(stage) => format!("Innovations that went on from {}", stage.as_str()),
            Self::DaysInStage(stage) => format!("Median time in {}", stage.as_str()),
            Self::PilotsPerIdea => "Pilots per idea".into(),
            Self::LearningCapturedShare => "Abandoned with learning written down".into(),
        }
    }

    /// In what it is measured.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::HoursToFirstAnswer | Self::HoursToAcceptedAnswer => Unit::Hours,
            Self::DaysToRecommended | Self::DaysInStage(_) => Unit::Days,
            Self::ResolvedShare
            | Self::HelperShare
            | Self::OverdueShare
            | Self::InDateShare
            | Self::StewardShare
            | Self::DomainCoverage
            | Self::ZeroResultShare
            | Self::Conversion(_)
            | Self::LearningCapturedShare => Unit::Share,
            Self::CapturedAnswerReuse
            | Self::AdoptionsPerPractice
            | Self::SettingsReached
            | Self::Reached(_)
            | Self::PilotsPerIdea => Unit::Count,
        }
    }
}

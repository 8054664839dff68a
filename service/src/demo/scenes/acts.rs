//! What people do in the scenes of more than one community, so that a scene takes a line or two.

use entity::pilot::{PilotOutcome, PilotState};
use entity::practice::PracticeMaturity;
use entity::review::ReviewVerdict;

use super::{Act, Prove, Write};

/// Plans a pilot of so many days; what follows names it by its question.
pub(super) const fn plan(
    work: &'static str,
    question: &'static str,
    days: i64,
    setting: &'static str,
) -> Act {
    Act::Prove(Prove::Plan {
        work,
        question,
        setting,
        days,
    })
}

/// Begins a planned pilot.
pub(super) const fn begin(pilot: &'static str) -> Act {
    Act::Prove(Prove::Go {
        pilot,
        to: PilotState::Running,
        outcome: None,
        findings: None,
    })
}

/// Ends a pilot with what was found.
pub(super) const fn conclude(
    pilot: &'static str,
    outcome: PilotOutcome,
    findings: &'static str,
) -> Act {
    Act::Prove(Prove::Go {
        pilot,
        to: PilotState::Concluded,
        outcome: Some(outcome),
        findings: Some(findings),
    })
}

/// Tells everybody how a pilot went.
pub(super) const fn tell(pilot: &'static str, rating: i64, text: &'static str) -> Act {
    Act::Prove(Prove::Tell {
        pilot,
        text,
        rating,
    })
}

/// Says that a practice has come further.
pub(super) const fn ripen(work: &'static str, to: PracticeMaturity, reason: &'static str) -> Act {
    Act::Prove(Prove::Ripen { work, to, reason })
}

/// Says what one thinks of what was submitted.
pub(super) const fn review(
    work: &'static str,
    verdict: ReviewVerdict,
    comment: &'static str,
) -> Act {
    Act::Write(Write::Review {
        work,
        verdict,
        comment,
    })
}

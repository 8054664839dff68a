//! Where a community may go from where it stands: its status, and its stage (Wenger, McDermott & Snyder 2002).
//!
//! A community goes one step on when it has what the next stage asks for, or all the same when a facilitator says so; and
//! one step back. Its transformation ends in an outcome: it comes together anew, or is over.

mod criteria;
mod evidence;
mod history;
mod step;

#[cfg(test)]
mod tests;

pub use criteria::{Criterion, criteria};
pub use evidence::{Finding, findings_of};
pub(crate) use history::{Account, begin_history, record_stage};
pub use history::{StageChange, history_of};
pub use step::{SetStage, set_stage};

use entity::community::{CommunityStage, CommunityStatus};

/// The statuses that a community may go to.
#[must_use]
pub const fn next_statuses(status: CommunityStatus) -> &'static [CommunityStatus] {
    match status {
        CommunityStatus::Active => &[CommunityStatus::Archived],
        CommunityStatus::Archived => &[CommunityStatus::Active],
    }
}

/// The stage that comes next; none after the last.
#[must_use]
pub const fn next_stage(stage: CommunityStage) -> Option<CommunityStage> {
    use CommunityStage::{Coalescing, Maturing, Potential, Stewardship, Transformation};
    match stage {
        Potential => Some(Coalescing),
        Coalescing => Some(Maturing),
        Maturing => Some(Stewardship),
        Stewardship => Some(Transformation),
        Transformation => None,
    }
}

/// The stages that a community may go to: the next, or one step back. From its transformation it may come together
/// anew.
#[must_use]
pub const fn next_stages(stage: CommunityStage) -> &'static [CommunityStage] {
    use CommunityStage::{Coalescing, Maturing, Potential, Stewardship, Transformation};
    match stage {
        Potential => &[Coalescing],
        Coalescing => &[Maturing, Potential],
        Maturing => &[Stewardship, Coalescing],
        Stewardship => &[Transformation, Maturing],
        Transformation => &[Coalescing, Stewardship],
    }
}

/// Whether a way that is open leads on, and so asks for what the stage there asks for; otherwise it leads back.
#[must_use]
pub fn leads_on(from: CommunityStage, to: CommunityStage) -> bool {
    next_stage(from) == Some(to) || is_renewal(from, to)
}

/// Whether a community comes together anew by this way.
fn is_renewal(from: CommunityStage, to: CommunityStage) -> bool {
    (from, to) == (CommunityStage::Transformation, CommunityStage::Coalescing)
}

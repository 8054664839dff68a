//! Where a community may go from where it stands.

use entity::community::{CommunityStage, CommunityStatus};

/// The statuses that a community may go to.
#[must_use]
pub const fn next_statuses(status: CommunityStatus) -> &'static [CommunityStatus] {
    match status {
        CommunityStatus::Active => &[CommunityStatus::Archived],
        CommunityStatus::Archived => &[CommunityStatus::Active],
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_community_goes_one_step_on_or_back() {
        use CommunityStage::{Coalescing, Transformation};
        for (place, from) in CommunityStage::ALL.iter().enumerate() {
            for (other, to) in CommunityStage::ALL.iter().enumerate() {
                let renewed = (*from, *to) == (Transformation, Coalescing);
                assert_eq!(
                    next_stages(*from).contains(to),
                    place.abs_diff(other) == 1 || renewed,
                    "{from:?} to {to:?}"
                );
            }
        }
        for from in CommunityStatus::ALL {
            for to in CommunityStatus::ALL {
                assert_eq!(next_statuses(*from).contains(to), from != to);
            }
        }
    }
}

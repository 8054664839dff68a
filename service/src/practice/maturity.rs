//! How a practice is proven: EMERGING → TRIALLED → RECOMMENDED → SUPERSEDED or RETIRED, and what each step asks for.

use entity::item::{self, PublicationStatus};
use entity::practice::PracticeMaturity;
use entity::{community, item::ItemType};

use crate::community::kind;
use crate::error::{Blocker, BlockerCode};
use crate::evidence::{Counts, formula};
use crate::item::Approver;
use crate::policy::item::counts_as;

/// The maturities that a practice may go to.
#[must_use]
pub const fn next_maturities(maturity: PracticeMaturity) -> &'static [PracticeMaturity] {
    use PracticeMaturity::{Emerging, Recommended, Retired, Superseded, Trialled};
    match maturity {
        Emerging => &[Trialled],
        Trialled => &[Recommended],
        Recommended => &[Superseded, Retired],
        Superseded | Retired => &[],
    }
}

/// What the guards of a practice's maturity look at.
#[derive(Clone, Copy, Debug)]
pub struct Proof<'a> {
    /// Its community.
    pub community: &'a community::Model,
    /// Its shared row.
    pub item: &'a item::Model,
    /// What shows that it works.
    pub counts: Counts,
    /// Those who approve of the revision that readers are shown.
    pub approvers: &'a [Approver],
}

/// What holds a practice back from a maturity as long as nothing more is said: SUPERSEDED needs its successor.
#[must_use]
pub fn guards(proof: Proof<'_>, to: PracticeMaturity) -> Vec<Blocker> {
    match to {
        PracticeMaturity::Emerging | PracticeMaturity::Retired => Vec::new(),
        PracticeMaturity::Trialled => {
            let tried = formula::tried(proof.counts);
            let message = "A pilot of this practice must be concluded first.";
            missing(tried, BlockerCode::PilotMissing, message)
        }
        PracticeMaturity::Recommended => recommending(proof),
        PracticeMaturity::Superseded => {
            let message = "Name in `supersededById` the practice that takes its place.";
            missing(false, BlockerCode::SuccessorMissing, message)
        }
    }
}

fn missing(met: bool, code: BlockerCode, message: impl Into<String>) -> Vec<Blocker> {
    if met {
        Vec::new()
    } else {
        vec![Blocker::new(code, message)]
    }
}

fn recommending(proof: Proof<'_>) -> Vec<Blocker> {
    let published = proof.item.status == Some(PublicationStatus::Published);
    let mut blockers = missing(
        published,
        BlockerCode::CriterionUnmet,
        "Only what is published can be recommended.",
    );
    let needed = kind::policy_of(proof.community).approvals(ItemType::Practice);
    let given = proof.approvers.iter();
    let given = given
        .filter(|(_, role)| counts_as(*role, needed.by))
        .count();
    let given = i32::try_from(given).unwrap_or(i32::MAX);
    let message = format!(
        "{given} of the {} approvals that this community asks for are given to the published revision.",
        needed.needed
    );
    blockers.extend(missing(
        given >= needed.needed,
        BlockerCode::QuorumMissing,
        message,
    ));
    let asked = kind::of(proof.community.kind).recommends_by_evidence;
    let message = format!(
        "This community recommends what a pilot showed to work, or what was confirmed by {} adoptions from {} settings.",
        formula::CONFIRMED_ADOPTIONS,
        formula::CONFIRMED_SETTINGS
    );
    blockers.extend(missing(
        !asked || formula::recommends(proof.counts),
        BlockerCode::EvidenceMissing,
        message,
    ));
    blockers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_between_all_pairs_of_maturities() {
        use PracticeMaturity::{Emerging, Recommended, Retired, Superseded, Trialled};
        let open = [
            (Emerging, Trialled),
            (Trialled, Recommended),
            (Recommended, Superseded),
            (Recommended, Retired),
        ];
        for from in PracticeMaturity::ALL {
            for to in PracticeMaturity::ALL {
                assert_eq!(
                    next_maturities(*from).contains(to),
                    open.contains(&(*from, *to)),
                    "{from:?} to {to:?}"
                );
            }
        }
    }
}

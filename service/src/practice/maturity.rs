//! How a practice is proven: EMERGING → TRIALLED → RECOMMENDED → SUPERSEDED or RETIRED.

use entity::practice::PracticeMaturity;

use crate::error::{Blocker, BlockerCode};

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

/// What a step asks for that no practice can show without pilots, adoptions and successors.
#[must_use]
pub fn criterion(to: PracticeMaturity) -> Blocker {
    let message = match to {
        PracticeMaturity::Emerging => "Every practice begins as EMERGING.",
        PracticeMaturity::Trialled => "A pilot of the practice must be concluded.",
        PracticeMaturity::Recommended => "The practice needs evidence from its use.",
        PracticeMaturity::Superseded => "The practice needs a successor.",
        PracticeMaturity::Retired => "Retiring a practice needs a reason.",
    };
    Blocker::new(BlockerCode::CriterionUnmet, message)
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

//! The formula: what counts as evidence, and what it comes to.
//!
//! What is counted is what everybody sees who sees the item, so that no level tells of what is narrower:
//!
//! - a **pilot** when it is concluded; it worked when its outcome is WORKED or `WORKED_WITH_CHANGES`,
//! - an **experience report** of a pilot or an adoption when its consent is PUBLIC; an anonymous one from the day on
//!   which it is read,
//! - an **adoption** while it is `IN_USE` or CONFIRMED; as confirmed when it is CONFIRMED and its outcome is not WORSE.
//!
//! The level is the highest that holds: CONFIRMED with [`CONFIRMED_ADOPTIONS`] confirmed adoptions from
//! [`CONFIRMED_SETTINGS`] settings, PILOTED with a concluded pilot, REPORTED with a report or an adoption, NONE without
//! all of these. Settings are one when they read alike, case and accents ignored.

use entity::evidence::EvidenceLevel;
use entity::pilot::PilotOutcome;

/// So many adoptions must be confirmed before all of them together confirm what was adopted.
pub const CONFIRMED_ADOPTIONS: i32 = 3;
/// From so many settings they must come.
pub const CONFIRMED_SETTINGS: i32 = 2;

/// Whether a pilot with this outcome worked.
#[must_use]
pub const fn worked(outcome: PilotOutcome) -> bool {
    matches!(
        outcome,
        PilotOutcome::Worked | PilotOutcome::WorkedWithChanges
    )
}

/// What was counted of an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Pilots that were concluded.
    pub concluded: i32,
    /// Of these, those that worked.
    pub worked: i32,
    /// Experience reports.
    pub reports: i32,
    /// Adoptions in use or confirmed.
    pub adoptions: i32,
    /// Of these, those that were confirmed.
    pub confirmed: i32,
    /// The settings of the confirmed ones.
    pub settings: i32,
}

/// The level that the numbers come to.
#[must_use]
pub const fn level(counts: Counts) -> EvidenceLevel {
    if confirmed(counts) {
        EvidenceLevel::Confirmed
    } else if counts.concluded > 0 {
        EvidenceLevel::Piloted
    } else if counts.reports > 0 || counts.adoptions > 0 {
        EvidenceLevel::Reported
    } else {
        EvidenceLevel::None
    }
}

const fn confirmed(counts: Counts) -> bool {
    counts.confirmed >= CONFIRMED_ADOPTIONS && counts.settings >= CONFIRMED_SETTINGS
}

/// Whether a practice was tried: a pilot of it was concluded.
#[must_use]
pub const fn tried(counts: Counts) -> bool {
    counts.concluded > 0
}

/// Whether the evidence recommends a practice where the kind of its community asks for evidence: a pilot that worked, or
/// confirmed adoptions enough.
#[must_use]
pub const fn recommends(counts: Counts) -> bool {
    counts.worked > 0 || confirmed(counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counts([concluded, worked, reports, adoptions, confirmed, settings]: [i32; 6]) -> Counts {
        Counts {
            concluded,
            worked,
            reports,
            adoptions,
            confirmed,
            settings,
        }
    }

    #[test]
    fn levels_begin_where_the_documentation_says() {
        use EvidenceLevel::{Confirmed, None, Piloted, Reported};
        for (numbers, expected, recommended) in [
            ([0, 0, 0, 0, 0, 0], None, false),
            ([0, 0, 1, 0, 0, 0], Reported, false),
            ([0, 0, 0, 1, 0, 0], Reported, false),
            ([0, 0, 0, 2, 2, 2], Reported, false),
            ([0, 0, 0, 3, 3, 1], Reported, false),
            ([1, 0, 1, 0, 0, 0], Piloted, false),
            ([1, 1, 1, 0, 0, 0], Piloted, true),
            ([0, 0, 0, 3, 3, 2], Confirmed, true),
            ([1, 0, 1, 3, 3, 2], Confirmed, true),
        ] {
            let counts = counts(numbers);
            assert_eq!(level(counts), expected, "{counts:?}");
            assert_eq!(recommends(counts), recommended, "{counts:?}");
        }
    }

    proptest! {
        #[test]
        fn more_evidence_never_lowers_a_level(
            numbers in proptest::array::uniform6(0..4_i32),
            more in proptest::array::uniform6(0..4_i32),
        ) {
            let mut sum = numbers;
            for (number, more) in sum.iter_mut().zip(more) {
                *number += more;
            }
            prop_assert!(level(counts(sum)) >= level(counts(numbers)));
            prop_assert!(recommends(counts(sum)) || !recommends(counts(numbers)));
        }
    }
}

//! The formula: what counts, how much it weighs, and where the levels begin.
//!
//! An act counts on its day and for the [`WINDOW_DAYS`] that begin with it. The score is the sum of all acts in the window
//! by their weights; the first level whose threshold it reaches is the member's. Below the last threshold a member is
//! PERIPHERAL, and INACTIVE only after [`WINDOWS_UNTIL_INACTIVE`] windows without any act, counted from joining at least.

use chrono::{Days, NaiveDate};
use entity::participation::ParticipationLevel;
use entity::participation_act::ParticipationAct;

/// How many days what was done counts.
pub const WINDOW_DAYS: u64 = 90;
/// After so many windows without a trace a member counts as inactive.
pub const WINDOWS_UNTIL_INACTIVE: u64 = 2;

/// What an act weighs.
#[must_use]
pub const fn weight(act: ParticipationAct) -> u32 {
    match act {
        ParticipationAct::Contribution => 5,
        ParticipationAct::Attendance => 3,
        ParticipationAct::Reaction => 1,
    }
}

/// The least score of each level, the highest first: about a contribution a week, a contribution or a meeting in every
/// three weeks, and one contribution in the window.
pub const THRESHOLDS: [(ParticipationLevel, u32); 3] = [
    (ParticipationLevel::Core, 60),
    (ParticipationLevel::Active, 20),
    (ParticipationLevel::Occasional, 5),
];

/// How often a member did what counts, within the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Things made.
    pub contributions: u32,
    /// Occurrences attended.
    pub attendances: u32,
    /// Endorsements and support.
    pub reactions: u32,
}

impl Counts {
    /// The sum by weights.
    #[must_use]
    pub const fn score(self) -> u32 {
        let contributions = self
            .contributions
            .saturating_mul(weight(ParticipationAct::Contribution));
        let attendances = self
            .attendances
            .saturating_mul(weight(ParticipationAct::Attendance));
        let reactions = self
            .reactions
            .saturating_mul(weight(ParticipationAct::Reaction));
        contributions
            .saturating_add(attendances)
            .saturating_add(reactions)
    }
}

/// The first day whose acts count on a day.
#[must_use]
pub fn window_start(day: NaiveDate) -> NaiveDate {
    day - Days::new(WINDOW_DAYS - 1)
}

/// The first day on which an act of a day no longer counts.
#[must_use]
pub fn out_of_window(act: NaiveDate) -> NaiveDate {
    act + Days::new(WINDOW_DAYS)
}

/// The first day on which a member is inactive whose last trace is of a day.
#[must_use]
pub fn inactive_from(last_trace: NaiveDate) -> NaiveDate {
    last_trace + Days::new(WINDOW_DAYS * WINDOWS_UNTIL_INACTIVE)
}

/// The level of a member on a day. The last trace is the last act, or joining where that is later.
#[must_use]
pub fn level(counts: Counts, last_trace: Option<NaiveDate>, day: NaiveDate) -> ParticipationLevel {
    let score = counts.score();
    let reached = THRESHOLDS.iter().find(|(_, least)| score >= *least);
    match reached {
        Some((level, _)) => *level,
        None if last_trace.is_some_and(|trace| day < inactive_from(trace)) => {
            ParticipationLevel::Peripheral
        }
        None => ParticipationLevel::Inactive,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(number: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(number)
    }

    fn counts(contributions: u32, attendances: u32, reactions: u32) -> Counts {
        Counts {
            contributions,
            attendances,
            reactions,
        }
    }

    #[test]
    fn levels_begin_where_the_table_says() {
        use ParticipationLevel::{Active, Core, Inactive, Occasional, Peripheral};
        for (counts, trace, expected) in [
            (counts(12, 0, 0), Some(0), Core),
            (counts(11, 1, 1), Some(0), Active),
            (counts(0, 20, 0), Some(0), Core),
            (counts(4, 0, 0), Some(0), Active),
            (counts(0, 6, 1), Some(0), Occasional),
            (counts(1, 0, 0), Some(0), Occasional),
            (counts(0, 1, 2), Some(0), Occasional),
            (counts(0, 1, 1), Some(0), Peripheral),
            (counts(0, 0, 0), Some(0), Peripheral),
            (counts(0, 0, 0), None, Inactive),
        ] {
            let found = level(counts, trace.map(day), day(10));
            assert_eq!(found, expected, "{counts:?}");
        }
    }

    #[test]
    fn a_silent_member_is_peripheral_for_two_windows() {
        let silent = |on: u64| level(Counts::default(), Some(day(0)), day(on));
        assert_eq!(silent(179), ParticipationLevel::Peripheral);
        assert_eq!(silent(180), ParticipationLevel::Inactive);
    }

    #[test]
    fn an_act_counts_on_ninety_days() {
        assert_eq!(out_of_window(day(0)), day(90));
        assert!(window_start(day(89)) <= day(0), "on the last of them");
        assert!(window_start(day(90)) > day(0), "no longer");
    }

    proptest! {
        #[test]
        fn doing_more_never_lowers_a_level(
            fewer in (0..50_u32, 0..50_u32, 0..50_u32),
            more in (0..50_u32, 0..50_u32, 0..50_u32),
        ) {
            let before = counts(fewer.0, fewer.1, fewer.2);
            let after = counts(fewer.0 + more.0, fewer.1 + more.1, fewer.2 + more.2);
            // Levels are declared in falling order.
            prop_assert!(level(after, Some(day(0)), day(1)) <= level(before, Some(day(0)), day(1)));
        }
    }
}

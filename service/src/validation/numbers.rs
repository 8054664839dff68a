//! Numbers and days.

use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};

use super::{Faults, Patch};
use crate::error::FaultCode;

/// The years in which something can begin or be due. The first of all times stands in for one that cannot be read, and is
/// none of them.
pub const YEARS: RangeInclusive<i32> = 1971..=2199;

impl Faults {
    /// Checks a patch of an optional whole number.
    pub fn number_patch(
        &mut self,
        path: &[&str],
        patch: &Patch<i64>,
        range: RangeInclusive<i64>,
    ) -> Patch<i32> {
        match patch {
            Patch::Absent => Patch::Absent,
            Patch::Null => Patch::Null,
            &Patch::Value(number) => {
                if !range.contains(&number) {
                    self.add(
                        FaultCode::OutOfRange,
                        path,
                        format!(
                            "This number must be from {} to {}, and is {number}.",
                            range.start(),
                            range.end()
                        ),
                    );
                }
                Patch::Value(i32::try_from(number).unwrap_or(i32::MAX))
            }
        }
    }

    /// Checks an optional whole number.
    pub fn number(
        &mut self,
        path: &[&str],
        number: Option<i64>,
        range: RangeInclusive<i64>,
    ) -> Option<i32> {
        let given = number.map_or(Patch::Absent, Patch::Value);
        self.number_patch(path, &given, range).or_keep(None)
    }

    /// Checks a day.
    pub fn day(&mut self, path: &[&str], day: NaiveDate) {
        if !YEARS.contains(&day.year()) {
            let message = format!(
                "The year must be from {} to {}.",
                YEARS.start(),
                YEARS.end()
            );
            self.add(FaultCode::OutOfRange, path, message);
        }
    }
}

//! The one source of the time: everything asks it, tests turn it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// Tells the time, in whole microseconds: what both databases keep.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    ahead: Arc<AtomicI64>,
}

impl Clock {
    /// The time now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one place that reads the system's clock"
        )]
        let now = Utc::now() + TimeDelta::microseconds(self.ahead.load(Ordering::Relaxed));
        now.duration_trunc(TimeDelta::microseconds(1))
            .unwrap_or(now)
    }

    /// Turns this clock and all its clones to another time for as long as the guard lives, whatever ends it. Only where
    /// nothing else needs the right time meanwhile.
    pub fn turned_to(&self, time: DateTime<Utc>) -> Turned {
        let mut turned = Turned {
            clock: self.clone(),
            by: TimeDelta::zero(),
        };
        turned.turn(time - self.now());
        turned
    }

    /// Turns this clock and all its clones forward, for tests of deadlines.
    pub fn advance(&self, by: TimeDelta) {
        self.ahead
            .fetch_add(by.num_microseconds().unwrap_or(0), Ordering::Relaxed);
    }
}

/// A clock that tells another time until this is dropped.
#[derive(Debug)]
#[must_use = "the clock is turned back when this is dropped"]
pub struct Turned {
    clock: Clock,
    by: TimeDelta,
}

impl Turned {
    /// Turns the clock forward to a time; never back.
    pub fn forward_to(&mut self, time: DateTime<Utc>) {
        let ahead = time - self.clock.now();
        if ahead > TimeDelta::zero() {
            self.turn(ahead);
        }
    }

    fn turn(&mut self, by: TimeDelta) {
        self.clock.advance(by);
        self.by += by;
    }
}

impl Drop for Turned {
    fn drop(&mut self) {
        self.clock.advance(-self.by);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_turned_back_when_the_guard_is_dropped_with_what_it_was_advanced_by_meanwhile() {
        let clock = Clock::default();
        let offset = || clock.ahead.load(Ordering::Relaxed);
        clock.advance(TimeDelta::hours(1));
        let begun = clock.now();
        let mut turned = clock.turned_to(begun - TimeDelta::weeks(10));
        assert!(clock.now() < begun - TimeDelta::days(69));
        turned.forward_to(begun - TimeDelta::weeks(2));
        assert!(clock.now() >= begun - TimeDelta::weeks(2));
        turned.forward_to(begun - TimeDelta::weeks(5));
        assert!(clock.now() >= begun - TimeDelta::weeks(2), "never back");
        clock.advance(TimeDelta::hours(1));
        drop(turned);
        assert_eq!(offset(), TimeDelta::hours(2).num_microseconds().unwrap());
    }
}

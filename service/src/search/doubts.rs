//! What makes one doubt that the files of the index are as they were written.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::index::lock;

/// After so many writes that failed, one after the other, the files are looked through; then after twice as many.
const MANY: u32 = 3;
/// Because of searches they are looked through no more often: all of them are read, and a search may fail because of
/// what it asks, each time that it is sent.
const APART: Duration = Duration::from_mins(10);

/// What failed since the files were looked through.
#[derive(Debug, Default)]
pub(crate) struct Doubts {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Writes that failed since the last that did not.
    failed_writes: u32,
    /// How many those were when the files were looked through because of them.
    looked_after: u32,
    search_failed: bool,
    looked_at: Option<Instant>,
}

impl Doubts {
    /// Something was written.
    pub(crate) fn write_succeeded(&self) {
        let mut state = lock(&self.state);
        (state.failed_writes, state.looked_after) = (0, 0);
    }

    /// Something could not be written, though there is space.
    pub(crate) fn write_failed(&self) {
        let mut state = lock(&self.state);
        state.failed_writes = state.failed_writes.saturating_add(1);
    }

    /// The engine could not answer, or ended early.
    pub(super) fn search_failed(&self) {
        lock(&self.state).search_failed = true;
    }

    /// Whether the files are to be looked through now; it counts as done.
    pub(crate) fn look_is_due(&self) -> bool {
        let mut state = lock(&self.state);
        let many = MANY.max(state.looked_after.saturating_mul(2));
        let by_writes = state.failed_writes >= many;
        let rested = state.looked_at.is_none_or(|at| at.elapsed() >= APART);
        if by_writes {
            state.looked_after = state.failed_writes;
        }
        let due = by_writes || (state.search_failed && rested);
        if due {
            state.search_failed = false;
            state.looked_at = Some(Instant::now());
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_that_go_on_failing_are_looked_into_ever_more_rarely() {
        let doubts = Doubts::default();
        let due: Vec<u32> = (1..=30)
            .filter(|_| {
                doubts.write_failed();
                doubts.look_is_due()
            })
            .collect();
        assert_eq!(due, [3, 6, 12, 24]);
        doubts.write_succeeded();
        let due: Vec<u32> = (1..=4)
            .filter(|_| {
                doubts.write_failed();
                doubts.look_is_due()
            })
            .collect();
        assert_eq!(due, [3]);
    }

    #[test]
    fn searches_that_fail_are_looked_into_at_once_and_not_each_time() {
        let doubts = Doubts::default();
        assert!(!doubts.look_is_due());
        doubts.search_failed();
        assert!(doubts.look_is_due());
        assert!(!doubts.look_is_due());
        doubts.search_failed();
        assert!(!doubts.look_is_due());
    }
}

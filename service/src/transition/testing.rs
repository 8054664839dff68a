//! What the tests of lives share: every step between two states is taken, changes nothing or is refused, and what is
//! refused writes nothing.

use std::fmt::Debug;

use entity::community::{self, CommunityVisibility};
use entity::membership::MembershipRole;
use tempfile::TempDir;
use uuid::Uuid;

use super::count;
use crate::error::{BlockerCode, Error, Fault, FaultCode, Result};
use crate::store::{Store, Written};
use crate::testing;
use crate::viewer::Viewer;

/// A community and who facilitates it.
pub(crate) struct Home {
    _directory: TempDir,
    pub(crate) store: Store,
    pub(crate) community: community::Model,
    pub(crate) facilitator: Viewer,
}

impl Home {
    pub(crate) async fn new() -> Self {
        let (directory, store) = testing::store().await;
        let public = CommunityVisibility::Public;
        let community = testing::community(&store, "walkers", public).await;
        let role = MembershipRole::Facilitator;
        Self {
            facilitator: testing::member(&store, community.id, "fay", role).await,
            _directory: directory,
            store,
            community,
        }
    }
}

/// A step of something from one state to another, by their names.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Whose step it is.
    pub(crate) of: Uuid,
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    /// Where it may go from there.
    pub(crate) open: Vec<&'static str>,
    /// What holds it back on an open way.
    pub(crate) guard: Option<BlockerCode>,
}

impl Step {
    /// A step that nothing holds back where the way is open.
    pub(crate) fn new(
        of: Uuid,
        (from, to): (&'static str, &'static str),
        open: impl Iterator<Item = &'static str>,
    ) -> Self {
        Self {
            of,
            from,
            to,
            open: open.collect(),
            guard: None,
        }
    }
}

/// Takes a step, and says that it went as it should: an open one leads there; one to where the thing is changes nothing;
/// every other one is refused, with the names of the states that are open. Only an open one changes the log, the history
/// or the row.
pub(crate) async fn try_step<R: Debug + PartialEq, T>(
    store: &Store,
    step: &Step,
    row: impl AsyncFn() -> R,
    state: fn(&R) -> &'static str,
    take: impl Future<Output = Result<Written<T>>>,
) {
    let written = async || {
        let position = store.position().await.unwrap();
        let steps = count(store, step.of).await.unwrap();
        (position, steps, row().await)
    };
    let before = written().await;
    assert_eq!(state(&before.2), step.from);
    let outcome = take.await;
    let after = written().await;
    if step.open.contains(&step.to) && step.guard.is_none() {
        assert_eq!(outcome.unwrap().position, after.0, "{step:?}");
        assert!(after.0 > before.0, "{step:?} is in the log");
        assert_eq!(state(&after.2), step.to, "{step:?}");
        return;
    }
    assert_eq!(after, before, "{step:?} writes nothing");
    if step.from == step.to {
        assert_eq!(outcome.unwrap().position, before.0, "{step:?}");
    } else {
        assert_refused(outcome, step);
    }
}

fn assert_refused<T>(outcome: Result<T>, step: &Step) {
    let Err(Error::Refused(faults)) = outcome else {
        panic!("{step:?} should have been refused")
    };
    let [fault] = &faults[..] else {
        panic!("{step:?} is refused for one reason: {faults:?}")
    };
    assert_eq!(fault.code, FaultCode::InvalidTransition, "{step:?}");
    let blocker = step.guard.unwrap_or(BlockerCode::NotFromHere);
    let blockers: Vec<_> = fault.blocked_by.iter().map(|by| by.code).collect();
    assert!(blockers.contains(&blocker), "{step:?}: {blockers:?}");
    if step.guard.is_none() {
        let said = said(fault);
        for state in &step.open {
            assert!(said.contains(state), "{step:?}: {said}");
        }
    }
}

/// All that a refusal says to a person.
fn said(fault: &Fault) -> String {
    let blockers = fault.blocked_by.iter().map(|by| by.message.as_str());
    let said: Vec<&str> = blockers.chain([fault.message.as_str()]).collect();
    said.join(" ")
}

//! The life of an adoption: PLANNED → `IN_USE` → CONFIRMED | STOPPED, and what can be said of it in each state.

use entity::adoption::{AdoptionOutcome, AdoptionState};

use crate::error::{Error, FaultCode, Result};
use crate::validation::Faults;

/// The states that an adoption may go to from `state`. What was planned may be dropped before it began.
#[must_use]
pub const fn next_states(state: AdoptionState) -> &'static [AdoptionState] {
    use AdoptionState::{Confirmed, InUse, Planned, Stopped};
    match state {
        Planned => &[InUse, Stopped],
        InUse => &[Confirmed, Stopped],
        Confirmed | Stopped => &[],
    }
}

/// Refuses a step that the present state does not lead to.
pub(super) fn check_step(from: AdoptionState, to: AdoptionState) -> Result<()> {
    if next_states(from).contains(&to) {
        return Ok(());
    }
    let message = format!(
        "This adoption cannot become {}: it is {}.",
        to.as_str(),
        from.as_str()
    );
    Err(Error::not_from_here(&["state"], message))
}

/// Notes an outcome that does not fit the state.
pub(super) fn check_outcome(
    state: AdoptionState,
    outcome: Option<AdoptionOutcome>,
    path: &[&str],
    faults: &mut Faults,
) {
    match (state, outcome) {
        (AdoptionState::Planned, Some(_)) => {
            let message = "What is only planned has no outcome yet: leave it out.";
            faults.add(FaultCode::Invalid, path, message);
        }
        (AdoptionState::Confirmed, Some(AdoptionOutcome::TooEarly)) => {
            let message = "What is CONFIRMED was used for long enough to tell: give another outcome, or leave it IN_USE.";
            faults.add(FaultCode::Invalid, path, message);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_between_all_pairs_of_states() {
        use AdoptionState::{Confirmed, InUse, Planned, Stopped};
        let open = [
            (Planned, InUse),
            (Planned, Stopped),
            (InUse, Confirmed),
            (InUse, Stopped),
        ];
        for from in AdoptionState::ALL {
            for to in AdoptionState::ALL {
                let expected = open.contains(&(*from, *to));
                assert_eq!(
                    next_states(*from).contains(to),
                    expected,
                    "{from:?} to {to:?}"
                );
                assert_eq!(
                    check_step(*from, *to).is_ok(),
                    expected,
                    "{from:?} to {to:?}"
                );
            }
        }
    }

    #[test]
    fn outcomes_fit_states() {
        for state in AdoptionState::ALL {
            let mut faults = Faults::default();
            check_outcome(*state, None, &["outcome"], &mut faults);
            assert!(faults.is_empty(), "nobody has to say what came of it");
            for outcome in AdoptionOutcome::ALL {
                let mut faults = Faults::default();
                check_outcome(*state, Some(*outcome), &["outcome"], &mut faults);
                let too_early = *outcome == AdoptionOutcome::TooEarly;
                let fits = match state {
                    AdoptionState::Planned => false,
                    AdoptionState::Confirmed => !too_early,
                    AdoptionState::InUse | AdoptionState::Stopped => true,
                };
                assert_eq!(faults.is_empty(), fits, "{state:?} {outcome:?}");
            }
        }
    }
}

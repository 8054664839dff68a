//! The life of a pilot: PLANNED → RUNNING → CONCLUDED, or CANCELLED before that.

use entity::change::Operation;
use entity::experience_report;
use entity::pilot::{PilotOutcome, PilotState};
use futures_util::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{Pilot, open, record};
use crate::error::{Blocker, BlockerCode, Fault, FaultCode, Result};
use crate::evidence;
use crate::item::insert::{insert_many, replace_row};
use crate::policy::item::ItemFacts;
use crate::policy::pilot as policy;
use crate::store::{Store, WriteUnit, Written};
use crate::transition::transition_row;
use crate::validation::{BODY, Faults, SUMMARY, TextRule};
use crate::viewer::{Scope, Viewer};

/// What was found: Markdown that must say something.
const FINDINGS: TextRule = TextRule {
    min: 1,
    max: 50_000,
    ..BODY
};

/// A step in the life of a pilot.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it goes.
    pub to: PilotState,
    /// What it came to, when it is concluded.
    pub outcome: Option<PilotOutcome>,
    /// What was found, when it is concluded.
    pub findings: Option<String>,
    /// Why, when it is cancelled.
    pub reason: Option<String>,
}

/// The states that a pilot may go to from `state`. What never ran has nothing to conclude.
#[must_use]
pub fn next_states(state: PilotState) -> &'static [PilotState] {
    match state {
        PilotState::Planned => &[PilotState::Running, PilotState::Cancelled],
        PilotState::Running => &[PilotState::Concluded, PilotState::Cancelled],
        PilotState::Concluded | PilotState::Cancelled => &[],
    }
}

/// Moves a pilot to another state; for those who run it. Moving it to where it is changes nothing.
#[crate::boxed]
pub async fn set_state(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    step: Step,
) -> Result<Written<Pilot>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let (subject, mut pilot) = open(unit, &viewer, id, &["id"]).await?;
                policy::run(&subject.viewer, subject.facts(), pilot.planner_id)
                    .require(&["id"], "pilot")?;
                let from = pilot.state;
                let reported = is_reported(unit, id).await?;
                let checked = step.check(from, reported)?;
                if from == checked.to {
                    return Ok(pilot);
                }
                let mut fields = vec!["state"];
                if checked.to == PilotState::Concluded {
                    pilot.outcome = checked.outcome;
                    pilot.findings = checked.findings;
                    fields.extend(["outcome", "findings"]);
                }
                pilot.state = checked.to;
                pilot.updated_at = unit.now();
                replace_row(unit, pilot.clone()).await?;
                let taken = transition_row(
                    unit,
                    id,
                    Some(from.as_str()),
                    pilot.state.as_str(),
                    checked.reason,
                );
                insert_many(unit, vec![taken]).await?;
                record(unit, &subject, &pilot, Operation::Updated, &fields);
                evidence::recount(unit, &[pilot.subject_id]).await?;
                Ok(pilot)
            }
            .boxed()
        })
        .await
}

/// Whether somebody told how it went. What is held back does not count yet: that it is there is to show nowhere.
async fn is_reported(unit: &WriteUnit, pilot: Uuid) -> Result<bool> {
    let found = experience_report::Entity::find()
        .filter(experience_report::Column::AboutId.eq(pilot))
        .one(unit.db())
        .await?;
    Ok(found.is_some())
}

impl Step {
    /// The step without what cannot be stored, when it is open; else all that is wrong with it.
    fn check(self, from: PilotState, reported: bool) -> Result<Self> {
        let mut faults = Faults::default();
        let checked = Self {
            findings: faults.optional_text(&["findings"], self.findings.as_deref(), FINDINGS),
            reason: faults.optional_text(&["reason"], self.reason.as_deref(), SUMMARY),
            ..self
        };
        if from != checked.to {
            if next_states(from).contains(&checked.to) {
                checked.check_complete(&mut faults);
            }
            let blocked_by = blockers(from, checked.to, reported);
            if !blocked_by.is_empty() {
                let message = format!("This pilot cannot become {} now.", checked.to.as_str());
                let mut fault = Fault::new(FaultCode::InvalidTransition, &["state"], message);
                fault.blocked_by = blocked_by;
                faults.absorb_fault(fault);
            }
        }
        faults.check()?;
        Ok(checked)
    }

    /// Notes what the step lacks, and what does not belong to it.
    fn check_complete(&self, faults: &mut Faults) {
        let concludes = self.to == PilotState::Concluded;
        let said = [
            ("outcome", self.outcome.is_some()),
            ("findings", self.findings.is_some()),
        ];
        for (name, given) in said {
            if concludes && !given {
                let message = "A pilot is concluded with its outcome and its findings.";
                faults.add(FaultCode::Required, &[name], message);
            } else if given && !concludes {
                let message = "Only a pilot that is concluded has an outcome and findings.";
                faults.add(FaultCode::Invalid, &[name], message);
            }
        }
        if self.to == PilotState::Cancelled && self.reason.is_none() {
            let message = "Say why the pilot is cancelled.";
            faults.add(FaultCode::Required, &["reason"], message);
        }
    }
}

/// What holds a pilot back from a state, whoever asks.
fn blockers(from: PilotState, to: PilotState, reported: bool) -> Vec<Blocker> {
    let open = next_states(from);
    if !open.contains(&to) {
        let names: Vec<_> = open.iter().map(|state| state.as_str()).collect();
        let message = if names.is_empty() {
            format!("{} is the end of a pilot.", from.as_str())
        } else {
            format!(
                "From {} a pilot goes to {}.",
                from.as_str(),
                names.join(" or ")
            )
        };
        return vec![Blocker::new(BlockerCode::NotFromHere, message)];
    }
    if to == PilotState::Concluded && !reported {
        let message = "A pilot is concluded with at least one experience report; nobody has told yet how it went.";
        return vec![Blocker::new(BlockerCode::ReportMissing, message)];
    }
    Vec::new()
}

/// The states that a pilot can go to, and what holds the viewer back from each. Whether somebody told how it went shows
/// to those who run it alone: others may not be meant to know of a report.
#[must_use]
pub fn transitions(
    viewer: &Viewer,
    facts: ItemFacts<'_>,
    pilot: &Pilot,
    reported: bool,
) -> Vec<(PilotState, Vec<Blocker>)> {
    let refused = policy::run(viewer, facts, pilot.planner_id).blocker();
    let next = next_states(pilot.state).iter();
    next.map(|to| {
        let held_back = match &refused {
            Some(blocker) => vec![blocker.clone()],
            None => blockers(pilot.state, *to, reported),
        };
        (*to, held_back)
    })
    .collect()
}

//! Planning a pilot, and changing the plan.

use entity::TextList;
use entity::change::{EntityType, Operation};
use entity::link::LinkRelation;
use entity::pilot::PilotState;
use futures_util::FutureExt;
use sea_orm::IntoActiveModel;
use uuid::Uuid;

use super::content::{PilotContent, PlanPilot};
use super::{Pilot, open, record};
use crate::error::{Error, Result};
use crate::evidence;
use crate::item::gate;
use crate::item::insert::{insert_many, replace_row};
use crate::link::{self, NewLink};
use crate::policy::pilot as policy;
use crate::store::{Store, WriteUnit, Written};
use crate::transition::transition_row;
use crate::validation::Faults;
use crate::viewer::{Scope, Viewer};

/// Plans a pilot of a resource, a practice or an innovation that the viewer may read; for active members of its community.
#[crate::boxed]
pub async fn plan(store: &Store, viewer: &Viewer, input: PlanPilot) -> Result<Written<Pilot>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move { plan_in(unit, &viewer, actor, input).await }.boxed()
        })
        .await
}

async fn plan_in(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    actor: Uuid,
    input: PlanPilot,
) -> Result<Pilot> {
    let mut faults = Faults::default();
    let content = input.content.check(&mut faults);
    let mut pilot = Pilot {
        id: Uuid::now_v7(),
        community_id: Uuid::nil(),
        subject_type: EntityType::Resource,
        subject_id: input.subject_id,
        planner_id: Some(actor),
        question: String::new(),
        setting: String::new(),
        audience: None,
        sites: TextList::default(),
        measures: TextList::default(),
        participant_count: None,
        starts_on: None,
        ends_on: None,
        report_due_at: None,
        state: PilotState::Planned,
        outcome: None,
        findings: None,
        created_at: unit.now(),
        updated_at: unit.now(),
    };
    content.apply(&mut pilot, &mut faults);
    let subject = open_subject(unit, viewer, input.subject_id).await;
    let subject = faults.absorb(subject)?;
    faults.check()?;
    let subject = subject.ok_or_else(|| Error::not_found(SUBJECT, "item"))?;
    pilot.community_id = subject.community.id;
    pilot.subject_type = crate::item::entity_type(subject.state.item.item_type);
    insert_many(unit, vec![pilot.clone().into_active_model()]).await?;
    let step = transition_row(unit, pilot.id, None, pilot.state.as_str(), None);
    insert_many(unit, vec![step]).await?;
    let evidence = NewLink {
        from: (EntityType::Pilot, pilot.id),
        relation: LinkRelation::EvidenceFor,
        to: (pilot.subject_type, pilot.subject_id),
        occurrence: None,
    };
    link::state(unit, &[evidence]).await?;
    record(unit, &subject, &pilot, Operation::Created, &[]);
    evidence::recount(unit, &[pilot.subject_id]).await?;
    Ok(pilot)
}

const SUBJECT: &[&str] = &["input", "subjectId"];

/// Opens what is to be tried. What cannot be tried is not there.
async fn open_subject(unit: &WriteUnit, viewer: &Viewer, id: Uuid) -> Result<gate::Opened> {
    let opened = gate::open(unit, viewer, None, id, policy::plan)
        .await
        .map_err(|error| error.at(&["id"], SUBJECT))?;
    if policy::TRIED_TYPES.contains(&opened.state.item.item_type) {
        Ok(opened)
    } else {
        let what = "resource, practice or innovation";
        Err(Error::not_found(SUBJECT, what))
    }
}

/// Changes what a pilot that is neither concluded nor cancelled says of itself; for those who run it.
#[crate::boxed]
pub async fn update(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    content: PilotContent,
) -> Result<Written<Pilot>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let (subject, old) = open(unit, &viewer, id, &["id"]).await?;
                policy::run(&subject.viewer, subject.facts(), old.planner_id)
                    .require(&["id"], "pilot")?;
                let mut faults = Faults::default();
                let mut new = old.clone();
                content.check(&mut faults).apply(&mut new, &mut faults);
                faults.check()?;
                let fields = changed(&old, &new);
                if fields.is_empty() {
                    return Ok(old);
                }
                check_open(&old)?;
                new.updated_at = unit.now();
                replace_row(unit, new.clone()).await?;
                record(unit, &subject, &new, Operation::Updated, &fields);
                evidence::recount(unit, &[new.subject_id]).await?;
                Ok(new)
            }
            .boxed()
        })
        .await
}

fn check_open(pilot: &Pilot) -> Result<()> {
    if matches!(pilot.state, PilotState::Planned | PilotState::Running) {
        return Ok(());
    }
    let message = format!(
        "This pilot is {}: what it says stays as it is.",
        pilot.state.as_str()
    );
    Err(Error::not_from_here(&["id"], message))
}

/// The names of the fields in which two versions of a pilot differ.
fn changed(old: &Pilot, new: &Pilot) -> Vec<&'static str> {
    [
        ("question", old.question != new.question),
        ("setting", old.setting != new.setting),
        ("audience", old.audience != new.audience),
        ("sites", old.sites != new.sites),
        ("measures", old.measures != new.measures),
        (
            "participantCount",
            old.participant_count != new.participant_count,
        ),
        ("startsOn", old.starts_on != new.starts_on),
        ("endsOn", old.ends_on != new.ends_on),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}

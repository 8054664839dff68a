//! Reporting adoptions, saying how they go, and taking them back.

use std::collections::BTreeSet;

use entity::adoption::{self, AdoptionOutcome, AdoptionState};
use entity::change::{EntityType, Operation};
use entity::item::ItemType;
use entity::link::LinkRelation;
use entity::{organization, transition};
use futures_util::FutureExt;
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::Adoption;
use super::states::{check_outcome, check_step};
use crate::error::{Error, FaultCode, Result};
use crate::evidence;
use crate::experience_report;
use crate::item::gate::{self, Opened};
use crate::item::insert::{insert_many, replace_row, transition_row};
use crate::link::{self, End, NewLink};
use crate::policy::item::ItemFacts;
use crate::policy::{Decision, adoption as policy, audience};
use crate::store::{PendingChange, Store, WriteUnit, Written};
use crate::text::fold;
use crate::validation::{Faults, Patch, SUMMARY, TITLE, TextRule};
use crate::viewer::{Scope, Viewer};

/// So often one person reports adoptions of one thing at most.
pub const MOST_OF_ONE: u64 = 50;

/// A story may be longer than a summary.
const STORY: TextRule = TextRule {
    max: 20_000,
    ..SUMMARY
};

/// An adoption to be reported.
#[derive(Clone, Debug)]
pub struct ReportAdoption {
    /// What was adopted.
    pub subject: End,
    /// In what setting.
    pub setting: String,
    /// Where the adopter practises.
    pub organization_id: Option<Uuid>,
    /// What was done otherwise than it says.
    pub adaptation: Option<String>,
    /// Where it stands.
    pub state: AdoptionState,
    /// What came of it.
    pub outcome: Option<AdoptionOutcome>,
    /// How it went.
    pub story: Option<String>,
}

/// How an adoption goes on.
#[derive(Clone, Debug, Default)]
pub struct UpdateAdoption {
    /// Where it stands now; none where that stays.
    pub state: Option<AdoptionState>,
    /// What came of it.
    pub outcome: Patch<AdoptionOutcome>,
    /// How it went.
    pub story: Patch<String>,
}

/// Says that the viewer takes something back to their practice.
#[crate::boxed]
pub async fn report(
    store: &Store,
    viewer: &Viewer,
    input: ReportAdoption,
) -> Result<Written<Adoption>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move { report_in(unit, &viewer, actor, input).await }.boxed()
        })
        .await
}

async fn report_in(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    actor: Uuid,
    input: ReportAdoption,
) -> Result<Adoption> {
    let mut faults = Faults::default();
    let setting = faults.text(&["input", "setting"], &input.setting, TITLE);
    let adaptation = faults.optional_text(
        &["input", "adaptation"],
        input.adaptation.as_deref(),
        SUMMARY,
    );
    let story = faults.optional_text(&["input", "story"], input.story.as_deref(), STORY);
    let outcome_path = &["input", "outcome"];
    check_outcome(input.state, input.outcome, outcome_path, &mut faults);
    check_organization(unit, input.organization_id, &mut faults).await?;
    let field = &["input", "subjectId"];
    let opened = open_subject(unit, viewer, input.subject, policy::report).await;
    let opened = faults.absorb(opened.map_err(|error| error.at(&["id"], field)))?;
    faults.check()?;
    let opened = opened.ok_or_else(|| Error::internal("an adoption lacks its subject"))?;
    check_number(unit, actor, input.subject.1).await?;
    let new = Adoption {
        id: Uuid::now_v7(),
        subject_type: input.subject.0,
        subject_id: input.subject.1,
        community_id: opened.community.id,
        adopter_id: Some(actor),
        organization_id: input.organization_id,
        setting_key: fold(&setting),
        setting,
        adaptation,
        revision_used: opened.state.item.revision,
        state: input.state,
        outcome: input.outcome,
        story,
        created_at: unit.now(),
        updated_at: unit.now(),
    };
    insert_many(unit, vec![new.clone().into_active_model()]).await?;
    let step = transition_row(unit, new.id, None, new.state.as_str(), None);
    insert_many(unit, vec![step]).await?;
    let adopted = NewLink {
        from: (EntityType::Adoption, new.id),
        relation: LinkRelation::Adopted,
        to: input.subject,
        occurrence: None,
    };
    link::state(unit, &[adopted]).await?;
    record(unit, &opened, &new, Operation::Created, &[]);
    evidence::recount(unit, &[new.subject_id]).await?;
    Ok(new)
}

async fn check_organization(unit: &WriteUnit, id: Option<Uuid>, faults: &mut Faults) -> Result<()> {
    let Some(id) = id else {
        return Ok(());
    };
    let found = organization::Entity::find_by_id(id).one(unit.db()).await?;
    if found.is_none() {
        let field = &["input", "organizationId"];
        faults.absorb::<()>(Err(Error::not_found(field, "organization")))?;
    }
    Ok(())
}

/// What one person says of one thing is bounded.
async fn check_number(unit: &WriteUnit, adopter: Uuid, subject: Uuid) -> Result<()> {
    let reported = adoption::Entity::find()
        .filter(adoption::Column::AdopterId.eq(adopter))
        .filter(adoption::Column::SubjectId.eq(subject))
        .count(unit.db())
        .await?;
    if reported < MOST_OF_ONE {
        return Ok(());
    }
    let message = format!("You can report at most {MOST_OF_ONE} adoptions of one thing.");
    let field = &["input", "subjectId"];
    Err(Error::fault(FaultCode::LimitReached, field, message))
}

/// Opens what was adopted, held until the commit: its evidence changes with its adoptions.
async fn open_subject(
    unit: &WriteUnit,
    viewer: &Viewer,
    (entity_type, id): End,
    decide: impl FnOnce(&Viewer, ItemFacts<'_>) -> Decision,
) -> Result<Opened> {
    let item_type = ItemType::parse(entity_type.as_str());
    gate::open(unit, viewer, item_type, id, decide).await
}

/// Says how one's adoption goes on. What is so already changes nothing.
#[crate::boxed]
pub async fn update(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    input: UpdateAdoption,
) -> Result<Written<Adoption>> {
    let actor = viewer.require(Scope::Write)?;
    let mut faults = Faults::default();
    let story = faults.text_patch(&["story"], input.story, STORY);
    faults.check()?;
    let input = UpdateAdoption { story, ..input };
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let (opened, row) = open(unit, &viewer, id, policy::update).await?;
                let new = changed(&row, input, unit)?;
                let fields = changed_fields(&row, &new);
                if fields.is_empty() {
                    return Ok(row);
                }
                replace_row(unit, new.clone()).await?;
                if row.state != new.state {
                    let (from, to) = (row.state.as_str(), new.state.as_str());
                    let step = transition_row(unit, id, Some(from), to, None);
                    insert_many(unit, vec![step]).await?;
                }
                record(unit, &opened, &new, Operation::Updated, &fields);
                evidence::recount(unit, &[new.subject_id]).await?;
                Ok(new)
            }
            .boxed()
        })
        .await
}

/// The adoption as the input leaves it, where that is open and fits.
fn changed(row: &Adoption, input: UpdateAdoption, unit: &WriteUnit) -> Result<Adoption> {
    let mut faults = Faults::default();
    let state = input.state.unwrap_or(row.state);
    let step = if state == row.state {
        Ok(())
    } else {
        check_step(row.state, state)
    };
    let given = matches!(input.outcome, Patch::Value(_));
    let outcome = input.outcome.or_keep(row.outcome);
    // That what is kept does not fit a state which is not reached says nothing new; of what is given everything is said.
    if faults.absorb(step)?.is_some() || given {
        check_outcome(state, outcome, &["outcome"], &mut faults);
    }
    faults.check()?;
    Ok(Adoption {
        state,
        outcome,
        story: input.story.or_keep(row.story.clone()),
        updated_at: unit.now(),
        ..row.clone()
    })
}

fn changed_fields(old: &Adoption, new: &Adoption) -> Vec<&'static str> {
    [
        ("state", old.state != new.state),
        ("outcome", old.outcome != new.outcome),
        ("story", old.story != new.story),
    ]
    .into_iter()
    .filter_map(|(field, changed)| changed.then_some(field))
    .collect()
}

/// Takes an adoption back for good, and answers its id.
#[crate::boxed]
pub async fn withdraw(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<Uuid>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let (opened, row) = open(unit, &viewer, id, policy::withdraw).await?;
                transition::Entity::delete_many()
                    .filter(transition::Column::EntityId.eq(id))
                    .exec(unit.db())
                    .await?;
                link::forget(unit, id).await?;
                experience_report::forget(unit, &opened, id).await?;
                adoption::Entity::delete_by_id(id).exec(unit.db()).await?;
                record(unit, &opened, &row, Operation::Deleted, &[]);
                evidence::recount(unit, &[row.subject_id]).await?;
                Ok(id)
            }
            .boxed()
        })
        .await
}

/// Opens an adoption, with what was adopted, for a change that `decide` allows.
async fn open(
    unit: &WriteUnit,
    viewer: &Viewer,
    id: Uuid,
    decide: fn(&Viewer, ItemFacts<'_>, Option<Uuid>) -> Decision,
) -> Result<(Opened, Adoption)> {
    let absent = || Error::not_found(&["id"], "adoption");
    let found: Option<(Uuid, Option<Uuid>)> = adoption::Entity::find_by_id(id)
        .select_only()
        .columns([adoption::Column::SubjectId, adoption::Column::AdopterId])
        .into_tuple()
        .one(unit.db())
        .await?;
    let (subject, adopter) = found.unwrap_or_default();
    // An adopter goes on when the subject is closed to them: the adoption is for the policy to judge.
    let opened = gate::open(unit, viewer, None, subject, |viewer, facts| {
        decide(viewer, facts, adopter)
    });
    let opened = opened
        .await
        .map_err(|error| about_adoption(error, &absent))?;
    let row = adoption::Entity::find_by_id(id)
        .lock_exclusive()
        .one(unit.db())
        .await?
        .ok_or_else(absent)?;
    Ok((opened, row))
}

/// Opens an adoption that the viewer may read, with what was adopted. What is not there is said of the argument at
/// `field`.
pub(crate) async fn open_to_read(
    unit: &WriteUnit,
    viewer: &Viewer,
    id: Uuid,
    field: &[&str],
) -> Result<(Opened, Adoption)> {
    let opened = open(unit, viewer, id, |viewer, facts, adopter| {
        if policy::read(viewer, facts, adopter) {
            Decision::Allow
        } else {
            Decision::Conceal
        }
    });
    opened.await.map_err(|error| error.at(&["id"], field))
}

/// The same refusal in words about the adoption: what cannot be found is the adoption.
fn about_adoption(error: Error, absent: &impl Fn() -> Error) -> Error {
    match error {
        Error::Refused(faults) if faults.iter().any(|fault| fault.code == FaultCode::NotFound) => {
            absent()
        }
        other => other,
    }
}

fn record(
    unit: &mut WriteUnit,
    opened: &Opened,
    adoption: &Adoption,
    operation: Operation,
    fields: &[&str],
) {
    let audience: BTreeSet<String> = audience::of_adoption(
        &opened.community,
        &opened.state.item,
        &opened.state.authors,
        adoption.adopter_id,
    );
    unit.record(PendingChange {
        entity_type: EntityType::Adoption,
        entity_id: adoption.id,
        operation,
        community_id: Some(opened.community.id),
        fields: fields.iter().map(|&field| field.to_owned()).collect(),
        audience_before: (operation != Operation::Created).then(|| audience.clone()),
        audience_after: (operation != Operation::Deleted).then_some(audience),
    });
}

//! The rules of a community: its kind, and what it sets differently.

use entity::community::{self, CommunityKind, ReviewRule, StageLabels};
use entity::innovation::InnovationStage;
use futures_util::FutureExt;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use uuid::Uuid;

use super::commands::{governed, record_step, record_update};
use super::kind::{DAYS, HOURS, QUORUM};
use crate::error::{Error, FaultCode, Result};
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{Faults, Patch, TITLE, TextRule};
use crate::viewer::{Scope, Viewer};

/// What is to change about the rules of a community; null goes back to what its kind asks for.
#[derive(Clone, Debug, Default)]
pub struct UpdatePolicy {
    /// Whose review a resource needs.
    pub resource_review: Patch<ReviewRule>,
    /// How many approvals publish a practice.
    pub practice_quorum: Patch<i64>,
    /// How many endorsements adopt a statement.
    pub statement_quorum: Patch<i64>,
    /// Hours until a first answer.
    pub first_answer_target_hours: Patch<i64>,
    /// Days from review to review.
    pub review_interval_days: Patch<i64>,
    /// Days that an innovation may stay in a stage.
    pub stage_age_limit_days: Patch<i64>,
}

struct CheckedPolicy {
    resource_review: Patch<ReviewRule>,
    numbers: [Patch<i32>; 5],
}

impl UpdatePolicy {
    fn check(self, faults: &mut Faults) -> CheckedPolicy {
        CheckedPolicy {
            resource_review: self.resource_review,
            numbers: [
                faults.number_patch(&["input", "practiceQuorum"], &self.practice_quorum, QUORUM),
                faults.number_patch(
                    &["input", "statementQuorum"],
                    &self.statement_quorum,
                    QUORUM,
                ),
                faults.number_patch(
                    &["input", "firstAnswerTargetHours"],
                    &self.first_answer_target_hours,
                    HOURS,
                ),
                faults.number_patch(
                    &["input", "reviewIntervalDays"],
                    &self.review_interval_days,
                    DAYS,
                ),
                faults.number_patch(
                    &["input", "stageAgeLimitDays"],
                    &self.stage_age_limit_days,
                    DAYS,
                ),
            ],
        }
    }
}

impl CheckedPolicy {
    fn apply(self, row: &mut community::Model) {
        row.resource_review = self.resource_review.or_keep(row.resource_review);
        let [practice, statement, hours, interval, limit] = self.numbers;
        row.practice_quorum = practice.or_keep(row.practice_quorum);
        row.statement_quorum = statement.or_keep(row.statement_quorum);
        row.first_answer_target_hours = hours.or_keep(row.first_answer_target_hours);
        row.review_interval_days = interval.or_keep(row.review_interval_days);
        row.stage_age_limit_days = limit.or_keep(row.stage_age_limit_days);
    }
}

/// Changes the rules of a community, by its facilitators.
#[crate::boxed]
pub async fn update_policy(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    input: UpdatePolicy,
) -> Result<Written<community::Model>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let old = governed(unit, &viewer, id).await?;
                let mut faults = Faults::default();
                let input = input.check(&mut faults);
                faults.check()?;
                let mut new = old.clone();
                input.apply(&mut new);
                write(unit, &old, new, "policy").await
            }
            .boxed()
        })
        .await
}

/// Makes a community one of another kind, by its facilitators. What is published stays published, settings of its own
/// stay; [`super::kind::page_of_conflicts`] lists what the kind's guards would not let be published now. With
/// `dry_run` nothing is changed.
#[crate::boxed]
pub async fn set_kind(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    kind: CommunityKind,
    dry_run: bool,
) -> Result<Written<community::Model>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let old = governed(unit, &viewer, id).await?;
                if dry_run || old.kind == kind {
                    return Ok(old);
                }
                let new = community::Model {
                    kind,
                    ..old.clone()
                };
                record_step(unit, id, old.kind.as_str(), kind.as_str()).await?;
                write(unit, &old, new, "kind").await
            }
            .boxed()
        })
        .await
}

/// A name under which a community shows a stage of innovations.
pub type StageLabel = (InnovationStage, String);

/// A name is a word or a few.
const LABEL: TextRule = TextRule { max: 60, ..TITLE };

/// Names the stages of innovations, by the community's facilitators. Stages that are left out have the names of their
/// own again.
#[crate::boxed]
pub async fn rename_stages(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    labels: Vec<StageLabel>,
) -> Result<Written<community::Model>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let mut faults = Faults::default();
                let labels = check_labels(labels, &mut faults);
                let old = governed(unit, &viewer, id).await;
                let old =
                    faults.absorb(old.map_err(|error| error.at(&["id"], &["communityId"])))?;
                faults.check()?;
                let old = old.ok_or_else(|| Error::internal("a community was not read"))?;
                let mut new = old.clone();
                new.stage_labels = (!labels.0.is_empty()).then_some(labels);
                write(unit, &old, new, "stageLabels").await
            }
            .boxed()
        })
        .await
}

fn check_labels(labels: Vec<StageLabel>, faults: &mut Faults) -> StageLabels {
    let mut checked = StageLabels::default();
    for (place, (stage, label)) in labels.into_iter().enumerate() {
        let place = place.to_string();
        let label = faults.text(&["labels", &place, "label"], &label, LABEL);
        if checked.0.insert(stage, label).is_some() {
            let message = format!("{} is named twice here.", stage.as_str());
            faults.add(FaultCode::Invalid, &["labels", &place, "stage"], message);
        }
    }
    checked
}

/// The name under which a community shows a stage of innovations.
#[must_use]
pub fn stage_label(community: &community::Model, stage: InnovationStage) -> &str {
    let own = community.stage_labels.as_ref();
    let own = own.and_then(|labels| labels.0.get(&stage));
    own.map_or_else(|| default_label(stage), String::as_str)
}

const fn default_label(stage: InnovationStage) -> &'static str {
    match stage {
        InnovationStage::Idea => "Idea",
        InnovationStage::Exploring => "Exploring",
        InnovationStage::Piloting => "Piloting",
        InnovationStage::Validated => "Validated",
        InnovationStage::Promoted => "Promoted",
        InnovationStage::Parked => "Parked",
        InnovationStage::Abandoned => "Abandoned",
    }
}

async fn write(
    unit: &mut WriteUnit,
    old: &community::Model,
    mut new: community::Model,
    field: &str,
) -> Result<community::Model> {
    if new == *old {
        return Ok(new);
    }
    new.updated_at = unit.now();
    let new = new
        .into_active_model()
        .reset_all()
        .update(unit.db())
        .await?;
    record_update(unit, old, &new, vec![field.to_owned()]);
    Ok(new)
}

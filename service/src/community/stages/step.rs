//! Taking a community from stage to stage.

use entity::community::{self, CommunityStage, CommunityStatus, TransformationOutcome};
use futures_util::FutureExt;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use uuid::Uuid;

use super::super::commands::{governed, record_step, record_update};
use super::criteria::Criterion;
use super::{Account, findings_of, is_renewal, leads_on, next_stages, record_stage};
use crate::error::{Error, FaultCode, Result};
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{Faults, SUMMARY};
use crate::viewer::{Scope, Viewer};

/// A step of a community's life.
#[derive(Clone, Debug)]
pub struct SetStage {
    /// The stage that it goes to; TRANSFORMATION where it ends there.
    pub stage: CommunityStage,
    /// Why.
    pub reason: String,
    /// What its transformation ends in.
    pub outcome: Option<TransformationOutcome>,
    /// Whether it goes on although the stage asks for more than there is.
    pub overriding: bool,
}

/// What a step comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// To the next stage, or to come together anew.
    On,
    /// To the stage before.
    Back,
    /// Nowhere: the community is over.
    End,
}

/// Takes a community to another stage, by its facilitators; to where it is changes nothing. A community that is over is
/// archived: it can be read, searched, and restored by its facilitators.
#[crate::boxed]
pub async fn set_stage(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    input: SetStage,
) -> Result<Written<community::Model>> {
    let actor = viewer.require(Scope::Write)?;
    let mut faults = Faults::default();
    let reason = faults.text(&["reason"], &input.reason, SUMMARY);
    faults.check()?;
    let input = SetStage { reason, ..input };
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let old = governed(unit, &viewer, id).await?;
                take(unit, old, input).await
            }
            .boxed()
        })
        .await
}

async fn take(
    unit: &mut WriteUnit,
    old: community::Model,
    input: SetStage,
) -> Result<community::Model> {
    if old.stage == input.stage && input.outcome.is_none() {
        return Ok(old);
    }
    let way = way(old.stage, input.stage, input.outcome)?;
    let overrode = if way == Way::On {
        let unmet = unmet(unit, &old, input.stage).await?;
        if !input.overriding {
            refuse(input.stage, &unmet)?;
        }
        unmet.into_iter().map(|criterion| criterion.key).collect()
    } else {
        Vec::new()
    };
    let outcome = input
        .outcome
        .or_else(|| is_renewal(old.stage, input.stage).then_some(TransformationOutcome::Renewed));
    let mut new = old.clone();
    new.stage = input.stage;
    if way == Way::End {
        new.status = CommunityStatus::Archived;
    }
    new.updated_at = unit.now();
    let new = new
        .into_active_model()
        .reset_all()
        .update(unit.db())
        .await?;
    let account = Account {
        reason: input.reason,
        outcome,
        overrode,
    };
    record_stage(unit, old.id, old.stage, new.stage, account).await?;
    let mut fields = vec!["stageHistory".to_owned()];
    if new.stage != old.stage {
        fields.push("stage".to_owned());
    }
    if new.status != old.status {
        record_step(unit, old.id, old.status.as_str(), new.status.as_str()).await?;
        fields.push("status".to_owned());
    }
    record_update(unit, &old, &new, fields);
    Ok(new)
}

/// What a step comes to, when it is open.
pub(super) fn way(
    from: CommunityStage,
    to: CommunityStage,
    outcome: Option<TransformationOutcome>,
) -> Result<Way> {
    use TransformationOutcome::{Faded, Institutionalised, Merged, Renewed, SocialClub, Split};
    let Some(outcome) = outcome else {
        return if !next_stages(from).contains(&to) {
            let names: Vec<_> = next_stages(from)
                .iter()
                .map(|stage| stage.as_str())
                .collect();
            Err(not_from_here(
                "stage",
                format!(
                    "From {} a community goes to {}.",
                    from.as_str(),
                    names.join(" or ")
                ),
            ))
        } else if leads_on(from, to) {
            Ok(Way::On)
        } else {
            Ok(Way::Back)
        };
    };
    if let Some(mutation) = match outcome {
        Split => Some("splitCommunity"),
        Merged => Some("mergeCommunities"),
        Renewed | Institutionalised | SocialClub | Faded => None,
    } {
        return Err(not_from_here(
            "outcome",
            format!("{} comes of `{mutation}` only.", outcome.as_str()),
        ));
    }
    if from != CommunityStage::Transformation {
        return Err(not_from_here(
            "outcome",
            format!(
                "Only a TRANSFORMATION ends in an outcome; this community is in {}.",
                from.as_str()
            ),
        ));
    }
    let (leads_to, way) = match outcome {
        Renewed => (CommunityStage::Coalescing, Way::On),
        _ => (CommunityStage::Transformation, Way::End),
    };
    if to != leads_to {
        return Err(Error::fault(
            FaultCode::Invalid,
            &["stage"],
            format!(
                "{} leaves a community in {}: give that as `stage`.",
                outcome.as_str(),
                leads_to.as_str()
            ),
        ));
    }
    Ok(way)
}

async fn unmet(
    unit: &WriteUnit,
    community: &community::Model,
    to: CommunityStage,
) -> Result<Vec<Criterion>> {
    let asked = (community.id, to);
    let found = findings_of(unit.db(), unit.now(), &[asked])
        .await?
        .remove(&asked)
        .unwrap_or_default();
    Ok(found
        .into_iter()
        .filter(|finding| !finding.met)
        .map(|finding| finding.criterion)
        .collect())
}

fn refuse(to: CommunityStage, unmet: &[Criterion]) -> Result<()> {
    if unmet.is_empty() {
        return Ok(());
    }
    let message = format!(
        "{} asks for more than there is; `override` goes on all the same, and is recorded.",
        to.as_str()
    );
    let blockers = unmet.iter().map(|criterion| criterion.blocker()).collect();
    Err(Error::invalid_transition(&["stage"], message, blockers))
}

fn not_from_here(field: &str, message: String) -> Error {
    Error::not_from_here(&[field], message)
}

//! How things are tried, told of, taken back to practice, and proven.

use chrono::TimeDelta;
use entity::change::EntityType;
use entity::experience_report::Consent;
use entity::{adoption, experience_report, pilot};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{Cue, absent};
use crate::adoption::{ReportAdoption, report};
use crate::demo::items::{Input, Work};
use crate::demo::scenes::Prove;
use crate::error::{Error, Result};
use crate::experience_report::{TellExperience, tell};
use crate::innovation::{PromoteInnovation, promote};
use crate::item::{Origin, entity_type};
use crate::pilot::{PilotContent, PlanPilot, Step, plan, set_state};
use crate::practice::{SetMaturity, set_maturity};
use crate::resource::rate;
use crate::validation::Patch;

pub(super) async fn play(cue: &Cue<'_>, act: &Prove) -> Result<()> {
    let Cue { store, viewer, .. } = *cue;
    match act {
        Prove::Plan {
            work,
            question,
            setting,
            days,
        } => {
            let subject_id = cue.work(work).await?.id;
            if find(cue, question).await?.is_some() {
                return Ok(());
            }
            let first = cue.at.date_naive();
            let content = PilotContent {
                question: Patch::Value((*question).to_owned()),
                setting: Patch::Value((*setting).to_owned()),
                starts_on: Patch::Value(first),
                ends_on: Patch::Value(first + TimeDelta::days(*days)),
                ..PilotContent::default()
            };
            let input = PlanPilot {
                subject_id,
                content,
            };
            plan(store, viewer, input).await?;
        }
        Prove::Go {
            pilot,
            to,
            outcome,
            findings,
        } => {
            let step = Step {
                to: *to,
                outcome: *outcome,
                findings: findings.map(str::to_owned),
                reason: None,
            };
            set_state(store, viewer, needed(cue, pilot).await?.id, step).await?;
        }
        Prove::Tell {
            pilot,
            text,
            rating,
        } => told(cue, pilot, text, *rating).await?,
        Prove::Adopt {
            work,
            setting,
            state,
            outcome,
            story,
        } => {
            let input = ReportAdoption {
                subject: subject(cue, work).await?,
                setting: (*setting).to_owned(),
                organization_id: None,
                adaptation: None,
                state: *state,
                outcome: *outcome,
                story: Some((*story).to_owned()),
            };
            adopt(cue, input).await?;
        }
        Prove::Ripen { work, to, reason } => {
            let input = SetMaturity {
                to: *to,
                reason: Some((*reason).to_owned()),
                superseded_by: None,
            };
            set_maturity(store, viewer, cue.work(work).await?.id, input).await?;
        }
        Prove::Promote { idea, work } => promoted(cue, idea, work).await?,
        Prove::Rate {
            work,
            rating,
            comment,
        } => {
            let id = cue.work(work).await?.id;
            let comment = Some((*comment).to_owned());
            rate(store, viewer, id, *rating, comment).await?;
        }
    }
    Ok(())
}

async fn subject(cue: &Cue<'_>, work: &str) -> Result<(EntityType, Uuid)> {
    let work = cue.work(work).await?;
    Ok((entity_type(work.item_type), work.id))
}

async fn adopt(cue: &Cue<'_>, input: ReportAdoption) -> Result<()> {
    let there = adoption::Entity::find()
        .filter(adoption::Column::SubjectId.eq(input.subject.1))
        .filter(adoption::Column::AdopterId.eq(cue.viewer.require_user()?))
        .one(cue.store.reader())
        .await?;
    if there.is_none() {
        report(cue.store, cue.viewer, input).await?;
    }
    Ok(())
}

async fn promoted(cue: &Cue<'_>, idea: &str, work: &Work) -> Result<()> {
    let idea = cue.work(idea).await?.id;
    let input = work.input(cue.community, cue.ids, Origin::default())?;
    let there = cue.find_item(work.title, &[input.item_type()]).await?;
    if there.is_some() {
        return Ok(());
    }
    let (to_practice, to_resource) = match input {
        Input::Practice(input) => (Some(input), None),
        Input::Resource(input) => (None, Some(input)),
        Input::Innovation(_) | Input::Collection(_) => {
            return Err(Error::internal(
                "an innovation becomes a practice or a resource",
            ));
        }
    };
    let input = PromoteInnovation {
        to_practice,
        to_resource,
    };
    promote(cue.store, cue.viewer, idea, input).await?;
    Ok(())
}

async fn told(cue: &Cue<'_>, question: &str, text: &str, rating: i64) -> Result<()> {
    let pilot = needed(cue, question).await?;
    let there = experience_report::Entity::find()
        .filter(experience_report::Column::AboutId.eq(pilot.id))
        .filter(experience_report::Column::AuthorId.eq(cue.viewer.require_user()?))
        .one(cue.store.reader())
        .await?;
    if there.is_some() {
        return Ok(());
    }
    let input = TellExperience {
        about: (EntityType::Pilot, pilot.id),
        text: text.to_owned(),
        media_url: None,
        rating: Some(rating),
        would_reuse: Some(rating > 2),
        consent: Consent::Public,
        anonymous: false,
    };
    tell(cue.store, cue.viewer, input).await?;
    Ok(())
}

/// A pilot of the community by its question.
async fn find(cue: &Cue<'_>, question: &str) -> Result<Option<pilot::Model>> {
    Ok(pilot::Entity::find()
        .filter(pilot::Column::CommunityId.eq(cue.community))
        .filter(pilot::Column::Question.eq(question))
        .one(cue.store.reader())
        .await?)
}

async fn needed(cue: &Cue<'_>, question: &str) -> Result<pilot::Model> {
    find(cue, question).await?.ok_or_else(|| absent(question))
}

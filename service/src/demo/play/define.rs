//! What a community says of itself, and what it is after.

use chrono::TimeDelta;
use entity::{defining_statement, goal, learning_question};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{Cue, absent, meet};
use crate::defining_statement::{ProposeStatement, endorse, propose};
use crate::demo::scenes::Define;
use crate::error::Result;
use crate::goal::CreateGoal;
use crate::item::Origin;

pub(super) async fn play(cue: &Cue<'_>, act: &Define) -> Result<()> {
    let Cue {
        store,
        viewer,
        community: community_id,
        ..
    } = *cue;
    match act {
        Define::Propose {
            text,
            aspect,
            made_in,
        } => {
            if statement(cue, text).await?.is_some() {
                return Ok(());
            }
            let origin = match made_in {
                Some(meeting) => meet::last_origin(cue, meeting).await?,
                None => Origin::default(),
            };
            let input = ProposeStatement {
                community_id,
                text: (*text).to_owned(),
                aspect: *aspect,
                origin,
                supersedes_id: None,
            };
            propose(store, viewer, input).await?;
        }
        Define::Endorse(text) => {
            let id = statement(cue, text).await?.ok_or_else(|| absent(text))?;
            endorse(store, viewer, id).await?;
        }
        Define::Aim {
            text,
            individual,
            within,
        } => {
            if goal(cue, text).await?.is_some() {
                return Ok(());
            }
            let input = CreateGoal {
                community_id,
                individual: *individual,
                text: (*text).to_owned(),
                target_date: within.map(|days| (cue.at + TimeDelta::days(days)).date_naive()),
            };
            crate::goal::create(store, viewer, input).await?;
        }
        Define::Settle {
            goal: text,
            to,
            evidence,
        } => {
            let id = goal(cue, text).await?.ok_or_else(|| absent(text))?;
            let evidence = cue.works(evidence).await?;
            crate::goal::set_state(store, viewer, id, *to, evidence).await?;
        }
        Define::Wonder(text) => {
            if question(cue, text).await?.is_none() {
                let text = (*text).to_owned();
                crate::learning_question::add(store, viewer, community_id, text).await?;
            }
        }
        Define::Inquire {
            question: text,
            to,
            answers,
        } => {
            let id = question(cue, text).await?.ok_or_else(|| absent(text))?;
            let answers = cue.works(answers).await?;
            crate::learning_question::set_state(store, viewer, id, *to, answers).await?;
        }
    }
    Ok(())
}

async fn statement(cue: &Cue<'_>, text: &str) -> Result<Option<Uuid>> {
    use defining_statement::Column;
    let row = defining_statement::Entity::find()
        .filter(Column::CommunityId.eq(cue.community))
        .filter(Column::Text.eq(text))
        .one(cue.store.reader())
        .await?;
    Ok(row.map(|row| row.id))
}

async fn goal(cue: &Cue<'_>, text: &str) -> Result<Option<Uuid>> {
    let row = goal::Entity::find()
        .filter(goal::Column::CommunityId.eq(cue.community))
        .filter(goal::Column::Text.eq(text))
        .one(cue.store.reader())
        .await?;
    Ok(row.map(|row| row.id))
}

async fn question(cue: &Cue<'_>, text: &str) -> Result<Option<Uuid>> {
    use learning_question::Column;
    let row = learning_question::Entity::find()
        .filter(Column::CommunityId.eq(cue.community))
        .filter(Column::Text.eq(text))
        .one(cue.store.reader())
        .await?;
    Ok(row.map(|row| row.id))
}

//! The life of a goal: OPEN → MET | DROPPED, with what shows that it was met.

use entity::change::{EntityType, Operation};
use entity::goal::{self, GoalState};
use entity::link::LinkRelation;
use entity::membership;
use futures_util::FutureExt;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::{Goal, audience_of};
use crate::community::belonging::{Opened, open, record_for, record_text};
use crate::error::{Error, Result};
use crate::item::insert::{insert_many, replace_row, transition_row};
use crate::item::relate::relate;
use crate::link;
use crate::policy::community as policy;
use crate::store::{Store, WriteUnit, Written};
use crate::validation::Faults;
use crate::viewer::{Scope, Viewer};

/// The states that a goal may go to from `state`.
#[must_use]
pub fn next_states(state: GoalState) -> &'static [GoalState] {
    match state {
        GoalState::Open => &[GoalState::Met, GoalState::Dropped],
        GoalState::Met | GoalState::Dropped => &[],
    }
}

/// Says where a goal stands, and adds evidence: items that the viewer may read. Evidence that is there stays.
#[crate::boxed]
pub async fn set_state(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    to: GoalState,
    evidence: Vec<Uuid>,
) -> Result<Written<Goal>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open::<goal::Entity>(unit, &viewer, id).await?;
                may_manage(unit, &opened).await?;
                let Opened {
                    viewer,
                    community,
                    mut row,
                } = opened;
                let mut faults = Faults::default();
                let end = (EntityType::Goal, id);
                let links = relate(
                    unit,
                    &viewer,
                    &evidence,
                    LinkRelation::EvidenceFor,
                    end,
                    "evidenceIds",
                    &mut faults,
                )
                .await?;
                faults.check()?;
                let from = row.state;
                let mut fields = Vec::new();
                if from != to {
                    check_step(from, to)?;
                    row.state = to;
                    fields.push("state");
                }
                if !links.is_empty() {
                    fields.push("evidence");
                }
                if fields.is_empty() {
                    return Ok(row);
                }
                row.updated_at = unit.now();
                replace_row(unit, row.clone()).await?;
                link::state(unit, &links).await?;
                if from != to {
                    let step = transition_row(unit, id, Some(from.as_str()), to.as_str(), None);
                    insert_many(unit, vec![step]).await?;
                }
                let audience = audience_of(&community, &row);
                record_for::<goal::Entity>(unit, &row, Operation::Updated, &fields, audience);
                if row.membership_id.is_none() && from != to {
                    record_text::<goal::Entity>(unit, &community);
                }
                Ok(row)
            }
            .boxed()
        })
        .await
}

async fn may_manage(unit: &WriteUnit, opened: &Opened<Goal>) -> Result<()> {
    let (viewer, community) = (&opened.viewer, &opened.community);
    let decision = match opened.row.membership_id {
        None => policy::manage_goals(viewer, community),
        Some(id) => {
            let owner = membership::Entity::find_by_id(id).one(unit.db()).await?;
            let owner = owner
                .map(|membership| membership.user_id)
                .unwrap_or_default();
            policy::manage_individual_goal(viewer, community, owner)
        }
    };
    decision.require(&["id"], "goal")
}

fn check_step(from: GoalState, to: GoalState) -> Result<()> {
    if next_states(from).contains(&to) {
        return Ok(());
    }
    let message = format!(
        "This goal is {}, and only an OPEN one becomes MET or DROPPED.",
        from.as_str()
    );
    Err(Error::not_from_here(&["state"], message))
}

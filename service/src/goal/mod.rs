//! Goals: what a community wants to reach, and what one of its members does. Individual goals are for members to see.

mod queries;
mod states;

#[cfg(test)]
mod tests;

pub use queries::{by_ids, count, evidence_of, page};
pub use states::{next_states, set_state};

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::change::{EntityType, Operation};
use entity::community;
use entity::goal::{self, GoalState};
use futures_util::FutureExt;
use sea_orm::IntoActiveModel;
use uuid::Uuid;

use crate::community::belonging::{self, Belonging, HOME};
use crate::error::Result;
use crate::item::insert::{insert_many, transition_row};
use crate::membership::Hold;
use crate::policy::{audience, community as policy};
use crate::store::{Store, Written};
use crate::validation::{Faults, SUMMARY, TextRule};
use crate::viewer::{Scope, Viewer};

/// A goal.
pub type Goal = goal::Model;

/// A goal is said in few words.
const TEXT: TextRule = TextRule {
    max: 2_000,
    ..SUMMARY
};

impl Belonging for goal::Entity {
    const ENTITY_TYPE: EntityType = EntityType::Goal;
    const NOUN: &'static str = "goal";
    const FIELD: &'static str = "goals";

    fn id(row: &Goal) -> Uuid {
        row.id
    }

    fn community(row: &Goal) -> Uuid {
        row.community_id
    }
}

/// A goal to be set.
#[derive(Clone, Debug)]
pub struct CreateGoal {
    /// The community.
    pub community_id: Uuid,
    /// Whether it is the viewer's own goal, not the community's.
    pub individual: bool,
    /// What it says.
    pub text: String,
    /// The day by which it is to be reached.
    pub target_date: Option<NaiveDate>,
}

/// To which list of goals something belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoalScope {
    /// The goals of a community, and of its members as far as the viewer may see them.
    Community(Uuid),
    /// The goals of one membership.
    Membership(Uuid),
}

/// Who sees a goal.
fn audience_of(community: &community::Model, goal: &Goal) -> BTreeSet<String> {
    match goal.membership_id {
        None => audience::of_community_whole(community),
        Some(_) => audience::of_members(community),
    }
}

/// Sets a goal: of the community, for its facilitators, or one's own, for active members.
#[crate::boxed]
pub async fn create(store: &Store, viewer: &Viewer, input: CreateGoal) -> Result<Written<Goal>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let (viewer, community) =
                    belonging::home(unit, &viewer, input.community_id, Hold::Shared).await?;
                let mut faults = Faults::default();
                let text = faults.text(&["input", "text"], &input.text, TEXT);
                if let Some(date) = input.target_date {
                    faults.day(&["input", "targetDate"], date);
                }
                let decision = if input.individual {
                    policy::set_own_goal(&viewer, &community)
                } else {
                    policy::manage_goals(&viewer, &community)
                };
                faults.absorb(decision.require(HOME, "community"))?;
                faults.check()?;
                let membership = viewer.membership(community.id);
                let new = Goal {
                    id: Uuid::now_v7(),
                    community_id: community.id,
                    membership_id: membership
                        .filter(|_| input.individual)
                        .map(|membership| membership.id),
                    text,
                    target_date: input.target_date,
                    state: GoalState::Open,
                    created_at: unit.now(),
                    updated_at: unit.now(),
                };
                insert_many(unit, vec![new.clone().into_active_model()]).await?;
                let step = transition_row(unit, new.id, None, new.state.as_str(), None);
                insert_many(unit, vec![step]).await?;
                let audience = audience_of(&community, &new);
                belonging::record_for::<goal::Entity>(
                    unit,
                    &new,
                    Operation::Created,
                    &[],
                    audience,
                );
                if new.membership_id.is_none() {
                    belonging::record_text::<goal::Entity>(unit, &community);
                }
                Ok(new)
            }
            .boxed()
        })
        .await
}

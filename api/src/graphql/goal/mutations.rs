//! Mutations of goals.

use async_graphql::{Context, ID, InputObject, Object, Result};
use service::goal::{self, CreateGoal};

use super::{Goal, GoalState};
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::item::ITEM_TYPES;
use crate::graphql::mutation::{payload, settle};
use crate::graphql::request::{store, viewer};
use crate::graphql::scalars::Date;

payload!(GoalPayload, goal: Goal, "goal");

/// A goal to be set.
#[derive(Clone, Debug, InputObject)]
pub struct CreateGoalInput {
    /// The community.
    pub community_id: ID,
    /// True for your own goal; otherwise it is the community's.
    pub individual: Option<bool>,
    /// What it says, at most 2,000 characters.
    pub text: String,
    /// The day by which it is to be reached.
    pub target_date: Option<Date>,
}

impl CreateGoalInput {
    fn read(self, decoder: &mut Decoder) -> CreateGoal {
        let community = &["input", "communityId"];
        CreateGoal {
            community_id: decoder.id(community, &self.community_id, NodeType::Community),
            individual: self.individual.unwrap_or(false),
            text: self.text,
            target_date: self
                .target_date
                .map(|date| decoder.date(&["input", "targetDate"], &date.0)),
        }
    }
}

/// Mutations of goals.
#[derive(Debug, Default)]
pub struct GoalMutation;

#[Object]
impl GoalMutation {
    /// Sets a goal of a community, for its facilitators, or one of your own, for active members.
    async fn create_goal(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The goal.")] input: CreateGoalInput,
    ) -> Result<Option<GoalPayload>> {
        let mut decoder = Decoder::default();
        let input = input.read(&mut decoder);
        let outcome = goal::create(store(context)?, &viewer(context)?, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Says that a goal was met or is dropped, and adds what shows it; for facilitators, of an individual goal for its
    /// member. With the state that it has, it adds evidence alone.
    async fn set_goal_state(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the goal.")] id: ID,
        #[graphql(desc = "Where it stands.")] state: GoalState,
        #[graphql(
            desc = "Ids of items that show it; added to those that are there, at most 50 in all."
        )]
        evidence_ids: Option<Vec<ID>>,
    ) -> Result<Option<GoalPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Goal);
        let evidence = evidence_ids.unwrap_or_default();
        let evidence = decoder.id_list_of(&["evidenceIds"], &evidence, ITEM_TYPES);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = goal::set_state(store, &viewer, id, state.into(), evidence).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }
}

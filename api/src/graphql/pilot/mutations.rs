//! Mutations of pilots.

use async_graphql::{Context, ID, Object, Result};
use service::pilot::{self, Step};

use super::{Pilot, PilotOutcome, PilotState, PlanPilotInput, UpdatePilotInput};
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::mutation::{payload, settle};
use crate::graphql::request::{store, viewer};

payload!(PilotPayload, pilot: Pilot, "pilot");

/// Mutations of pilots.
#[derive(Debug, Default)]
pub struct PilotMutation;

#[Object]
impl PilotMutation {
    /// Plans a pilot of a resource, a practice or an innovation; for active members of its community.
    async fn plan_pilot(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The new pilot.")] input: PlanPilotInput,
    ) -> Result<Option<PilotPayload>> {
        let mut decoder = Decoder::default();
        let input = input.read(&mut decoder);
        let outcome = pilot::plan(store(context)?, &viewer(context)?, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Changes what a PLANNED or RUNNING pilot says of itself; for who planned it, the authors of what it tries out, and
    /// stewards and facilitators.
    async fn update_pilot(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the pilot.")] id: ID,
        #[graphql(desc = "What to change.")] input: UpdatePilotInput,
    ) -> Result<Option<PilotPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Pilot);
        let input = input.read(&mut decoder);
        let outcome = pilot::update(store(context)?, &viewer(context)?, id, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Moves a pilot from PLANNED to RUNNING, from RUNNING to CONCLUDED, or from either to CANCELLED; for who planned it,
    /// the authors of what it tries out, and stewards and facilitators. It is concluded with its outcome, its findings and
    /// at least one experience report, and cancelled with a reason. Moving it to where it is changes nothing.
    #[allow(
        clippy::too_many_arguments,
        reason = "a step has four arguments of its own"
    )]
    async fn set_pilot_state(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the pilot.")] id: ID,
        #[graphql(desc = "Where it goes.")] state: PilotState,
        #[graphql(desc = "What it came to; when it is concluded, and only then.")] outcome: Option<
            PilotOutcome,
        >,
        #[graphql(
            desc = "What was found, Markdown, at most 50,000 characters; when it is concluded, and only then."
        )]
        findings: Option<String>,
        #[graphql(desc = "Why, at most 4,000 characters; needed when it is cancelled.")]
        reason: Option<String>,
    ) -> Result<Option<PilotPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Pilot);
        let step = Step {
            to: state.into(),
            outcome: outcome.map(Into::into),
            findings,
            reason,
        };
        let outcome = pilot::set_state(store(context)?, &viewer(context)?, id, step).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }
}

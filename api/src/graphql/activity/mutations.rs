//! Mutations of activities.

use async_graphql::{Context, ID, Object, Result};
use service::activity;

use super::{
    Activity, ActivityState, AttendanceState, CreateActivityInput, UpdateActivityInput,
    UpdateOccurrenceInput,
};
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::mutation::{payload, settle};
use crate::graphql::request::{store, viewer};
use crate::graphql::scalars::DateTime;

payload!(ActivityPayload, activity: Activity, "activity");

/// Mutations of activities.
#[derive(Debug, Default)]
pub struct ActivityMutation;

#[Object]
impl ActivityMutation {
    /// Makes an activity, in state PLANNED; for facilitators of the community.
    async fn create_activity(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The new activity.")] input: CreateActivityInput,
    ) -> Result<Option<ActivityPayload>> {
        let mut decoder = Decoder::default();
        let input = input.read(&mut decoder);
        let outcome = activity::create(store(context)?, &viewer(context)?, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Changes an activity; for facilitators of its community. Occurrences that were attended or noted stay.
    async fn update_activity(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the activity.")] id: ID,
        #[graphql(desc = "What to change.")] input: UpdateActivityInput,
        #[graphql(desc = "The revision that you changed; a newer one is a CONFLICT.")]
        expected_revision: Option<i32>,
    ) -> Result<Option<ActivityPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Activity);
        let input = input.read(&mut decoder);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = activity::update(store, &viewer, id, input, expected_revision).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Says that a planned activity was held, or cancels it with a reason; for facilitators of its community.
    async fn set_activity_state(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the activity.")] id: ID,
        #[graphql(desc = "HELD or CANCELLED.")] state: ActivityState,
        #[graphql(desc = "Why, for its history; CANCELLED needs it.")] reason: Option<String>,
    ) -> Result<Option<ActivityPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Activity);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = activity::set_state(store, &viewer, id, state.into(), reason).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Says whether you come to an occurrence, or, once it has begun, that you were there; for active members of the
    /// community. Facilitators say of others that they attended.
    async fn set_attendance(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the activity.")] activity_id: ID,
        #[graphql(desc = "The occurrence.")] recurrence_id: DateTime,
        #[graphql(desc = "Whether you come, or were there.")] state: AttendanceState,
        #[graphql(desc = "Id of another member who attended; yourself if not given.")]
        user_id: Option<ID>,
    ) -> Result<Option<ActivityPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["activityId"], &activity_id, NodeType::Activity);
        let start = decoder.time(&["recurrenceId"], &recurrence_id.0);
        let user = user_id.map(|id| decoder.id(&["userId"], &id, NodeType::User));
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = activity::set_attendance(store, &viewer, id, start, state.into(), user).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Changes one occurrence: moves it, says where it stands, notes what was done; for facilitators of the community.
    async fn update_occurrence(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the activity.")] activity_id: ID,
        #[graphql(desc = "The occurrence.")] recurrence_id: DateTime,
        #[graphql(desc = "What to change.")] input: UpdateOccurrenceInput,
    ) -> Result<Option<ActivityPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["activityId"], &activity_id, NodeType::Activity);
        let start = decoder.time(&["recurrenceId"], &recurrence_id.0);
        let input = input.read(&mut decoder);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = activity::update_occurrence(store, &viewer, id, start, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }
}

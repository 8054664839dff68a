//! Mutations of value stories.

use async_graphql::{Context, ID, InputObject, Object, Result};
use service::value_story::{self, NewStep, REFERRED_TYPES, TellStory};

use super::{Consent, ValueCycle, ValueStory};
use crate::graphql::ids::{Decoder, NodeType, encode};
use crate::graphql::mutation::{DeletePayload, payload, settle};
use crate::graphql::node::read_end;
use crate::graphql::request::{store, viewer};

payload!(ValueStoryPayload, value_story: ValueStory, "value story");

/// A value story to be told.
#[derive(Clone, Debug, InputObject)]
pub struct ValueStoryInput {
    /// The community that it is about.
    pub community_id: ID,
    /// One line, at most 300 characters.
    pub title: String,
    /// Who may read it. You can make it fewer people later, not more.
    pub consent: Consent,
    /// From 1 to 50 steps, in their order.
    pub steps: Vec<ValueStepInput>,
}

/// A step of a value story.
#[derive(Clone, Debug, InputObject)]
pub struct ValueStepInput {
    /// Which kind of value it tells of.
    pub cycle: ValueCycle,
    /// What it says, at most 4,000 characters.
    pub text: String,
    /// What it points at: items and other things that came of the community; at most 10.
    pub reference_ids: Option<Vec<ID>>,
}

impl ValueStoryInput {
    fn read(self, decoder: &mut Decoder) -> TellStory {
        let home = &["input", "communityId"];
        let community_id = decoder.id(home, &self.community_id, NodeType::Community);
        let steps = self.steps.into_iter().enumerate();
        let steps = steps.map(|(place, step)| {
            let place = place.to_string();
            let references = step.reference_ids.unwrap_or_default();
            let references = references.iter().enumerate().map(|(at, id)| {
                let at = at.to_string();
                let path = ["input", "steps", &place, "referenceIds", &at];
                read_end(decoder, &path, id, &REFERRED_TYPES)
            });
            NewStep {
                cycle: step.cycle.into(),
                text: step.text,
                references: references.collect(),
            }
        });
        TellStory {
            community_id,
            title: self.title,
            consent: self.consent.into(),
            steps: steps.collect(),
        }
    }
}

/// Mutations of value stories.
#[derive(Debug, Default)]
pub struct StoryMutation;

#[Object]
impl StoryMutation {
    /// Tells what a community was worth to you; for its active members.
    async fn tell_value_story(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The story.")] input: ValueStoryInput,
    ) -> Result<Option<ValueStoryPayload>> {
        let mut decoder = Decoder::default();
        let input = input.read(&mut decoder);
        let outcome = value_story::tell(store(context)?, &viewer(context)?, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Makes a story one for fewer people, everywhere at once; for who tells it. It cannot be made one for more.
    async fn narrow_value_story(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the story.")] id: ID,
        #[graphql(desc = "Who may read it from now on.")] consent: Consent,
    ) -> Result<Option<ValueStoryPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::ValueStory);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = value_story::narrow(store, &viewer, id, consent.into()).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Deletes a story for good; for who tells it, and for facilitators of the community who may read it.
    async fn delete_value_story(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the story.")] id: ID,
    ) -> Result<Option<DeletePayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::ValueStory);
        let outcome = value_story::delete(store(context)?, &viewer(context)?, id).await;
        let outcome = outcome.map(|written| written.map(|id| encode(NodeType::ValueStory, id)));
        Ok(Some(DeletePayload::new(settle(context, decoder, outcome)?)))
    }
}

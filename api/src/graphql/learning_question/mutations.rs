//! Mutations of learning agendas.

use async_graphql::{Context, ID, Object, Result};
use service::learning_question;

use super::{LearningQuestion, LearningQuestionState};
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::item::ITEM_TYPES;
use crate::graphql::mutation::{payload, settle};
use crate::graphql::request::{store, viewer};

payload!(
    LearningQuestionPayload,
    learning_question: LearningQuestion,
    "learning question"
);

/// Mutations of learning agendas.
#[derive(Debug, Default)]
pub struct LearningQuestionMutation;

#[Object]
impl LearningQuestionMutation {
    /// Adds a question at the end of a community's learning agenda; for its active members.
    async fn add_learning_question(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the community.")] community_id: ID,
        #[graphql(desc = "What it asks, at most 2,000 characters.")] text: String,
    ) -> Result<Option<LearningQuestionPayload>> {
        let mut decoder = Decoder::default();
        let community = decoder.id(&["communityId"], &community_id, NodeType::Community);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = learning_question::add(store, &viewer, community, text).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Says where a question stands, and adds what answers it; for facilitators. What is OPEN is taken into inquiry, and
    /// what is in inquiry is ANSWERED; both can be PARKED, and are taken into inquiry from there. With the state that it
    /// has, it adds answers alone.
    async fn set_learning_question_state(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the question.")] id: ID,
        #[graphql(desc = "Where it stands.")] state: LearningQuestionState,
        #[graphql(
            desc = "Ids of items that answer it; added to those that are there, at most 50 in all."
        )]
        answer_ids: Option<Vec<ID>>,
    ) -> Result<Option<LearningQuestionPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::LearningQuestion);
        let answers = answer_ids.unwrap_or_default();
        let answers = decoder.id_list_of(&["answerIds"], &answers, ITEM_TYPES);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = learning_question::set_state(store, &viewer, id, state.into(), answers).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }
}

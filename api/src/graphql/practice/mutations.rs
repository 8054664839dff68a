//! Mutations of practices.

use async_graphql::{Context, ID, Object, Result};
use service::entity::item::ItemType;
use service::practice::{self, SetMaturity};

use super::{CreatePracticeInput, Practice, PracticeMaturity, UpdatePracticeInput};
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::item::lifecycle;
use crate::graphql::mutation::{DeletePayload, payload, settle};
use crate::graphql::request::{store, viewer};

payload!(PracticePayload, practice: Practice, "practice");

/// The type, as a node and as an item.
const TYPE: (NodeType, ItemType) = (NodeType::Practice, ItemType::Practice);

/// Mutations of practices.
#[derive(Debug, Default)]
pub struct PracticeMutation;

#[Object]
impl PracticeMutation {
    /// Makes a practice, as a draft or published at once; for active members of the community.
    async fn create_practice(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The new practice.")] input: CreatePracticeInput,
    ) -> Result<Option<PracticePayload>> {
        let mut decoder = Decoder::default();
        let input = input.read(&mut decoder);
        let outcome = practice::create(store(context)?, &viewer(context)?, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Changes a practice; for its authors, and stewards and facilitators of its community.
    async fn update_practice(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the practice.")] id: ID,
        #[graphql(desc = "What to change.")] input: UpdatePracticeInput,
        #[graphql(desc = "The revision that you changed; a newer one is a CONFLICT.")]
        expected_revision: Option<i32>,
    ) -> Result<Option<PracticePayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Practice);
        let input = input.read(&mut decoder);
        let outcome = practice::update(
            store(context)?,
            &viewer(context)?,
            id,
            input,
            expected_revision,
        )
        .await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Publishes a draft; for its authors. Publishing what is published changes nothing.
    async fn publish_practice(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the practice.")] id: ID,
        #[graphql(desc = "The revision that you read; a newer one is a CONFLICT.")]
        expected_revision: Option<i32>,
    ) -> Result<Option<PracticePayload>> {
        let published = lifecycle::publish(context, TYPE, &id, expected_revision).await?;
        Ok(Some(published.into()))
    }

    /// Says that a practice has come to another maturity: EMERGING → TRIALLED → RECOMMENDED → SUPERSEDED or RETIRED. For
    /// its authors, and stewards and facilitators of its community; the ends are for the latter two to say. What it has
    /// come to already changes nothing.
    ///
    /// TRIALLED needs a pilot that is concluded. RECOMMENDED needs as many approvals of the published revision as the
    /// community asks for and, in a `BEST_PRACTICE` community, a pilot that worked or three confirmed adoptions from two
    /// settings. SUPERSEDED needs `supersededById`, RETIRED a reason.
    async fn set_practice_maturity(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the practice.")] id: ID,
        #[graphql(desc = "The maturity that it has come to.")] maturity: PracticeMaturity,
        #[graphql(desc = "Why, for its history, at most 4,000 characters; RETIRED needs it.")]
        reason: Option<String>,
        #[graphql(
            desc = "Id of the published practice that takes its place; SUPERSEDED needs it, nothing else has it."
        )]
        superseded_by_id: Option<ID>,
    ) -> Result<Option<PracticePayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Practice);
        let input = SetMaturity {
            to: maturity.into(),
            reason,
            superseded_by: superseded_by_id
                .map(|id| decoder.id(&["supersededById"], &id, NodeType::Practice)),
        };
        let outcome = practice::set_maturity(store(context)?, &viewer(context)?, id, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Takes a published practice out of what is offered; for stewards and facilitators of its community. It stays
    /// readable, and `restoreItem` brings it back.
    async fn archive_practice(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the practice.")] id: ID,
        #[graphql(desc = "Why, for its history.")] reason: Option<String>,
    ) -> Result<Option<PracticePayload>> {
        let archived = lifecycle::archive(context, TYPE, &id, reason).await?;
        Ok(Some(archived.into()))
    }

    /// Deletes a practice for good; for its authors while it was never published, else for facilitators.
    async fn delete_practice(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the practice.")] id: ID,
    ) -> Result<Option<DeletePayload>> {
        Ok(Some(lifecycle::delete(context, TYPE, &id).await?))
    }
}

//! Mutations of innovations.

use async_graphql::{Context, ID, Object, Result};
use service::entity::item::ItemType;
use service::innovation::{self, PromoteInnovation};

use super::{CreateInnovationInput, Innovation, InnovationStage, UpdateInnovationInput};
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::item::{ItemPayload, lifecycle};
use crate::graphql::mutation::{DeletePayload, payload, settle};
use crate::graphql::practice::CreatePracticeInput;
use crate::graphql::request::{store, viewer};
use crate::graphql::resource::CreateResourceInput;

payload!(InnovationPayload, innovation: Innovation, "innovation");

/// The type, as a node and as an item.
const TYPE: (NodeType, ItemType) = (NodeType::Innovation, ItemType::Innovation);

/// Mutations of innovations.
#[derive(Debug, Default)]
pub struct InnovationMutation;

#[Object]
impl InnovationMutation {
    /// Makes an innovation, in stage IDEA; for active members of the community.
    async fn create_innovation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The new innovation.")] input: CreateInnovationInput,
    ) -> Result<Option<InnovationPayload>> {
        let mut decoder = Decoder::default();
        let input = input.read(&mut decoder);
        let outcome = innovation::create(store(context)?, &viewer(context)?, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Changes an innovation; for its authors, and stewards and facilitators of its community.
    async fn update_innovation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the innovation.")] id: ID,
        #[graphql(desc = "What to change.")] input: UpdateInnovationInput,
        #[graphql(desc = "The revision that you changed; a newer one is a CONFLICT.")]
        expected_revision: Option<i32>,
    ) -> Result<Option<InnovationPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Innovation);
        let input = input.read(&mut decoder);
        let outcome = innovation::update(
            store(context)?,
            &viewer(context)?,
            id,
            input,
            expected_revision,
        )
        .await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Moves an innovation to another stage; for its authors, and stewards and facilitators of its community. The stages
    /// run IDEA → EXPLORING → PILOTING → VALIDATED → PROMOTED; every open stage can be PARKED, and comes back from
    /// there, or ABANDONED, which needs `learning`. PILOTING needs a pilot of it that is planned or runs, VALIDATED one
    /// that worked, with changes or without; it is PROMOTED by `promoteInnovation`.
    async fn advance_innovation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the innovation.")] id: ID,
        #[graphql(desc = "The stage to go to.")] to: InnovationStage,
        #[graphql(desc = "Why, for its history.")] reason: Option<String>,
        #[graphql(desc = "What was learned; ABANDONED needs it.")] learning: Option<String>,
        #[graphql(desc = "The revision that you read; a newer one is a CONFLICT.")]
        expected_revision: Option<i32>,
    ) -> Result<Option<InnovationPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Innovation);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = innovation::advance(
            store,
            &viewer,
            id,
            to.into(),
            reason,
            learning,
            expected_revision,
        )
        .await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Makes a practice or a resource of an innovation that is VALIDATED, and answers that; for the innovation's authors,
    /// and stewards and facilitators of its community. The innovation is PROMOTED by it. Its authors become authors of
    /// what is made, beside those in `authorIds`; who is no active member of the community that it goes to is named in
    /// `bylines`. Unless you give a `visibility`, it has that of the innovation.
    async fn promote_innovation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the innovation.")] id: ID,
        #[graphql(desc = "The practice that is made of it; give this or `toResource`.")]
        to_practice: Option<CreatePracticeInput>,
        #[graphql(desc = "The resource that is made of it; give this or `toPractice`.")]
        to_resource: Option<CreateResourceInput>,
    ) -> Result<Option<ItemPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Innovation);
        let input = PromoteInnovation {
            to_practice: to_practice
                .map(|input| decoder.under("toPractice", |decoder| input.read(decoder))),
            to_resource: to_resource
                .map(|input| decoder.under("toResource", |decoder| input.read(decoder))),
        };
        let outcome = innovation::promote(store(context)?, &viewer(context)?, id, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Adds your support to an innovation; for active members of its community. Supporting twice changes nothing.
    async fn support_innovation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the innovation.")] id: ID,
    ) -> Result<Option<InnovationPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Innovation);
        let outcome = innovation::support(store(context)?, &viewer(context)?, id).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Takes your support of an innovation back.
    async fn withdraw_support(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the innovation.")] id: ID,
    ) -> Result<Option<InnovationPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Innovation);
        let outcome = innovation::withdraw_support(store(context)?, &viewer(context)?, id).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Deletes an innovation for good; for facilitators of its community.
    async fn delete_innovation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the innovation.")] id: ID,
    ) -> Result<Option<DeletePayload>> {
        Ok(Some(lifecycle::delete(context, TYPE, &id).await?))
    }
}

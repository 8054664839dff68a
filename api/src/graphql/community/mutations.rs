//! Mutations of communities.

use async_graphql::{Context, ID, Object, Result};
use service::community;

use super::{Community, CreateCommunityInput, UpdateCommunityInput};
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::mutation::{payload, settle};
use crate::graphql::request::{renew_standing, store, viewer};

payload!(CommunityPayload, community: Community, "community");

/// Mutations of communities.
#[derive(Debug, Default)]
pub struct CommunityMutation;

#[Object]
impl CommunityMutation {
    /// Makes a community; for every signed-in user, who becomes its facilitator.
    async fn create_community(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The new community.")] input: CreateCommunityInput,
    ) -> Result<Option<CommunityPayload>> {
        let mut decoder = Decoder::default();
        let input = input.read(&mut decoder);
        let outcome = community::create(store(context)?, &viewer(context)?, input).await;
        let settled = settle(context, decoder, outcome)?;
        if let Some(row) = &settled.value {
            renew_standing(context, row.id).await?;
        }
        Ok(Some(settled.into()))
    }

    /// Changes what a community says of itself, and its rules; for its facilitators.
    async fn update_community(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the community.")] id: ID,
        #[graphql(desc = "What to change.")] input: UpdateCommunityInput,
        #[graphql(desc = "The revision that you changed; a newer one is a CONFLICT.")]
        expected_revision: Option<i32>,
    ) -> Result<Option<CommunityPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Community);
        let input = input.read(&mut decoder, expected_revision);
        let outcome = community::update(store(context)?, &viewer(context)?, id, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Closes a community for writing; for its facilitators. It stays readable and searchable.
    async fn archive_community(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the community.")] id: ID,
    ) -> Result<Option<CommunityPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Community);
        let outcome = community::archive(store(context)?, &viewer(context)?, id).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Opens an archived community again; for its facilitators.
    async fn restore_community(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the community.")] id: ID,
    ) -> Result<Option<CommunityPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Community);
        let outcome = community::restore(store(context)?, &viewer(context)?, id).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }
}

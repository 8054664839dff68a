//! Mutations of resources.

use async_graphql::{Context, ID, Object, Result};
use service::entity::item::ItemType;
use service::resource;

use super::{CreateResourceInput, Resource, UpdateResourceInput};
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::item::lifecycle;
use crate::graphql::mutation::{DeletePayload, payload, settle};
use crate::graphql::request::{store, viewer};

payload!(ResourcePayload, resource: Resource, "resource");

/// The type, as a node and as an item.
const TYPE: (NodeType, ItemType) = (NodeType::Resource, ItemType::Resource);

/// Mutations of resources.
#[derive(Debug, Default)]
pub struct ResourceMutation;

#[Object]
impl ResourceMutation {
    /// Makes a resource, as a draft or published at once; for active members of the community.
    async fn create_resource(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The new resource.")] input: CreateResourceInput,
    ) -> Result<Option<ResourcePayload>> {
        let mut decoder = Decoder::default();
        let input = input.read(&mut decoder);
        let outcome = resource::create(store(context)?, &viewer(context)?, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Changes a resource; for its authors, and stewards and facilitators of its community.
    async fn update_resource(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the resource.")] id: ID,
        #[graphql(desc = "What to change.")] input: UpdateResourceInput,
        #[graphql(desc = "The revision that you changed; a newer one is a CONFLICT.")]
        expected_revision: Option<i32>,
    ) -> Result<Option<ResourcePayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Resource);
        let input = input.read(&mut decoder);
        let outcome = resource::update(
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
    async fn publish_resource(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the resource.")] id: ID,
        #[graphql(desc = "The revision that you read; a newer one is a CONFLICT.")]
        expected_revision: Option<i32>,
    ) -> Result<Option<ResourcePayload>> {
        let published = lifecycle::publish(context, TYPE, &id, expected_revision).await?;
        Ok(Some(published.into()))
    }

    /// Says how good you find a resource, from 1 to 5; for everybody who is signed in and may read it. Rating again
    /// replaces your rating; the same again changes nothing.
    async fn rate_resource(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the resource.")] id: ID,
        #[graphql(desc = "From 1 to 5, the best.")] rating: i32,
        #[graphql(
            desc = "What you say of it, at most 4,000 characters; whoever may read the resource may read it."
        )]
        comment: Option<String>,
    ) -> Result<Option<ResourcePayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Resource);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = resource::rate(store, &viewer, id, rating.into(), comment).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Takes a published resource out of what is offered; for stewards and facilitators of its community. It stays
    /// readable, and `restoreItem` brings it back.
    async fn archive_resource(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the resource.")] id: ID,
        #[graphql(desc = "Why, for its history.")] reason: Option<String>,
    ) -> Result<Option<ResourcePayload>> {
        let archived = lifecycle::archive(context, TYPE, &id, reason).await?;
        Ok(Some(archived.into()))
    }

    /// Deletes a resource for good; for its authors while it was never published, else for facilitators.
    async fn delete_resource(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the resource.")] id: ID,
    ) -> Result<Option<DeletePayload>> {
        Ok(Some(lifecycle::delete(context, TYPE, &id).await?))
    }
}

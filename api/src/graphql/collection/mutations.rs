//! Mutations of collections.

use async_graphql::{Context, ID, Object, Result};
use service::collection;
use service::entity::item::ItemType;

use super::inputs::read_entries;
use super::{Collection, CollectionEntryInput, CollectionInput, UpdateCollectionInput};
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::item::lifecycle;
use crate::graphql::mutation::{DeletePayload, payload, settle};
use crate::graphql::request::{store, viewer};

payload!(CollectionPayload, collection: Collection, "collection");

/// The type, as a node and as an item.
const TYPE: (NodeType, ItemType) = (NodeType::Collection, ItemType::Collection);

/// Mutations of collections.
#[derive(Debug, Default)]
pub struct CollectionMutation;

#[Object]
impl CollectionMutation {
    /// Makes a collection, as a draft or published at once; for active members of the community.
    async fn create_collection(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The new collection.")] input: CollectionInput,
    ) -> Result<Option<CollectionPayload>> {
        let mut decoder = Decoder::default();
        let input = input.read(&mut decoder);
        let outcome = collection::create(store(context)?, &viewer(context)?, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Changes what a collection says of itself; for its authors, and stewards and facilitators of its community.
    async fn update_collection(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the collection.")] id: ID,
        #[graphql(desc = "What to change.")] input: UpdateCollectionInput,
        #[graphql(desc = "The revision that you changed; a newer one is a CONFLICT.")]
        expected_revision: Option<i32>,
    ) -> Result<Option<CollectionPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Collection);
        let input = input.read(&mut decoder);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = collection::update(store, &viewer, id, input, expected_revision).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Sets the whole path of a collection, in its order; for its authors, and stewards and facilitators of its
    /// community. An item that is named twice stands where it is named first.
    async fn set_collection_entries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the collection.")] id: ID,
        #[graphql(desc = "The entries; at most 200.")] entries: Vec<CollectionEntryInput>,
        #[graphql(desc = "The revision that you changed; a newer one is a CONFLICT.")]
        expected_revision: Option<i32>,
    ) -> Result<Option<CollectionPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Collection);
        let entries = read_entries(&mut decoder, &["entries"], entries);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = collection::set_entries(store, &viewer, id, entries, expected_revision).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Publishes a draft, where the community asks for no review of resources; for its authors. Publishing what is
    /// published changes nothing.
    async fn publish_collection(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the collection.")] id: ID,
        #[graphql(desc = "The revision that you read; a newer one is a CONFLICT.")]
        expected_revision: Option<i32>,
    ) -> Result<Option<CollectionPayload>> {
        let published = lifecycle::publish(context, TYPE, &id, expected_revision).await?;
        Ok(Some(published.into()))
    }

    /// Takes a published collection out of what is offered; for stewards and facilitators of its community. It stays
    /// readable, and `restoreItem` brings it back.
    async fn archive_collection(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the collection.")] id: ID,
        #[graphql(desc = "Why, for its history.")] reason: Option<String>,
    ) -> Result<Option<CollectionPayload>> {
        let archived = lifecycle::archive(context, TYPE, &id, reason).await?;
        Ok(Some(archived.into()))
    }

    /// Deletes a collection for good, not what it holds; for its authors while it was never published, else for
    /// facilitators.
    async fn delete_collection(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the collection.")] id: ID,
    ) -> Result<Option<DeletePayload>> {
        Ok(Some(lifecycle::delete(context, TYPE, &id).await?))
    }
}

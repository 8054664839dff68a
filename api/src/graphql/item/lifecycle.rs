//! What the mutations of all published items do alike.

use async_graphql::{Context, ID, Result};
use service::entity::item::ItemType;
use service::item::{self, ItemState};

use crate::graphql::ids::{Decoder, NodeType, encode};
use crate::graphql::mutation::{DeletePayload, Settled, settle};
use crate::graphql::request::{store, viewer};

/// Publishes the item of that type and id.
pub async fn publish(
    context: &Context<'_>,
    (node_type, item_type): (NodeType, ItemType),
    id: &ID,
    expected_revision: Option<i32>,
) -> Result<Settled<ItemState>> {
    let mut decoder = Decoder::default();
    let id = decoder.id(&["id"], id, node_type);
    let (store, viewer) = (store(context)?, viewer(context)?);
    let outcome = item::publish(store, &viewer, item_type, id, expected_revision).await;
    settle(context, decoder, outcome)
}

/// Archives the item of that type and id.
pub async fn archive(
    context: &Context<'_>,
    (node_type, item_type): (NodeType, ItemType),
    id: &ID,
    reason: Option<String>,
) -> Result<Settled<ItemState>> {
    let mut decoder = Decoder::default();
    let id = decoder.id(&["id"], id, node_type);
    let (store, viewer) = (store(context)?, viewer(context)?);
    let outcome = item::archive(store, &viewer, item_type, id, reason).await;
    settle(context, decoder, outcome)
}

/// Deletes the item of that type and id.
pub async fn delete(
    context: &Context<'_>,
    (node_type, item_type): (NodeType, ItemType),
    id: &ID,
) -> Result<DeletePayload> {
    let mut decoder = Decoder::default();
    let id = decoder.id(&["id"], id, node_type);
    let (store, viewer) = (store(context)?, viewer(context)?);
    let outcome = item::delete(store, &viewer, item_type, id).await;
    let outcome = outcome.map(|written| written.map(|id| encode(node_type, id)));
    Ok(DeletePayload::new(settle(context, decoder, outcome)?))
}

//! Mutations of boundary shares.

use async_graphql::{Context, ID, Object, Result};
use service::boundary_share::{self, OfferShare};

use super::BoundaryShare;
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::item::ItemPayload;
use crate::graphql::mutation::{payload, settle};
use crate::graphql::request::{store, viewer};

payload!(BoundarySharePayload, boundary_share: BoundaryShare, "boundary share");

/// What can be offered to another community.
const OFFERED_TYPES: &[NodeType] = &[
    NodeType::Resource,
    NodeType::Practice,
    NodeType::Innovation,
    NodeType::Collection,
];

/// Mutations of boundary shares.
#[derive(Debug, Default)]
pub struct ShareMutation;

#[Object]
impl ShareMutation {
    /// Offers a published item to another community; for active members of both, who become its broker. The stewards and
    /// facilitators of the other community are told. What you offer already changes nothing.
    async fn offer_boundary_share(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of a resource, a practice, an innovation or a collection.")]
        item_id: ID,
        #[graphql(desc = "Id of the community that it is offered to.")] to_community_id: ID,
        #[graphql(desc = "What you say of it, at most 2,000 characters.")] note: Option<String>,
    ) -> Result<Option<BoundarySharePayload>> {
        let mut decoder = Decoder::default();
        let input = OfferShare {
            item: decoder.id_of(&["itemId"], &item_id, OFFERED_TYPES),
            to: decoder.id(&["toCommunityId"], &to_community_id, NodeType::Community),
            note,
        };
        let outcome = boundary_share::offer(store(context)?, &viewer(context)?, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Accepts or declines what is offered; for stewards and facilitators of the community that it is offered to. Who
    /// brokered it is told.
    async fn respond_to_boundary_share(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the share.")] id: ID,
        #[graphql(desc = "Whether to take it up.")] accept: bool,
    ) -> Result<Option<BoundarySharePayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::BoundaryShare);
        let outcome = boundary_share::respond(store(context)?, &viewer(context)?, id, accept).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Takes a share back that was taken up; for its broker, and stewards and facilitators of the community that offered
    /// it. What was made of it stays.
    async fn withdraw_boundary_share(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the share.")] id: ID,
    ) -> Result<Option<BoundarySharePayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::BoundaryShare);
        let outcome = boundary_share::withdraw(store(context)?, &viewer(context)?, id).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Makes something of your own community's of what is shared with it: a draft with the item's content, its licence and
    /// attribution, and those who made it as bylines, `ADAPTED_FROM` the item. For active members who may read the item; once
    /// for each share, unless the draft was deleted. It is for no more people than the item itself, so of what is for fewer
    /// people than your community has nothing is made.
    async fn adapt_shared_item(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the share.")] id: ID,
    ) -> Result<Option<ItemPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::BoundaryShare);
        let outcome = boundary_share::adapt(store(context)?, &viewer(context)?, id).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }
}

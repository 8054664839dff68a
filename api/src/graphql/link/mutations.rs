//! Mutations of relations between items.

use async_graphql::{Context, ID, Object, Result};
use service::link::{self, ItemLink};

use super::LineageRelation;
use crate::graphql::ids::Decoder;
use crate::graphql::item::{ITEM_TYPES, ItemPayload};
use crate::graphql::mutation::settle;
use crate::graphql::request::{store, viewer};

/// Mutations of relations between items.
#[derive(Debug, Default)]
pub struct LinkMutation;

fn read(decoder: &mut Decoder, from: &ID, relation: LineageRelation, to: &ID) -> ItemLink {
    ItemLink {
        from: decoder.id_of(&["fromId"], from, ITEM_TYPES),
        relation: relation.into(),
        to: decoder.id_of(&["toId"], to, ITEM_TYPES),
    }
}

#[Object]
impl LinkMutation {
    /// States a relation between two items by hand: `TRANSLATION_OF`, `PART_OF`, REQUIRES, REFERENCES, ANSWERS or
    /// `EVIDENCE_FOR`; at most 100 from one item. For those who may change the item that it starts from and may read the
    /// other. A relation that would lead in a circle is refused, but for REFERENCES. What is stated already changes
    /// nothing. Answers the item that the relation starts from.
    async fn link_items(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the item that the relation starts from.")] from_id: ID,
        #[graphql(desc = "How they relate.")] relation: LineageRelation,
        #[graphql(
            desc = "Id of the item that the relation leads to; of ANSWERS a discussion, of TRANSLATION_OF an item of the same type."
        )]
        to_id: ID,
    ) -> Result<Option<ItemPayload>> {
        let mut decoder = Decoder::default();
        let new = read(&mut decoder, &from_id, relation, &to_id);
        let outcome = link::link_items(store(context)?, &viewer(context)?, new).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Takes back a relation that was stated by hand; for those who may change the item that it starts from. What the
    /// content of an item says stays until that changes. What is not stated changes nothing.
    async fn unlink_items(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the item that the relation starts from.")] from_id: ID,
        #[graphql(desc = "How they relate.")] relation: LineageRelation,
        #[graphql(desc = "Id of the item that the relation leads to.")] to_id: ID,
    ) -> Result<Option<ItemPayload>> {
        let mut decoder = Decoder::default();
        let old = read(&mut decoder, &from_id, relation, &to_id);
        let outcome = link::unlink_items(store(context)?, &viewer(context)?, old).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }
}

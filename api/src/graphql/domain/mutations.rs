//! Mutations of domains.

use async_graphql::{Context, ID, Object, Result};
use service::domain;

use super::{CreateDomainInput, Domain, UpdateDomainInput};
use crate::graphql::ids::{Decoder, NodeType, encode};
use crate::graphql::mutation::{DeletePayload, payload, settle};
use crate::graphql::request::{store, viewer};

payload!(DomainPayload, domain: Domain, "domain");

/// Mutations of domains.
#[derive(Debug, Default)]
pub struct DomainMutation;

#[Object]
impl DomainMutation {
    /// Makes a domain; for administrators.
    async fn create_domain(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The new domain.")] input: CreateDomainInput,
    ) -> Result<Option<DomainPayload>> {
        let mut decoder = Decoder::default();
        let input = input.read(&mut decoder);
        let outcome = domain::create(store(context)?, &viewer(context)?, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Changes a domain; for administrators.
    async fn update_domain(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the domain.")] id: ID,
        #[graphql(desc = "What to change.")] input: UpdateDomainInput,
        #[graphql(desc = "The revision that you changed; a newer one is a CONFLICT.")]
        expected_revision: Option<i32>,
    ) -> Result<Option<DomainPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Domain);
        let input = input.read(&mut decoder, expected_revision);
        let outcome = domain::update(store(context)?, &viewer(context)?, id, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Makes a domain part of another one, and answers that; for administrators. Items and communities of the one belong to
    /// the other then, as does what people know about, follow and search for, and its narrower domains stand under the
    /// other. Its names become alternative labels of the other, its related domains are related to the other, and its slugs
    /// lead there. The rest of it, its description, concern, key questions and competencies, is deleted with it: copy first
    /// what is to stay. No item has a new revision by this. What is filed under its id later is filed under the other.
    async fn merge_domains(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "Id of the domain that becomes part of the other. It is gone afterwards."
        )]
        id: ID,
        #[graphql(
            desc = "Id of the other domain, which does not stand under the one; where it does, merge it the other way round."
        )]
        into_id: ID,
        #[graphql(
            desc = "The revision of the domain that is gone afterwards, as you read it; a newer one is a CONFLICT."
        )]
        expected_revision: Option<i32>,
    ) -> Result<Option<DomainPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Domain);
        let into = decoder.id(&["intoId"], &into_id, NodeType::Domain);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = domain::merge(store, &viewer, id, into, expected_revision).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Deletes a domain under which nothing stands or is filed; for administrators. See `mergeDomains` for one that is in
    /// use.
    async fn delete_domain(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the domain.")] id: ID,
    ) -> Result<Option<DeletePayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Domain);
        let outcome = domain::delete(store(context)?, &viewer(context)?, id).await;
        let outcome = outcome.map(|written| written.map(|id| encode(NodeType::Domain, id)));
        Ok(Some(DeletePayload::new(settle(context, decoder, outcome)?)))
    }
}

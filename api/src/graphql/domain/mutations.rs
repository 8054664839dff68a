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

    /// Deletes a domain that nothing refers to; for administrators.
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

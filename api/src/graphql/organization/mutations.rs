//! Mutations of organizations.

use async_graphql::{Context, InputObject, Object, Result};
use service::organization::{CreateOrganization, create_organization};

use super::{Organization, Sector};
use crate::graphql::ids::Decoder;
use crate::graphql::mutation::{payload, settle};
use crate::graphql::request::{store, viewer};
use crate::graphql::scalars::Url;

/// A new organization.
#[derive(Clone, Debug, InputObject)]
pub struct CreateOrganizationInput {
    /// Its name, one line, at most 300 characters.
    pub name: String,
    /// The part of society that it belongs to.
    pub sector: Sector,
    /// Its home page.
    pub url: Option<Url>,
    /// Its unique readable name in addresses; made of the name if not given.
    pub slug: Option<String>,
}

payload!(OrganizationPayload, organization: Organization, "organization");

/// Mutations of organizations.
#[derive(Debug, Default)]
pub struct OrganizationMutation;

#[Object]
impl OrganizationMutation {
    /// Makes an organization; for administrators.
    async fn create_organization(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The new organization.")] input: CreateOrganizationInput,
    ) -> Result<Option<OrganizationPayload>> {
        let input = CreateOrganization {
            name: input.name,
            sector: input.sector.into(),
            url: input.url.map(|url| url.0),
            slug: input.slug,
        };
        let outcome = create_organization(store(context)?, &viewer(context)?, input).await;
        Ok(Some(settle(context, Decoder::default(), outcome)?.into()))
    }
}

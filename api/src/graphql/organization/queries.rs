//! Queries of organizations.

use async_graphql::{Context, ID, Object, Result};
use service::organization;

use super::loaders::OrganizationById;
use super::{Organization, OrganizationConnection};
use crate::graphql::connection::{Total, page_request, reads_page};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::{Key, NodeType, decode_key};
use crate::graphql::request::{ask, store, viewer};
use service::paging::Page;

/// Queries of organizations.
#[derive(Debug, Default)]
pub struct OrganizationQuery;

#[Object]
impl OrganizationQuery {
    /// An organization by its id or its slug; null when there is none.
    async fn organization(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the organization.")] id: Option<ID>,
        #[graphql(desc = "Slug of the organization, in the place of the id.")] slug: Option<String>,
    ) -> Result<Option<Organization>> {
        match decode_key(id.as_ref(), NodeType::Organization, "slug", slug).graphql()? {
            Key::Id(id) => Ok(ask(context, OrganizationById(id)).await?.map(Into::into)),
            Key::Name(slug) => {
                let found = organization::by_slug(store(context)?, &viewer(context)?, &slug).await;
                Ok(found.graphql()?.map(Into::into))
            }
        }
    }

    /// All organizations, by name.
    async fn organizations(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<OrganizationConnection> {
        let request = page_request(first, after, last, before);
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
        let page = if reads_page(context, &request) {
            let page = organization::page(&store, &viewer, &request).await;
            page.graphql()?.map(Organization::from)
        } else {
            Page::empty()
        };
        let total = Total::by(move || {
            let (store, viewer) = (store.clone(), viewer.clone());
            Box::pin(async move { organization::count(&store, &viewer).await })
        });
        Ok(OrganizationConnection::new(page, total))
    }
}

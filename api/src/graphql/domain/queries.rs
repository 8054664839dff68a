//! Queries of domains.

use async_graphql::{Context, ID, Object, Result};
use service::domain;
use service::paging::{Page, PageRequest};

use super::loaders::DomainById;
use super::{Domain, DomainConnection, DomainFilter};
use crate::graphql::connection::{Total, page_request, reads_page};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::{Key, NodeType, decode_key};
use crate::graphql::request::{ask, store, viewer};

/// Queries of domains.
#[derive(Debug, Default)]
pub struct DomainQuery;

#[Object]
impl DomainQuery {
    /// A domain by its id or its slug, a former slug too; null when there is none.
    async fn domain(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the domain.")] id: Option<ID>,
        #[graphql(desc = "Slug of the domain, in the place of the id.")] slug: Option<String>,
    ) -> Result<Option<Domain>> {
        match decode_key(id.as_ref(), NodeType::Domain, "slug", slug).graphql()? {
            Key::Id(id) => Ok(ask(context, DomainById(id)).await?.map(Into::into)),
            Key::Name(slug) => {
                let found = domain::by_slug(store(context)?, &viewer(context)?, &slug).await;
                Ok(found.graphql()?.map(Into::into))
            }
        }
    }

    /// The domains, by name.
    async fn domains(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which domains.")] filter: Option<DomainFilter>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<DomainConnection> {
        let filter = filter.unwrap_or_default().read().graphql()?;
        page(context, filter, &page_request(first, after, last, before)).await
    }
}

/// The domains of a list.
pub async fn page(
    context: &Context<'_>,
    filter: domain::DomainFilter,
    request: &PageRequest,
) -> Result<DomainConnection> {
    let (store, viewer) = (store(context)?.clone(), viewer(context)?);
    let page = if reads_page(context, request) {
        let page = domain::page(&store, &viewer, &filter, request).await;
        page.graphql()?.map(Domain::from)
    } else {
        Page::empty()
    };
    let total = Total::by(move || {
        let (store, viewer, filter) = (store.clone(), viewer.clone(), filter.clone());
        Box::pin(async move { domain::count(&store, &viewer, &filter).await })
    });
    Ok(DomainConnection::new(page, total))
}

//! Queries of communities.

use async_graphql::{Context, ID, Object, Result};
use service::community;
use service::paging::{Page, PageRequest};

use super::loaders::CommunityById;
use super::{Community, CommunityConnection, CommunityFilter, CommunityOrder};
use crate::graphql::connection::{Total, page_request, reads_page};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::{Key, NodeType, decode_key};
use crate::graphql::request::{ask, store, viewer};

/// Queries of communities.
#[derive(Debug, Default)]
pub struct CommunityQuery;

#[Object]
impl CommunityQuery {
    /// A community by its id or its slug, a former slug too; null when there is none that you may see.
    async fn community(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the community.")] id: Option<ID>,
        #[graphql(desc = "Slug of the community, in the place of the id.")] slug: Option<String>,
    ) -> Result<Option<Community>> {
        match decode_key(id.as_ref(), NodeType::Community, "slug", slug).graphql()? {
            Key::Id(id) => Ok(ask(context, CommunityById(id)).await?.map(Into::into)),
            Key::Name(slug) => {
                let found = community::by_slug(store(context)?, &viewer(context)?, &slug).await;
                Ok(found.graphql()?.map(Into::into))
            }
        }
    }

    /// The communities that you may see at least the about of, by name unless `orderBy` says otherwise.
    #[expect(
        clippy::too_many_arguments,
        reason = "a connection has four arguments of its own"
    )]
    async fn communities(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which communities.")] filter: Option<CommunityFilter>,
        #[graphql(desc = "In what order.")] order_by: Option<CommunityOrder>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<CommunityConnection> {
        let request = page_request(first, after, last, before);
        page(context, filter, order_by, &request).await
    }
}

/// The communities of a list.
pub async fn page(
    context: &Context<'_>,
    filter: Option<CommunityFilter>,
    order: Option<CommunityOrder>,
    request: &PageRequest,
) -> Result<CommunityConnection> {
    let filter = filter.unwrap_or_default().read().graphql()?;
    let order = order.map(CommunityOrder::read).unwrap_or_default();
    let (store, viewer) = (store(context)?.clone(), viewer(context)?);
    let page = if reads_page(context, request) {
        let page = community::page(&store, &viewer, &filter, order, request).await;
        page.graphql()?.map(Community::from)
    } else {
        Page::empty()
    };
    let total = Total::by(move || {
        let (store, viewer, filter) = (store.clone(), viewer.clone(), filter.clone());
        Box::pin(async move { community::count(&store, &viewer, &filter).await })
    });
    Ok(CommunityConnection::new(page, total))
}

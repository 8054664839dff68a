//! Queries of resources.

use async_graphql::{Context, ID, Object, Result};
use service::entity::resource;
use service::item::{self, ListScope};
use service::paging::PageRequest;

use super::{Resource, ResourceConnection, ResourceFilter, ResourceOrder};
use crate::graphql::connection::page_request;
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::{NodeType, decode};
use crate::graphql::item::{list, selected};
use crate::graphql::plain::Plain;
use crate::graphql::request::{store, viewer};

/// Queries of resources.
#[derive(Debug, Default)]
pub struct ResourceQuery;

#[Object]
impl ResourceQuery {
    /// A resource by its id; null when there is none that you may see.
    async fn resource(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the resource.")] id: ID,
    ) -> Result<Option<Plain<Resource>>> {
        let id = decode("id", &id, NodeType::Resource).graphql()?;
        let with = selected(&context.look_ahead());
        let found = item::find::<resource::Entity>(store(context)?, &viewer(context)?, id, with)
            .await
            .graphql()?;
        Ok(found.map(|found| Resource::from(found).into()))
    }

    /// The resources that you may see, the last changed first unless `orderBy` says otherwise.
    #[expect(
        clippy::too_many_arguments,
        reason = "a connection has four arguments of its own"
    )]
    async fn resources(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which resources.")] filter: Option<ResourceFilter>,
        #[graphql(desc = "In what order.")] order_by: Option<ResourceOrder>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<ResourceConnection> {
        let request = page_request(first, after, last, before);
        page(context, filter, order_by, ListScope::Everything, &request).await
    }
}

/// The resources of a list.
pub async fn page(
    context: &Context<'_>,
    filter: Option<ResourceFilter>,
    order: Option<ResourceOrder>,
    scope: ListScope,
    request: &PageRequest,
) -> Result<ResourceConnection> {
    let filter = filter.unwrap_or_default().read().graphql()?;
    let keyset = ResourceOrder::keyset(order);
    let (page, total) =
        list::<resource::Entity, Resource>(context, filter, scope, keyset, request).await?;
    Ok(ResourceConnection::new(page, total))
}

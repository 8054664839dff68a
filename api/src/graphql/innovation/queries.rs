//! Queries of innovations.

use async_graphql::{Context, ID, Object, Result};
use service::entity::innovation;
use service::item::{self, ListScope};
use service::paging::PageRequest;

use super::{Innovation, InnovationConnection, InnovationFilter, InnovationOrder};
use crate::graphql::connection::page_request;
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::{NodeType, decode};
use crate::graphql::item::{list, selected};
use crate::graphql::plain::Plain;
use crate::graphql::request::{store, viewer};

/// Queries of innovations.
#[derive(Debug, Default)]
pub struct InnovationQuery;

#[Object]
impl InnovationQuery {
    /// An innovation by its id; null when there is none that you may see.
    async fn innovation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the innovation.")] id: ID,
    ) -> Result<Option<Plain<Innovation>>> {
        let id = decode("id", &id, NodeType::Innovation).graphql()?;
        let with = selected(&context.look_ahead());
        let found = item::find::<innovation::Entity>(store(context)?, &viewer(context)?, id, with)
            .await
            .graphql()?;
        Ok(found.map(|found| Innovation::from(found).into()))
    }

    /// The innovations that you may see, the last changed first unless `orderBy` says otherwise.
    #[expect(
        clippy::too_many_arguments,
        reason = "a connection has four arguments of its own"
    )]
    async fn innovations(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which innovations.")] filter: Option<InnovationFilter>,
        #[graphql(desc = "In what order.")] order_by: Option<InnovationOrder>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<InnovationConnection> {
        let request = page_request(first, after, last, before);
        page(context, filter, order_by, ListScope::Everything, &request).await
    }
}

/// The innovations of a list.
pub async fn page(
    context: &Context<'_>,
    filter: Option<InnovationFilter>,
    order: Option<InnovationOrder>,
    scope: ListScope,
    request: &PageRequest,
) -> Result<InnovationConnection> {
    let filter = filter.unwrap_or_default().read().graphql()?;
    let keyset = InnovationOrder::keyset(order);
    let (page, total) =
        list::<innovation::Entity, Innovation>(context, filter, scope, keyset, request).await?;
    Ok(InnovationConnection::new(page, total))
}

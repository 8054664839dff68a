//! Queries of practices.

use async_graphql::{Context, ID, Object, Result};
use service::entity::practice;
use service::item::{self, ListScope};
use service::paging::PageRequest;

use super::{Practice, PracticeConnection, PracticeFilter, PracticeOrder};
use crate::graphql::connection::page_request;
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::{NodeType, decode};
use crate::graphql::item::{list, selected};
use crate::graphql::plain::Plain;
use crate::graphql::request::{store, viewer};

/// Queries of practices.
#[derive(Debug, Default)]
pub struct PracticeQuery;

#[Object]
impl PracticeQuery {
    /// A practice by its id; null when there is none that you may see.
    async fn practice(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the practice.")] id: ID,
    ) -> Result<Option<Plain<Practice>>> {
        let id = decode("id", &id, NodeType::Practice).graphql()?;
        let with = selected(&context.look_ahead());
        let found = item::find::<practice::Entity>(store(context)?, &viewer(context)?, id, with)
            .await
            .graphql()?;
        Ok(found.map(|found| Practice::from(found).into()))
    }

    /// The practices that you may see, the last changed first unless `orderBy` says otherwise.
    #[expect(
        clippy::too_many_arguments,
        reason = "a connection has four arguments of its own"
    )]
    async fn practices(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which practices.")] filter: Option<PracticeFilter>,
        #[graphql(desc = "In what order.")] order_by: Option<PracticeOrder>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<PracticeConnection> {
        let request = page_request(first, after, last, before);
        page(context, filter, order_by, ListScope::Everything, &request).await
    }
}

/// The practices of a list.
pub async fn page(
    context: &Context<'_>,
    filter: Option<PracticeFilter>,
    order: Option<PracticeOrder>,
    scope: ListScope,
    request: &PageRequest,
) -> Result<PracticeConnection> {
    let filter = filter.unwrap_or_default().read().graphql()?;
    let keyset = PracticeOrder::keyset(order);
    let (page, total) =
        list::<practice::Entity, Practice>(context, filter, scope, keyset, request).await?;
    Ok(PracticeConnection::new(page, total))
}

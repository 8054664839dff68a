//! Queries of collections.

use async_graphql::{Context, ID, Object, Result};
use service::entity::collection;
use service::item::{self, ItemFilter, ItemOrder, ListScope};
use service::paging::{Direction, PageRequest};

use super::{Collection, CollectionConnection};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::{NodeType, decode};
use crate::graphql::item::{list, selected};
use crate::graphql::request::{store, viewer};

/// Queries of collections.
#[derive(Debug, Default)]
pub struct CollectionQuery;

#[Object]
impl CollectionQuery {
    /// A collection by its id; null when there is none that you may see.
    async fn collection(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the collection.")] id: ID,
    ) -> Result<Option<Collection>> {
        let id = decode("id", &id, NodeType::Collection).graphql()?;
        let with = selected(&context.look_ahead());
        let found =
            item::find::<collection::Entity>(store(context)?, &viewer(context)?, id, with).await;
        Ok(found.graphql()?.map(Collection::from))
    }
}

/// The collections of a list, the last changed first.
pub async fn page(
    context: &Context<'_>,
    scope: ListScope,
    request: &PageRequest,
) -> Result<CollectionConnection> {
    let keyset = ItemOrder::UpdatedAt.keyset(Direction::Descending);
    let all = ItemFilter::default();
    let (page, total) =
        list::<collection::Entity, Collection>(context, all, scope, keyset, request).await?;
    Ok(CollectionConnection::new(page, total))
}

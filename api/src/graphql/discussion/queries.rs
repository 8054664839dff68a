//! Queries of discussions.

use async_graphql::{Context, ID, Object, Result};
use service::discussion as discussions;
use service::entity::discussion;
use service::item;
use service::paging::{Page, PageRequest};
use uuid::Uuid;

use super::{Discussion, DiscussionConnection, DiscussionFilter};
use crate::graphql::connection::{Total, reads_page};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::{NodeType, decode};
use crate::graphql::item::{selected, selected_of_page};
use crate::graphql::request::{store, viewer};

/// Queries of discussions.
#[derive(Debug, Default)]
pub struct DiscussionQuery;

#[Object]
impl DiscussionQuery {
    /// A discussion by its id; null when there is none that you may see.
    async fn discussion(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the discussion.")] id: ID,
    ) -> Result<Option<Discussion>> {
        let id = decode("id", &id, NodeType::Discussion).graphql()?;
        let with = selected(&context.look_ahead());
        let found = item::find::<discussion::Entity>(store(context)?, &viewer(context)?, id, with)
            .await
            .graphql()?;
        Ok(found.map(Discussion::from))
    }
}

/// The discussions of a community, with the way to count all of them.
pub async fn page(
    context: &Context<'_>,
    community: Uuid,
    filter: Option<DiscussionFilter>,
    request: &PageRequest,
) -> Result<DiscussionConnection> {
    let filter = filter.unwrap_or_default().read();
    let (store, viewer) = (store(context)?.clone(), viewer(context)?);
    let page = if reads_page(context, request) {
        let with = selected_of_page(&context.look_ahead());
        discussions::page(&store, &viewer, community, &filter, request, with)
            .await
            .graphql()?
            .map(Discussion::from)
    } else {
        Page::empty()
    };
    let total = Total::by(move || {
        let (store, viewer, filter) = (store.clone(), viewer.clone(), filter.clone());
        Box::pin(async move { discussions::count(&store, &viewer, community, &filter).await })
    });
    Ok(DiscussionConnection::new(page, total))
}

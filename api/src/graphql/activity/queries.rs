//! Queries of activities.

use async_graphql::{Context, ID, Object, Result};
use service::entity::activity;
use service::item::{self, ItemOrder, ListScope};
use service::paging::{Direction, PageRequest};

use super::{Activity, ActivityConnection, ActivityFilter};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::{NodeType, decode};
use crate::graphql::item::{list, selected};
use crate::graphql::request::{store, viewer};

/// Queries of activities.
#[derive(Debug, Default)]
pub struct ActivityQuery;

#[Object]
impl ActivityQuery {
    /// An activity by its id; null when there is none that you may see.
    async fn activity(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the activity.")] id: ID,
    ) -> Result<Option<Activity>> {
        let id = decode("id", &id, NodeType::Activity).graphql()?;
        let with = selected(&context.look_ahead());
        let found = item::find::<activity::Entity>(store(context)?, &viewer(context)?, id, with)
            .await
            .graphql()?;
        Ok(found.map(Activity::from))
    }
}

/// The activities of a list, by when they begin.
pub async fn page(
    context: &Context<'_>,
    filter: Option<ActivityFilter>,
    scope: ListScope,
    request: &PageRequest,
) -> Result<ActivityConnection> {
    let filter = filter.unwrap_or_default().read().graphql()?;
    let keyset = ItemOrder::StartsAt.keyset(Direction::Ascending);
    let (page, total) =
        list::<activity::Entity, Activity>(context, filter, scope, keyset, request).await?;
    Ok(ActivityConnection::new(page, total))
}

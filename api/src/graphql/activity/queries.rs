//! Queries of activities.

use async_graphql::{Context, ID, Object, Result};
use service::activity::{Range, own_calendar};
use service::entity::activity;
use service::item::{self, ItemOrder, ListScope};
use service::paging::{Direction, PageRequest};
use uuid::Uuid;

use super::loaders::CalendarOf;
use super::{Activity, ActivityConnection, ActivityFilter, Occurrence};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::{NodeType, decode};
use crate::graphql::item::{list, selected};
use crate::graphql::request::{ask, store, viewer};
use crate::graphql::scalars::DateTime;

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

    /// What takes place in a range of time, of at most 400 days, in the communities of which you are an active member:
    /// the occurrences of all activities that you may see, by their starts; at most 500. Empty for an anonymous request.
    async fn calendar(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The first moment of the range.")] from: DateTime,
        #[graphql(desc = "The first moment after the range.")] to: DateTime,
    ) -> Result<Vec<Occurrence>> {
        let range = range(&from, &to)?;
        let found = own_calendar(store(context)?, &viewer(context)?, range)
            .await
            .graphql()?;
        Ok(found.into_iter().map(Occurrence::from).collect())
    }
}

/// What takes place in a community in a range of time.
pub async fn calendar_of(
    context: &Context<'_>,
    community: Uuid,
    from: &DateTime,
    to: &DateTime,
) -> Result<Vec<Occurrence>> {
    let range = range(from, to)?;
    let question = CalendarOf { community, range };
    let found = ask(context, question).await?.unwrap_or_default();
    Ok(found.into_iter().map(Occurrence::from).collect())
}

/// The range of time between two arguments.
pub(super) fn range(from: &DateTime, to: &DateTime) -> Result<Range> {
    Range::new(from.read("from").graphql()?, to.read("to").graphql()?).graphql()
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

//! Lists of objects. async-graphql's own make the machinery that waits for their items anew for each type of item, twice
//! over, and box each item once more. Here the items' futures are of one type.

use std::borrow::Cow;

use async_graphql::async_trait::async_trait;
use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};
use futures_util::TryFutureExt;
use futures_util::future::{BoxFuture, try_join_all};

/// A list that answers as a `Vec` does.
#[derive(Clone, Debug)]
pub struct List<T>(Vec<T>);

impl<T> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        Self(items)
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

#[async_trait]
impl<T: OutputType> OutputType for List<T> {
    fn type_name() -> Cow<'static, str> {
        <Vec<T> as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <Vec<T> as OutputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<T> as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let places: Vec<_> = (0..self.0.len())
            .map(|place| context.with_index(place))
            .collect();
        let items = self.0.iter().zip(&places);
        let resolving = items.map(|(item, place)| item.resolve(place, field));
        join(&places, resolving.collect()).await
    }
}

/// Waits for all items, or for the first that fails; an error tells which it was.
async fn join(
    places: &[ContextSelectionSet<'_>],
    resolving: Vec<BoxFuture<'_, ServerResult<Value>>>,
) -> ServerResult<Value> {
    let items = resolving.into_iter().zip(places);
    let items = items.map(|(item, place)| item.map_err(|error| place.set_error_path(error)));
    Ok(Value::List(try_join_all(items).await?))
}

//! The root of all mutations: with a key, each root field runs once.

use std::borrow::Cow;

use async_graphql::async_trait::async_trait;
use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::{ContainerType, resolve_container_serial};
use async_graphql::{
    Context, ContextSelectionSet, Error, ErrorExtensions, ObjectType, OutputType, Positioned,
    ServerError, ServerResult, Value,
};
use futures_util::future::BoxFuture;
use service::idempotency::{Before, Keyed, Settled};

use super::replay::answer;
use crate::graphql::codes;
use crate::graphql::errors::to_graphql;
use crate::graphql::request::{forget_loaded, store, viewer};

/// The mutations, each of which runs once where the request brings a [`Keyed`] along. No mutation knows of it: what it
/// writes takes the row of the key along, and what a retry is answered is read from there.
#[derive(Debug, Default)]
pub struct Idempotent<M>(pub M);

#[async_trait]
impl<M: ObjectType> OutputType for Idempotent<M> {
    fn type_name() -> Cow<'static, str> {
        M::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        M::create_type_info(registry)
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        resolve_container_serial(context, self).await
    }
}

#[async_trait]
impl<M: ObjectType> ContainerType for Idempotent<M> {
    async fn resolve_field(&self, context: &Context<'_>) -> ServerResult<Option<Value>> {
        let resolving = self.0.resolve_field(context);
        match context.data_opt::<Keyed>() {
            Some(keyed) => once(context, keyed, resolving).await,
            None => resolving.await,
        }
    }
}

impl<M: ObjectType> ObjectType for Idempotent<M> {}

/// Answers a root field as before, or else by running it.
async fn once(
    context: &Context<'_>,
    keyed: &Keyed,
    resolving: BoxFuture<'_, ServerResult<Option<Value>>>,
) -> ServerResult<Option<Value>> {
    let field = context.item.node.response_key().node.as_str();
    let viewer = viewer(context).map_err(|error| placed(context, error))?;
    let asked = keyed.asked(field, &viewer);
    match asked.before() {
        Some(Before::Recorded(before)) => return answer(context, before).await,
        Some(Before::Reused) => return Err(reused(context)),
        None => {}
    }
    let (resolved, ended) = asked.attempt().run(resolving).await;
    let answered = matches!(resolved, Ok(Some(Value::Object(_))));
    let store = store(context).map_err(|error| placed(context, error))?;
    match asked.settle(store, ended, answered).await {
        Ok(Settled::Own) => resolved,
        Ok(Settled::Before(before)) => {
            // What was loaded until now is older than what the other request wrote.
            forget_loaded(context).map_err(|error| placed(context, error))?;
            answer(context, &before).await
        }
        Ok(Settled::Reused) => Err(reused(context)),
        Err(error) => Err(placed(context, to_graphql(&error))),
    }
}

fn reused(context: &Context<'_>) -> ServerError {
    let error = Error::new(REUSED);
    let error =
        error.extend_with(|_, extensions| extensions.set("code", codes::IDEMPOTENCY_KEY_REUSED));
    placed(context, error)
}

fn placed(context: &Context<'_>, error: Error) -> ServerError {
    context.set_error_path(error.into_server_error(context.item.pos))
}

/// What who uses a key again is told.
pub const REUSED: &str = "This Idempotency-Key was used with another document, other variables or other rights within the last 24 hours; \
                          take a new one for each request, and the same only to send the same again.";

//! What a request carries: who asks, and the loaders that answer as that viewer may see.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, Result};
use futures_util::future::BoxFuture;
use service::auth::ClientAddress;
use service::membership::reread;
use service::store::Store;
use service::viewer::Viewer;
use uuid::Uuid;

use super::errors::{IntoGraphql, to_graphql};
use super::loaders::{Loaders, Question, Source};
use crate::app::App;

/// The state of one request. A mutation renews it, so that the next field sees what was written.
#[derive(Debug)]
pub struct RequestState {
    store: Store,
    current: Mutex<(Viewer, Arc<Loaders>)>,
}

impl RequestState {
    /// The state of a request by a viewer.
    #[must_use]
    pub fn new(store: &Store, viewer: Viewer) -> Self {
        let store = store.batching();
        let loaders = Self::loaders_for(&store, &viewer);
        Self {
            store,
            current: Mutex::new((viewer, loaders)),
        }
    }

    /// The same, where who asks was found out within the request from what is kept in memory and fresh.
    #[must_use]
    pub fn believing(self) -> Self {
        self.current().1.believe();
        self
    }

    fn loaders_for(store: &Store, viewer: &Viewer) -> Arc<Loaders> {
        Arc::new(Loaders::new(Source {
            store: store.clone(),
            viewer: viewer.clone(),
        }))
    }

    fn current(&self) -> (Viewer, Arc<Loaders>) {
        self.current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Forgets what was loaded, and goes on as `viewer`.
    pub fn renew(&self, viewer: Viewer) {
        let loaders = Self::loaders_for(&self.store, &viewer);
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = (viewer, loaders);
    }
}

fn state<'a>(context: &Context<'a>) -> Result<&'a RequestState> {
    context.data::<RequestState>()
}

/// What the server shares among its requests.
pub fn app<'a>(context: &Context<'a>) -> Result<&'a App> {
    context.data::<App>()
}

/// Where the request comes from, for limits of attempts.
#[must_use]
pub fn client_address(context: &Context<'_>) -> ClientAddress {
    let known = context.data_opt::<ClientAddress>().copied();
    known.unwrap_or_else(ClientAddress::unknown)
}

/// Who asks.
pub fn viewer(context: &Context<'_>) -> Result<Viewer> {
    Ok(state(context)?.current().0)
}

/// The database.
pub fn store<'a>(context: &Context<'a>) -> Result<&'a Store> {
    Ok(&state(context)?.store)
}

/// Forgets what was loaded: called after every write.
pub fn forget_loaded(context: &Context<'_>) -> Result<()> {
    let state = state(context)?;
    let viewer = state.current().0;
    state.renew(viewer);
    Ok(())
}

/// Goes on as another viewer: after signing in, and when one's own memberships changed.
pub fn renew(context: &Context<'_>, viewer: Viewer) -> Result<()> {
    state(context)?.renew(viewer);
    Ok(())
}

/// Goes on with the viewer's membership of a community read anew: after what may have changed it.
pub async fn renew_standing(context: &Context<'_>, community: Uuid) -> Result<()> {
    let state = state(context)?;
    let viewer = reread(&state.store, &state.current().0, community).await;
    state.renew(viewer.graphql()?);
    Ok(())
}

/// The answer to one key of a question, loaded with all others that are asked at the same time.
pub fn ask<'a, Q: Question + 'a>(
    context: &'a Context<'_>,
    key: Q,
) -> BoxFuture<'a, Result<Option<Q::Answer>>> {
    Box::pin(async move {
        let loaders = state(context)?.current().1;
        let answer = loaders.ask(key).await;
        answer.map_err(|error| to_graphql(&error))
    })
}

/// The answers to some keys of a question, in their order.
pub async fn ask_many<Q: Question>(context: &Context<'_>, keys: Vec<Q>) -> Result<Vec<Q::Answer>> {
    let loaders = state(context)?.current().1;
    let answers = loaders.ask_many(keys).await;
    answers.map_err(|error| to_graphql(&error))
}

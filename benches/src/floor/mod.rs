//! The floor: the least that could answer the same questions. A bare async-graphql and axum server, from memory, without
//! policy and database; searches by tantivy's own query parser, snippets and aggregations, completions from sorted lists.

mod plain_completions;
mod plain_search;
mod schema;

use std::path::Path;
use std::sync::Arc;

use async_graphql::Request;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tokio::net::TcpListener;

pub(crate) use plain_search::PlainSearch;

use crate::dump::{self, Asker};
use plain_completions::PlainCompletions;
use schema::{FloorSchema, Library};

/// Serves what somebody may read of a data directory, until the process is ended.
pub(crate) async fn serve(directory: &Path, asker: Asker) -> anyhow::Result<()> {
    let world = dump::read_world(directory)?;
    let resources = dump::read_resources(directory, &world, asker)?;
    let search = PlainSearch::build(&resources, &world, 2)?;
    let completions = PlainCompletions::build(&resources, world.communities.len());
    let library = Library::new(world, resources, search, completions);
    let schema = schema::build(Arc::new(library));
    let router = Router::new()
        .route("/graphql", post(answer))
        .with_state(schema);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    crate::output::line(&format!(
        "The floor is ready at http://{}",
        listener.local_addr()?
    ));
    axum::serve(listener, router).await?;
    Ok(())
}

async fn answer(State(schema): State<FloorSchema>, body: Bytes) -> Response {
    let Ok(request) = serde_json::from_slice::<Request>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let response = schema.execute(request).await;
    match serde_json::to_vec(&response) {
        Ok(body) => (
            [(header::CONTENT_TYPE, "application/graphql-response+json")],
            body,
        )
            .into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

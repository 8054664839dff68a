//! All routes, assembled.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, Method};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::Value;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, NotForContentType, Predicate, SizeAbove};

use super::cors::Cors;
use super::edge;
use super::error::HttpError;
use super::graphiql;
use super::graphql::{self, Endpoint, Gate, GraphqlExecutor};
use super::health::{self, AlwaysReady, Readiness};
use super::operations::{self, OperationFiles};
use super::unsubscribe::{self, Unsubscribe};
use crate::graphql::limits::{Limits, SchemaError};

/// Answers the public keys as a JSON Web Key Set.
pub type KeySet = Arc<dyn Fn() -> Value + Send + Sync>;

/// What the routes are made from.
pub struct Parts<E, G> {
    /// Executes GraphQL.
    pub executor: E,
    /// Authenticates, and fills the requests' data.
    pub gate: G,
    /// The limits in force.
    pub limits: Limits,
    /// Cross-origin settings.
    pub cors: Cors,
    /// Behind `/readyz`.
    pub readiness: Arc<dyn Readiness>,
    /// Behind `/.well-known/jwks.json`; without it there is no such path.
    pub key_set: Option<KeySet>,
    /// Behind `/metrics`; without it there is no such path.
    pub metrics: Option<PrometheusHandle>,
    /// Behind `/unsubscribe`; without it there is no such path.
    pub unsubscribe: Option<Arc<dyn Unsubscribe>>,
    /// Behind `/operations/…`; without it there are no such paths.
    pub operations: Option<Arc<dyn OperationFiles>>,
    /// Whether GraphiQL is served at `/`.
    pub graphiql: bool,
}

impl<E, G> Parts<E, G> {
    /// Default limits, no other origins, always ready, with GraphiQL.
    pub fn new(executor: E, gate: G) -> Self {
        Self {
            executor,
            gate,
            limits: Limits::default(),
            cors: Cors::default(),
            readiness: Arc::new(AlwaysReady),
            key_set: None,
            metrics: None,
            unsubscribe: None,
            operations: None,
            graphiql: true,
        }
    }
}

/// Why no router can be made.
#[derive(Debug, thiserror::Error)]
pub enum RouterError {
    /// The schema's SDL cannot be read.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

/// Bytes below which compression does not pay.
const WORTH_COMPRESSING: u64 = 1024;

/// The router; `tower`'s `oneshot` calls it without a socket, [`super::server::serve`] with one.
///
/// # Errors
///
/// [`RouterError`] says what is wrong with the schema.
pub fn router<E: GraphqlExecutor, G: Gate>(parts: Parts<E, G>) -> Result<Router, RouterError> {
    let Parts {
        executor,
        gate,
        limits,
        cors,
        readiness,
        key_set,
        metrics,
        unsubscribe,
        operations,
        graphiql,
    } = parts;
    let cors = cors.layer();
    let endpoint = Arc::new(Endpoint::new(executor, gate, limits)?);
    let mut router = Router::new()
        .route(
            "/graphql",
            any(graphql::handle::<E, G>).with_state(endpoint),
        )
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready).with_state(readiness));
    if let Some(key_set) = key_set {
        router = router.route(
            "/.well-known/jwks.json",
            get(key_set_answer).with_state(key_set),
        );
    }
    if let Some(handle) = metrics {
        router = router.route("/metrics", get(metrics_answer).with_state(handle));
    }
    if let Some(unsubscribe) = unsubscribe {
        router = router.merge(unsubscribe::routes(unsubscribe));
    }
    if let Some(operations) = operations {
        router = router.merge(operations::routes(operations));
    }
    if graphiql {
        router = router.merge(graphiql::routes());
    }
    let predicate: And<SizeAbove, NotForContentType> =
        SizeAbove::new(WORTH_COMPRESSING).and(NotForContentType::const_new("text/event-stream"));
    let compression = CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(predicate);
    let mut router = router
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(|| async { HttpError::not_found() })
        .route_layer(from_fn(edge::remember_route))
        .layer(compression);
    if let Some(cors) = cors {
        router = router.layer(cors);
    }
    Ok(router.layer(from_fn(edge::around)))
}

async fn method_not_allowed(method: Method) -> HttpError {
    HttpError::method_not_allowed(
        format!("{method} is not served here; use GET."),
        "GET, HEAD",
    )
}

async fn key_set_answer(State(key_set): State<KeySet>) -> Response {
    let headers = [(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    )];
    (headers, Json(key_set())).into_response()
}

async fn metrics_answer(State(handle): State<PrometheusHandle>) -> Response {
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"),
        ),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, handle.render()).into_response()
}

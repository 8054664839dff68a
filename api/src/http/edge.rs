//! What happens to every request, whatever its path: an id, a log line, counters, safe headers, and an answer even if
//! the code panics.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::HeaderValue;
use axum::http::header::{REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tracing::Instrument;

use super::error::HttpError;
use super::metrics;
use super::request_id::{REQUEST_ID, RequestId};

/// The pattern under which requests without a route are counted.
const UNMATCHED: &str = "unmatched";

/// The route that answered; set on the response inside the router, where it is known.
#[derive(Debug, Clone)]
pub(super) struct Route(MatchedPath);

/// Runs inside the router.
pub(super) async fn remember_route(
    route: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(Route(route));
    }
    response
}

/// Runs outside of everything.
pub(super) async fn around(mut request: Request, next: Next) -> Response {
    let start = Instant::now();
    let request_id = RequestId::from_headers(request.headers());
    request.extensions_mut().insert(request_id.clone());
    let method = request.method().clone();
    // Without the query string, which may hold a document with a caller's words.
    let path: String = request.uri().path().escape_debug().collect();
    let span = tracing::info_span!("request", request_id = request_id.as_str());
    let answer = AssertUnwindSafe(next.run(request))
        .catch_unwind()
        .instrument(span)
        .await;
    let mut response = answer.unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        tracing::error!(request_id = request_id.as_str(), panic = ?message, "a request handler panicked");
        HttpError::internal(&request_id).into_response()
    });
    let headers = response.headers_mut();
    if let Some(value) = request_id.to_header() {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
        .entry(REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("no-referrer"));
    let status = response.status().as_u16();
    let duration = start.elapsed();
    let route = response.extensions().get::<Route>();
    metrics::request(
        &method,
        route.map_or(UNMATCHED, |route| route.0.as_str()),
        status,
        duration,
    );
    tracing::info!(
        target: "repertoire::access",
        request_id = request_id.as_str(),
        method = method.as_str(),
        path,
        status,
        duration_ms = duration.as_secs_f64() * 1000.0,
        "answered"
    );
    response
}

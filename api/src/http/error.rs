//! Errors as every caller gets them: `{"errors":[{"message","extensions":{"code"}}]}`.

use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::request_id::RequestId;
use crate::graphql::codes::{self, RetryAfter};

/// A refusal: status, headers, and one coded error as the body.
#[derive(Debug)]
pub struct HttpError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    status: StatusCode,
    message: String,
    extensions: Map<String, Value>,
    headers: HeaderMap,
}

impl HttpError {
    /// An error with a code of [`codes`] and a message in full sentences.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let mut extensions = Map::new();
        extensions.insert("code".to_owned(), Value::from(code));
        Self(Box::new(Inner {
            status,
            message: message.into(),
            extensions,
            headers: HeaderMap::new(),
        }))
    }

    /// 400: a parameter of the request is wrong.
    #[must_use]
    pub fn bad_user_input(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, codes::BAD_USER_INPUT, message)
    }

    /// 401 with `WWW-Authenticate: Bearer`: the token is not, or no longer, valid.
    #[must_use]
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, codes::UNAUTHENTICATED, message).with_header(
            WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer error=\"invalid_token\""),
        )
    }

    /// 403: the caller is known, and the token lacks what the request needs.
    #[must_use]
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, codes::FORBIDDEN, message)
    }

    /// 429 with `Retry-After`.
    #[must_use]
    pub fn rate_limited(message: impl Into<String>, retry_after: RetryAfter) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, codes::RATE_LIMITED, message)
            .with_retry_after(retry_after)
    }

    /// 503 with `Retry-After`.
    #[must_use]
    pub fn service_unavailable(message: impl Into<String>, retry_after: RetryAfter) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            codes::SERVICE_UNAVAILABLE,
            message,
        )
        .with_retry_after(retry_after)
    }

    /// 504: the time limit passed.
    #[must_use]
    pub fn timeout(message: impl Into<String>) -> Self {
        Self::new(StatusCode::GATEWAY_TIMEOUT, codes::TIMEOUT, message)
    }

    /// 500 that shows the request id and nothing else.
    #[must_use]
    pub fn internal(request_id: &RequestId) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            codes::INTERNAL_SERVER_ERROR,
            INTERNAL_MESSAGE,
        )
        .with_extension("requestId", request_id.as_str())
    }

    pub(super) fn method_not_allowed(message: impl Into<String>, allow: &'static str) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            codes::METHOD_NOT_ALLOWED,
            message,
        )
        .with_header(ALLOW, HeaderValue::from_static(allow))
    }

    pub(super) fn not_found() -> Self {
        let message = "Nothing is served under this path. GraphQL is at /graphql.";
        Self::new(StatusCode::NOT_FOUND, codes::NOT_FOUND, message)
    }

    /// Adds a field to `extensions`.
    #[must_use]
    pub fn with_extension(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.extensions.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a response header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.append(name, value);
        self
    }

    fn with_retry_after(self, retry_after: RetryAfter) -> Self {
        self.with_header(RETRY_AFTER, HeaderValue::from(retry_after.seconds()))
    }

    /// The status that the answer will have.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The response's headers and the one entry of its `errors`.
    pub(super) fn into_parts(self) -> (StatusCode, HeaderMap, Value) {
        let Inner {
            status,
            message,
            extensions,
            headers,
        } = *self.0;
        (
            status,
            headers,
            json!({ "message": message, "extensions": extensions }),
        )
    }

    /// The response in one of the media types of GraphQL.
    pub(super) fn into_response_as(self, content_type: &'static str) -> Response {
        let (status, mut headers, error) = self.into_parts();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        (status, headers, json!({ "errors": [error] }).to_string()).into_response()
    }
}

/// All that a caller learns of an internal error beside the request id.
pub(super) const INTERNAL_MESSAGE: &str = "The server could not do this because of a fault of its own. Report the request id to its operators.";

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        self.into_response_as("application/json; charset=utf-8")
    }
}

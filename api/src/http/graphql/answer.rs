//! Answers as bytes: serialized once, with the status that specification and media type ask for.

use std::collections::BTreeMap;

use async_graphql::{ServerError, Value};
use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::errors::{self, Summary};
use super::{Incoming, MediaType};
use crate::graphql::codes;
use crate::graphql::limits::{Limits, Prepared};
use crate::http::error::HttpError;

/// The answer to one operation.
pub(super) struct Answer {
    content: Content,
    summary: Summary,
    headers: HeaderMap,
}

enum Content {
    Executed {
        data: Value,
        errors: Vec<ServerError>,
        extensions: BTreeMap<String, Value>,
    },
    Refused(serde_json::Value),
}

impl Answer {
    /// Takes over what the executor answered.
    pub(super) fn executed(
        response: async_graphql::Response,
        prepared: &Prepared,
        incoming: &Incoming<'_>,
        limits: &Limits,
    ) -> Self {
        let async_graphql::Response {
            mut data,
            mut errors,
            extensions,
            http_headers,
            ..
        } = response;
        if !errors.is_empty() {
            prepared.complete_nulls(&mut data, &errors);
        }
        prepared.order_fields(&mut data);
        let summary = errors::complete(
            &mut errors,
            data != Value::Null,
            incoming.request_id,
            limits,
        );
        Self {
            content: Content::Executed {
                data,
                errors,
                extensions,
            },
            summary,
            headers: http_headers,
        }
    }

    /// What was found before execution.
    pub(super) fn request_errors(
        mut errors: Vec<ServerError>,
        incoming: &Incoming<'_>,
        limits: &Limits,
    ) -> Self {
        let summary = errors::complete(&mut errors, false, incoming.request_id, limits);
        let content = Content::Executed {
            data: Value::Null,
            errors,
            extensions: BTreeMap::new(),
        };
        Self {
            content,
            summary,
            headers: HeaderMap::new(),
        }
    }

    /// One request of a batch that was not executed.
    pub(super) fn refused(error: HttpError) -> Self {
        let (_, headers, error) = error.into_parts();
        let summary = Summary {
            is_request_error: true,
            ..Summary::default()
        };
        Self {
            content: Content::Refused(error),
            summary,
            headers,
        }
    }

    /// For the metrics, from a fixed set.
    pub(super) fn outcome(&self) -> &'static str {
        match (&self.content, self.summary) {
            (
                _,
                Summary {
                    has_internal: true, ..
                },
            ) => "internal_error",
            (
                _,
                Summary {
                    is_request_error: true,
                    ..
                },
            ) => "request_error",
            (Content::Executed { errors, .. }, _) if errors.is_empty() => "ok",
            _ => "error",
        }
    }

    fn status(&self, media_type: MediaType) -> StatusCode {
        let Content::Executed { errors, .. } = &self.content else {
            return StatusCode::OK;
        };
        if !self.summary.is_request_error {
            return StatusCode::OK;
        }
        match errors.first().and_then(errors::code) {
            Some(codes::UNAUTHENTICATED) => StatusCode::UNAUTHORIZED,
            Some(codes::FORBIDDEN) => StatusCode::FORBIDDEN,
            Some(codes::RATE_LIMITED) => StatusCode::TOO_MANY_REQUESTS,
            Some(codes::SERVICE_UNAVAILABLE) => StatusCode::SERVICE_UNAVAILABLE,
            Some(codes::TIMEOUT) => StatusCode::GATEWAY_TIMEOUT,
            Some(codes::INTERNAL_SERVER_ERROR) => StatusCode::INTERNAL_SERVER_ERROR,
            _ if media_type == MediaType::Json => StatusCode::OK,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn is_faultless(&self) -> bool {
        matches!(&self.content, Content::Executed { errors, .. } if errors.is_empty())
    }

    /// Headers that resolvers set, and when to come again.
    fn take_headers(&mut self) -> HeaderMap {
        let mut headers = std::mem::take(&mut self.headers);
        for reserved in [CONTENT_TYPE, CONTENT_LENGTH] {
            headers.remove(reserved);
        }
        if let Some(retry_after) = self.summary.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(retry_after.seconds()));
        }
        headers
    }
}

/// The wire format. Errors come first, so that they are seen; request errors have no `data`.
#[derive(Serialize)]
struct Payload<'a> {
    #[serde(skip_serializing_if = "<[ServerError]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'a BTreeMap<String, Value>,
}

#[derive(Serialize)]
struct Refusal<'a> {
    errors: [&'a serde_json::Value; 1],
}

impl Serialize for Answer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.content {
            Content::Executed {
                data,
                errors,
                extensions,
            } => {
                let data = (!self.summary.is_request_error).then_some(data);
                Payload {
                    errors,
                    data,
                    extensions,
                }
                .serialize(serializer)
            }
            Content::Refused(error) => Refusal { errors: [error] }.serialize(serializer),
        }
    }
}

/// The response to a single request; a faultless GET gets an `ETag`, and 304 when the caller has it already.
pub(super) fn single(
    mut answer: Answer,
    media_type: MediaType,
    is_get: bool,
    request: &HeaderMap,
) -> Response {
    let status = answer.status(media_type);
    let mut headers = answer.take_headers();
    let bytes = match serde_json::to_vec(&answer) {
        Ok(bytes) => bytes,
        Err(error) => return unserializable(&error),
    };
    if is_get && status == StatusCode::OK && answer.is_faultless() {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        if let Some(tag) = entity_tag(&bytes) {
            let is_known = is_match(request, &tag);
            headers.insert(ETAG, tag);
            if is_known {
                headers.insert(VARY, HeaderValue::from_static(VARIES));
                return (StatusCode::NOT_MODIFIED, headers).into_response();
            }
        }
    }
    respond(status, headers, media_type, bytes)
}

/// The response to a batch: 200, each answer with its own errors.
pub(super) fn several(mut answers: Vec<Answer>, media_type: MediaType) -> Response {
    let mut headers = HeaderMap::new();
    for answer in &mut answers {
        headers.extend(answer.take_headers());
    }
    match serde_json::to_vec(&answers) {
        Ok(bytes) => respond(StatusCode::OK, headers, media_type, bytes),
        Err(error) => unserializable(&error),
    }
}

const VARIES: &str = "accept, authorization";

fn respond(
    status: StatusCode,
    mut headers: HeaderMap,
    media_type: MediaType,
    bytes: Vec<u8>,
) -> Response {
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static(media_type.content_type()),
    );
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(VARY, HeaderValue::from_static(VARIES));
    (status, headers, Body::from(bytes)).into_response()
}

fn unserializable(error: &serde_json::Error) -> Response {
    let request_id = crate::http::request_id::RequestId::generate();
    tracing::error!(request_id = request_id.as_str(), %error, "an answer cannot be written as JSON");
    HttpError::internal(&request_id).into_response()
}

/// Weak, as compression changes the bytes.
fn entity_tag(bytes: &[u8]) -> Option<HeaderValue> {
    use std::fmt::Write as _;
    let mut tag = String::with_capacity(40);
    tag.push_str("W/\"");
    for byte in &Sha256::digest(bytes)[..16] {
        write!(tag, "{byte:02x}").ok()?;
    }
    tag.push('"');
    HeaderValue::from_str(&tag).ok()
}

/// Whether `If-None-Match` names the tag, weakly compared.
fn is_match(request: &HeaderMap, tag: &HeaderValue) -> bool {
    let strong = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    let Ok(tag) = tag.to_str().map(strong) else {
        return false;
    };
    request
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|candidate| candidate.trim() == "*" || strong(candidate) == tag)
}

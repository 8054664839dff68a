//! The executor's errors as callers see them: each with a code, bounded in number and length, internal ones masked.

use async_graphql::{ErrorExtensionValues, ServerError, Value};

use super::parameters::shorten;
use crate::graphql::codes::{self, RetryAfter};
use crate::graphql::limits::Limits;
use crate::http::error::INTERNAL_MESSAGE;
use crate::http::request_id::RequestId;

/// What the errors of an answer come to.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Summary {
    /// Nothing was executed: parsing, validation, coercion, limits or the gate refused.
    pub(super) is_request_error: bool,
    pub(super) has_internal: bool,
    pub(super) retry_after: Option<RetryAfter>,
}

/// Completes the errors in place. Errors of execution carry a path, request errors none.
pub(super) fn complete(
    errors: &mut Vec<ServerError>,
    has_data: bool,
    request_id: &RequestId,
    limits: &Limits,
) -> Summary {
    if errors.is_empty() {
        return Summary::default();
    }
    let is_request_error = !has_data && errors.iter().all(|error| error.path.is_empty());
    let mut summary = Summary {
        is_request_error,
        ..Summary::default()
    };
    let most = if is_request_error {
        limits.errors
    } else {
        limits.errors.saturating_mul(10)
    }
    .max(1);
    let surplus = errors.len().saturating_sub(most);
    errors.truncate(most);
    for error in errors.iter_mut() {
        if let Some(retry_after) = error.source::<RetryAfter>() {
            summary.retry_after.get_or_insert(*retry_after);
        }
        if code(error).is_none() {
            let implied = if is_request_error {
                request_code(&error.message)
            } else if is_coercion(&error.message) {
                codes::BAD_USER_INPUT
            } else {
                codes::INTERNAL_SERVER_ERROR
            };
            set_code(error, implied);
            let mut message = shorten(&error.message, limits.message_length).into_owned();
            if !message.ends_with(['.', '?', '!', '…']) {
                message.push('.');
            }
            error.message = message;
        }
        if code(error) == Some(codes::INTERNAL_SERVER_ERROR) {
            summary.has_internal = true;
            mask(error, request_id);
        }
    }
    if surplus > 0 {
        let last = errors
            .last()
            .and_then(code)
            .unwrap_or(codes::BAD_USER_INPUT)
            .to_owned();
        let mut error = ServerError::new(
            format!("There are {surplus} more errors, which are not listed."),
            None,
        );
        set_code(&mut error, &last);
        errors.push(error);
    }
    summary
}

/// The error's `extensions.code`.
pub(super) fn code(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        Value::Enum(code) => Some(code),
        _ => None,
    }
}

pub(super) fn set_code(error: &mut ServerError, code: &str) {
    error.extensions.get_or_insert_default().set("code", code);
}

/// The library's validation has one kind of error; values that do not fit are told apart by their wording.
fn request_code(message: &str) -> &'static str {
    if message.starts_with("Invalid value for argument") {
        codes::BAD_USER_INPUT
    } else {
        codes::GRAPHQL_VALIDATION_FAILED
    }
}

/// Whether the library itself could not read an argument.
fn is_coercion(message: &str) -> bool {
    message.starts_with("Failed to parse \"")
        || message.starts_with("Expected input type \"")
        || message.starts_with("Variable ") && message.ends_with(" is not defined.")
}

/// Logs what happened and leaves the request id.
fn mask(error: &mut ServerError, request_id: &RequestId) {
    tracing::error!(
        request_id = request_id.as_str(),
        path = ?error.path,
        error = ?error.message,
        "a field failed for an internal reason"
    );
    INTERNAL_MESSAGE.clone_into(&mut error.message);
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", codes::INTERNAL_SERVER_ERROR);
    extensions.set("requestId", request_id.as_str());
    error.extensions = Some(extensions);
    error.source = None;
}

//! The values of `extensions.code` in top-level errors: the one place where they are written down.
//!
//! Faults that a caller mends inside a mutation's input are `userErrors` with codes of their own; these here are about
//! the request itself.

use std::time::Duration;

/// An argument, a variable, a cursor or the choice of operation is wrong.
pub const BAD_USER_INPUT: &str = "BAD_USER_INPUT";
/// The caller is known, and the token lacks the scope, or what was open to them is so no more.
pub const FORBIDDEN: &str = "FORBIDDEN";
/// The document is no GraphQL.
pub const GRAPHQL_PARSE_FAILED: &str = "GRAPHQL_PARSE_FAILED";
/// The document is GraphQL, and does not fit the schema.
pub const GRAPHQL_VALIDATION_FAILED: &str = "GRAPHQL_VALIDATION_FAILED";
/// The idempotency key was used before for another request.
pub const IDEMPOTENCY_KEY_REUSED: &str = "IDEMPOTENCY_KEY_REUSED";
/// A fault of the server; the log has the rest under the same request id.
pub const INTERNAL_SERVER_ERROR: &str = "INTERNAL_SERVER_ERROR";
/// The HTTP method is not served here, or the operation is not allowed by this method.
pub const METHOD_NOT_ALLOWED: &str = "METHOD_NOT_ALLOWED";
/// None of the media types that `Accept` names can be answered.
pub const NOT_ACCEPTABLE: &str = "NOT_ACCEPTABLE";
/// Nothing is served under this path.
pub const NOT_FOUND: &str = "NOT_FOUND";
/// The request body is larger than the limit.
pub const PAYLOAD_TOO_LARGE: &str = "PAYLOAD_TOO_LARGE";
/// The hash names no stored document.
pub const PERSISTED_QUERY_NOT_FOUND: &str = "PERSISTED_QUERY_NOT_FOUND";
/// The position lies before what the change log still holds.
pub const POSITION_EXPIRED: &str = "POSITION_EXPIRED";
/// A limit on the document was passed: tokens, depth, aliases, cost and the like.
pub const QUERY_TOO_COMPLEX: &str = "QUERY_TOO_COMPLEX";
/// The caller's budget is used up; `Retry-After` says when to come again.
pub const RATE_LIMITED: &str = "RATE_LIMITED";
/// The server has no room for the request at present.
pub const SERVICE_UNAVAILABLE: &str = "SERVICE_UNAVAILABLE";
/// The time limit passed before the answer was ready.
pub const TIMEOUT: &str = "TIMEOUT";
/// There is no session, or its token is not valid.
pub const UNAUTHENTICATED: &str = "UNAUTHENTICATED";
/// The request's content type is not served.
pub const UNSUPPORTED_MEDIA_TYPE: &str = "UNSUPPORTED_MEDIA_TYPE";

/// When to come again. As the source of an error (`async_graphql::Error::new_with_source`) it becomes the
/// `Retry-After` header of an answer that has no data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryAfter(pub Duration);

impl RetryAfter {
    /// Whole seconds, rounded up, at least one: the unit of the header.
    #[must_use]
    pub fn seconds(self) -> u64 {
        let rounding = u64::from(self.0.subsec_nanos() > 0);
        self.0.as_secs().saturating_add(rounding).max(1)
    }
}

impl std::fmt::Display for RetryAfter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "The limit is used up. Try again in {} seconds.",
            self.seconds()
        )
    }
}

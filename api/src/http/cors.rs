//! Which pages of other origins may call.

use std::time::Duration;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, Method};
use serde::{Deserialize, Serialize};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::graphql::{IDEMPOTENCY_KEY, POSITION};
use super::request_id::REQUEST_ID;
use crate::graphql::idempotency::REPLAYED;

/// Cross-origin settings. By default no other origin may call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cors {
    /// Origins such as `https://learn.example.org`, or `*` alone for all. Credentials in cookies are never asked for:
    /// callers sign in by the `Authorization` header.
    pub origins: Vec<String>,
}

/// An origin that is none.
#[derive(Debug, thiserror::Error)]
#[error(
    "\"{0}\" is no origin; write it as https://learn.example.org, without a path, or \"*\" alone for all origins."
)]
pub struct OriginError(String);

impl Cors {
    pub(super) fn layer(&self) -> Result<Option<CorsLayer>, OriginError> {
        let origins = match self.origins.as_slice() {
            [] => return Ok(None),
            [all] if all == "*" => AllowOrigin::any(),
            origins => AllowOrigin::list(
                origins
                    .iter()
                    .map(|origin| parse(origin))
                    .collect::<Result<Vec<_>, _>>()?,
            ),
        };
        let own = HeaderName::from_static;
        let layer = CorsLayer::new()
            .allow_origin(origins)
            .allow_methods([Method::GET, Method::POST, Method::PUT])
            .allow_headers([
                AUTHORIZATION,
                CONTENT_TYPE,
                IF_NONE_MATCH,
                REQUEST_ID,
                own(POSITION),
                own(IDEMPOTENCY_KEY),
                own("x-requested-with"),
                own("apollographql-client-name"),
                own("apollographql-client-version"),
            ])
            .expose_headers([REQUEST_ID, ETAG, RETRY_AFTER, own(REPLAYED)])
            .max_age(Duration::from_hours(1));
        Ok(Some(layer))
    }
}

fn parse(origin: &str) -> Result<HeaderValue, OriginError> {
    let is_origin = url::Url::parse(origin).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == origin
    });
    match HeaderValue::from_str(origin) {
        Ok(value) if is_origin => Ok(value),
        _ => Err(OriginError(origin.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_checked_at_start() {
        let layer = |origins: &[&str]| {
            Cors {
                origins: origins.iter().map(ToString::to_string).collect(),
            }
            .layer()
        };
        assert!(layer(&[]).unwrap().is_none());
        assert!(layer(&["*"]).unwrap().is_some());
        assert!(
            layer(&["https://learn.example.org", "http://localhost:5173"])
                .unwrap()
                .is_some()
        );
        for wrong in [
            "learn.example.org",
            "https://learn.example.org/",
            "https://a.example/path",
            "null",
            "ftp://a.b",
        ] {
            assert!(layer(&[wrong]).unwrap_err().to_string().contains(wrong));
        }
        assert!(layer(&["https://a.example", "*"]).is_err());
    }
}

//! Which pages of other origins may call.

use std::time::Duration;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, Method};
use serde::Deserialize;
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::graphql::{IDEMPOTENCY_KEY, POSITION};
use super::request_id::REQUEST_ID;
use crate::graphql::idempotency::REPLAYED;

/// Cross-origin settings. By default no other origin may call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cors {
    /// Which may. Credentials in cookies are never asked for: callers sign in by the `Authorization` header.
    pub origins: Origins,
}

/// Origins whose pages may call. In settings, a list such as `["https://learn.example.org"]`, or `["*"]` for all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub enum Origins {
    /// None but the server's own.
    #[default]
    Own,
    /// All.
    All,
    /// These.
    These(Vec<HeaderValue>),
}

/// Texts that are no origins.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} cannot be an origin; write each as https://learn.example.org or http://localhost:5173, without a path and a / at the end, or \"*\" alone for all origins",
    .0.join(" and ")
)]
pub struct OriginError(Vec<String>);

impl TryFrom<Vec<String>> for Origins {
    type Error = OriginError;

    fn try_from(texts: Vec<String>) -> Result<Self, OriginError> {
        if texts == ["*"] {
            return Ok(Self::All);
        }
        let (mut origins, mut wrong) = (Vec::new(), Vec::new());
        for text in &texts {
            match parse(text) {
                Some(origin) => origins.push(origin),
                None => wrong.push(format!("\"{text}\"")),
            }
        }
        if !wrong.is_empty() {
            return Err(OriginError(wrong));
        }
        Ok(if origins.is_empty() {
            Self::Own
        } else {
            Self::These(origins)
        })
    }
}

impl Cors {
    pub(super) fn layer(&self) -> Option<CorsLayer> {
        let origins = match &self.origins {
            Origins::Own => return None,
            Origins::All => AllowOrigin::any(),
            Origins::These(origins) => AllowOrigin::list(origins.iter().cloned()),
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
        Some(layer)
    }
}

fn parse(origin: &str) -> Option<HeaderValue> {
    // Origins are compared as they are: a pattern would match nobody.
    let is_origin = !origin.contains('*')
        && url::Url::parse(origin).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == origin
        });
    HeaderValue::from_str(origin).ok().filter(|_| is_origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins(texts: &[&str]) -> Result<Origins, OriginError> {
        let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
        texts.try_into()
    }

    #[test]
    fn origins_are_known_or_refused_by_name() {
        assert_eq!(origins(&[]).unwrap(), Origins::Own);
        assert_eq!(origins(&["*"]).unwrap(), Origins::All);
        let two = ["https://learn.example.org", "http://localhost:5173"];
        let values = two.map(HeaderValue::from_static).to_vec();
        assert_eq!(origins(&two).unwrap(), Origins::These(values));
        for wrong in [
            "learn.example.org",
            "https://learn.example.org/",
            "https://a.example/path",
            "https://*.example.org",
            "https://a.example:443",
            "HTTPS://a.example",
            "null",
            "ftp://a.b",
            "*",
            "",
        ] {
            let error = origins(&["https://a.example", wrong]).unwrap_err();
            let said = error.to_string();
            assert!(said.contains(&format!("\"{wrong}\" cannot")), "{said}");
            assert!(!said.contains("a.example\" and"), "{said}");
        }
        let both = origins(&["null", "https://a.example", "*"]).unwrap_err();
        assert!(both.to_string().starts_with("\"null\" and \"*\""), "{both}");
    }

    #[test]
    fn only_other_origins_need_a_layer() {
        let layer = |origins| Cors { origins }.layer();
        assert!(layer(Origins::Own).is_none());
        assert!(layer(Origins::All).is_some());
        let one = HeaderValue::from_static("https://learn.example.org");
        assert!(layer(Origins::These(vec![one])).is_some());
    }
}

//! One id for each request, in its answer, its log lines and its internal errors.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// The header that carries the id, both ways.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const LONGEST: usize = 128;

/// A request's id: the caller's own when it is sane, else a new `UUIDv7`. In the request's extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// Takes over the caller's id (1 to 128 letters, digits, `-`, `_`, `.`, `:`), or makes one.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let given = headers
            .get(REQUEST_ID)
            .and_then(|value| value.to_str().ok());
        match given.filter(|value| is_sane(value)) {
            Some(value) => Self(Arc::from(value)),
            None => Self::generate(),
        }
    }

    /// A new id.
    #[must_use]
    pub fn generate() -> Self {
        let mut buffer = Uuid::encode_buffer();
        Self(Arc::from(
            &*Uuid::now_v7().hyphenated().encode_lower(&mut buffer),
        ))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn to_header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

fn is_sane(value: &str) -> bool {
    (1..=LONGEST).contains(&value.len())
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_for(value: &[u8]) -> RequestId {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_bytes(value).unwrap());
        RequestId::from_headers(&headers)
    }

    #[test]
    fn a_sane_id_is_kept_and_any_other_replaced() {
        assert_eq!(id_for(b"trace-1:a.b_C").as_str(), "trace-1:a.b_C");
        for insane in [
            b"".as_slice(),
            b"a b",
            b"a\tb",
            b"\xff",
            b"<script>",
            &[b'a'; 129],
        ] {
            let id = id_for(insane);
            assert_eq!(Uuid::parse_str(id.as_str()).unwrap().get_version_num(), 7);
        }
        assert_ne!(RequestId::generate(), RequestId::generate());
    }
}

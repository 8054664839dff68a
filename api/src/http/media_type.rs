//! Which content types are taken and answered.

use axum::http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};

use super::error::HttpError;
use crate::graphql::codes;

/// A media type that GraphQL is answered in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/json`: well-formed requests are answered with 200.
    Json,
    /// `application/graphql-response+json`: request errors are 400.
    GraphqlResponse,
}

impl MediaType {
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        }
    }
}

/// What `Accept` prefers: by quality, then by how exactly the type is named, then by order. JSON for none or `*/*`.
pub(super) fn negotiate(headers: &HeaderMap) -> Result<MediaType, HttpError> {
    let mut ranges = Vec::new();
    for value in headers.get_all(ACCEPT) {
        // Bytes that are no text match nothing.
        let text = value.to_str().unwrap_or("invalid/invalid");
        ranges.extend(text.split(',').filter_map(range));
    }
    if ranges.is_empty() {
        return Ok(MediaType::Json);
    }
    let candidates = [
        (MediaType::Json, "json"),
        (MediaType::GraphqlResponse, "graphql-response+json"),
    ];
    candidates
        .into_iter()
        .filter_map(|(media_type, subtype)| {
            let (index, range) = ranges
                .iter()
                .enumerate()
                .filter(|(_, range)| range.matches(subtype))
                // The most exact range speaks for the type; of equal ones the first.
                .max_by_key(|(index, range)| (range.exactness(), usize::MAX - index))?;
            (range.quality > 0).then_some((
                (range.quality, range.exactness(), usize::MAX - index),
                media_type,
            ))
        })
        // `max_by_key` takes the last of equals, and equals are `*/*`, for which JSON is right.
        .rev()
        .max_by_key(|(rank, _)| *rank)
        .map(|(_, media_type)| media_type)
        .ok_or_else(|| {
            HttpError::new(
                StatusCode::NOT_ACCEPTABLE,
                codes::NOT_ACCEPTABLE,
                "Answers are available as application/json and application/graphql-response+json; \
                 the Accept header allows neither.",
            )
        })
}

#[derive(Debug)]
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    /// In thousandths.
    quality: u16,
}

impl Range<'_> {
    fn matches(&self, subtype: &str) -> bool {
        match (self.kind, self.subtype) {
            ("*", "*") => true,
            (kind, "*") => kind.eq_ignore_ascii_case("application"),
            (kind, own) => {
                kind.eq_ignore_ascii_case("application") && own.eq_ignore_ascii_case(subtype)
            }
        }
    }

    fn exactness(&self) -> u8 {
        match (self.kind, self.subtype) {
            ("*", _) => 0,
            (_, "*") => 1,
            _ => 2,
        }
    }
}

/// One media range; none where the text is no range, or wants another character set than UTF-8.
fn range(text: &str) -> Option<Range<'_>> {
    let mut parts = text.split(';');
    let (kind, subtype) = parts.next()?.trim().split_once('/')?;
    let mut quality = 1000;
    for parameter in parts {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let (name, value) = (name.trim(), value.trim().trim_matches('"'));
        if name.eq_ignore_ascii_case("q") {
            quality = thousandths(value)?;
        } else if name.eq_ignore_ascii_case("charset") && !value.eq_ignore_ascii_case("utf-8") {
            return None;
        }
    }
    Some(Range {
        kind,
        subtype,
        quality,
    })
}

/// `0.75` as 750; none unless it is a number from 0 to 1 with at most three digits behind the point.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction = format!("{fraction:0<3}").parse::<u16>().ok()?;
    match (whole, fraction) {
        ("0", fraction) => Some(fraction),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

/// Refuses every body but plain `application/json` in UTF-8. What a browser sends across sites without asking first
/// (forms, `text/plain`) is among the refused, so no page can make its reader's browser mutate.
pub(super) fn require_json(headers: &HeaderMap) -> Result<(), HttpError> {
    let refuse = |message: &str| {
        Err(HttpError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            codes::UNSUPPORTED_MEDIA_TYPE,
            message,
        ))
    };
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let is_json = match (types.next().map(|value| value.to_str()), types.next()) {
        (Some(Ok(value)), None) => is_json(value),
        _ => false,
    };
    if !is_json {
        return refuse("Send the request as application/json, in UTF-8.");
    }
    let encodings = headers.get_all(CONTENT_ENCODING);
    if encodings
        .iter()
        .any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return refuse("Send the request body without a content encoding.");
    }
    Ok(())
}

fn is_json(value: &str) -> bool {
    let mut parts = value.split(';');
    let essence = parts.next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn accepting(value: &'static str) -> Option<MediaType> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(value));
        negotiate(&headers).ok()
    }

    #[test]
    fn the_preferred_type_is_answered() {
        const GRAPHQL: Option<MediaType> = Some(MediaType::GraphqlResponse);
        const JSON: Option<MediaType> = Some(MediaType::Json);
        for (accept, answer) in [
            ("", JSON),
            ("*/*", JSON),
            ("application/*", JSON),
            ("application/json", JSON),
            ("application/json; charset=utf-8", JSON),
            ("application/json; charset=latin1", JSON),
            ("application/graphql-response+json", GRAPHQL),
            ("Application/GraphQL-Response+JSON", GRAPHQL),
            (
                "application/graphql-response+json, application/json;q=0.9",
                GRAPHQL,
            ),
            (
                "application/graphql-response+json;q=0.5, application/json;q=0.9",
                JSON,
            ),
            ("application/json, application/graphql-response+json", JSON),
            (
                "application/graphql-response+json, application/json",
                GRAPHQL,
            ),
            ("application/graphql-response+json, */*", GRAPHQL),
            ("application/json;q=0, */*", GRAPHQL),
            ("text/html, application/xhtml+xml, */*;q=0.8", JSON),
            ("application/json, multipart/mixed", JSON),
            ("text/html", None),
            ("text/event-stream", None),
            ("application/json;q=0", None),
            (
                "application/json;q=0, application/graphql-response+json;q=0.0",
                None,
            ),
            ("application/json;q=2, text/html", None),
            ("application/json;charset=latin1, text/html", None),
        ] {
            assert_eq!(accepting(accept), answer, "{accept}");
        }
        assert_eq!(negotiate(&HeaderMap::new()).unwrap(), MediaType::Json);
    }

    #[test]
    fn only_json_in_utf_8_is_taken() {
        for (content_type, taken) in [
            ("application/json", true),
            ("application/json; charset=utf-8", true),
            ("Application/JSON;charset=\"UTF-8\"", true),
            ("application/json; charset=latin1", false),
            ("application/jsonp", false),
            ("application/graphql", false),
            ("text/plain", false),
            ("text/plain; application/json", false),
            ("multipart/form-data; boundary=x", false),
            ("application/x-www-form-urlencoded", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            assert_eq!(require_json(&headers).is_ok(), taken, "{content_type}");
            headers.append(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            assert!(require_json(&headers).is_err(), "two content types");
        }
        assert!(require_json(&HeaderMap::new()).is_err());
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        assert_eq!(
            require_json(&headers).unwrap_err().status(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        );
    }
}

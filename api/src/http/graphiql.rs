//! GraphiQL at `/`, from the binary.

use std::sync::LazyLock;

use axum::Router;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::error::HttpError;
use super::request_id::RequestId;

/// Scripts from this server alone, no inline script, no evaluation; `style-src` allows what the editor writes.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
                      img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// A vendored file. Its name carries its version, so that browsers may keep it.
struct Vendored {
    name: &'static str,
    content_type: &'static str,
    compressed: &'static [u8],
    /// Decompressed when the first client asks that does not take Brotli; none when that fails.
    plain: LazyLock<Option<Bytes>>,
}

macro_rules! vendored {
    ($name:literal, $content_type:literal) => {
        Vendored {
            name: $name,
            content_type: $content_type,
            compressed: include_bytes!(concat!("../../assets/graphiql/", $name, ".br")),
            plain: LazyLock::new(|| {
                decompress(include_bytes!(concat!(
                    "../../assets/graphiql/",
                    $name,
                    ".br"
                )))
            }),
        }
    };
}

static VENDORED: [Vendored; 4] = [
    vendored!("graphiql-4.1.2.min.js", "text/javascript; charset=utf-8"),
    vendored!("graphiql-4.1.2.min.css", "text/css; charset=utf-8"),
    vendored!("react-18.3.1.min.js", "text/javascript; charset=utf-8"),
    vendored!("react-dom-18.3.1.min.js", "text/javascript; charset=utf-8"),
];

fn decompress(mut compressed: &[u8]) -> Option<Bytes> {
    let mut plain = Vec::new();
    match brotli_decompressor::BrotliDecompress(&mut compressed, &mut plain) {
        Ok(()) => Some(Bytes::from(plain)),
        Err(error) => {
            tracing::error!(%error, "an embedded file of GraphiQL cannot be decompressed");
            None
        }
    }
}

macro_rules! example {
    ($name:literal) => {
        json!({ "query": include_str!(concat!("../../assets/graphiql/examples/", $name, ".graphql")) })
    };
}

/// The tabs that GraphiQL opens with: the queries of the README, and one for servers without the demonstration.
static EXAMPLES: LazyLock<String> = LazyLock::new(|| {
    json!([
        example!("1-community"),
        example!("2-search"),
        example!("3-thread"),
        example!("4-sign-in"),
        example!("5-create-community"),
        example!("6-communities")
    ])
    .to_string()
});

/// The page, its vendored files and its own.
pub(super) fn routes() -> Router {
    let mut router = Router::new()
        .route("/", get(page))
        .route(
            "/graphiql/start.js",
            get(|headers: HeaderMap| async move {
                let script = include_str!("../../assets/graphiql/start.js");
                own(&headers, "text/javascript; charset=utf-8", script)
            }),
        )
        .route(
            "/graphiql/start.css",
            get(|headers: HeaderMap| async move {
                own(
                    &headers,
                    "text/css; charset=utf-8",
                    include_str!("../../assets/graphiql/start.css"),
                )
            }),
        )
        .route(
            "/graphiql/icon.svg",
            get(|headers: HeaderMap| async move {
                own(
                    &headers,
                    "image/svg+xml",
                    include_str!("../../assets/graphiql/icon.svg"),
                )
            }),
        )
        .route(
            "/graphiql/examples.json",
            get(|headers: HeaderMap| async move {
                own(&headers, "application/json; charset=utf-8", &EXAMPLES)
            }),
        );
    for file in &VENDORED {
        let path = format!("/graphiql/{}", file.name);
        router = router.route(
            &path,
            get(move |headers: HeaderMap| async move { vendored(file, &headers) }),
        );
    }
    router
}

async fn page(headers: HeaderMap) -> Response {
    let mut response = own(
        &headers,
        "text/html; charset=utf-8",
        include_str!("../../assets/graphiql/index.html"),
    );
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// A file of our own, which may change with every release: kept by browsers, and asked for again each time.
fn own(request: &HeaderMap, content_type: &'static str, content: &'static str) -> Response {
    let sum = Sha256::digest(content);
    let tag = format!(
        "W/\"{:x}\"",
        u64::from_be_bytes(sum[..8].try_into().unwrap_or_default())
    );
    let is_known = request
        .get(IF_NONE_MATCH)
        .is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    if is_known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    (headers, content).into_response()
}

fn vendored(file: &'static Vendored, request: &HeaderMap) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if takes_brotli(request) {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
        return (headers, file.compressed).into_response();
    }
    match &*file.plain {
        Some(plain) => (headers, plain.clone()).into_response(),
        None => HttpError::internal(&RequestId::generate()).into_response(),
    }
}

fn takes_brotli(request: &HeaderMap) -> bool {
    request
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
            let is_refused = quality.trim().strip_prefix("q=").is_some_and(|quality| {
                quality
                    .trim()
                    .parse::<f32>()
                    .map_or(true, |quality| quality <= 0.0)
            });
            name.trim().eq_ignore_ascii_case("br") && !is_refused
        })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn the_embedded_files_are_the_published_ones() {
        let readme = include_str!("../../assets/graphiql/README.md");
        for file in &VENDORED {
            let plain = file.plain.as_ref().unwrap();
            let mut sum = String::new();
            for byte in Sha256::digest(plain) {
                write!(sum, "{byte:02x}").unwrap();
            }
            let line = readme
                .lines()
                .find(|line| line.contains(&format!("`{}.br`", file.name)))
                .unwrap();
            assert!(line.contains(&sum), "{}", file.name);
        }
    }

    #[test]
    fn the_page_names_only_files_that_are_served() {
        let page = include_str!("../../assets/graphiql/index.html");
        let own = ["start.js", "start.css", "icon.svg"];
        let named: Vec<&str> = page
            .split('"')
            .filter_map(|part| part.strip_prefix("/graphiql/"))
            .collect();
        assert_eq!(named.len(), VENDORED.len() + own.len());
        for name in named {
            assert!(
                own.contains(&name) || VENDORED.iter().any(|file| file.name == name),
                "{name}"
            );
        }
        assert!(!page.contains("://"));
    }

    #[test]
    fn the_readmes_queries_are_the_first_examples() {
        let tabs: Vec<serde_json::Value> = serde_json::from_str(&EXAMPLES).unwrap();
        let tabs: Vec<&str> = tabs
            .iter()
            .map(|tab| tab["query"].as_str().unwrap())
            .collect();
        for tab in &tabs {
            async_graphql::parser::parse_query(tab).unwrap();
        }
        let readme = include_str!("../../../README.md");
        let queries = readme.split("\n```graphql\n").skip(1);
        let queries: Vec<&str> = queries
            .filter_map(|rest| rest.split("```").next())
            .collect();
        assert_eq!(queries.len() + 1, tabs.len());
        for (query, tab) in queries.iter().zip(&tabs) {
            assert!(tab.ends_with(query), "{tab} is not {query}");
        }
    }

    #[test]
    fn brotli_is_sent_to_those_who_take_it() {
        for (accept, takes) in [
            ("br", true),
            ("gzip, br", true),
            ("gzip, BR;q=0.5", true),
            ("gzip", false),
            ("br;q=0", false),
            ("*", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(accept));
            assert_eq!(takes_brotli(&headers), takes, "{accept}");
        }
        assert!(!takes_brotli(&HeaderMap::new()));
    }
}

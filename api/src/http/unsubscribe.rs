//! `/unsubscribe`: the link of mails about notifications. Opened, it is a page with a button, so that no program which
//! only looks at links unsubscribes anybody; a mail program that has a button of its own posts at once (RFC 8058).

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, RawQuery, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::error::HttpError;
use super::request_id::RequestId;

/// No scripts, no other files, a form for this server.
const POLICY: &str =
    "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What a request for no more mail came to.
pub type Unsubscribing<'a> = Pin<Box<dyn Future<Output = Result<bool, HttpError>> + Send + 'a>>;

/// Knows the tokens of the links.
pub trait Unsubscribe: Send + Sync + 'static {
    /// Whether it is a token of this server.
    fn knows(&self, token: &str) -> bool;

    /// Sends the token's holder no more of these mails; false when it is no token of this server.
    fn unsubscribe<'a>(&'a self, token: &'a str, request_id: &'a RequestId) -> Unsubscribing<'a>;
}

/// The routes.
pub(super) fn routes(unsubscribe: Arc<dyn Unsubscribe>) -> Router {
    Router::new()
        .route("/unsubscribe", get(ask).post(act))
        .with_state(unsubscribe)
}

async fn ask(State(known): State<Arc<dyn Unsubscribe>>, RawQuery(query): RawQuery) -> Response {
    match token(query.as_deref()).filter(|token| known.knows(token)) {
        // The form posts to the address of the page, with its token.
        Some(_) => page(
            StatusCode::OK,
            "<p>No more mails about notifications?</p><p lang=\"fr\">Ne plus recevoir de messages de notification ?</p>\
             <form method=\"post\"><button>Unsubscribe · <span lang=\"fr\">Se désabonner</span></button></form>",
        ),
        None => unknown(),
    }
}

async fn act(
    State(known): State<Arc<dyn Unsubscribe>>,
    Extension(request_id): Extension<RequestId>,
    RawQuery(query): RawQuery,
) -> Result<Response, HttpError> {
    let Some(token) = token(query.as_deref()) else {
        return Ok(unknown());
    };
    Ok(if known.unsubscribe(&token, &request_id).await? {
        page(
            StatusCode::OK,
            "<p>You get no more mails about notifications.</p>\
             <p lang=\"fr\">Vous ne recevrez plus de messages de notification.</p>",
        )
    } else {
        unknown()
    })
}

/// The token of the query; its letters need no decoding.
fn token(query: Option<&str>) -> Option<String> {
    query?
        .split('&')
        .find_map(|pair| pair.strip_prefix("token="))
        .filter(|token| !token.is_empty())
        .map(str::to_owned)
}

fn unknown() -> Response {
    page(
        StatusCode::NOT_FOUND,
        "<p>This link is not complete, or too old. Open the newest mail, or sign in and change your settings.</p>\
         <p lang=\"fr\">Ce lien n’est pas complet, ou il est trop ancien. Ouvrez le message le plus récent, ou \
         connectez-vous et changez vos réglages.</p>",
    )
}

fn page(status: StatusCode, content: &'static str) -> Response {
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    ];
    let document = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Unsubscribe</title>{content}</html>"
    );
    (status, headers, document).into_response()
}

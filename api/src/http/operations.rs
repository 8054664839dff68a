//! `/operations/{id}/upload` and `/operations/{id}/result`: files of imports and exports, streamed both ways. Their addresses
//! open them, so that browsers need no header; no log line shows what stands behind the question mark.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Path, RawQuery, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, put};
use bytes::Bytes;
use futures_util::stream::try_unfold;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;

use super::error::HttpError;
use super::request_id::RequestId;
use crate::graphql::codes;

/// How long an upload may pause.
const PAUSE: Duration = Duration::from_mins(1);
/// What is read and thrown away of a file that is not taken, so that a client which writes first and reads later gets the
/// answer instead of a broken connection.
const DRAINED: usize = 16 * 1024 * 1024;
/// Bytes that are read of a result at once.
const BLOCK: usize = 64 * 1024;

/// What something with files comes to.
pub type Filing<'a, T> = Pin<Box<dyn Future<Output = Result<T, HttpError>> + Send + 'a>>;

/// A file that is being taken in. Dropped before the end, nothing of it is left.
pub trait Intake: Send {
    /// Takes in what came next.
    fn write<'a>(&'a mut self, data: &'a [u8]) -> Filing<'a, ()>;

    /// All has come. Answers what is to be said of it.
    fn finish(self: Box<Self>) -> Filing<'static, Value>;
}

/// A file that can be fetched.
#[derive(Debug)]
pub struct Outgoing {
    /// Where it is.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Its media type.
    pub content_type: &'static str,
    /// The name under which a browser keeps it: letters, digits, hyphens and dots.
    pub file_name: String,
}

/// Knows the files of operations.
pub trait OperationFiles: Send + Sync + 'static {
    /// Begins to take in the file of an import.
    fn receive<'a>(
        &'a self,
        id: &'a str,
        secret: &'a str,
        announced: Option<u64>,
        request_id: &'a RequestId,
    ) -> Filing<'a, Box<dyn Intake>>;

    /// The result of an export.
    fn send<'a>(
        &'a self,
        id: &'a str,
        ticket: &'a str,
        request_id: &'a RequestId,
    ) -> Filing<'a, Outgoing>;
}

/// The routes.
pub(super) fn routes(files: Arc<dyn OperationFiles>) -> Router {
    Router::new()
        .route("/operations/{id}/upload", only(put(upload), "PUT"))
        .route("/operations/{id}/result", only(get(result), "GET, HEAD"))
        .with_state(files)
}

/// Other methods are told which one is served.
fn only(
    served: MethodRouter<Arc<dyn OperationFiles>>,
    allowed: &'static str,
) -> MethodRouter<Arc<dyn OperationFiles>> {
    served.fallback(move |method: Method| async move {
        HttpError::method_not_allowed(
            format!("{method} is not served here; use {allowed}."),
            allowed,
        )
    })
}

async fn upload(
    State(files): State<Arc<dyn OperationFiles>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    Extension(request_id): Extension<RequestId>,
    request: Request,
) -> Response {
    let (parts, mut body) = request.into_parts();
    let secret = parameter(query.as_deref(), "secret").unwrap_or_default();
    let announced = announced(&parts.headers);
    let taken = async {
        check_encoding(&parts.headers)?;
        let mut intake = files.receive(&id, &secret, announced, &request_id).await?;
        while let Some(data) = next(&mut body).await? {
            intake.write(&data).await?;
        }
        intake.finish().await
    };
    match taken.await {
        Ok(answer) => {
            let headers = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];
            (StatusCode::ACCEPTED, headers, axum::Json(answer)).into_response()
        }
        Err(error) => {
            drain(&mut body, announced).await;
            // What is left of the file is no request.
            error
                .with_header(CONNECTION, HeaderValue::from_static("close"))
                .into_response()
        }
    }
}

/// The next part of a body; none at its end.
async fn next(body: &mut Body) -> Result<Option<Bytes>, HttpError> {
    loop {
        let frame = match timeout(PAUSE, body.frame()).await {
            Ok(None) => return Ok(None),
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(_))) => {
                return Err(HttpError::bad_user_input(
                    "The file broke off: fewer bytes came than were announced. Nothing was imported; send it again.",
                ));
            }
            Err(_) => {
                return Err(HttpError::new(
                    StatusCode::REQUEST_TIMEOUT,
                    codes::TIMEOUT,
                    format!(
                        "Nothing came of the file for {} seconds. Nothing was imported; send it again.",
                        PAUSE.as_secs()
                    ),
                ));
            }
        };
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
}

/// Reads what a client that does not listen yet goes on sending, up to a bound.
async fn drain(body: &mut Body, announced: Option<u64>) {
    if announced.is_some_and(|bytes| bytes > DRAINED as u64) {
        return;
    }
    let mut seen = 0;
    while let Ok(Some(data)) = next(body).await {
        seen += data.len();
        if seen > DRAINED {
            return;
        }
    }
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn check_encoding(headers: &HeaderMap) -> Result<(), HttpError> {
    let encoded = headers
        .get(CONTENT_ENCODING)
        .is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if encoded {
        return Err(HttpError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            codes::UNSUPPORTED_MEDIA_TYPE,
            "The file must be sent as it is, without Content-Encoding.",
        ));
    }
    Ok(())
}

async fn result(
    State(files): State<Arc<dyn OperationFiles>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    Extension(request_id): Extension<RequestId>,
) -> Result<Response, HttpError> {
    let ticket = parameter(query.as_deref(), "ticket").unwrap_or_default();
    let outgoing = files.send(&id, &ticket, &request_id).await?;
    let file = File::open(&outgoing.path).await.map_err(|error| {
        tracing::error!(%error, request_id = request_id.as_str(), "the result of an export cannot be read");
        HttpError::internal(&request_id)
    })?;
    let disposition = format!("attachment; filename=\"{}\"", outgoing.file_name);
    let disposition = HeaderValue::try_from(disposition)
        .unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static(outgoing.content_type),
        ),
        (CONTENT_LENGTH, HeaderValue::from(outgoing.bytes)),
        (CONTENT_DISPOSITION, disposition),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    let blocks = try_unfold(file, |mut file| async move {
        let mut block = vec![0; BLOCK];
        let read = file.read(&mut block).await?;
        block.truncate(read);
        std::io::Result::Ok((read > 0).then(|| (Bytes::from(block), file)))
    });
    Ok((headers, Body::from_stream(blocks)).into_response())
}

/// A parameter of the query; its letters need no decoding.
fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    query?
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
}

/// What is said of a file that was taken in.
#[must_use]
pub fn accepted(id: &str, bytes: u64) -> Value {
    json!({ "id": id, "state": "QUEUED", "bytes": bytes.to_string() })
}

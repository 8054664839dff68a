//! Reading a request body within a number of bytes and a time.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use tokio::time::timeout;

use super::error::HttpError;
use crate::graphql::codes;

/// What is read and thrown away of a body that is too large, so that a client which writes first and reads later gets
/// the answer instead of a broken connection.
const DRAINED: usize = 16 * 1024 * 1024;

/// The whole body.
///
/// # Errors
///
/// 413 when it has more bytes than `limit`, 408 when it takes longer than `time`, 400 when it breaks off.
pub async fn read(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    time: Duration,
) -> Result<Bytes, HttpError> {
    match timeout(time, collect(headers, body, limit)).await {
        Ok(result) => result,
        Err(_) => Err(HttpError::new(
            StatusCode::REQUEST_TIMEOUT,
            codes::TIMEOUT,
            format!(
                "The request body took longer than {} seconds.",
                time.as_secs_f64()
            ),
        )
        .with_extension("limit", "bodyTime")
        .with_extension("maximum", time.as_secs_f64())),
    }
}

async fn collect(headers: &HeaderMap, mut body: Body, limit: usize) -> Result<Bytes, HttpError> {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let mut first: Option<Bytes> = None;
    let mut all = BytesMut::new();
    let mut seen = 0_usize;
    if announced.is_some_and(|length| length > limit.saturating_add(DRAINED)) {
        return Err(too_large(limit, announced));
    }
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| HttpError::bad_user_input("The request body broke off."))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        seen = seen.saturating_add(data.len());
        if seen > limit {
            if seen > limit.saturating_add(DRAINED) {
                break;
            }
            all.clear();
        } else if first.is_none() && all.is_empty() {
            first = Some(data);
        } else {
            if let Some(first) = first.take() {
                all.reserve(
                    announced
                        .unwrap_or(0)
                        .clamp(first.len() + data.len(), limit),
                );
                all.extend_from_slice(&first);
            }
            all.extend_from_slice(&data);
        }
    }
    if seen > limit {
        return Err(too_large(limit, announced));
    }
    Ok(first.unwrap_or_else(|| all.freeze()))
}

fn too_large(limit: usize, announced: Option<usize>) -> HttpError {
    let error = HttpError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        codes::PAYLOAD_TOO_LARGE,
        format!("The request body is too large; at most {limit} bytes are allowed."),
    )
    .with_extension("limit", "bodyBytes")
    .with_extension("maximum", limit);
    match announced {
        Some(length) => error.with_extension("actual", length),
        None => error,
    }
}

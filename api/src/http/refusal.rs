//! What is no HTTP request is refused by hyper itself, before any handler: with a status and nothing else. Here such a
//! refusal gets the body that every error has.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::http::StatusCode;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::request_id::{REQUEST_ID, RequestId};
use crate::graphql::codes;

/// A connection on which bare refusals are written with a body.
pub(super) struct ExplainRefusals<S> {
    stream: S,
    header_bytes: usize,
    line: FirstLine,
    /// Runs while a refusal is written.
    refusal: Option<Refusal>,
}

/// How long the first line of what is read since the last answer is, as far as it was read: that of the next request.
#[derive(Debug, Default)]
struct FirstLine {
    bytes: usize,
    is_whole: bool,
}

impl FirstLine {
    fn read(&mut self, bytes: &[u8]) {
        if self.is_whole {
            return;
        }
        let end = bytes.iter().position(|byte| *byte == b'\n');
        self.is_whole = end.is_some();
        self.bytes += end.unwrap_or(bytes.len());
    }
}

/// Bytes of the longest address that hyper reads, whatever the limit for the head.
const ADDRESS_BYTES: usize = 65_534;

/// What is written in place of a bare refusal.
struct Refusal {
    bytes: Vec<u8>,
    written: usize,
    /// Bytes of the bare one.
    stands_for: usize,
}

impl<S> ExplainRefusals<S> {
    /// `header_bytes` is the limit that a refusal for too large a head names.
    pub(super) fn new(stream: S, header_bytes: usize) -> Self {
        Self {
            stream,
            header_bytes,
            line: FirstLine::default(),
            refusal: None,
        }
    }

    /// The status that says best what was refused. hyper counts line and headers together, and stops reading at the limit.
    fn precise(&self, status: StatusCode) -> StatusCode {
        let head_too_large = status == StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        if head_too_large && self.line.bytes >= self.header_bytes {
            StatusCode::URI_TOO_LONG
        } else {
            status
        }
    }

    fn explain(&self, bare: &[u8]) -> Option<Refusal> {
        let status = self.precise(bare_status(bare)?);
        let (code, message, limit) = match status {
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => (
                codes::PAYLOAD_TOO_LARGE,
                format!(
                    "The request's line and headers are too large; at most {} bytes in 100 headers are allowed.",
                    self.header_bytes
                ),
                Some(("headerBytes", self.header_bytes)),
            ),
            StatusCode::URI_TOO_LONG => {
                let longest = self.header_bytes.min(ADDRESS_BYTES);
                (
                    codes::PAYLOAD_TOO_LARGE,
                    format!(
                        "The request's address is too long: line and headers together have at most {longest} bytes. Send the document by POST."
                    ),
                    Some(("headerBytes", longest)),
                )
            }
            StatusCode::BAD_REQUEST => (
                codes::BAD_USER_INPUT,
                "This is no HTTP/1.1 request.".to_owned(),
                None,
            ),
            _ => return None,
        };
        let mut extensions = json!({ "code": code });
        if let Some((name, maximum)) = limit {
            extensions["limit"] = name.into();
            extensions["maximum"] = maximum.into();
        }
        let body =
            json!({ "errors": [{ "message": message, "extensions": extensions }] }).to_string();
        let reason = status.canonical_reason().unwrap_or_default();
        let id = RequestId::generate();
        tracing::debug!(
            request_id = id.as_str(),
            status = status.as_u16(),
            "refused what is no request"
        );
        let text = format!(
            "HTTP/1.1 {} {reason}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: {}\r\n\
             {REQUEST_ID}: {}\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n{body}",
            status.as_u16(),
            body.len(),
            id.as_str(),
        );
        Some(Refusal {
            bytes: text.into_bytes(),
            written: 0,
            stands_for: bare.len(),
        })
    }
}

/// The status of a whole answer of these bytes, when it is an error without a body. No handler answers such.
fn bare_status(bytes: &[u8]) -> Option<StatusCode> {
    let head = bytes
        .strip_prefix(b"HTTP/1.1 4")
        .or_else(|| bytes.strip_prefix(b"HTTP/1.0 4"))?;
    let text = std::str::from_utf8(head.strip_suffix(b"\r\n\r\n")?).ok()?;
    if text.contains("\r\n\r\n") || !text.contains("\r\ncontent-length: 0") {
        return None;
    }
    let digits = text.get(..2)?;
    StatusCode::from_bytes(format!("4{digits}").as_bytes()).ok()
}

impl<S: AsyncRead + Unpin> AsyncRead for ExplainRefusals<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let progress = Pin::new(&mut self.stream).poll_read(context, buffer);
        if progress.is_ready() {
            let new = buffer.filled().get(before..).unwrap_or_default();
            self.line.read(new);
        }
        progress
    }
}

impl<S: AsyncWrite + Unpin> ExplainRefusals<S> {
    /// Writes the refusal that stands for these bytes; none when they are no bare one.
    fn poll_refuse(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Option<Poll<io::Result<usize>>> {
        if self.refusal.is_none() {
            self.refusal = Some(self.explain(bytes)?);
        }
        let refusal = self.refusal.as_mut()?;
        let progress = refusal.poll_write(&mut self.stream, context);
        if progress.is_ready() {
            self.refusal = None;
        }
        Some(progress)
    }
}

impl Refusal {
    fn poll_write<S: AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        while let Some(rest) = self
            .bytes
            .get(self.written..)
            .filter(|rest| !rest.is_empty())
        {
            let written = ready!(Pin::new(&mut *stream).poll_write(context, rest))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += written;
        }
        Poll::Ready(Ok(self.stands_for))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ExplainRefusals<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if let Some(progress) = self.poll_refuse(context, bytes) {
            return progress;
        }
        self.line = FirstLine::default();
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let Some(progress) = slices
            .first()
            .and_then(|first| self.poll_refuse(context, first))
        {
            return progress;
        }
        self.line = FirstLine::default();
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

//! The accept loop: HTTP/1.1 with a time for everything that a client may draw out, and an orderly end.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

use super::refusal::ExplainRefusals;
use super::stall::StallTimeout;
use crate::graphql::limits::Limits;

/// What bounds connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// For a request's line and headers, and for the pause between two requests on a connection.
    pub header_time: Duration,
    /// For a write to a client that does not read.
    pub write_time: Duration,
    /// Bytes of a request's line and headers; more is answered with 414 where the line alone is as long, otherwise with 431.
    pub header_bytes: usize,
    /// Connections open at one time; more wait to be accepted.
    pub connections: usize,
    /// For finishing requests in flight once shutdown began.
    pub shutdown_time: Duration,
}

impl From<&Limits> for Settings {
    fn from(limits: &Limits) -> Self {
        Self {
            header_time: limits.header_time,
            write_time: limits.write_time,
            header_bytes: limits.header_bytes,
            connections: limits.connections,
            shutdown_time: limits.shutdown_time,
        }
    }
}

/// How a server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Every request in flight was answered.
    Finished,
    /// Time ran out; this many connections were cut.
    Cut(usize),
}

/// How long to wait when no connection can be accepted, such as when the process has no file descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `shutdown` is ready: then no connection is accepted any more, idle ones are closed, requests in flight
/// are answered within [`Settings::shutdown_time`]. Handlers find the other end's address as
/// [`ConnectInfo<SocketAddr>`].
///
/// # Errors
///
/// When the listener's own address cannot be had: it is no socket.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    settings: Settings,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<Ended> {
    listener.local_addr()?;
    let connections = settings.connections.clamp(1, Semaphore::MAX_PERMITS);
    let permits = Arc::new(Semaphore::new(connections));
    let graceful = GracefulShutdown::new();
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(settings.header_time)
        .max_header_size(settings.header_bytes)
        .half_close(false);
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let next = async {
            let permit = Arc::clone(&permits)
                .acquire_owned()
                .await
                .map_err(io::Error::other)?;
            let (stream, peer) = listener.accept().await?;
            io::Result::Ok((permit, stream, peer))
        };
        let (permit, stream, peer) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            next = next => match next {
                Ok(next) => next,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let connection = connect(&builder, stream, peer, router.clone(), &settings);
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = watched.await {
                tracing::debug!(%peer, %error, "a connection ended early");
            }
            drop(permit);
        });
    }
    drop(listener);
    let open = graceful.count();
    tracing::info!(open, "shutting down: finishing requests in flight");
    if timeout(settings.shutdown_time, graceful.shutdown())
        .await
        .is_ok()
    {
        return Ok(Ended::Finished);
    }
    let cut = connections.saturating_sub(permits.available_permits());
    tracing::warn!(
        cut,
        "shutting down: requests were cut, as they took too long"
    );
    Ok(Ended::Cut(cut))
}

type Io = TokioIo<ExplainRefusals<StallTimeout<TcpStream>>>;

/// A connection that answers by the router.
fn connect(
    builder: &http1::Builder,
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    settings: &Settings,
) -> http1::Connection<
    Io,
    impl hyper::service::Service<
        Request<Incoming>,
        Response = axum::response::Response,
        Error = std::convert::Infallible,
        Future: Send,
    > + Send
    + use<>,
> {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%peer, %error, "TCP_NODELAY could not be set");
    }
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let stream = StallTimeout::new(stream, settings.write_time);
    let stream = ExplainRefusals::new(stream, settings.header_bytes);
    builder.serve_connection(TokioIo::new(stream), service)
}

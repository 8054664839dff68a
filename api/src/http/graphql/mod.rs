//! GraphQL over HTTP at one path, by the specification: POST for everything, GET for queries, both media types.
//!
//! An [`Endpoint`] joins three things that know nothing of each other: the executor (the schema), the gate (who calls,
//! and what data the request carries along) and the guard (the limits).

mod answer;
mod errors;
mod parameters;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{ObjectType, Schema, ServerError, SubscriptionType};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use service::idempotency::{LONGEST_KEY, is_key};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use self::answer::Answer;
use self::parameters::Batch;
use super::body;
use super::error::HttpError;
use super::media_type::{self, MediaType};
use super::metrics;
use super::request_id::RequestId;
use crate::graphql::Executor;
use crate::graphql::codes::{self, RetryAfter};
use crate::graphql::limits::{Guard, Limits, Prepared, SchemaError};

/// The header by which a caller asks for reads no older than a position in the change log.
pub const POSITION: &str = "x-repertoire-position";

/// The header by which a mutation that is sent again is known.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// What executes requests: a schema of `async_graphql`, or anything that stands for one.
pub trait GraphqlExecutor: Clone + Send + Sync + 'static {
    /// The schema in the definition language; limits are computed from it at start.
    fn sdl(&self) -> String;

    /// Executes one operation. The request carries its parsed document; whether that is known to fit the schema is said
    /// with it. The future may be dropped when time is up or the client is gone: what must not be cancelled runs in a
    /// task of its own.
    fn execute(
        &self,
        request: async_graphql::Request,
        is_valid: bool,
    ) -> impl Future<Output = async_graphql::Response> + Send;
}

impl<Query, Mutation, Subscription> GraphqlExecutor for Schema<Query, Mutation, Subscription>
where
    Query: ObjectType + 'static,
    Mutation: ObjectType + 'static,
    Subscription: SubscriptionType + 'static,
{
    fn sdl(&self) -> String {
        Schema::sdl(self)
    }

    fn execute(
        &self,
        request: async_graphql::Request,
        _is_valid: bool,
    ) -> impl Future<Output = async_graphql::Response> + Send {
        Schema::execute(self, request)
    }
}

impl GraphqlExecutor for Executor {
    fn sdl(&self) -> String {
        Executor::sdl(self)
    }

    fn execute(
        &self,
        request: async_graphql::Request,
        is_valid: bool,
    ) -> impl Future<Output = async_graphql::Response> + Send {
        Executor::execute(self, request, is_valid)
    }
}

/// What the gate sees of an HTTP request.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// The request's headers.
    pub headers: &'a HeaderMap,
    /// The other end of the connection, which may be a proxy. None in tests without a socket.
    pub peer: Option<SocketAddr>,
    /// The request's id, for log lines and internal errors.
    pub request_id: &'a RequestId,
    /// Which request of a batch it is, from 0.
    pub place: usize,
}

impl<'a> Incoming<'a> {
    /// The `X-Repertoire-Position` header, if it is there and is ASCII.
    #[must_use]
    pub fn position(&self) -> Option<&'a str> {
        self.headers.get(POSITION)?.to_str().ok()
    }

    /// The `Idempotency-Key` header. None when there is no such header.
    ///
    /// # Errors
    ///
    /// 400 when the header is there twice, or is no key.
    pub fn idempotency_key(&self) -> Result<Option<&'a str>, HttpError> {
        let mut values = self.headers.get_all(IDEMPOTENCY_KEY).iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        match (value.to_str(), values.next()) {
            (Ok(key), None) if is_key(key) => Ok(Some(key)),
            _ => Err(HttpError::bad_user_input(format!(
                "The Idempotency-Key header cannot be read; send it once, with 1 to {LONGEST_KEY} visible ASCII characters: a random UUID, say."
            ))),
        }
    }

    /// The token of `Authorization: Bearer TOKEN`. None when there is no such header.
    ///
    /// # Errors
    ///
    /// 401 when the header is there twice, or of another form.
    pub fn bearer_token(&self) -> Result<Option<&'a str>, HttpError> {
        let mut values = self
            .headers
            .get_all(axum::http::header::AUTHORIZATION)
            .iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        let token = value.to_str().ok().and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            let token = token.trim();
            (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
        });
        match (token, values.next()) {
            (Some(token), None) => Ok(Some(token)),
            _ => Err(HttpError::unauthenticated(
                "The Authorization header cannot be read; send it once, as `Bearer` and a token.",
            )),
        }
    }
}

/// Who may come in, and what a request carries along.
pub trait Gate: Send + Sync + 'static {
    /// What is known of the caller; shared by the requests of a batch.
    type Caller: Send + Sync;

    /// Authenticates, once per HTTP request and before the body is read.
    ///
    /// # Errors
    ///
    /// Answers the whole HTTP request: [`HttpError::unauthenticated`] for a token that is not valid,
    /// [`HttpError::rate_limited`] and the like.
    fn admit(
        &self,
        incoming: &Incoming<'_>,
    ) -> impl Future<Output = Result<Self::Caller, HttpError>> + Send;

    /// Puts data into a request that passed the limits: the viewer, loaders, the wanted position. May wait, such as
    /// for the position of [`Incoming::position`].
    ///
    /// # Errors
    ///
    /// Answers this request alone, without execution: [`HttpError::forbidden`] for a mutation by a read-only token,
    /// [`HttpError::bad_user_input`] for a position that is none.
    fn attach(
        &self,
        caller: &Self::Caller,
        incoming: &Incoming<'_>,
        prepared: &Prepared,
        request: async_graphql::Request,
    ) -> impl Future<Output = Result<async_graphql::Request, HttpError>> + Send;
}

/// A gate that lets everyone in and adds nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct OpenGate;

impl Gate for OpenGate {
    type Caller = ();

    async fn admit(&self, _: &Incoming<'_>) -> Result<(), HttpError> {
        Ok(())
    }

    async fn attach(
        &self,
        (): &(),
        _: &Incoming<'_>,
        _: &Prepared,
        request: async_graphql::Request,
    ) -> Result<async_graphql::Request, HttpError> {
        Ok(request)
    }
}

/// Everything that answers `/graphql`.
pub struct Endpoint<E, G> {
    executor: E,
    gate: G,
    guard: Guard,
    permits: Semaphore,
}

impl<E: GraphqlExecutor, G: Gate> Endpoint<E, G> {
    /// Joins executor and gate under the limits.
    ///
    /// # Errors
    ///
    /// [`SchemaError`] when the executor's SDL cannot be read.
    pub fn new(executor: E, gate: G, limits: Limits) -> Result<Self, SchemaError> {
        let permits = Semaphore::new(limits.concurrent_requests.min(Semaphore::MAX_PERMITS));
        let guard = Guard::new(&executor.sdl(), limits)?;
        Ok(Self {
            executor,
            gate,
            guard,
            permits,
        })
    }

    async fn respond(
        &self,
        parts: &Parts,
        body: axum::body::Body,
        media_type: MediaType,
    ) -> Result<Response, HttpError> {
        let is_get = match parts.method {
            Method::GET => true,
            Method::POST => false,
            _ => {
                let message = "GraphQL is served by POST, and queries by GET too.";
                return Err(HttpError::method_not_allowed(message, "GET, POST"));
            }
        };
        if !is_get {
            media_type::require_json(&parts.headers)?;
        }
        let limits = self.guard.limits();
        let made = RequestId::generate;
        let request_id = parts
            .extensions
            .get::<RequestId>()
            .cloned()
            .unwrap_or_else(made);
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0);
        let incoming = Incoming {
            headers: &parts.headers,
            peer,
            request_id: &request_id,
            place: 0,
        };
        let work = async {
            let caller = self.gate.admit(&incoming).await?;
            let batch = if is_get {
                Batch::Single(Box::new(parameters::from_query_string(
                    parts.uri.query().unwrap_or_default(),
                )?))
            } else {
                let bytes =
                    body::read(&parts.headers, body, limits.body_bytes, limits.body_time).await?;
                parameters::from_body(&bytes, limits.batch_length)?
            };
            // Taken when the request is complete: a body that trickles in holds no place.
            let _permit = self.permits.try_acquire().map_err(|_| {
                let message =
                    "The server is answering as many requests as it can. Try again shortly.";
                HttpError::service_unavailable(message, RetryAfter(Duration::from_secs(1)))
                    .with_extension("limit", "concurrentRequests")
                    .with_extension("maximum", limits.concurrent_requests)
            })?;
            match batch {
                Batch::Single(request) => {
                    let answer = self.answer(*request, &incoming, &caller, is_get).await?;
                    Ok(answer::single(answer, media_type, is_get, &parts.headers))
                }
                Batch::Several(requests) => {
                    let mut answers = Vec::with_capacity(requests.len());
                    for (place, request) in requests.into_iter().enumerate() {
                        let incoming = Incoming { place, ..incoming };
                        let answer = self.answer(request, &incoming, &caller, is_get).await;
                        answers.push(answer.unwrap_or_else(Answer::refused));
                    }
                    Ok(answer::several(answers, media_type))
                }
            }
        };
        let result = timeout(limits.request_time, work).await;
        result.unwrap_or_else(|_| {
            metrics::operation("unknown", "timeout", limits.request_time);
            let seconds = limits.request_time.as_secs_f64();
            Err(HttpError::timeout(format!(
                "The answer took longer than {seconds} seconds. Ask for less at once. A write may have been done."
            ))
            .with_extension("limit", "requestTime")
            .with_extension("maximum", seconds))
        })
    }

    /// Answers one operation.
    async fn answer(
        &self,
        mut request: async_graphql::Request,
        incoming: &Incoming<'_>,
        caller: &G::Caller,
        is_get: bool,
    ) -> Result<Answer, HttpError> {
        let start = std::time::Instant::now();
        let limits = self.guard.limits();
        let prepared = match self.guard.prepare(&mut request) {
            Ok(prepared) => prepared,
            Err(errors) => {
                let answer = Answer::request_errors(errors, incoming, limits);
                metrics::operation("unknown", answer.outcome(), start.elapsed());
                return Ok(answer);
            }
        };
        let kind = match prepared.operation {
            OperationType::Query => "query",
            OperationType::Mutation if is_get => {
                return Err(HttpError::method_not_allowed(
                    "Send mutations by POST.",
                    "POST",
                ));
            }
            OperationType::Mutation => "mutation",
            OperationType::Subscription => {
                let mut error = ServerError::new(
                    "This address answers queries and mutations, no subscriptions.",
                    None,
                );
                errors::set_code(&mut error, codes::BAD_USER_INPUT);
                return Ok(Answer::request_errors(vec![error], incoming, limits));
            }
        };
        let attached = self.gate.attach(caller, incoming, &prepared, request).await;
        let request = attached.inspect_err(|_| {
            metrics::operation(kind, "refused", start.elapsed());
        })?;
        let response = self.executor.execute(request, prepared.is_valid()).await;
        prepared.learn(&response);
        let answer = Answer::executed(response, &prepared, incoming, limits);
        metrics::operation(kind, answer.outcome(), start.elapsed());
        Ok(answer)
    }
}

/// The axum handler.
pub async fn handle<E: GraphqlExecutor, G: Gate>(
    State(endpoint): State<Arc<Endpoint<E, G>>>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let media_type = match media_type::negotiate(&parts.headers) {
        Ok(media_type) => media_type,
        // A wrong method is the greater fault.
        Err(error) if matches!(parts.method, Method::GET | Method::POST) => {
            return error.into_response_as(MediaType::Json.content_type());
        }
        Err(_) => MediaType::Json,
    };
    match endpoint.respond(&parts, body, media_type).await {
        Ok(response) => response,
        Err(error) => error.into_response_as(media_type.content_type()),
    }
}

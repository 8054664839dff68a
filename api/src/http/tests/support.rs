//! A toy schema, and requests to a router without a socket.
#![expect(
    clippy::unused_async,
    reason = "resolvers are async by the library's rule"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{
    Context, EmptySubscription, Enum, Error, ErrorExtensions, ID, InputObject, Object, Schema,
    SimpleObject,
};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tower::ServiceExt;

use crate::graphql::codes::{self, RetryAfter};
use crate::graphql::limits::{Limits, Prepared};
use crate::http::{Gate, HttpError, Incoming, Parts, router};

/// What tests watch from outside.
#[derive(Clone, Default)]
pub(super) struct Watch {
    pub(super) mutations: Arc<AtomicUsize>,
    /// Told when `wait` begins.
    pub(super) entered: Arc<Notify>,
    /// Lets `wait` end.
    pub(super) leave: Arc<Notify>,
}

pub(super) struct Query;
pub(super) struct Mutation;
struct Node;

#[derive(InputObject)]
struct Filter {
    name: Option<String>,
    #[graphql(default)]
    color: Option<Color>,
    and: Option<Vec<Filter>>,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum Color {
    Red,
    Green,
}

#[derive(SimpleObject)]
struct Edge {
    cursor: String,
    node: Node,
}

#[derive(SimpleObject)]
struct NodeConnection {
    edges: Vec<Edge>,
    total_count: i32,
}

#[Object]
impl Node {
    async fn id(&self) -> ID {
        ID::from("node_1")
    }
    async fn child(&self) -> Node {
        Node
    }
    async fn children(&self, first: Option<i32>, last: Option<i32>) -> NodeConnection {
        let count = first.or(last).unwrap_or(20);
        NodeConnection {
            edges: Vec::new(),
            total_count: count,
        }
    }
    async fn failing(&self) -> Result<Option<i32>, Error> {
        Err(refusal())
    }
    async fn strict(&self) -> Result<i32, Error> {
        Err(refusal())
    }
    async fn friends(&self) -> Vec<Node> {
        Vec::new()
    }
}

#[Object]
impl Query {
    async fn hello(&self, name: Option<String>) -> String {
        format!("Hello, {}!", name.unwrap_or_else(|| "world".to_owned()))
    }
    async fn long(&self, length: i32) -> String {
        "x".repeat(usize::try_from(length).unwrap())
    }
    async fn node(&self, id: ID) -> Node {
        let _ = id;
        Node
    }
    async fn nodes(&self, filter: Option<Filter>, first: Option<i32>) -> NodeConnection {
        let _ = filter.map(|filter| (filter.name, filter.color, filter.and.map(|and| and.len())));
        NodeConnection {
            edges: Vec::new(),
            total_count: first.unwrap_or(20),
        }
    }
    async fn deep(&self, value: Option<Vec<Vec<i32>>>) -> i32 {
        i32::try_from(value.map_or(0, |value| value.len())).unwrap()
    }
    /// Fails with text that nobody outside may read.
    async fn broken(&self) -> Option<Result<i32, Error>> {
        Some(Err(Error::new("password of the database is hunter2")))
    }
    async fn masked(&self) -> Result<Option<i32>, Error> {
        let error = Error::new("connection to 10.0.0.5 refused");
        Err(error.extend_with(|_, extensions| {
            extensions.set("code", codes::INTERNAL_SERVER_ERROR);
            extensions.set("secret", "10.0.0.5");
        }))
    }
    async fn refused(&self) -> Result<Option<i32>, Error> {
        Err(refusal())
    }
    async fn maybe(&self) -> Option<Node> {
        Some(Node)
    }
    async fn pair(&self) -> Vec<Node> {
        vec![Node, Node]
    }
    async fn panics(&self) -> i32 {
        let none: Option<i32> = std::hint::black_box(None);
        none.expect("internal text")
    }
    async fn position(&self, context: &Context<'_>) -> Option<String> {
        context
            .data_opt::<Position>()
            .and_then(|position| position.0.clone())
    }
    async fn header(&self, context: &Context<'_>) -> bool {
        context.insert_http_header("x-points", "7");
        true
    }
    async fn wait(&self, context: &Context<'_>) -> bool {
        let watch = context.data_unchecked::<Watch>();
        watch.entered.notify_one();
        watch.leave.notified().await;
        true
    }
}

fn refusal() -> Error {
    Error::new_with_source(RetryAfter(Duration::from_millis(1500)))
        .extend_with(|_, extensions| extensions.set("code", codes::RATE_LIMITED))
}

#[Object]
impl Mutation {
    async fn add(&self, context: &Context<'_>) -> usize {
        context
            .data_unchecked::<Watch>()
            .mutations
            .fetch_add(1, Ordering::SeqCst)
            + 1
    }
}

pub(super) struct Position(Option<String>);

/// Knows the tokens `good` and `reader`.
#[derive(Clone, Copy)]
pub(super) struct TestGate;

impl Gate for TestGate {
    type Caller = &'static str;

    async fn admit(&self, incoming: &Incoming<'_>) -> Result<&'static str, HttpError> {
        match incoming.bearer_token()? {
            None => Ok("anonymous"),
            Some("good") => Ok("member"),
            Some("reader") => Ok("reader"),
            Some("eager") => Err(HttpError::rate_limited(
                "Too many requests.",
                RetryAfter(Duration::from_millis(1500)),
            )),
            Some(_) => Err(HttpError::unauthenticated(
                "The token is not valid, or no longer.",
            )),
        }
    }

    async fn attach(
        &self,
        caller: &&'static str,
        incoming: &Incoming<'_>,
        prepared: &Prepared,
        request: async_graphql::Request,
    ) -> Result<async_graphql::Request, HttpError> {
        if *caller == "reader" && prepared.operation == OperationType::Mutation {
            return Err(HttpError::forbidden("The token lacks the scope WRITE."));
        }
        Ok(request.data(Position(incoming.position().map(ToOwned::to_owned))))
    }
}

pub(super) type ToySchema = Schema<Query, Mutation, EmptySubscription>;

pub(super) fn parts(watch: &Watch, limits: Limits) -> Parts<ToySchema, TestGate> {
    let schema = Schema::build(Query, Mutation, EmptySubscription)
        .data(watch.clone())
        .finish();
    let mut parts = Parts::new(schema, TestGate);
    parts.limits = limits;
    parts
}

/// A server in a box.
pub(super) struct Server {
    pub(super) router: Router,
    pub(super) watch: Watch,
}

impl Server {
    pub(super) fn new() -> Self {
        Self::with(Limits::default())
    }

    pub(super) fn with(limits: Limits) -> Self {
        let watch = Watch::default();
        let router = router(parts(&watch, limits)).unwrap();
        Self { router, watch }
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        Answer::read(self.router.clone().oneshot(request).await.unwrap()).await
    }

    /// A POST of JSON under `application/graphql-response+json`.
    pub(super) async fn post(&self, body: impl Into<Body>) -> Answer {
        self.send(post(
            body,
            &[("accept", "application/graphql-response+json")],
        ))
        .await
    }

    /// A query under `application/graphql-response+json`.
    pub(super) async fn query(&self, query: &str) -> Answer {
        self.post(json!({ "query": query }).to_string()).await
    }

    pub(super) async fn get(&self, query_string: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(request(
            Method::GET,
            &format!("/graphql?{query_string}"),
            headers,
            Body::empty(),
        ))
        .await
    }

    pub(super) fn mutations(&self) -> usize {
        self.watch.mutations.load(Ordering::SeqCst)
    }
}

pub(super) fn request(
    method: Method,
    uri: &str,
    headers: &[(&str, &str)],
    body: Body,
) -> Request<Body> {
    let mut builder = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(body).unwrap()
}

pub(super) fn post(body: impl Into<Body>, headers: &[(&str, &str)]) -> Request<Body> {
    let mut all = vec![("content-type", "application/json")];
    all.extend_from_slice(headers);
    request(Method::POST, "/graphql", &all, body.into())
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Vec<u8>,
}

impl Answer {
    pub(super) async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Self {
            status: parts.status,
            headers: parts.headers,
            bytes,
        }
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The code of the first error; the answer must have the one shape that errors have.
    pub(super) fn code(&self) -> String {
        let json = self.json();
        let error = &json["errors"][0];
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|message| message.ends_with(['.', '…'])),
            "{json}"
        );
        error["extensions"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("no code: {json}"))
            .to_owned()
    }

    /// A request error: no `data`.
    #[track_caller]
    pub(super) fn assert_request_error(&self, status: u16, code: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.code(), code, "{}", self.text());
        assert!(self.json().get("data").is_none(), "{}", self.text());
    }
}

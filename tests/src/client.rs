//! A GraphQL client that acts as somebody.

use serde_json::{Value, json};

/// Somebody who sends requests: anonymous, or with a token.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
    position: Option<String>,
    key: Option<String>,
    repeats: bool,
}

/// With this variable in the environment every client sends each mutation twice, as [`Client::repeating`] does.
const REPEAT: &str = "REPERTOIRE_TEST_REPEAT";

/// What a payload shows once.
const SHOWN_ONCE: [&str; 5] = [
    "secret",
    "invitationToken",
    "accessToken",
    "accessTokenExpiresAt",
    "refreshToken",
];

/// The answer to one request.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The response headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body.
    pub body: Value,
}

impl Answer {
    /// Sends a request and reads its answer, which must be JSON.
    pub async fn read(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.expect("the server answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("the answer is read");
        let body =
            serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON but {status}: {text}"));
        Self {
            status,
            headers,
            body,
        }
    }

    /// The codes of its top-level errors.
    #[must_use]
    pub fn codes(&self) -> Vec<&str> {
        let errors = self.body["errors"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        errors
            .iter()
            .map(|error| error["extensions"]["code"].as_str().unwrap_or("none"))
            .collect()
    }
}

impl Client {
    /// An anonymous client of the server at `url`.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self {
            http: service::outgoing::client()
                .build()
                .expect("a client of the tests"),
            url: url.to_owned(),
            token: None,
            position: None,
            key: None,
            repeats: std::env::var_os(REPEAT).is_some(),
        }
    }

    /// The same server, as the owner of a token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// The same, waiting in each request until a position can be seen.
    #[must_use]
    pub fn at(&self, position: &Value) -> Self {
        let position = position.as_str().expect("a position is a text").to_owned();
        Self {
            position: Some(position),
            ..self.clone()
        }
    }

    /// The same, with an `Idempotency-Key` in each request.
    #[must_use]
    pub fn keyed(&self, key: &str) -> Self {
        Self {
            key: Some(key.to_owned()),
            ..self.clone()
        }
    }

    /// The same, sending each mutation a second time with the same `Idempotency-Key`: the answer must be the same, but
    /// for what is shown once.
    #[must_use]
    pub fn repeating(&self) -> Self {
        Self {
            repeats: true,
            ..self.clone()
        }
    }

    /// The token that it sends.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The address of the server.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The HTTP client, for requests that are no ordinary GraphQL.
    #[must_use]
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Sends an operation with variables.
    pub async fn send(&self, query: &str, variables: Value) -> Answer {
        let mut request = self
            .http
            .post(format!("{}/graphql", self.url))
            .header("accept", "application/graphql-response+json")
            .json(&json!({ "query": query, "variables": variables }));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(position) = &self.position {
            request = request.header("x-repertoire-position", position);
        }
        if let Some(key) = &self.key {
            request = request.header("idempotency-key", key);
        }
        Answer::read(request).await
    }

    /// Sends a body as it is, and reads the answer as JSON.
    pub async fn post(&self, content_type: &str, body: impl Into<reqwest::Body>) -> Answer {
        let mut request = self
            .http
            .post(format!("{}/graphql", self.url))
            .header("content-type", content_type);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(key) = &self.key {
            request = request.header("idempotency-key", key);
        }
        Answer::read(
            request
                .header("accept", "application/graphql-response+json")
                .body(body),
        )
        .await
    }

    /// The data of a query that must succeed.
    pub async fn query(&self, query: &str, variables: Value) -> Value {
        let answer = self.send(query, variables).await;
        assert!(
            answer.body.get("errors").is_none(),
            "unexpected errors: {:#}",
            answer.body
        );
        answer.body["data"].clone()
    }

    /// The payload of a mutation that must be accepted. `query` has one root field.
    pub async fn mutate(&self, query: &str, variables: Value) -> Value {
        let payload = self.payload(query, variables).await;
        let errors = payload["userErrors"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        assert!(errors.is_empty(), "unexpected user errors: {errors:#?}");
        payload
    }

    /// The user errors of a mutation that must be refused: each as `CODE path.to.field`.
    pub async fn refused(&self, query: &str, variables: Value) -> Vec<String> {
        let payload = self.payload(query, variables).await;
        let errors = payload["userErrors"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        assert!(
            !errors.is_empty(),
            "this should have been refused: {payload:#}"
        );
        errors.iter().map(describe).collect()
    }

    /// The codes of the top-level errors of a request that must fail.
    pub async fn failed(&self, query: &str, variables: Value) -> Vec<String> {
        let answer = self.send(query, variables).await;
        let errors = answer.body["errors"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        assert!(
            !errors.is_empty(),
            "this should have failed: {:#}",
            answer.body
        );
        errors
            .iter()
            .map(|error| {
                error["extensions"]["code"]
                    .as_str()
                    .unwrap_or("none")
                    .to_owned()
            })
            .collect()
    }

    /// The payload of a mutation, accepted or not. `query` has one root field.
    pub async fn payload(&self, query: &str, variables: Value) -> Value {
        if !self.repeats || self.key.is_some() || !query.trim_start().starts_with("mutation") {
            return only(&self.query(query, variables).await);
        }
        let keyed = self.keyed(&uuid::Uuid::new_v4().to_string());
        let payload = only(&keyed.query(query, variables.clone()).await);
        let answer = keyed.send(query, variables).await;
        let mut expected = payload.clone();
        for (name, value) in expected.as_object_mut().into_iter().flatten() {
            if SHOWN_ONCE.contains(&name.as_str()) {
                *value = Value::Null;
            }
        }
        let again = only(&answer.body["data"]);
        assert_eq!(
            again, expected,
            "a retry of {query} is answered otherwise: {:#}",
            answer.body
        );
        assert_eq!(answer.headers["idempotent-replayed"], "true", "{query}");
        payload
    }
}

/// The one root field of an answer.
fn only(data: &Value) -> Value {
    let fields = data.as_object().expect("data is an object");
    fields
        .values()
        .next()
        .cloned()
        .expect("there is one root field")
}

fn describe(error: &Value) -> String {
    let path: Vec<&str> = error["field"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    format!(
        "{} {}",
        error["code"].as_str().unwrap_or("?"),
        path.join(".")
    )
    .trim_end()
    .to_owned()
}

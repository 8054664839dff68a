//! The parameters of a request: from a JSON body, a batch of them, or a query string.

use std::borrow::Cow;
use std::fmt;

use async_graphql::{Extensions, Request, Variables};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::Value;

use crate::graphql::codes;
use crate::http::error::HttpError;

/// One request, or several that are answered in order.
#[derive(Debug)]
pub(super) enum Batch {
    Single(Box<Request>),
    Several(Vec<Request>),
}

/// As in the specification; other members are ignored.
#[derive(Debug, Deserialize)]
struct Parameters {
    query: Option<String>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<Variables>,
    extensions: Option<Extensions>,
}

/// Reads a body. At most `batch_length` requests of an array are kept in memory.
pub(super) fn from_body(body: &[u8], batch_length: usize) -> Result<Batch, HttpError> {
    let is_batch = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    if !is_batch {
        let parameters =
            serde_json::from_slice::<Parameters>(body).map_err(|error| explain(body, &error))?;
        return request(parameters).map(|request| Batch::Single(Box::new(request)));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let batch = deserializer
        .deserialize_seq(Bounded { most: batch_length })
        .and_then(|batch| deserializer.end().map(|()| batch))
        .map_err(|error| explain(body, &error))?;
    if batch.length == 0 {
        return Err(HttpError::bad_user_input(
            "The batch is empty; send at least one request.",
        ));
    }
    if batch.length > batch_length {
        let length = batch.length;
        return Err(HttpError::new(
            axum::http::StatusCode::BAD_REQUEST,
            codes::QUERY_TOO_COMPLEX,
            format!("The number of requests in the batch is {length}; at most {batch_length} is allowed. Split it."),
        )
        .with_extension("limit", "batchLength")
        .with_extension("maximum", batch_length)
        .with_extension("actual", length));
    }
    batch
        .requests
        .into_iter()
        .map(request)
        .collect::<Result<_, _>>()
        .map(Batch::Several)
}

fn request(parameters: Parameters) -> Result<Request, HttpError> {
    let query = parameters.query.filter(|query| !query.trim().is_empty());
    let Some(query) = query else {
        return Err(HttpError::bad_user_input(
            "The parameter `query` is missing or empty.",
        ));
    };
    let mut request = Request::new(query);
    request.operation_name = parameters.operation_name.filter(|name| !name.is_empty());
    request.variables = parameters.variables.unwrap_or_default();
    request.extensions = parameters.extensions.unwrap_or_default();
    Ok(request)
}

struct Bounded {
    most: usize,
}

struct BoundedBatch {
    requests: Vec<Parameters>,
    length: usize,
}

impl<'de> Visitor<'de> for Bounded {
    type Value = BoundedBatch;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of requests")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<BoundedBatch, A::Error> {
        let mut requests = Vec::new();
        while requests.len() < self.most {
            match sequence.next_element()? {
                Some(parameters) => requests.push(parameters),
                None => break,
            }
        }
        let mut length = requests.len();
        while sequence.next_element::<IgnoredAny>()?.is_some() {
            length += 1;
        }
        Ok(BoundedBatch { requests, length })
    }
}

/// Says what is wrong with a body, without quoting it.
fn explain(body: &[u8], error: &serde_json::Error) -> HttpError {
    let place = format!("line {}, column {}", error.line(), error.column());
    if !error.is_data() {
        let why = if std::str::from_utf8(body).is_err() {
            "it is not UTF-8".to_owned()
        } else if body.is_empty() {
            "it is empty".to_owned()
        } else {
            format!("it breaks at {place}")
        };
        return HttpError::bad_user_input(format!("The request body is not valid JSON: {why}."));
    }
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return HttpError::bad_user_input(format!("The request body cannot be read at {place}."));
    };
    let items = match &value {
        Value::Array(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    let wrong = items.iter().find_map(wrong_parameter);
    HttpError::bad_user_input(wrong.unwrap_or_else(|| {
        format!("The request cannot be read at {place}: a parameter is given twice, or is not of its type.")
    }))
}

fn wrong_parameter(request: &Value) -> Option<String> {
    let Value::Object(members) = request else {
        return Some("A request must be a JSON object with the member `query`.".to_owned());
    };
    let is_wrong = |name: &str, fits: fn(&Value) -> bool| {
        members
            .get(name)
            .is_some_and(|value| !value.is_null() && !fits(value))
    };
    let (name, expected) = if is_wrong("query", Value::is_string) {
        ("query", "a string")
    } else if is_wrong("operationName", Value::is_string) {
        ("operationName", "a string")
    } else if is_wrong("variables", Value::is_object) {
        ("variables", "an object")
    } else if is_wrong("extensions", Value::is_object) {
        ("extensions", "an object")
    } else {
        return None;
    };
    Some(format!(
        "The parameter `{name}` must be {expected}, or null or absent where it is not needed."
    ))
}

/// Reads the query string of a GET request.
pub(super) fn from_query_string(text: &str) -> Result<Request, HttpError> {
    let (mut query, mut operation_name, mut variables, mut extensions) = (None, None, None, None);
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (known, slot) = match name {
            "query" => ("query", &mut query),
            "operationName" => ("operationName", &mut operation_name),
            "variables" => ("variables", &mut variables),
            "extensions" => ("extensions", &mut extensions),
            _ => continue,
        };
        let value = decode(value).ok_or_else(|| {
            HttpError::bad_user_input(format!(
                "The parameter `{known}` is not percent-encoded UTF-8."
            ))
        })?;
        if slot.replace(value).is_some() {
            return Err(HttpError::bad_user_input(format!(
                "The parameter `{known}` is given twice."
            )));
        }
    }
    request(Parameters {
        query,
        operation_name,
        variables: object("variables", variables.as_deref())?,
        extensions: object("extensions", extensions.as_deref())?,
    })
}

fn object<T: for<'de> Deserialize<'de>>(
    name: &str,
    text: Option<&str>,
) -> Result<Option<T>, HttpError> {
    match text.map(str::trim).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => serde_json::from_str::<Option<T>>(text).map_err(|_| {
            HttpError::bad_user_input(format!(
                "The parameter `{name}` must be a JSON object, as text."
            ))
        }),
    }
}

/// Undoes form encoding; none for broken escapes and for what is not UTF-8.
fn decode(text: &str) -> Option<String> {
    if !text.contains(['%', '+']) {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let (digits, after) = rest.split_at_checked(2)?;
                let high = char::from(digits[0]).to_digit(16)?;
                let low = char::from(digits[1]).to_digit(16)?;
                bytes.push(u8::try_from(high * 16 + low).ok()?);
                rest = after;
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok()
}

/// Only what is given in the message of an error, shortened to `most` characters and freed of control characters.
pub(super) fn shorten(message: &str, most: usize) -> Cow<'_, str> {
    let is_fine = message.len() <= most && !message.chars().any(char::is_control);
    if is_fine {
        return Cow::Borrowed(message);
    }
    let mut characters = message.chars();
    let mut short: String = characters
        .by_ref()
        .take(most)
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .collect();
    if characters.next().is_some() {
        short.push('…');
    }
    Cow::Owned(short)
}

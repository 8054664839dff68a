//! Refusals: every error that is found before execution, in the words that the caller reads.

use async_graphql::parser::Error as ParseError;
use async_graphql::{ErrorExtensionValues, Pos, ServerError};

use crate::graphql::codes;

/// An error with a code.
pub(super) fn coded(code: &str, message: impl Into<String>, at: Option<Pos>) -> ServerError {
    let mut error = ServerError::new(message, at);
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    error.extensions = Some(extensions);
    error
}

/// A limit that was passed, by name, with its value and the actual.
pub(super) struct Exceeded {
    pub(super) limit: &'static str,
    /// What is counted, as the subject of a sentence.
    pub(super) subject: &'static str,
    pub(super) maximum: u64,
    pub(super) actual: u64,
    /// What the caller can do.
    pub(super) remedy: &'static str,
    pub(super) at: Option<Pos>,
}

impl From<Exceeded> for ServerError {
    fn from(exceeded: Exceeded) -> Self {
        let Exceeded {
            limit,
            subject,
            maximum,
            actual,
            remedy,
            at,
        } = exceeded;
        // A saturated count is a lower bound of what would have been expanded.
        let more = if actual >= SATURATED { " or more" } else { "" };
        let actual = actual.min(SATURATED);
        let message =
            format!("{subject} is {actual}{more}; at most {maximum} is allowed. {remedy}");
        let mut error = coded(codes::QUERY_TOO_COMPLEX, message, at);
        if let Some(extensions) = &mut error.extensions {
            extensions.set("limit", limit);
            extensions.set("maximum", maximum);
            extensions.set("actual", actual);
        }
        error
    }
}

/// The largest whole number that every JSON client reads exactly.
const SATURATED: u64 = (1 << 53) - 1;

/// The parser's error without the line of the query that it quotes.
pub(super) fn parse_error(error: &ParseError) -> ServerError {
    let positions: Vec<Pos> = error.positions().collect();
    let at = positions.first().map_or_else(String::new, |pos| {
        format!(" at line {}, column {}", pos.line, pos.column)
    });
    let message = match error {
        ParseError::Syntax { message, .. } => match expectation(message) {
            Some(expected) => format!("Syntax error{at}: {expected}."),
            None => format!("Syntax error{at}."),
        },
        ParseError::MultipleOperations { .. } => {
            format!(
                "The document has an operation without a name{at} beside others; name each of them."
            )
        }
        ParseError::OperationDuplicated { .. } => format!("Two operations have the same name{at}."),
        ParseError::FragmentDuplicated { .. } => format!("Two fragments have the same name{at}."),
        ParseError::MissingOperation => "The document has no operation.".to_owned(),
        ParseError::RecursionLimitExceeded => {
            "The document's selections are nested too deep.".to_owned()
        }
        _ => format!("Syntax error{at}."),
    };
    let mut refusal = coded(codes::GRAPHQL_PARSE_FAILED, message, None);
    refusal.locations = positions;
    refusal
}

/// The last line of the parser's message (`  = expected selection`): names of grammar rules, nothing of the query.
fn expectation(message: &str) -> Option<String> {
    let line = message.lines().last()?.trim_start().strip_prefix("= ")?;
    let known = line.len() <= 200
        && line.starts_with("expected ")
        && line
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b" _,".contains(&byte));
    known.then(|| {
        line.replace("EOI", "end of document")
            .replace('_', " ")
            .replace("type  ", "type ")
    })
}

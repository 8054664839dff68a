//! What bounds a document before it is executed.
//!
//! [`Guard::prepare`] takes a request through four steps, each linear in the length of its text: a scan of the raw
//! text (brackets, tokens), the parser, one analysis of the parsed document (depth, aliases, root fields, expanded
//! fields, directives, cost) and a check of the variables. The parsed document goes on to the executor, so that it is
//! parsed once; documents that pass are kept, parsed and analysed, in a bounded cache by their text.
//!
//! The library's own limits are no use here: its parser recurses once per bracket of a value, and its counting walks
//! expand fragments, so that a document of a kilobyte takes the process or a core.
//!
//! # Cost
//!
//! Each field is one point, or what [`Costs`] says; `__typename` is free. Below a field with `first` or `last` points
//! are multiplied by the page that is asked for: below a connection only those of its `edges` and `nodes`. Below a
//! list without paging they are multiplied by the list's bound. Of fragments on different object types in an interface
//! or union the dearest type counts. Introspection has a budget of its own: four times what the standard introspection
//! query comes to.

mod cost;
mod document;
mod empty;
mod error;
mod measure;
mod nulls;
mod order;
mod scan;
mod schema;
mod settings;
mod shape;
mod variables;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, ServerError, Value};
use moka::sync::Cache;

use self::document::Analysis;
use self::error::Exceeded;
use self::schema::SchemaIndex;
pub use self::settings::{Costs, Limits};

const STANDARD_INTROSPECTION: &str = include_str!("introspection.graphql");

/// Checks requests against the limits. Cheap to clone.
#[derive(Clone)]
pub struct Guard(Arc<Inner>);

struct Inner {
    schema: SchemaIndex,
    limits: Limits,
    introspection: u64,
    documents: Cache<Arc<str>, Arc<Analysis>>,
}

/// The schema's own SDL cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("The limits cannot be computed, as the schema's SDL cannot be read: {0}")]
pub struct SchemaError(String);

/// Points of the operation that is executed. It is in the request's data, so that a resolver or an extension can
/// charge the caller for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryCost(pub u64);

/// What is known of a request that passed.
pub struct Prepared {
    /// Query, mutation or subscription.
    pub operation: OperationType,
    /// Points of the operation under the request's variables.
    pub cost: QueryCost,
    operation_name: Option<String>,
    analysis: Arc<Analysis>,
    guard: Arc<Inner>,
}

impl Prepared {
    /// Whether the document is known to fit the schema, from an earlier request with the same text. Its variables were
    /// checked for themselves.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.analysis.is_valid.load(Ordering::Relaxed)
    }

    /// Learns from an answer that the document fits the schema: what does not is answered by errors that have no path,
    /// and no data.
    pub fn learn(&self, response: &Response) {
        let was_executed = response.data != Value::Null
            || response.errors.iter().all(|error| !error.path.is_empty());
        // Of several operations only the chosen one was executed.
        if was_executed && self.analysis.document.operations.iter().count() == 1 {
            self.analysis.is_valid.store(true, Ordering::Relaxed);
        }
    }
}

impl Guard {
    /// Reads the schema and sets the limits.
    ///
    /// # Errors
    ///
    /// [`SchemaError`] when `sdl` is no SDL with a query root.
    pub fn new(sdl: &str, limits: Limits) -> Result<Self, SchemaError> {
        let schema =
            SchemaIndex::build(sdl, &limits).map_err(|error| SchemaError(error.to_string()))?;
        let introspection = introspection_budget(&schema)?;
        let documents = Cache::builder()
            .max_capacity(limits.document_cache_bytes)
            .weigher(|text: &Arc<str>, _: &Arc<Analysis>| weight(text))
            .build();
        Ok(Self(Arc::new(Inner {
            schema,
            limits,
            introspection,
            documents,
        })))
    }

    /// The limits in force.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Checks a request and hands it the parsed document.
    ///
    /// # Errors
    ///
    /// Coded errors that name the limit, its value and the actual, the place of a syntax error, the variable that does
    /// not fit. None of them quotes the document.
    pub fn prepare(&self, request: &mut Request) -> Result<Prepared, Vec<ServerError>> {
        let Inner {
            schema,
            limits,
            introspection,
            ..
        } = &*self.0;
        if request.operation_name.as_deref() == Some("") {
            request.operation_name = None;
        }
        let analysis = self.analysis(&request.query)?;
        let chosen = analysis
            .choose(request.operation_name.as_deref())
            .map_err(|error| vec![error])?;
        let definitions = &chosen.definition.node.variable_definitions;
        let faults = variables::check(definitions, &request.variables, schema, limits.errors);
        if !faults.is_empty() {
            return Err(faults);
        }
        let cost = chosen.cost(&request.variables);
        let budgets = [
            (
                "cost",
                "The cost of the operation",
                limits.cost,
                cost,
                "Ask for smaller pages, fewer fields, or nest connections less.",
            ),
            (
                "introspection",
                "The cost of introspection in the operation",
                *introspection,
                chosen.introspection(),
                "Ask for less of the schema at once.",
            ),
        ];
        for (limit, subject, maximum, actual, remedy) in budgets {
            if actual > maximum {
                let at = Some(chosen.definition.pos);
                return Err(vec![
                    Exceeded {
                        limit,
                        subject,
                        maximum,
                        actual,
                        remedy,
                        at,
                    }
                    .into(),
                ]);
            }
        }
        request.set_parsed_query(analysis.document.clone());
        request.data.insert(QueryCost(cost));
        Ok(Prepared {
            operation: chosen.kind(),
            cost: QueryCost(cost),
            operation_name: request.operation_name.clone(),
            guard: Arc::clone(&self.0),
            analysis,
        })
    }

    fn analysis(&self, text: &str) -> Result<Arc<Analysis>, Vec<ServerError>> {
        let Inner {
            schema,
            limits,
            documents,
            ..
        } = &*self.0;
        if let Some(analysis) = documents.get(text) {
            return Ok(analysis);
        }
        scan::check(text, limits).map_err(|error| vec![error])?;
        let document = parse_query(text).map_err(|error| vec![error::parse_error(&error)])?;
        let analysis = Arc::new(Analysis::build(document, schema, limits)?);
        documents.insert(Arc::from(text), Arc::clone(&analysis));
        Ok(analysis)
    }
}

/// Estimated bytes of a parsed document in memory, by measure about 25 times its text.
fn weight(text: &str) -> u32 {
    u32::try_from(text.len().saturating_mul(26).saturating_add(1024)).unwrap_or(u32::MAX)
}

/// Four times the standard introspection query, measured with limits that let it pass.
fn introspection_budget(schema: &SchemaIndex) -> Result<u64, SchemaError> {
    let document =
        parse_query(STANDARD_INTROSPECTION).map_err(|error| SchemaError(error.to_string()))?;
    let unreadable = |errors: Vec<ServerError>| {
        SchemaError(
            errors
                .into_iter()
                .next()
                .map_or_else(String::new, |error| error.message),
        )
    };
    let analysis = Analysis::build(document, schema, &Limits::default()).map_err(unreadable)?;
    let chosen = analysis
        .choose(None)
        .map_err(|error| SchemaError(error.message))?;
    Ok(chosen.introspection().saturating_mul(4))
}

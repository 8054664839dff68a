//! Long work in the schema: imports and exports.

pub mod loaders;
mod mutations;

use std::sync::Arc;

use async_graphql::{Context, Enum, Error, ErrorExtensions, ID, Object, Result};
use service::entity::operation::{OperationKind, OperationState as State};
use service::operation::{self, OperationError as ErrorRow};
use service::paging::Page;

pub use mutations::{OperationMutation, OperationPayload, StartImportPayload};

use self::loaders::OperationById;
use super::codes;
use super::connection::{Total, connection, page_request, reads_page};
use super::errors::IntoGraphql;
use super::ids::{NodeType, decode, encode};
use super::request::{app, ask, store};
use super::scalars::{DateTime, Position, Url};

/// Where an operation stands. More values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::operation::OperationState")]
pub enum OperationState {
    /// It waits: an import for its file, or for a server that has time.
    Queued,
    /// A server works on it; `done` and `total` say how far it is.
    Running,
    /// All of it was done.
    Succeeded,
    /// Some of it was done; `errors` says what was not, line by line.
    Partial,
    /// It could not be done; `errors` says why.
    Failed,
    /// You ended it; what was done until then stays.
    Cancelled,
}

/// How the file of an import is written. More values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::operation::OperationFormat")]
pub enum ImportFormat {
    /// A JSON object a line, as an export writes them: resources, practices, innovations, discussions and collections.
    Ndjson,
    /// A table of resources, with the names of the fields in its first row.
    Csv,
}

/// How the file of an export is written. More values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::operation::OperationFormat")]
pub enum ExportFormat {
    /// A JSON object a line: everything, with ids, revisions and history.
    Ndjson,
    /// A table of resources. Cells that a spreadsheet would take for formulas have an apostrophe before them.
    Csv,
}

/// What whoever lost sight of a community is told of an export that may hold something of it.
const CLOSED: &str = "You may not see all that is in this export any more, so its file is closed to you. Start a new one: it holds what you may see now.";

/// Long work that you had begun.
#[derive(Clone, Debug)]
pub struct Operation {
    row: Arc<operation::Operation>,
}

impl From<operation::Operation> for Operation {
    fn from(row: operation::Operation) -> Self {
        Self { row: Arc::new(row) }
    }
}

/// Long work that you had begun: an import or an export. Ask for it again to see how far it is; nobody but you sees it. It is
/// kept for some days after its end.
#[Object]
impl Operation {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::Operation, self.row.id)
    }

    /// What it does: `IMPORT` or `EXPORT`. More may be added.
    async fn kind(&self) -> &str {
        self.row.kind.as_str()
    }

    /// Where it stands.
    async fn state(&self) -> OperationState {
        self.row.state.into()
    }

    /// How many lines of an import, or items and communities of an export, were dealt with.
    async fn done(&self) -> i32 {
        self.row.done
    }

    /// How many there are in all; null while that is not known.
    async fn total(&self) -> Option<i32> {
        self.row.total
    }

    /// How many things an import made.
    async fn created(&self) -> i32 {
        self.row.created
    }

    /// How many lines of an import say what is there already, and so made nothing.
    async fn unchanged(&self) -> i32 {
        self.row.unchanged
    }

    /// How many lines could not be imported, or not as a whole. Beyond 10,000 they are counted and no longer listed in
    /// `errors`.
    async fn failed(&self) -> i32 {
        self.row.failed
    }

    /// What could not be done, in the order of the lines.
    async fn errors(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
    ) -> Result<OperationErrorConnection> {
        let request = page_request(first, after, None, None);
        let (store, id) = (store(context)?.clone(), self.row.id);
        let page = if reads_page(context, &request) {
            operation::errors(&store, id, &request).await.graphql()?
        } else {
            Page::empty()
        };
        let total = Total::by(move || {
            let store = store.clone();
            Box::pin(async move { operation::error_count(&store, id).await })
        });
        Ok(OperationErrorConnection::new(
            page.map(OperationError::from),
            total,
        ))
    }

    /// The moment that an export is a picture of: go on with `changes(after:)`, and you miss nothing. Null until it has
    /// ended, and for an import.
    async fn position(&self) -> Option<Position> {
        self.row.position.map(Into::into)
    }

    /// Where the file of an export is: good for an hour, without a header, for whoever has it. Ask again for a new one.
    /// Null until it has ended, and for an import.
    async fn result_url(&self, context: &Context<'_>) -> Result<Option<Url>> {
        let there = self.row.kind == OperationKind::Export
            && self.row.state == State::Succeeded
            && self.row.file.is_some();
        if !there {
            return Ok(None);
        }
        let is_open = operation::is_open(store(context)?, &self.row).await;
        if !is_open.graphql()? {
            let error = Error::new(CLOSED);
            return Err(error.extend_with(|_, extensions| extensions.set("code", codes::FORBIDDEN)));
        }
        let app = app(context)?;
        let ticket = app.auth.result_token(self.row.id).graphql()?;
        let id = encode(NodeType::Operation, self.row.id);
        let address = format!(
            "{}/operations/{}/result?ticket={}",
            app.server_url,
            id.as_str(),
            ticket.expose()
        );
        Ok(Some(address.into()))
    }

    /// When it was begun.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// When it ended.
    async fn finished_at(&self) -> Option<DateTime> {
        self.row.finished_at.map(Into::into)
    }
}

/// What an operation could not do.
#[derive(Clone, Debug)]
pub struct OperationError {
    row: Arc<ErrorRow>,
}

impl From<ErrorRow> for OperationError {
    fn from(row: ErrorRow) -> Self {
        Self { row: Arc::new(row) }
    }
}

/// What an operation could not do.
#[Object]
impl OperationError {
    /// The line of the file, from 1; null where it is about the whole.
    async fn line(&self) -> Option<i32> {
        self.row.line
    }

    /// A full sentence for a person: what is wrong and what to do.
    async fn message(&self) -> &str {
        &self.row.message
    }
}

connection!(
    OperationErrorConnection,
    OperationErrorEdge,
    OperationError,
    "errors of an operation"
);

/// Queries of operations.
#[derive(Debug, Default)]
pub struct OperationQuery;

#[Object]
impl OperationQuery {
    /// Long work that you had begun, to see how far it is; null where there is none of yours with this id.
    async fn operation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the operation.")] id: ID,
    ) -> Result<Option<Operation>> {
        let row = decode("id", &id, NodeType::Operation).graphql()?;
        ask(context, OperationById(row)).await
    }
}

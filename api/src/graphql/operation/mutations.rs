//! Beginning long work, and ending it early.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use service::operation::{self, StartExport, StartImport, Started};

use super::{ExportFormat, ImportFormat, Operation};
use crate::app::App;
use crate::graphql::errors::UserError;
use crate::graphql::ids::{Decoder, NodeType, encode};
use crate::graphql::mutation::{Settled, payload, settle};
use crate::graphql::request::{app, viewer};
use crate::graphql::scalars::{Position, Url};

payload!(OperationPayload, operation: Operation, "operation");

/// An import that was begun, and where its file goes.
#[derive(Clone, Debug, SimpleObject)]
pub struct StartImportPayload {
    /// The operation, which waits for its file; null when the input was refused.
    operation: Option<Operation>,
    /// Send the file here by `PUT`, as the body of the request: no header is needed. It is shown this once and works once,
    /// for a day; whoever has it can send the file. An upload that breaks off can be sent again.
    upload_url: Option<Url>,
    /// Why the input was refused; empty when it was not. Nothing was written then.
    user_errors: Vec<UserError>,
    /// The place in the change log when the operation was begun.
    position: Option<Position>,
}

impl StartImportPayload {
    fn new(app: &App, settled: Settled<Started>) -> Self {
        let upload_url = settled.value.as_ref().map(|started| {
            let id = encode(NodeType::Operation, started.operation.id);
            let address = format!(
                "{}/operations/{}/upload?secret={}",
                app.server_url,
                id.as_str(),
                started.secret.expose()
            );
            address.into()
        });
        Self {
            operation: settled.value.map(|started| started.operation.into()),
            upload_url,
            user_errors: settled.user_errors,
            position: settled.position,
        }
    }
}

/// Mutations of operations.
#[derive(Debug, Default)]
pub struct OperationMutation;

#[Object]
impl OperationMutation {
    /// Imports what is then sent by `PUT` to the answered `uploadUrl`, into a community of which you are an active member,
    /// with all rules that hold when you do it by hand. What is imported is yours, with ids of its own: authors that the file
    /// names are kept as bylines. The same file again makes nothing twice. A token needs the scope SYNC. You may have some
    /// operations under way at once; see `operation` for progress.
    async fn start_import(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "Id of the community that it goes to. With `restore` it may be one that is not here yet."
        )]
        community_id: ID,
        #[graphql(desc = "How the file is written.")] format: ImportFormat,
        #[graphql(
            desc = "Whether to bring an NDJSON export of the community back as it was, with ids, authors, dates and history: for administrators. What is here already stays as it is. False if not given."
        )]
        restore: Option<bool>,
    ) -> Result<Option<StartImportPayload>> {
        let mut decoder = Decoder::default();
        let input = StartImport {
            community_id: decoder.id(&["communityId"], &community_id, NodeType::Community),
            format: format.into(),
            restore: restore.unwrap_or(false),
        };
        let app = app(context)?;
        let outcome = operation::start_import(&app.operations, &viewer(context)?, input).await;
        let settled = settle(context, decoder, outcome)?;
        Ok(Some(StartImportPayload::new(app, settled)))
    }

    /// Writes a file of what you may see, as it is at one moment; when it has ended, `Operation.resultUrl` says where the file
    /// is. A token needs the scope SYNC.
    async fn start_export(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "Id of a community, to write down what belongs to it; without, everything."
        )]
        community_id: Option<ID>,
        #[graphql(desc = "How the file is to be written.")] format: ExportFormat,
    ) -> Result<Option<OperationPayload>> {
        let mut decoder = Decoder::default();
        let input = StartExport {
            community_id: community_id
                .map(|id| decoder.id(&["communityId"], &id, NodeType::Community)),
            format: format.into(),
        };
        let operations = &app(context)?.operations;
        let outcome = operation::start_export(operations, &viewer(context)?, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Ends an operation of yours at its next step: nothing more is done, and what an import has made stays, as `errors` says.
    /// One that has ended already is answered as it is.
    async fn cancel_operation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the operation.")] id: ID,
    ) -> Result<Option<OperationPayload>> {
        let mut decoder = Decoder::default();
        let row = decoder.id(&["id"], &id, NodeType::Operation);
        let operations = &app(context)?.operations;
        let outcome = operation::cancel(operations, &viewer(context)?, row).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }
}

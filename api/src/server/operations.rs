//! The files of operations, as their addresses need them, and the task that works on what is queued.

use axum::http::StatusCode;
use service::auth::Auth;
use service::entity::operation::OperationFormat;
use service::operation::{Operations, Receiving, Refusal, ResultOf, result_of};
use service::typed_id;

use super::gate::unwell;
use crate::graphql::codes;
use crate::graphql::ids::NodeType;
use crate::http::{
    Filing, HttpError, Intake, OperationFiles, Outgoing, RequestId, accepted_upload,
};

/// Said to whoever has the address of an export that is closed to its owner.
const CLOSED: &str = "This export is closed: what you may see has narrowed since it was written. Start a new one by `startExport`; it holds what you may see now.";

/// Knows the addresses that this server gave away.
pub(super) struct Addresses {
    operations: Operations,
    auth: Auth,
}

impl Addresses {
    pub(super) fn new(operations: Operations, auth: Auth) -> Self {
        Self { operations, auth }
    }
}

/// A file that is being taken in.
struct Taking {
    receiving: Receiving,
    id: String,
    bytes: u64,
    request_id: RequestId,
}

impl OperationFiles for Addresses {
    fn receive<'a>(
        &'a self,
        id: &'a str,
        secret: &'a str,
        announced: Option<u64>,
        request_id: &'a RequestId,
    ) -> Filing<'a, Box<dyn Intake>> {
        Box::pin(async move {
            let row = typed_id::decode_as(NodeType::Operation.prefix(), id).ok_or_else(unknown)?;
            let receiving = self.operations.receive(row, secret, announced).await;
            let receiving = receiving.map_err(|refusal| said(refusal, request_id))?;
            let intake: Box<dyn Intake> = Box::new(Taking {
                receiving,
                id: id.to_owned(),
                bytes: 0,
                request_id: request_id.clone(),
            });
            Ok(intake)
        })
    }

    fn send<'a>(
        &'a self,
        id: &'a str,
        ticket: &'a str,
        request_id: &'a RequestId,
    ) -> Filing<'a, Outgoing> {
        Box::pin(async move {
            let row = typed_id::decode_as(NodeType::Operation.prefix(), id);
            let row = row.filter(|row| self.auth.read_result_token(ticket) == Some(*row));
            let row = row.ok_or_else(unknown)?;
            let found = result_of(&self.operations, row).await;
            match found.map_err(|error| unwell(&error, request_id))? {
                ResultOf::Here(file) => {
                    let (ending, content_type) = match file.format {
                        OperationFormat::Ndjson => ("ndjson", "application/x-ndjson"),
                        OperationFormat::Csv => ("csv", "text/csv; charset=utf-8"),
                    };
                    let day = file.created_at.format("%Y-%m-%d");
                    Ok(Outgoing {
                        path: file.path,
                        bytes: file.bytes,
                        content_type,
                        file_name: format!("repertoire-{day}.{ending}"),
                    })
                }
                ResultOf::Elsewhere => Err(HttpError::new(
                    StatusCode::NOT_FOUND,
                    codes::NOT_FOUND,
                    "The result is on another server of this installation. Its operators can let the servers share the directory of operations.",
                )),
                ResultOf::Closed => Err(HttpError::forbidden(CLOSED)),
                ResultOf::Nowhere => Err(unknown()),
            }
        })
    }
}

impl Intake for Taking {
    fn write<'a>(&'a mut self, data: &'a [u8]) -> Filing<'a, ()> {
        Box::pin(async move {
            self.bytes += data.len() as u64;
            let written = self.receiving.write(data).await;
            written.map_err(|refusal| said(refusal, &self.request_id))
        })
    }

    fn finish(self: Box<Self>) -> Filing<'static, serde_json::Value> {
        Box::pin(async move {
            let Self {
                receiving,
                id,
                bytes,
                request_id,
            } = *self;
            let finished = receiving.finish().await;
            finished.map_err(|refusal| said(refusal, &request_id))?;
            Ok(accepted_upload(&id, bytes))
        })
    }
}

fn unknown() -> HttpError {
    HttpError::new(
        StatusCode::NOT_FOUND,
        codes::NOT_FOUND,
        "This address is not complete, or too old. Ask for a new one: `startImport` answers that of an upload, `operation` that of a result.",
    )
}

fn said(refusal: Refusal, request_id: &RequestId) -> HttpError {
    match refusal {
        Refusal::Unknown => unknown(),
        Refusal::Over(message) => {
            HttpError::new(StatusCode::CONFLICT, codes::BAD_USER_INPUT, message)
        }
        Refusal::TooLarge { most } => HttpError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            codes::PAYLOAD_TOO_LARGE,
            format!("The file is too large; at most {most} bytes are allowed."),
        )
        .with_extension("limit", "uploadBytes")
        .with_extension("maximum", most),
        Refusal::Incomplete(message) => HttpError::bad_user_input(message),
        Refusal::Service(error) => unwell(&error, request_id),
    }
}

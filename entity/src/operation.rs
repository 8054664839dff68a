//! Long work of a user's: an import or an export, with how far it has come.

use sea_orm::entity::prelude::*;

use crate::TextList;

stored_enum! {
    /// What an operation does.
    OperationKind {
        /// It brings in what is in a file.
        Import = "IMPORT",
        /// It writes a file.
        Export = "EXPORT",
    }
}

stored_enum! {
    /// How the file of an operation is written.
    OperationFormat {
        /// A JSON object a line.
        Ndjson = "NDJSON",
        /// A table, RFC 4180.
        Csv = "CSV",
    }
}

stored_enum! {
    /// Where an operation stands.
    OperationState {
        /// It waits: for its file, or for a process that has time.
        Queued = "QUEUED",
        /// A process works on it.
        Running = "RUNNING",
        /// All of it was done.
        Succeeded = "SUCCEEDED",
        /// Some of it was done, and its errors say what was not.
        Partial = "PARTIAL",
        /// It could not be done.
        Failed = "FAILED",
        /// Its owner ended it; what was done until then stays.
        Cancelled = "CANCELLED",
    }
}

/// Long work of a user's: an import or an export, with how far it has come.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "operation")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// What it does.
    pub kind: OperationKind,
    /// How its file is written.
    pub format: OperationFormat,
    /// Whether an import keeps ids, authors and history.
    pub restore: bool,
    /// Where it stands.
    pub state: OperationState,
    /// The community that it fills or writes down; none where that is everything.
    pub community_id: Option<Uuid>,
    /// Names of the scopes of the credential that began it: it does nothing that the credential could not.
    #[sea_orm(column_type = "JsonBinary")]
    pub scopes: TextList,
    /// The one community that the credential is good for.
    pub only_community: Option<Uuid>,
    /// The API token that began it, if it was one: with it the operation ends.
    pub api_token_id: Option<Uuid>,
    /// How many lines or things were dealt with.
    pub done: i32,
    /// How many there are in all; none while that is not known.
    pub total: Option<i32>,
    /// How many things were made.
    pub created: i32,
    /// How many lines say what is there already.
    pub unchanged: i32,
    /// How many lines could not be imported, or not as a whole.
    pub failed: i32,
    /// The position of the change log that an export is a picture of.
    pub position: Option<i64>,
    /// The hash of the secret by which the file of an import is sent, once.
    pub upload_hash: Option<String>,
    /// When the file came.
    pub uploaded_at: Option<DateTimeUtc>,
    /// The name of the file, in the directory of operations; none where there is none, or not any more.
    pub file: Option<String>,
    /// Its size.
    pub file_bytes: Option<i64>,
    /// The directory of operations that has the file.
    pub place: Option<Uuid>,
    /// The process that works on it.
    pub lease_owner: Option<Uuid>,
    /// Until when it is left to that process.
    pub lease_until: Option<DateTimeUtc>,
    /// The byte of the file up to which it was imported.
    pub read_to: i64,
    /// When it was begun.
    pub created_at: DateTimeUtc,
    /// When it ended.
    pub finished_at: Option<DateTimeUtc>,
}

/// Without hashes of secrets.
impl std::fmt::Debug for Model {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("operation::Model")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("format", &self.format)
            .field("state", &self.state)
            .field("done", &self.done)
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! What became of a mutation that was sent with an `Idempotency-Key`.

use sea_orm::entity::prelude::*;

/// What became of one root field of a mutation that was sent with an `Idempotency-Key`. It names nobody: whoever has the
/// key finds the row, and whoever reads the table learns neither the key nor its owner.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotent_write")]
pub struct Model {
    /// A hash of the caller and the key.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub key_hash: String,
    /// Which operation of a batch it was, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub operation: i32,
    /// A hash of the key and the root field's name in the answer.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub field_hash: String,
    /// A hash of the key, the document and its variables, and one of how far the credential reached: a retry has the same.
    #[sea_orm(column_type = "Text")]
    pub fingerprint: String,
    /// The place of the write in the change log; none where nothing was written.
    pub position: Option<i64>,
    /// What was answered: which things, and what the caller had to mend.
    #[sea_orm(column_type = "JsonBinary")]
    pub outcome: Json,
    /// When it ran.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! What an operation could not do, by the line of its file.

use sea_orm::entity::prelude::*;

/// What an operation could not do, by the line of its file.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "operation_error")]
pub struct Model {
    /// UUIDv7, in the order of the lines.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The operation.
    pub operation_id: Uuid,
    /// The line of the file, from 1; none where it is about the whole.
    pub line: Option<i32>,
    /// A full sentence.
    #[sea_orm(column_type = "Text")]
    pub message: String,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

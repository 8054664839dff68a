//! Somebody who was erased, as an issuer of sign-ins knows them.

use sea_orm::entity::prelude::*;

/// Somebody who was erased, as an issuer of sign-ins knows them: it tells when they sign in again, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "erased_identity")]
pub struct Model {
    /// Salted SHA-256 of the issuer and the subject, in hexadecimal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// When the person was erased last.
    pub erased_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

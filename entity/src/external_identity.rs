//! A user’s identity at an OpenID Connect issuer.

use sea_orm::entity::prelude::*;

/// A user’s identity at an OpenID Connect issuer.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "external_identity")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The issuer’s URL.
    pub issuer: String,
    /// The subject at that issuer.
    pub subject: String,
    /// The user here.
    pub user_id: Uuid,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

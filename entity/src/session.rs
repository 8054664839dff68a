//! A family of refresh tokens: one sign-in.

use sea_orm::entity::prelude::*;

/// A family of refresh tokens: one sign-in.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who signed in.
    pub user_id: Uuid,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When the family ends at the latest.
    pub expires_at: DateTimeUtc,
    /// When it was ended by sign-out or because a token was used twice.
    pub revoked_at: Option<DateTimeUtc>,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

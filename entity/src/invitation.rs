//! An invitation by e-mail, to make an account or to come into a community.

use sea_orm::entity::prelude::*;

/// An invitation by e-mail, to make an account or to come into a community.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invitation")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The address that is invited.
    pub email: String,
    /// The case-folded address.
    pub email_key: String,
    /// Into which community; none for the platform alone.
    pub community_id: Option<Uuid>,
    /// Who invites.
    pub inviter_id: Uuid,
    /// SHA-256 of the token, in hexadecimal.
    pub hash: String,
    /// Whether the token was sent to the address, and shown to nobody else.
    pub mailed: bool,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it ends.
    pub expires_at: DateTimeUtc,
    /// When it was used, or a newer one took its place.
    pub used_at: Option<DateTimeUtc>,
    /// Who used it.
    pub user_id: Option<Uuid>,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

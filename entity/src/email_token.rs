//! A token that was sent by mail, by which its holder shows that an address is theirs.

use sea_orm::entity::prelude::*;

stored_enum! {
    /// What a token that was sent by mail is good for.
    EmailTokenPurpose {
        /// Confirming the address of the account.
        VerifyEmail = "VERIFY_EMAIL",
        /// Giving the account the address that the token was sent to.
        ChangeEmail = "CHANGE_EMAIL",
        /// Setting a new password.
        ResetPassword = "RESET_PASSWORD",
    }
}

/// A token that was sent by mail, by which its holder shows that an address is theirs.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "email_token")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose account it is about.
    pub user_id: Uuid,
    /// What it is good for.
    pub purpose: EmailTokenPurpose,
    /// The address that it was sent to.
    pub email: String,
    /// SHA-256 of the token, in hexadecimal.
    pub hash: String,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it ends.
    pub expires_at: DateTimeUtc,
    /// When it was used, or taken back.
    pub used_at: Option<DateTimeUtc>,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

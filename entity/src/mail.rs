//! A mail of the outbox: written with what causes it, sent afterwards.

use sea_orm::entity::prelude::*;

stored_enum! {
    /// What a mail is for.
    MailPurpose {
        /// The address of an account is to be confirmed.
        VerifyEmail = "VERIFY_EMAIL",
        /// The new address of an account is to be confirmed.
        ChangeEmail = "CHANGE_EMAIL",
        /// The address of an account was changed: a word to the old one.
        EmailChanged = "EMAIL_CHANGED",
        /// A forgotten password is to be set anew.
        ResetPassword = "RESET_PASSWORD",
        /// The password was set anew.
        PasswordChanged = "PASSWORD_CHANGED",
        /// Somebody is invited to make an account.
        Invitation = "INVITATION",
        /// Notifications that wait.
        Notifications = "NOTIFICATIONS",
    }
}

stored_enum! {
    /// Where a mail stands.
    MailState {
        /// It is to be sent when it is due.
        Pending = "PENDING",
        /// The mail server took it.
        Sent = "SENT",
        /// It was given up.
        Failed = "FAILED",
    }
}

/// A mail of the outbox: written with what causes it, sent afterwards.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mail")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// To whom, if they have an account.
    pub user_id: Option<Uuid>,
    /// The address.
    pub recipient: String,
    /// What it is for.
    pub purpose: MailPurpose,
    /// The subject; none once it was sent or given up.
    pub subject: Option<String>,
    /// The text, which may hold a token; none once it was sent or given up.
    pub body: Option<String>,
    /// Where the recipient says that they want no more of the kind; none once it was sent or given up.
    pub unsubscribe_url: Option<String>,
    /// Where it stands.
    pub state: MailState,
    /// How often somebody began to send it.
    pub attempts: i32,
    /// When it is next to be sent. Who begins to send it puts this off, so that nobody else does meanwhile.
    pub due_at: DateTimeUtc,
    /// When it is of no use any more.
    pub give_up_at: DateTimeUtc,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it was written.
    pub created_at: DateTimeUtc,
    /// When it was sent or given up.
    pub finished_at: Option<DateTimeUtc>,
}

/// Without subject, text and links, which no log may show.
impl std::fmt::Debug for Model {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("mail::Model")
            .field("id", &self.id)
            .field("purpose", &self.purpose)
            .field("state", &self.state)
            .field("attempts", &self.attempts)
            .field("due_at", &self.due_at)
            .finish_non_exhaustive()
    }
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

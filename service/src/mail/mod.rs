//! Mail: what is to be sent is a row of the outbox, written in the transaction of what causes it ([`queue`]); a
//! [`Mailer`] sends what is due, over all processes each mail by one of them.
//!
//! A mail is sent once, but for one case: when a process dies between the mail server's acceptance and its own note of
//! it, the mail is sent again, under the same `Message-ID`.

mod letter;
mod message;
mod outbox;
mod sender;
mod settings;
#[cfg(test)]
mod tests;
mod transport;

pub use letter::{
    CONFIRMATION_LIFETIME, INVITATION_LIFETIME, Language, Letter, News, PASSWORD_RESET_LIFETIME,
};
pub use outbox::{Recipient, queue, remove_finished, waiting};
pub use sender::{Mailer, Tally};
pub use settings::{MailSettings, Page, SettingsError};
pub use transport::{SendError, SmtpTransport, Transport};

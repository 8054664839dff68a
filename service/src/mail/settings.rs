//! Whom mails are from, and where their links lead.

use lettre::message::Mailbox;
use url::Url;

/// What must be known to write a mail.
#[derive(Clone, Debug)]
pub struct MailSettings {
    sender: Mailbox,
    public_url: Url,
    server_url: Url,
}

/// Why no mail can be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The sender is no address.
    #[error("the sender \"{0}\" is no address such as Repertoire <repertoire@example.org>")]
    Sender(String),
    /// One of the addresses that links begin with is none.
    #[error(
        "\"{0}\" is no address that links can begin with, such as https://learn.example.org: http or https, without name and password, query and fragment"
    )]
    Url(String),
}

/// A page of the front end that a mail leads to. It finds the token in the fragment, which no server gets to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// `/verify-email#token=…`, which calls `verifyEmail`.
    VerifyEmail,
    /// `/reset-password#token=…`, which calls `resetPassword`.
    ResetPassword,
    /// `/invitation#token=…`, which calls `signUp`, or `redeemInvitation` for somebody who has an account.
    Invitation,
}

impl Page {
    fn path(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify-email",
            Self::ResetPassword => "reset-password",
            Self::Invitation => "invitation",
        }
    }
}

impl MailSettings {
    /// Takes the sender, such as `Repertoire <repertoire@example.org>`, the address of the front end, and that of this
    /// server, which is the same if none is given.
    pub fn new(
        sender: &str,
        public_url: &str,
        server_url: Option<&str>,
    ) -> Result<Self, SettingsError> {
        let sender = sender
            .parse()
            .map_err(|_| SettingsError::Sender(sender.to_owned()))?;
        let public_url = base(public_url)?;
        let server_url = server_url.map_or_else(|| Ok(public_url.clone()), base)?;
        Ok(Self {
            sender,
            public_url,
            server_url,
        })
    }

    /// From whom mails are.
    pub(super) fn sender(&self) -> &Mailbox {
        &self.sender
    }

    /// The name by which this machine greets the mail server.
    pub(super) fn host(&self) -> Option<&str> {
        self.server_url.domain()
    }

    /// The address of the page of the front end that lists one's notifications.
    #[must_use]
    pub fn notifications_url(&self) -> String {
        let base = self.public_url.as_str().trim_end_matches('/');
        format!("{base}/notifications")
    }

    /// The address of a page of the front end, with a token for it.
    #[must_use]
    pub fn page(&self, page: Page, token: &str) -> String {
        let base = self.public_url.as_str().trim_end_matches('/');
        format!("{base}/{}#token={token}", page.path())
    }

    /// Where somebody with this token says that they want no more mail about notifications.
    #[must_use]
    pub fn unsubscribe_url(&self, token: &str) -> String {
        let base = self.server_url.as_str().trim_end_matches('/');
        format!("{base}/unsubscribe?token={token}")
    }
}

fn base(text: &str) -> Result<Url, SettingsError> {
    Url::parse(text.trim())
        .ok()
        .filter(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none()
        })
        .ok_or_else(|| SettingsError::Url(text.to_owned()))
}

//! Settings of mail.

use anyhow::anyhow;
use serde::Deserialize;
use service::mail::{MailSettings, SmtpTransport};

use super::Secret;

/// How mail is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailConfig {
    /// The mail server, with name and password: `smtps://…`, or `smtp://…?tls=required`. Without, no mail is sent.
    pub smtp_url: Option<Secret>,
    /// From whom mails are: `Name <address>`.
    pub sender: Option<String>,
    /// Address of the front end, to whose pages mails lead.
    pub public_url: Option<String>,
    /// Address of this server, for `/unsubscribe`; the front end's if not given.
    pub server_url: Option<String>,
}

impl MailConfig {
    /// What must be known to write mails; none where none are sent.
    ///
    /// # Errors
    ///
    /// A sentence that names the setting that is missing or wrong.
    pub fn settings(&self) -> anyhow::Result<Option<MailSettings>> {
        if self.smtp_url.is_none() {
            return Ok(None);
        }
        let missing = |name: &str| anyhow!("`mail.smtp_url` is set and `mail.{name}` is missing");
        let sender = self.sender.as_deref().ok_or_else(|| missing("sender"))?;
        let public_url = self.public_url.as_deref();
        let public_url = public_url.ok_or_else(|| missing("public_url"))?;
        MailSettings::new(sender, public_url, self.server_url.as_deref())
            .map(Some)
            .map_err(|error| anyhow!("The section `mail` cannot be used: {error}"))
    }

    /// The way to the mail server. To be called inside of the async runtime.
    ///
    /// # Errors
    ///
    /// When the URL of the mail server is none.
    pub fn transport(&self, settings: &MailSettings) -> anyhow::Result<SmtpTransport> {
        let url = self.smtp_url.as_ref().map_or("", Secret::reveal);
        SmtpTransport::new(url, settings)
            .map_err(|error| anyhow!("`mail.smtp_url` cannot be used: {error}"))
    }

    /// What is wrong, a sentence each.
    pub(super) fn faults(&self) -> Vec<String> {
        let settings = self.settings().err().map(|error| format!("{error}."));
        let mut faults: Vec<String> = settings.into_iter().collect();
        let Some(url) = self.smtp_url.as_ref().map(Secret::reveal) else {
            return faults;
        };
        if !["smtp://", "smtps://"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
        {
            faults.push("`mail.smtp_url` must start with smtps:// or smtp://.".to_owned());
        } else if let Err(error) = SmtpTransport::check(url) {
            faults.push(format!(
                "`mail.smtp_url` cannot be used: {error}. Write smtps://NAME:PASSWORD@HOST, or \
                 smtp://NAME:PASSWORD@HOST:587?tls=required for STARTTLS."
            ));
        }
        faults
    }
}

//! How a message leaves: over SMTP, or into the hands of a test.

use std::fmt::Debug;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use url::Url;

use super::MailSettings;

/// How long one step of a conversation with a mail server may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It may be taken later.
    #[error("{0}")]
    Transient(String),
    /// It will never be taken.
    #[error("{0}")]
    Permanent(String),
}

/// Hands messages over to whoever delivers them.
pub trait Transport: Debug + Send + Sync + 'static {
    /// Hands one message over; `Ok` means that it need not be sent again.
    fn send(&self, message: Message) -> BoxFuture<'_, Result<(), SendError>>;
}

/// A mail server. Cheap to clone; keeps connections for what is sent next.
#[derive(Clone, Debug)]
pub struct SmtpTransport {
    smtp: AsyncSmtpTransport<Tokio1Executor>,
    encrypted: bool,
    local: bool,
}

impl SmtpTransport {
    /// Takes a URL such as `smtps://name:password@mail.example.org`, or `smtp://…?tls=required` for STARTTLS. Connects
    /// when something is sent, and must be made inside of the async runtime. The error says what is wrong with the URL,
    /// without its password.
    pub fn new(url: &str, settings: &MailSettings) -> Result<Self, String> {
        let (parsed, builder) = read(url)?;
        let builder = builder.timeout(Some(PATIENCE));
        let names_itself = parsed.path().len() > 1;
        let builder = match settings.host().filter(|_| !names_itself) {
            Some(host) => builder.hello_name(ClientId::Domain(host.to_owned())),
            None => builder,
        };
        // The library's parser takes hosts of unknown schemes as plain names, which no IP address is then.
        let local = parsed.host_str().is_some_and(|host| {
            let bare = host.trim_matches(['[', ']']);
            bare == "localhost"
                || bare
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        });
        Ok(Self {
            smtp: builder.build(),
            encrypted: parsed.scheme() == "smtps"
                || parsed
                    .query_pairs()
                    .any(|(name, value)| name == "tls" && value == "required"),
            local,
        })
    }

    /// Says what is wrong with a URL that [`SmtpTransport::new`] would refuse, without making anything.
    pub fn check(url: &str) -> Result<(), String> {
        read(url).map(|_| ())
    }

    /// Whether names, passwords and mails could be read or changed on their way to the mail server.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        !self.encrypted && !self.local
    }

    /// Connects, signs in and asks for nothing.
    #[crate::boxed]
    pub async fn test(&self) -> Result<(), String> {
        match self.smtp.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err("the mail server closed the connection".to_owned()),
            Err(error) => Err(describe(&error)),
        }
    }
}

/// A URL with what the library makes of it.
fn read(url: &str) -> Result<(Url, AsyncSmtpTransportBuilder), String> {
    let parsed = Url::parse(url).map_err(|error| format!("it is no URL: {error}"))?;
    let builder =
        AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|error| error.to_string())?;
    Ok((parsed, builder))
}

impl Transport for SmtpTransport {
    fn send(&self, message: Message) -> BoxFuture<'_, Result<(), SendError>> {
        async move {
            let sent = AsyncTransport::send(&self.smtp, message).await;
            sent.map(|_| ()).map_err(|error| {
                let text = describe(&error);
                // A refusal of our own name and password is for the operator to mend, and the mail is innocent.
                let code = error.status().map(u16::from);
                if error.is_permanent() && !matches!(code, Some(530 | 534 | 535 | 538)) {
                    SendError::Permanent(text)
                } else {
                    SendError::Transient(text)
                }
            })
        }
        .boxed()
    }
}

/// The error with what caused it.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

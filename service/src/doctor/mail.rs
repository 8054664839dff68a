//! The mail server.

use super::Finding;
use crate::mail::SmtpTransport;

/// Checks that the mail server takes a connection and lets this server in; without one, that none is configured is no
/// fault.
#[crate::boxed]
pub async fn check_mail(transport: Option<&SmtpTransport>) -> Finding {
    let name = "mail";
    let Some(transport) = transport else {
        return Finding::well(
            name,
            "None is configured: nobody can reset a password, and invitations are passed on by hand.",
        );
    };
    if let Err(error) = transport.test().await {
        return Finding::broken(
            name,
            format!("The mail server cannot be used: {error}."),
            "Check `mail.smtp_url`: host, port, encryption, name and password. Mails wait for a day meanwhile.",
        );
    }
    if transport.is_exposed() {
        return Finding::doubtful(
            name,
            "The mail server answers, but what is sent to it is not surely encrypted.",
            "Use smtps://… or ?tls=required in `mail.smtp_url`.",
        );
    }
    Finding::well(name, "The mail server answers.")
}

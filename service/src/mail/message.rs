//! From a row of the outbox to a message of the Internet (RFC 5322). The types of the mail library encode every header,
//! so nothing that a person chose can add one.

use std::time::SystemTime;

use entity::mail;
use lettre::Message;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};

use super::MailSettings;

/// The message; why there is none, as a sentence for the log.
pub(super) fn build(settings: &MailSettings, row: &mail::Model) -> Result<Message, String> {
    let (Some(subject), Some(body)) = (&row.subject, &row.body) else {
        return Err("The mail has no text any more.".to_owned());
    };
    let address = row
        .recipient
        .parse()
        .map_err(|_| "The recipient's address cannot be written in a mail.".to_owned())?;
    let domain = settings.sender().email.domain();
    let mut builder = Message::builder()
        .from(settings.sender().clone())
        .to(Mailbox::new(None, address))
        .date(SystemTime::from(row.created_at))
        .message_id(Some(format!("<{}@{domain}>", row.id.simple())))
        .subject(subject.as_str())
        // RFC 3834: whoever is away does not answer a machine.
        .raw_header(header("Auto-Submitted", "auto-generated")?)
        .header(ContentType::TEXT_PLAIN);
    if let Some(url) = &row.unsubscribe_url {
        builder = builder
            .raw_header(header("List-Unsubscribe", &format!("<{url}>"))?)
            .raw_header(header(
                "List-Unsubscribe-Post",
                "List-Unsubscribe=One-Click",
            )?);
    }
    builder
        .body(body.clone())
        .map_err(|error| format!("The mail cannot be written: {error}."))
}

/// A header of printable ASCII that must not be folded or encoded, such as an address.
fn header(name: &'static str, value: &str) -> Result<HeaderValue, String> {
    if value.bytes().any(|byte| !(b' '..=b'~').contains(&byte)) || value.len() > 900 {
        return Err(format!("The header {name} cannot be written."));
    }
    Ok(HeaderValue::dangerous_new_pre_encoded(
        HeaderName::new_from_ascii_str(name),
        value.to_owned(),
        value.to_owned(),
    ))
}

//! The outbox and its sender, with a transport that a test holds.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use entity::mail::{self, MailState};
use entity::user::PlatformRole;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use lettre::Message;
use sea_orm::{EntityTrait, QueryOrder};

use super::*;
use crate::error::{Error, Result};
use crate::store::Store;
use crate::testing;

/// Keeps what it is given; refuses as long as it has refusals.
#[derive(Clone, Debug, Default)]
struct Captured {
    messages: Arc<Mutex<Vec<String>>>,
    refusals: Arc<Mutex<Vec<SendError>>>,
}

impl Captured {
    fn refuse(&self, error: SendError) {
        self.refusals.lock().unwrap().push(error);
    }

    fn messages(&self) -> Vec<String> {
        self.messages.lock().unwrap().clone()
    }
}

impl Transport for Captured {
    fn send(&self, message: Message) -> BoxFuture<'_, Result<(), SendError>> {
        async move {
            if let Some(error) = self.refusals.lock().unwrap().pop() {
                return Err(error);
            }
            let text = String::from_utf8(message.formatted()).unwrap();
            self.messages.lock().unwrap().push(text);
            Ok(())
        }
        .boxed()
    }
}

fn settings() -> MailSettings {
    MailSettings::new(
        "Répertoire <repertoire@example.org>",
        "https://learn.example.org/app/",
        Some("https://api.example.org"),
    )
    .unwrap()
}

fn mailer(store: &Store, transport: &Captured) -> Mailer {
    Mailer::new(store.clone(), settings(), transport.clone())
}

fn to(address: &str) -> Recipient {
    Recipient {
        user_id: None,
        address: address.into(),
        language: Language::English,
    }
}

async fn queue_one(store: &Store, to: Recipient, letter: Letter) -> Result<()> {
    let written = store
        .write(None, move |unit| {
            async move { queue(unit, to, &letter).await }.boxed()
        })
        .await;
    written.map(|_| ())
}

fn reset() -> Letter {
    Letter::ResetPassword {
        link: settings().page(Page::ResetPassword, "rppr_secret"),
    }
}

async fn rows(store: &Store) -> Vec<mail::Model> {
    mail::Entity::find()
        .order_by_asc(mail::Column::Id)
        .all(store.reader())
        .await
        .unwrap()
}

#[tokio::test]
async fn what_is_sent_is_sent_once_and_its_text_is_forgotten() {
    let (_directory, store) = testing::store().await;
    let transport = Captured::default();
    queue_one(&store, to("zoë@exämple.org"), reset())
        .await
        .unwrap();
    assert_eq!(waiting(&store).await.unwrap(), 1);
    let sent = mailer(&store, &transport).send_due().await.unwrap();
    assert_eq!(
        sent,
        Tally {
            sent: 1,
            ..Tally::default()
        }
    );
    let again = mailer(&store, &transport).send_due().await.unwrap();
    assert_eq!(again, Tally::default());
    let [message] = &transport.messages()[..] else {
        panic!("one mail")
    };
    for part in [
        "From: =?utf-8?b?UsOpcGVydG9pcmU=?= <repertoire@example.org>\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "Subject: Choose a new password\r\n",
        "Content-Type: text/plain; charset=utf-8\r\n",
        "https://learn.example.org/app/reset-password#token=",
    ] {
        assert!(message.contains(part), "{part}\n{message}");
    }
    let [row] = &rows(&store).await[..] else {
        panic!("one row")
    };
    assert_eq!(row.state, MailState::Sent);
    assert_eq!((&row.subject, &row.body), (&None, &None));
    assert!(message.contains(&format!("Message-ID: <{}@example.org>", row.id.simple())));
    assert_eq!(waiting(&store).await.unwrap(), 0);
    assert!(!format!("{row:?}").contains("secret"));
}

#[tokio::test]
async fn a_write_that_fails_queues_nothing() {
    let (_directory, store) = testing::store().await;
    let failed = store
        .write(None, |unit| {
            async move {
                queue(unit, to("ada@example.org"), &reset()).await?;
                Err::<(), _>(Error::internal("afterwards"))
            }
            .boxed()
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(rows(&store).await, []);
}

#[tokio::test]
async fn of_many_processes_each_mail_is_sent_by_one() {
    let (_directory, store) = testing::store().await;
    let transport = Captured::default();
    for number in 0..30 {
        queue_one(&store, to(&format!("{number}@example.org")), reset())
            .await
            .unwrap();
    }
    let rounds = (0..8).map(|_| {
        let mailer = mailer(&store, &transport);
        tokio::spawn(async move { mailer.send_due().await.unwrap().sent })
    });
    let mut sent: u64 = 0;
    for round in futures_util::future::join_all(rounds).await {
        sent += round.unwrap();
    }
    while sent < 30 {
        let more = mailer(&store, &transport).send_due().await.unwrap().sent;
        assert!(more > 0, "{sent} of 30 were sent");
        sent += more;
    }
    let mut messages = transport.messages();
    assert_eq!(messages.len(), 30);
    messages.sort();
    messages.dedup();
    assert_eq!(messages.len(), 30);
}

#[tokio::test]
async fn a_process_that_dies_while_it_sends_leaves_the_mail_to_another() {
    let (_directory, store) = testing::store().await;
    let transport = Captured::default();
    queue_one(&store, to("ada@example.org"), reset())
        .await
        .unwrap();
    let taken = outbox::take(&store).await.unwrap();
    assert_eq!(taken.len(), 1);
    let mailer = mailer(&store, &transport);
    assert_eq!(mailer.send_due().await.unwrap(), Tally::default());
    store.clock().advance(TimeDelta::minutes(11));
    assert_eq!(mailer.send_due().await.unwrap().sent, 1);
    // The first one was only slow; what it says comes too late to matter.
    let [row] = &taken[..] else { panic!("one row") };
    let late = Err(SendError::Permanent("550".into()));
    outbox::settle(&store, row.clone(), late).await.unwrap();
    assert_eq!(rows(&store).await[0].state, MailState::Sent);
}

#[tokio::test]
async fn a_busy_mail_server_is_tried_again_later_and_then_given_up() {
    let (_directory, store) = testing::store().await;
    let transport = Captured::default();
    let mailer = mailer(&store, &transport);
    let busy = || SendError::Transient("451 see https://busy.example".into());
    queue_one(&store, to("ada@example.org"), reset())
        .await
        .unwrap();
    transport.refuse(busy());
    assert_eq!(mailer.send_due().await.unwrap().retried, 1);
    let row = rows(&store).await.remove(0);
    assert_eq!(row.last_error.as_deref(), Some("451 see […]"));
    assert!(row.body.is_some());
    assert_eq!(mailer.send_due().await.unwrap(), Tally::default());
    store.clock().advance(TimeDelta::seconds(38));
    assert_eq!(mailer.send_due().await.unwrap().sent, 1);

    queue_one(&store, to("ben@example.org"), reset())
        .await
        .unwrap();
    let mut tries = 0;
    loop {
        transport.refuse(busy());
        let tally = mailer.send_due().await.unwrap();
        tries += tally.retried + tally.failed;
        if tally.failed == 1 {
            break;
        }
        assert!(tries < 20, "the link ends after an hour");
        store.clock().advance(TimeDelta::minutes(5));
    }
    let row = rows(&store).await.remove(1);
    assert_eq!((row.state, row.body), (MailState::Failed, None));
    assert!((4..12).contains(&tries), "{tries}");
}

#[tokio::test]
async fn what_will_never_be_taken_is_given_up_at_once() {
    let (_directory, store) = testing::store().await;
    let transport = Captured::default();
    let mailer = mailer(&store, &transport);
    transport.refuse(SendError::Permanent("550 nobody here".into()));
    queue_one(&store, to("nobody@example.org"), reset())
        .await
        .unwrap();
    assert_eq!(mailer.send_due().await.unwrap().failed, 1);
    queue_one(&store, to("no address\r\nBcc: all@example.org"), reset())
        .await
        .unwrap();
    assert_eq!(mailer.send_due().await.unwrap().failed, 1);
    queue_one(&store, to("ada@example.org"), reset())
        .await
        .unwrap();
    store.clock().advance(TimeDelta::hours(2));
    assert_eq!(
        mailer.send_due().await.unwrap().failed,
        1,
        "its link has ended"
    );
    assert_eq!(transport.messages(), [""; 0]);
    store.clock().advance(TimeDelta::days(31));
    assert_eq!(remove_finished(&store).await.unwrap(), 3);
}

#[tokio::test]
async fn nothing_that_somebody_chose_makes_a_header() {
    let (_directory, store) = testing::store().await;
    let transport = Captured::default();
    let letter = Letter::Invitation {
        link: settings().page(Page::Invitation, "rpin_secret"),
        inviter: "Eve\r\nBcc: all@example.org\r\n\r\nBuy at evil.example/x".into(),
        community: Some("Readers\nX-Evil: yes".into()),
    };
    queue_one(&store, to("ada@example.org"), letter)
        .await
        .unwrap();
    mailer(&store, &transport).send_due().await.unwrap();
    let message = transport.messages().remove(0);
    let (head, body) = message.split_once("\r\n\r\n").unwrap();
    for line in head.lines() {
        let name = line.split(':').next().unwrap();
        assert!(!["Bcc", "X-Evil"].contains(&name), "{head}");
    }
    assert!(!body.contains("evil.example"), "{body}");
}

#[tokio::test]
async fn people_of_the_demonstration_get_no_mail() {
    let (_directory, store) = testing::store().await;
    let mut ada = testing::user(&store, "ada", PlatformRole::Member).await;
    assert!(Recipient::of(&ada).is_some());
    ada.is_demo = true;
    assert!(Recipient::of(&ada).is_none());
}

#[test]
fn settings_must_make_links_that_lead_somewhere() {
    let page = settings().page(Page::VerifyEmail, "t");
    assert_eq!(page, "https://learn.example.org/app/verify-email#token=t");
    let unsubscribe = settings().unsubscribe_url("t");
    assert_eq!(unsubscribe, "https://api.example.org/unsubscribe?token=t");
    let sender = "repertoire@example.org";
    for wrong in [
        "learn.example.org",
        "ftp://learn.example.org",
        "https://me:secret@learn.example.org",
        "https://learn.example.org/?a=b",
        "https://learn.example.org/#a",
    ] {
        assert!(MailSettings::new(sender, wrong, None).is_err(), "{wrong}");
    }
    for wrong in ["", "nobody", "a\r\nb@example.org", "<@example.org>"] {
        let settings = MailSettings::new(wrong, "https://learn.example.org", None);
        assert_eq!(settings.err(), Some(SettingsError::Sender(wrong.into())));
    }
}

#[tokio::test]
async fn a_mail_server_far_away_without_encryption_is_exposed() {
    for (url, exposed) in [
        ("smtps://name:secret@mail.example.org", false),
        ("smtp://mail.example.org?tls=required", false),
        ("smtp://mail.example.org?tls=opportunistic", true),
        ("smtp://mail.example.org", true),
        ("smtp://127.0.0.1:2525", false),
        ("smtp://[::1]:2525", false),
        ("smtp://localhost", false),
    ] {
        SmtpTransport::check(url).unwrap();
        let transport = SmtpTransport::new(url, &settings()).unwrap();
        assert_eq!(transport.is_exposed(), exposed, "{url}");
        assert!(!format!("{transport:?}").contains("secret"), "{url}");
    }
    for wrong in [
        "mail.example.org",
        "https://mail.example.org",
        "smtp:",
        "smtp://mail.example.org?tls=perhaps",
    ] {
        assert!(SmtpTransport::check(wrong).is_err(), "{wrong}");
        assert!(SmtpTransport::new(wrong, &settings()).is_err(), "{wrong}");
    }
}

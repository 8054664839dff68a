//! Mail servers, receivers of webhooks, and the origins that browsers come from.

use super::{environment, file, refusal};
use crate::config::{Flags, load_from};

#[test]
fn mail_needs_a_server_a_sender_and_a_front_end() {
    let url = (
        "REPERTOIRE_MAIL__SMTP_URL",
        "smtps://me:hunter2@mail.example.org",
    );
    let sender = (
        "REPERTOIRE_MAIL__SENDER",
        "Repertoire <repertoire@example.org>",
    );
    let front_end = ("REPERTOIRE_MAIL__PUBLIC_URL", "https://learn.example.org");
    let loaded = load_from(Flags::default(), environment(&[url, sender, front_end])).unwrap();
    assert!(loaded.mail.settings().unwrap().is_some());
    assert!(!format!("{loaded:?}").contains("hunter2"));
    let none = load_from(Flags::default(), environment(&[sender])).unwrap();
    assert!(none.mail.settings().unwrap().is_none());
    for (pairs, wanted) in [
        (&[url, sender][..], "`mail.public_url` is missing"),
        (&[url, front_end], "`mail.sender` is missing"),
        (
            &[url, front_end, ("REPERTOIRE_MAIL__SENDER", "nobody")],
            "nobody",
        ),
        (
            &[url, sender, ("REPERTOIRE_MAIL__PUBLIC_URL", "learn")],
            "learn",
        ),
        (
            &[
                ("REPERTOIRE_MAIL__SMTP_URL", "mail.example.org"),
                sender,
                front_end,
            ],
            "smtps://",
        ),
        (
            &[
                (
                    "REPERTOIRE_MAIL__SMTP_URL",
                    "smtp://me:hunter2@mail.example.org?tls=perhaps",
                ),
                sender,
                front_end,
            ],
            "`mail.smtp_url` cannot be used",
        ),
    ] {
        let text = refusal(Flags::default(), pairs);
        assert!(text.contains(wanted) && !text.contains("hunter2"), "{text}");
        assert!(!text.contains("it cannot be used"), "{text}");
    }
}

#[test]
fn webhooks_lead_to_private_addresses_only_where_it_is_said() {
    let loaded = load_from(Flags::default(), []).unwrap();
    let options = loaded.webhooks.options();
    assert!(!options.allow_private_addresses);
    assert_eq!(options.request_time, std::time::Duration::from_secs(15));
    let variables = environment(&[
        ("REPERTOIRE_WEBHOOKS__ALLOW_PRIVATE_ADDRESSES", "true"),
        ("REPERTOIRE_WEBHOOKS__REQUEST_TIME", "2.5"),
    ]);
    let loaded = load_from(Flags::default(), variables).unwrap();
    let options = loaded.webhooks.options();
    assert!(options.allow_private_addresses);
    assert_eq!(
        options.request_time,
        std::time::Duration::from_millis(2_500)
    );
    for (name, value, wanted) in [
        (
            "REPERTOIRE_WEBHOOKS__REQUEST_TIME",
            "0",
            "`webhooks.request_time`",
        ),
        (
            "REPERTOIRE_WEBHOOKS__REQUEST_TIME",
            "31",
            "`webhooks.request_time`",
        ),
        (
            "REPERTOIRE_WEBHOOKS__CONCURRENT",
            "0",
            "`webhooks.concurrent`",
        ),
        (
            "REPERTOIRE_WEBHOOKS__CONCURRENT_EACH",
            "5000",
            "`webhooks.concurrent_each`",
        ),
    ] {
        let text = refusal(Flags::default(), &[(name, value)]);
        assert!(text.contains(wanted), "{text}");
    }
}

#[test]
fn origins_are_judged_before_a_server_starts() {
    let directory = tempfile::tempdir().unwrap();
    let text = "[cors]\norigins = [\"https://a.example\", \"https://a.example/app\", \"*\"]\n";
    let flags = Flags {
        config: Some(file(&directory, text)),
        ..Flags::default()
    };
    let text = refusal(flags, &[]);
    for part in [
        "`cors.origins`",
        "settings.toml",
        "\"https://a.example/app\" and \"*\" cannot",
        "write each as https://learn.example.org",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

//! The texts of all mails, in English and French.

mod english;
mod french;

use chrono::TimeDelta;
use entity::mail::MailPurpose;
use entity::notification::NotificationReason;

/// How long the link in a mail confirms an address: as the texts say.
pub const CONFIRMATION_LIFETIME: TimeDelta = TimeDelta::days(2);
/// How long the link in a mail leads to a new password: as the texts say.
pub const PASSWORD_RESET_LIFETIME: TimeDelta = TimeDelta::hours(1);
/// How long an invitation can be accepted: as the texts say.
pub const INVITATION_LIFETIME: TimeDelta = TimeDelta::days(14);

/// Most characters of a name in a mail.
const LONGEST_NAME: usize = 100;

/// A language that mails are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English, also for those who prefer a language that is not here.
    #[default]
    English,
    /// French.
    French,
}

impl Language {
    /// The language for somebody who prefers this one (a BCP 47 tag).
    #[must_use]
    pub fn of(locale: Option<&str>) -> Self {
        let primary = locale.and_then(|tag| tag.split('-').next());
        match primary {
            Some(primary) if primary.eq_ignore_ascii_case("fr") => Self::French,
            _ => Self::English,
        }
    }
}

/// What is written to somebody. Names come as people chose them; they are made harmless here.
#[derive(Clone)]
pub enum Letter {
    /// Asks to confirm the address of a new account.
    VerifyEmail {
        /// Where that is done.
        link: String,
    },
    /// Asks the new address to confirm that it becomes the account's.
    ChangeEmail {
        /// Where that is done.
        link: String,
    },
    /// Tells the old address that it is the account's no more.
    EmailChanged,
    /// Leads to a new password.
    ResetPassword {
        /// Where it is chosen.
        link: String,
    },
    /// Tells that there is a new password.
    PasswordChanged,
    /// Invites somebody.
    Invitation {
        /// Where it is accepted.
        link: String,
        /// The name of whoever invites.
        inviter: String,
        /// The name of the community, if it is into one.
        community: Option<String>,
    },
    /// Tells what happened.
    Notifications {
        /// What, the newest first.
        news: Vec<News>,
        /// How many more there are.
        more: u64,
        /// Where to read them.
        link: String,
        /// Where to say that one wants no more of these mails.
        unsubscribe_url: String,
    },
}

/// Something that happened.
#[derive(Clone)]
pub struct News {
    /// Why its reader is told.
    pub reason: NotificationReason,
    /// What it is about.
    pub title: String,
    /// Whose act it was.
    pub actor: Option<String>,
}

impl News {
    fn line(&self, what: &str) -> String {
        let title = harmless(&self.title);
        match &self.actor {
            Some(actor) => format!("- {what} – {title} ({})", harmless(actor)),
            None => format!("- {what} – {title}"),
        }
    }
}

/// A letter as it is read.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) subject: String,
    pub(super) body: String,
}

impl Letter {
    /// What it is for.
    pub(super) fn purpose(&self) -> MailPurpose {
        match self {
            Self::VerifyEmail { .. } => MailPurpose::VerifyEmail,
            Self::ChangeEmail { .. } => MailPurpose::ChangeEmail,
            Self::EmailChanged => MailPurpose::EmailChanged,
            Self::ResetPassword { .. } => MailPurpose::ResetPassword,
            Self::PasswordChanged => MailPurpose::PasswordChanged,
            Self::Invitation { .. } => MailPurpose::Invitation,
            Self::Notifications { .. } => MailPurpose::Notifications,
        }
    }

    /// Where its recipient says that they want no more of its kind.
    pub(super) fn unsubscribe_url(&self) -> Option<String> {
        match self {
            Self::Notifications {
                unsubscribe_url, ..
            } => Some(unsubscribe_url.clone()),
            _ => None,
        }
    }

    /// How long it is tried to send it: a day, or as long as its link works.
    pub(super) fn useful_for(&self) -> TimeDelta {
        match self {
            Self::ResetPassword { .. } => PASSWORD_RESET_LIFETIME,
            _ => TimeDelta::days(1),
        }
    }

    /// The letter in a language.
    pub(super) fn write(&self, language: Language) -> Text {
        let (subject, paragraphs) = match language {
            Language::English => self.english(),
            Language::French => self.french(),
        };
        Text {
            subject,
            body: paragraphs.join("\n\n") + "\n",
        }
    }
}

fn text(subject: &str, paragraphs: &[&str]) -> (String, Vec<String>) {
    let paragraphs = paragraphs.iter().map(|&paragraph| paragraph.to_owned());
    (subject.to_owned(), paragraphs.collect())
}

fn digest(
    subject: &str,
    lines: &[String],
    rest: Option<&str>,
    read_on: [&str; 2],
    unsubscribe: [&str; 2],
) -> (String, Vec<String>) {
    let mut paragraphs = vec![lines.join("\n")];
    paragraphs.extend(rest.map(str::to_owned));
    paragraphs.extend(read_on.into_iter().chain(unsubscribe).map(str::to_owned));
    (subject.to_owned(), paragraphs)
}

/// A name or title that somebody chose, as one short line in which no mail program finds a link: mails to strangers
/// must not carry other people's advertisements.
pub(super) fn harmless(name: &str) -> String {
    let line: String = name
        .chars()
        .map(|letter| {
            if letter.is_control() || matches!(letter, '/' | '\\' | '@') {
                ' '
            } else {
                letter
            }
        })
        .collect();
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut harmless = String::with_capacity(line.len());
    let mut letters = words
        .join(" ")
        .chars()
        .collect::<Vec<_>>()
        .into_iter()
        .peekable();
    while let Some(letter) = letters.next() {
        harmless.push(letter);
        let joins = matches!(letter, '.' | ':') && letters.peek().is_some_and(|next| *next != ' ');
        if joins {
            harmless.push(' ');
        }
    }
    match harmless.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}…", harmless.get(..end).unwrap_or_default().trim_end()),
        None => harmless,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_are_listed_with_their_reasons_and_a_way_out() {
        let letter = Letter::Notifications {
            news: NotificationReason::ALL
                .iter()
                .map(|&reason| News {
                    reason,
                    title: "Walking\nlessons".into(),
                    actor: (reason != NotificationReason::Due).then(|| "Ada".into()),
                })
                .collect(),
            more: 3,
            link: "https://learn.example.org/notifications".into(),
            unsubscribe_url: "https://learn.example.org/unsubscribe?token=t".into(),
        };
        for language in [Language::English, Language::French] {
            let body = letter.write(language).body;
            let mut lines: Vec<&str> = body.lines().filter(|line| line.starts_with("- ")).collect();
            lines.sort_unstable();
            lines.dedup();
            assert_eq!(lines.len(), NotificationReason::ALL.len(), "{body}");
            assert!(body.contains("Walking lessons (Ada)\n"), "{body}");
            assert!(body.contains(" 3 "), "{body}");
            assert!(body.ends_with("\nhttps://learn.example.org/unsubscribe?token=t\n"));
        }
        let url = letter.unsubscribe_url();
        assert_eq!(
            url.as_deref(),
            Some("https://learn.example.org/unsubscribe?token=t")
        );
    }

    fn all() -> Vec<Letter> {
        let link = || "https://learn.example.org/page#token=t".to_owned();
        vec![
            Letter::VerifyEmail { link: link() },
            Letter::ChangeEmail { link: link() },
            Letter::EmailChanged,
            Letter::ResetPassword { link: link() },
            Letter::PasswordChanged,
            Letter::Invitation {
                link: link(),
                inviter: "Ada".into(),
                community: Some("Readers".into()),
            },
            Letter::Invitation {
                link: link(),
                inviter: "Ada".into(),
                community: None,
            },
        ]
    }

    #[test]
    fn every_letter_is_written_in_both_languages_with_its_link_on_a_line_of_its_own() {
        for letter in all() {
            let (english, french) = (
                letter.write(Language::English),
                letter.write(Language::French),
            );
            assert_ne!(english.subject, french.subject);
            assert_ne!(english.body, french.body);
            let leads = !matches!(letter, Letter::EmailChanged | Letter::PasswordChanged);
            for text in [english, french] {
                assert!(!text.subject.contains('\n') && text.body.ends_with(".\n"));
                let links = text.body.lines().filter(|line| line.starts_with("https:"));
                assert_eq!(links.count(), usize::from(leads), "{}", text.body);
            }
        }
    }

    #[test]
    fn people_are_written_to_in_the_language_that_they_prefer() {
        for (locale, language) in [
            (Some("fr"), Language::French),
            (Some("fr-CA"), Language::French),
            (Some("FR"), Language::French),
            (Some("fro"), Language::English),
            (Some("de"), Language::English),
            (None, Language::English),
        ] {
            assert_eq!(Language::of(locale), language, "{locale:?}");
        }
    }

    #[test]
    fn names_carry_no_links_and_no_lines() {
        for (name, wanted) in [
            ("Ada Lovelace", "Ada Lovelace"),
            ("Dr. Ada", "Dr. Ada"),
            (
                "Win at https://evil.example/x",
                "Win at https: evil. example x",
            ),
            ("evil.example", "evil. example"),
            ("me@evil.example", "me evil. example"),
            ("one\r\nBcc: two", "one Bcc: two"),
            ("mailto:you", "mailto: you"),
        ] {
            assert_eq!(harmless(name), wanted);
        }
        assert_eq!(harmless(&"é".repeat(300)).chars().count(), LONGEST_NAME + 1);
    }
}

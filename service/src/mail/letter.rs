//! The texts of all mails, in English and French.

use chrono::TimeDelta;
use entity::mail::MailPurpose;

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
        /// What, one line each.
        lines: Vec<String>,
        /// How many more there are.
        more: u64,
        /// Where to read them.
        link: String,
        /// Where to say that one wants no more of these mails.
        unsubscribe_url: String,
    },
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

    fn english(&self) -> (String, Vec<String>) {
        match self {
            Self::VerifyEmail { link } => text(
                "Confirm your e-mail address",
                &[
                    "Somebody, probably you, made an account with this e-mail address. Please confirm that it is yours:",
                    link,
                    "The link works for two days. If it was not you, do nothing.",
                ],
            ),
            Self::ChangeEmail { link } => text(
                "Confirm your new e-mail address",
                &[
                    "This is to become the e-mail address of your account. Please confirm that it is yours:",
                    link,
                    "The link works for two days. If you did not ask for this, do nothing.",
                ],
            ),
            Self::EmailChanged => text(
                "Your e-mail address was changed",
                &[
                    "Your account has another e-mail address now, and this one is no longer used.",
                    "If it was not you who changed it, tell an administrator at once.",
                ],
            ),
            Self::ResetPassword { link } => text(
                "Choose a new password",
                &[
                    "Somebody, probably you, asked for a new password for the account with this e-mail address. Choose it here:",
                    link,
                    "The link works once, for one hour. If it was not you, do nothing: your password stays as it is.",
                ],
            ),
            Self::PasswordChanged => text(
                "Your password was changed",
                &[
                    "The password of your account was changed by a link that was sent to this address, and everybody who was signed in to it was signed out.",
                    "If it was not you, somebody reads your mail: change the password of your mailbox, then choose a new one here.",
                ],
            ),
            Self::Invitation {
                link,
                inviter,
                community,
            } => {
                let inviter = harmless(inviter);
                let invitation = match community {
                    Some(community) => format!(
                        "{inviter} invites you to the community of practice “{}”.",
                        harmless(community)
                    ),
                    None => format!("{inviter} invites you to make an account."),
                };
                text(
                    "You are invited",
                    &[
                        &invitation,
                        "Accept the invitation here:",
                        link,
                        "The link works for 14 days, for this e-mail address. If you do not know what this is about, do nothing.",
                    ],
                )
            }
            Self::Notifications {
                lines,
                more,
                link,
                unsubscribe_url,
            } => {
                let rest = format!("And {more} more.");
                digest(
                    "What is new",
                    lines,
                    (*more > 0).then_some(rest.as_str()),
                    ["Read on here:", link],
                    [
                        "You get these mails as you chose. No more of them:",
                        unsubscribe_url,
                    ],
                )
            }
        }
    }

    fn french(&self) -> (String, Vec<String>) {
        match self {
            Self::VerifyEmail { link } => text(
                "Confirmez votre adresse électronique",
                &[
                    "Quelqu’un, sans doute vous, a créé un compte avec cette adresse électronique. Confirmez qu’elle est bien la vôtre :",
                    link,
                    "Le lien est valable deux jours. Si ce n’était pas vous, ne faites rien.",
                ],
            ),
            Self::ChangeEmail { link } => text(
                "Confirmez votre nouvelle adresse électronique",
                &[
                    "Cette adresse doit devenir celle de votre compte. Confirmez qu’elle est bien la vôtre :",
                    link,
                    "Le lien est valable deux jours. Si vous n’avez rien demandé, ne faites rien.",
                ],
            ),
            Self::EmailChanged => text(
                "Votre adresse électronique a changé",
                &[
                    "Votre compte a maintenant une autre adresse électronique ; celle-ci ne sert plus.",
                    "Si ce n’est pas vous qui l’avez changée, prévenez tout de suite un administrateur.",
                ],
            ),
            Self::ResetPassword { link } => text(
                "Choisissez un nouveau mot de passe",
                &[
                    "Quelqu’un, sans doute vous, a demandé un nouveau mot de passe pour le compte qui a cette adresse électronique. Choisissez-le ici :",
                    link,
                    "Le lien sert une seule fois, pendant une heure. Si ce n’était pas vous, ne faites rien : votre mot de passe reste le même.",
                ],
            ),
            Self::PasswordChanged => text(
                "Votre mot de passe a changé",
                &[
                    "Le mot de passe de votre compte a été changé par un lien envoyé à cette adresse, et toutes les sessions ouvertes ont été fermées.",
                    "Si ce n’était pas vous, quelqu’un lit votre courrier : changez le mot de passe de votre messagerie, puis choisissez-en un nouveau ici.",
                ],
            ),
            Self::Invitation {
                link,
                inviter,
                community,
            } => {
                let inviter = harmless(inviter);
                let invitation = match community {
                    Some(community) => format!(
                        "{inviter} vous invite dans la communauté de pratique « {} ».",
                        harmless(community)
                    ),
                    None => format!("{inviter} vous invite à créer un compte."),
                };
                text(
                    "Vous êtes invité",
                    &[
                        &invitation,
                        "Acceptez l’invitation ici :",
                        link,
                        "Le lien est valable 14 jours, pour cette adresse électronique. Si vous ne savez pas de quoi il s’agit, ne faites rien.",
                    ],
                )
            }
            Self::Notifications {
                lines,
                more,
                link,
                unsubscribe_url,
            } => {
                let rest = format!("Et {more} de plus.");
                digest(
                    "Quoi de neuf",
                    lines,
                    (*more > 0).then_some(rest.as_str()),
                    ["La suite est ici :", link],
                    [
                        "Vous recevez ces messages selon votre choix. Pour ne plus en recevoir :",
                        unsubscribe_url,
                    ],
                )
            }
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

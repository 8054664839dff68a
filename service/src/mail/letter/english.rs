//! The letters in English.

use entity::notification::NotificationReason;

use super::{Letter, News, digest, harmless, text};

impl Letter {
    /// The subject and the paragraphs.
    pub(super) fn english(&self) -> (String, Vec<String>) {
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
                news,
                more,
                link,
                unsubscribe_url,
            } => {
                let rest = format!("And {more} more.");
                digest(
                    "What is new",
                    &news.iter().map(News::english).collect::<Vec<_>>(),
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
}

impl News {
    /// As a line of a list.
    pub(super) fn english(&self) -> String {
        self.line(match self.reason {
            NotificationReason::Followed => "News",
            NotificationReason::Mentioned => "You are mentioned",
            NotificationReason::AskedToHelp => "Your help is asked for",
            NotificationReason::Offered => "An offer to your community",
            NotificationReason::AskedToReview => "Your review is asked for",
            NotificationReason::Replied => "A reply",
            NotificationReason::Invited => "Your membership",
            NotificationReason::Escalated => "Overdue",
            NotificationReason::Due => "Due",
            NotificationReason::SearchAlert => "Found",
            NotificationReason::WebhookDisabled => "A webhook was switched off",
        })
    }
}

//! The letters in French.

use entity::notification::NotificationReason;

use super::{Letter, News, digest, harmless, text};

impl Letter {
    /// The subject and the paragraphs.
    pub(super) fn french(&self) -> (String, Vec<String>) {
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
                news,
                more,
                link,
                unsubscribe_url,
            } => {
                let rest = format!("Et {more} de plus.");
                digest(
                    "Quoi de neuf",
                    &news.iter().map(News::french).collect::<Vec<_>>(),
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

impl News {
    /// As a line of a list.
    pub(super) fn french(&self) -> String {
        self.line(match self.reason {
            NotificationReason::Followed => "Du nouveau",
            NotificationReason::Mentioned => "On vous mentionne",
            NotificationReason::AskedToHelp => "On demande votre aide",
            NotificationReason::Offered => "Une offre à votre communauté",
            NotificationReason::AskedToReview => "On demande votre relecture",
            NotificationReason::Replied => "Une réponse",
            NotificationReason::Invited => "Votre adhésion",
            NotificationReason::Escalated => "En retard",
            NotificationReason::Due => "À échéance",
            NotificationReason::SearchAlert => "Trouvé",
            NotificationReason::WebhookDisabled => "Un webhook a été désactivé",
        })
    }
}

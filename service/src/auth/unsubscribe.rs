//! Links by which somebody wants no more mail about notifications, without signing in: signed by the keys of the access
//! tokens, and good for that alone. They do not end, since mails are read late, but with the rotation of the keys.

use entity::user::NotificationEmail;
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Auth, Secret, SigningKeys, signed};
use crate::error::{Error, Result};
use crate::user::set_notification_email_of;

/// The type of token in its header, so that neither passes for an access token, nor the other way round.
const TYPE: &str = "unsubscribe+jwt";

/// What the token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    /// Whose server.
    iss: String,
    /// Who wants no more mail.
    sub: Uuid,
}

impl Auth {
    /// By this token its holder wants no more mail about notifications.
    pub(crate) fn unsubscribe_token(&self, user: Uuid) -> Result<Secret> {
        sign(self.keys(), &self.options().issuer, user)
    }
}

/// Whose token this is, if it is one of this server.
#[must_use]
pub fn read_unsubscribe_token(auth: &Auth, token: &str) -> Option<Uuid> {
    verify(auth.keys(), &auth.options().issuer, token)
}

/// Sends the holder of the token no more mail about notifications. Answers whether it is a token of this server; doing
/// it again changes nothing.
#[crate::boxed]
pub async fn unsubscribe(auth: &Auth, token: &str) -> Result<bool> {
    let Some(user) = read_unsubscribe_token(auth, token) else {
        return Ok(false);
    };
    let written = auth
        .store()
        .write(Some(user), move |unit| {
            async move { set_notification_email_of(unit, user, NotificationEmail::None).await }
                .boxed()
        })
        .await;
    match written {
        // Somebody who is gone gets no mail as it is.
        Ok(_) | Err(Error::Unauthenticated) => Ok(true),
        Err(error) => Err(error),
    }
}

fn sign(keys: &SigningKeys, issuer: &str, user: Uuid) -> Result<Secret> {
    let claims = Claims {
        iss: issuer.to_owned(),
        sub: user,
    };
    signed::sign(keys, TYPE, &claims)
}

fn verify(keys: &SigningKeys, issuer: &str, token: &str) -> Option<Uuid> {
    let claims: Claims = signed::read(keys, TYPE, token)?;
    (claims.iss == issuer).then_some(claims.sub)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    use crate::auth::access_token::{AccessTokens, SignedTokens};
    use crate::clock::Clock;

    const ISSUER: &str = "https://repertoire.example";

    #[test]
    fn a_token_names_its_user_and_no_other_token_does() {
        let keys = SigningKeys::ephemeral().unwrap();
        let user = Uuid::now_v7();
        let token = sign(&keys, ISSUER, user).unwrap();
        assert_eq!(verify(&keys, ISSUER, token.expose()), Some(user));
        assert_eq!(
            verify(&keys, "https://another.example", token.expose()),
            None
        );
        let foreign = SigningKeys::ephemeral().unwrap();
        assert_eq!(verify(&foreign, ISSUER, token.expose()), None);
        let text = token.expose();
        assert_eq!(verify(&keys, ISSUER, &text[..text.len() - 2]), None);
        for wrong in ["", "a.b.c", &"x".repeat(100_000)] {
            assert_eq!(verify(&keys, ISSUER, wrong), None);
        }
        let access = AccessTokens {
            keys: keys.clone(),
            issuer: ISSUER.into(),
            audience: "repertoire".into(),
            lifetime: TimeDelta::minutes(10),
            signed: SignedTokens::default(),
        };
        let now = Clock::default().now();
        let (signed_in, _) = access
            .issue(user, user, now + TimeDelta::days(1), now)
            .unwrap();
        assert_eq!(verify(&keys, ISSUER, signed_in.expose()), None);
        assert!(access.verify(text, now).is_err(), "it opens nothing");
    }
}

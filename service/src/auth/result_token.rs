//! Addresses of results: signed by the keys of the access tokens, for one operation and a short time, and good for that
//! alone. So a browser can fetch a result without a header, and an address that is found later opens nothing.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Auth, Secret, SigningKeys, signed};
use crate::error::Result;

/// The type of token in its header, so that neither passes for an access token, nor the other way round.
const TYPE: &str = "result+jwt";
/// For how long an address is good.
const LIFETIME: TimeDelta = TimeDelta::hours(1);

/// What the token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    /// Whose server.
    iss: String,
    /// The operation.
    sub: Uuid,
    /// When it ends.
    exp: i64,
}

impl Auth {
    /// By this token the result of an operation can be fetched for an hour. Whether who asks may have it is for the caller
    /// to know.
    pub fn result_token(&self, operation: Uuid) -> Result<Secret> {
        let issuer = &self.options().issuer;
        sign(self.keys(), issuer, operation, self.now() + LIFETIME)
    }

    /// The operation whose result the token opens now, if it is one of this server.
    #[must_use]
    pub fn read_result_token(&self, token: &str) -> Option<Uuid> {
        verify(self.keys(), &self.options().issuer, token, self.now())
    }
}

fn sign(keys: &SigningKeys, issuer: &str, operation: Uuid, end: DateTime<Utc>) -> Result<Secret> {
    let claims = Claims {
        iss: issuer.to_owned(),
        sub: operation,
        exp: end.timestamp(),
    };
    signed::sign(keys, TYPE, &claims)
}

fn verify(keys: &SigningKeys, issuer: &str, token: &str, now: DateTime<Utc>) -> Option<Uuid> {
    let claims: Claims = signed::read(keys, TYPE, token)?;
    (claims.iss == issuer && claims.exp > now.timestamp()).then_some(claims.sub)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn an_address_opens_one_result_for_a_while() {
        let keys = SigningKeys::ephemeral().unwrap();
        let (operation, now) = (Uuid::now_v7(), Clock::default().now());
        let token = sign(&keys, "here", operation, now + LIFETIME).unwrap();
        let text = token.expose();
        assert_eq!(verify(&keys, "here", text, now), Some(operation));
        assert_eq!(verify(&keys, "there", text, now), None);
        assert_eq!(verify(&keys, "here", text, now + LIFETIME), None);
        let others = SigningKeys::ephemeral().unwrap();
        assert_eq!(verify(&others, "here", text, now), None);
        for wrong in ["", "a.b.c", &text[..text.len() - 2]] {
            assert_eq!(verify(&keys, "here", wrong, now), None, "{wrong}");
        }
    }
}

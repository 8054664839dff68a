//! Addresses of results: signed by the keys of the access tokens, for one operation and a short time, and good for that
//! alone. So a browser can fetch a result without a header, and an address that is found later opens nothing.

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, Header};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::access_token::{LONGEST_TOKEN, signature_only};
use super::{Auth, Secret, SigningKeys};
use crate::error::{Error, Result};

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
    let (id, key) = keys
        .signing()
        .ok_or_else(|| Error::internal("there is no signing key"))?;
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(id);
    let claims = Claims {
        iss: issuer.to_owned(),
        sub: operation,
        exp: end.timestamp(),
    };
    let token = jsonwebtoken::encode(&header, &claims, &key).map_err(Error::internal)?;
    Ok(Secret::from(token))
}

fn verify(keys: &SigningKeys, issuer: &str, token: &str, now: DateTime<Utc>) -> Option<Uuid> {
    if token.len() > LONGEST_TOKEN {
        return None;
    }
    let header = jsonwebtoken::decode_header(token).ok()?;
    if header.alg != Algorithm::EdDSA
        || header.typ.as_deref() != Some(TYPE)
        || header.crit.is_some()
    {
        return None;
    }
    let key = keys.verifying(&header.kid?)?;
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &signature_only(Algorithm::EdDSA))
        .ok()?
        .claims;
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

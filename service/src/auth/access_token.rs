//! Access tokens: JSON Web Tokens of some minutes, signed by this server (RFC 7519, RFC 9068, RFC 8037).

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, Validation};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{AuthenticationError, Secret, SigningKeys, signed};
use crate::error::{Error, Result};

/// The type of token in its header, so that no other kind of token signed by the same key passes for one.
const TYPE: &str = "at+jwt";
/// How far the clocks of two processes may differ, in seconds.
const LEEWAY_SECONDS: i64 = 10;
/// No token of ours or of an issuer is longer.
pub(super) const LONGEST_TOKEN: usize = 16_384;

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) aud: String,
    /// The user.
    pub(super) sub: Uuid,
    /// The session.
    pub(super) sid: Uuid,
    pub(super) iat: i64,
    pub(super) nbf: i64,
    pub(super) exp: i64,
    pub(super) jti: Uuid,
}

/// Tokens whose signatures are remembered at most.
const MOST_SIGNED: u64 = 8_192;

/// A token with a right signature: who signed it, and what it says.
#[derive(Clone, Debug)]
struct Signed {
    key: String,
    claims: Claims,
}

/// The tokens whose signatures were found right, by their SHA-256 sums: a signature takes longer to check than most
/// questions take to answer. Everything else about a token is checked each time.
#[derive(Clone, Debug)]
pub(super) struct SignedTokens(Cache<[u8; 32], Arc<Signed>>);

impl Default for SignedTokens {
    fn default() -> Self {
        Self(Cache::new(MOST_SIGNED))
    }
}

/// Who issues access tokens, for whom, and for how long.
#[derive(Clone, Debug)]
pub(super) struct AccessTokens {
    pub(super) keys: SigningKeys,
    pub(super) issuer: String,
    pub(super) audience: String,
    pub(super) lifetime: TimeDelta,
    pub(super) signed: SignedTokens,
}

impl AccessTokens {
    /// Makes a token; it ends at the time answered, but never after the session.
    pub(super) fn issue(
        &self,
        user: Uuid,
        session: Uuid,
        session_ends: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(Secret, DateTime<Utc>)> {
        let exp = (now + self.lifetime).min(session_ends).timestamp();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: user,
            sid: session,
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp,
            jti: Uuid::new_v4(),
        };
        let token = signed::sign(&self.keys, TYPE, &claims)?;
        let ends = DateTime::from_timestamp(exp, 0)
            .ok_or_else(|| Error::internal("the end of an access token is out of range"))?;
        Ok((token, ends))
    }

    /// Checks a token's signature and claims; whether its session still lives is for the database to say.
    pub(super) fn verify(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Claims, AuthenticationError> {
        let sum: [u8; 32] = Sha256::digest(token).into();
        let known = self.signed.0.get(&sum);
        let known = known.filter(|signed| self.keys.has(&signed.key));
        let signed = if let Some(known) = known {
            known
        } else {
            let checked = Arc::new(self.check_signature(token)?);
            self.signed.0.insert(sum, Arc::clone(&checked));
            checked
        };
        let claims = &signed.claims;
        if claims.iss != self.issuer || claims.aud != self.audience {
            return Err(AuthenticationError::Invalid);
        }
        check_times(claims.exp, Some(claims.nbf), LEEWAY_SECONDS, now)?;
        Ok(claims.clone())
    }

    fn check_signature(&self, token: &str) -> Result<Signed, AuthenticationError> {
        let header =
            jsonwebtoken::decode_header(token).map_err(|_| AuthenticationError::Malformed)?;
        if header.alg != Algorithm::EdDSA
            || header.typ.as_deref() != Some(TYPE)
            || header.crit.is_some()
        {
            return Err(AuthenticationError::Invalid);
        }
        let id = header.kid.ok_or(AuthenticationError::Invalid)?;
        let key = self
            .keys
            .verifying(&id)
            .ok_or(AuthenticationError::Invalid)?;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &signature_only(Algorithm::EdDSA))
            .map_err(|_| AuthenticationError::Invalid)?
            .claims;
        Ok(Signed { key: id, claims })
    }
}

/// Has the library check the signature, by this algorithm alone, and nothing of the claims: it knows no clock but the
/// system's, so [`check_times`] and the callers check them.
pub(super) fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

/// Checks the two times of a token, in seconds of the Unix epoch.
pub(super) fn check_times(
    exp: i64,
    nbf: Option<i64>,
    leeway: i64,
    now: DateTime<Utc>,
) -> Result<(), AuthenticationError> {
    let now = now.timestamp();
    if exp.saturating_add(leeway) <= now {
        return Err(AuthenticationError::Expired);
    }
    if nbf.is_some_and(|nbf| nbf.saturating_sub(leeway) > now) {
        return Err(AuthenticationError::Invalid);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jsonwebtoken::{DecodingKey, EncodingKey, Header};
    use proptest::prelude::*;
    use serde_json::json;

    fn tokens() -> AccessTokens {
        AccessTokens {
            keys: SigningKeys::ephemeral().unwrap(),
            issuer: "https://repertoire.example".into(),
            audience: "repertoire".into(),
            lifetime: TimeDelta::minutes(10),
            signed: SignedTokens::default(),
        }
    }

    fn now() -> DateTime<Utc> {
        Clock::default().now()
    }

    fn issue(tokens: &AccessTokens) -> String {
        let ends = now() + TimeDelta::days(30);
        tokens
            .issue(Uuid::from_u128(1), Uuid::from_u128(2), ends, now())
            .unwrap()
            .0
            .into_inner()
    }

    #[test]
    fn a_fresh_token_is_valid_for_its_minutes() {
        let tokens = tokens();
        let token = issue(&tokens);
        let claims = tokens.verify(&token, now()).unwrap();
        assert_eq!(claims.sub, Uuid::from_u128(1));
        assert_eq!(claims.sid, Uuid::from_u128(2));
        assert_eq!(claims.exp - claims.iat, 600);
        for (after, outcome) in [
            (TimeDelta::minutes(10), Ok(())),
            (TimeDelta::seconds(611), Err(AuthenticationError::Expired)),
            (-TimeDelta::seconds(60), Err(AuthenticationError::Invalid)),
        ] {
            let found = tokens.verify(&token, now() + after).map(|_| ());
            assert_eq!(format!("{found:?}"), format!("{outcome:?}"), "{after}");
        }
    }

    #[test]
    fn a_token_ends_with_its_session() {
        let tokens = tokens();
        let ends = now() + TimeDelta::seconds(30);
        let (_, until) = tokens.issue(Uuid::nil(), Uuid::nil(), ends, now()).unwrap();
        assert!(until <= ends);
    }

    #[test]
    fn a_token_for_another_purpose_is_refused() {
        let ours = tokens();
        let token = issue(&ours);
        for other in [
            AccessTokens {
                audience: "another".into(),
                ..ours.clone()
            },
            AccessTokens {
                issuer: "https://another.example".into(),
                ..ours.clone()
            },
            tokens(),
        ] {
            assert!(matches!(
                other.verify(&token, now()),
                Err(AuthenticationError::Invalid)
            ));
        }
    }

    #[test]
    fn a_remembered_signature_outlives_neither_its_time_nor_its_key() {
        let directory = tempfile::tempdir().unwrap();
        let tokens = AccessTokens {
            keys: SigningKeys::open(directory.path()).unwrap(),
            ..tokens()
        };
        let token = issue(&tokens);
        assert!(tokens.verify(&token, now()).is_ok());
        assert!(tokens.verify(&token, now()).is_ok());
        let later = now() + TimeDelta::hours(1);
        assert!(matches!(
            tokens.verify(&token, later),
            Err(AuthenticationError::Expired)
        ));
        let elsewhere = AccessTokens {
            keys: SigningKeys::ephemeral().unwrap(),
            ..tokens.clone()
        };
        assert!(elsewhere.verify(&token, now()).is_err());
    }

    #[test]
    fn a_rotated_key_still_verifies() {
        let directory = tempfile::tempdir().unwrap();
        let tokens = AccessTokens {
            keys: SigningKeys::open(directory.path()).unwrap(),
            ..tokens()
        };
        let old = issue(&tokens);
        tokens.keys.rotate().unwrap();
        assert!(tokens.verify(&old, now()).is_ok());
        assert!(tokens.verify(&issue(&tokens), now()).is_ok());
    }

    fn forge(header: &serde_json::Value, claims: &str, signature: &str) -> String {
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        format!("{header}.{claims}.{signature}")
    }

    #[test]
    fn forged_headers_are_refused() {
        let tokens = tokens();
        let token = issue(&tokens);
        let (id, key) = tokens.keys.signing().unwrap();
        let mut parts = token.split('.').skip(1);
        let (claims, signature) = (parts.next().unwrap(), parts.next().unwrap());
        let public = tokens.keys.jwks()["keys"][0]["x"]
            .as_str()
            .unwrap()
            .to_owned();
        let public = URL_SAFE_NO_PAD.decode(public).unwrap();

        let mut forged = vec![
            forge(&json!({"alg": "none", "typ": TYPE, "kid": id}), claims, ""),
            forge(
                &json!({"alg": "none", "typ": TYPE, "kid": id}),
                claims,
                signature,
            ),
            forge(
                &json!({"alg": "EdDSA", "typ": "JWT", "kid": id}),
                claims,
                signature,
            ),
            forge(&json!({"alg": "EdDSA", "typ": TYPE}), claims, signature),
        ];
        let values: serde_json::Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        let mut sign = |algorithm, typ: &str, values: &serde_json::Value, key: &EncodingKey| {
            let mut header = Header::new(algorithm);
            header.typ = Some(typ.to_owned());
            header.kid = Some(id.clone());
            forged.push(jsonwebtoken::encode(&header, values, key).unwrap());
        };
        // The public key as the secret of another algorithm.
        sign(
            Algorithm::HS256,
            TYPE,
            &values,
            &EncodingKey::from_secret(&public),
        );
        // Another type of token by the right key.
        sign(Algorithm::EdDSA, "JWT", &values, &key);
        // Another key under the same id.
        let (_, foreign) = SigningKeys::ephemeral().unwrap().signing().unwrap();
        sign(Algorithm::EdDSA, TYPE, &values, &foreign);
        for claim in ["exp", "iss", "aud", "sub", "sid", "nbf"] {
            let mut values = values.clone();
            values.as_object_mut().unwrap().remove(claim);
            sign(Algorithm::EdDSA, TYPE, &values, &key);
        }
        for token in forged {
            assert!(tokens.verify(&token, now()).is_err(), "{token}");
        }
        assert!(tokens.verify(&token, now()).is_ok());
    }

    #[test]
    fn the_published_key_verifies_a_token() {
        let tokens = tokens();
        let set: jsonwebtoken::jwk::JwkSet = serde_json::from_value(tokens.keys.jwks()).unwrap();
        let token = issue(&tokens);
        let id = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
        let key = DecodingKey::from_jwk(set.find(&id).unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&["repertoire"]);
        validation.set_issuer(&["https://repertoire.example"]);
        assert!(jsonwebtoken::decode::<Claims>(&token, &key, &validation).is_ok());
    }

    proptest! {
        #[test]
        fn garbage_is_refused(text in "\\PC{0,200}|[a-zA-Z0-9_-]{0,80}(\\.[a-zA-Z0-9_-]{0,80}){0,4}") {
            prop_assert!(tokens().verify(&text, now()).is_err());
        }

        #[test]
        fn no_letter_can_be_changed(place in 0usize..400, letter in "[A-Za-z0-9_.-]") {
            let tokens = tokens();
            let token = issue(&tokens);
            let place = place % token.len();
            let mut changed = token.clone();
            changed.replace_range(place..=place, &letter);
            prop_assert_eq!(tokens.verify(&changed, now()).is_ok(), changed == token);
        }
    }
}

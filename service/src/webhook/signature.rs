//! Secrets and signatures, by the specification of Standard Webhooks.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::auth::Secret;
use crate::error::{Error, Result};

/// What every secret begins with.
const PREFIX: &str = "whsec_";
/// Random bytes of a secret: from 24 to 64 are allowed.
const RANDOM_BYTES: usize = 32;

/// Makes a secret.
pub(super) fn generate() -> Secret {
    let mut bytes = [0; RANDOM_BYTES];
    rand::fill(&mut bytes);
    Secret::from(format!("{PREFIX}{}", STANDARD.encode(bytes)))
}

/// The value of `webhook-signature` by all of these secrets.
pub(super) fn sign(secrets: &[Secret], id: &str, timestamp: i64, body: &[u8]) -> Result<String> {
    let signatures: Result<Vec<String>> = secrets
        .iter()
        .map(|secret| sign_by(secret, id, timestamp, body))
        .collect();
    Ok(signatures?.join(" "))
}

fn sign_by(secret: &Secret, id: &str, timestamp: i64, body: &[u8]) -> Result<String> {
    let text = secret.expose();
    let key = STANDARD
        .decode(text.strip_prefix(PREFIX).unwrap_or(text))
        .map_err(|_| Error::internal("the secret of a webhook is damaged"))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(Error::internal)?;
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    Ok(format!(
        "v1,{}",
        STANDARD.encode(mac.finalize().into_bytes())
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    const ID: &str = "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk";
    const BODY: &[u8] = br#"{"email":"test@example.com","username":"test_user"}"#;
    const SIGNATURE: &str = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";

    #[test]
    fn the_signature_is_that_of_the_specifications_libraries() {
        let signature = sign(&[Secret::from(SECRET)], ID, 1_649_367_553, BODY).unwrap();
        assert_eq!(signature, SIGNATURE);
    }

    #[test]
    fn each_secret_signs_while_there_are_several() {
        let secrets = [generate(), Secret::from(SECRET)];
        let signatures = sign(&secrets, ID, 1_649_367_553, BODY).unwrap();
        let signatures: Vec<&str> = signatures.split(' ').collect();
        assert_eq!(signatures.len(), 2);
        assert_eq!(signatures[1], SIGNATURE);
        assert_ne!(signatures[0], SIGNATURE);
    }

    #[test]
    fn secrets_are_random_and_of_the_length_that_is_asked_for() {
        let (one, other) = (generate(), generate());
        assert_ne!(one, other);
        let key = one.expose().strip_prefix(PREFIX).unwrap();
        let bytes = STANDARD.decode(key).unwrap();
        assert!((24..=64).contains(&bytes.len()));
    }

    #[test]
    fn a_damaged_secret_signs_nothing() {
        assert!(sign(&[Secret::from("whsec_?")], ID, 0, BODY).is_err());
    }
}

//! Secrets: values that no log shows, and the opaque tokens that are made of randomness.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What every refresh token begins with.
pub const REFRESH_TOKEN_PREFIX: &str = "rprt_";
/// What every API token begins with.
pub const API_TOKEN_PREFIX: &str = "rpat_";
/// What every token that confirms an e-mail address begins with.
pub(super) const EMAIL_TOKEN_PREFIX: &str = "rpev_";
/// What every token that leads to a new password begins with.
pub(super) const PASSWORD_RESET_PREFIX: &str = "rppr_";
/// What every token of an invitation begins with.
pub(super) const INVITATION_PREFIX: &str = "rpin_";

/// What every secret of an anonymous report begins with.
pub(crate) const REPORT_SECRET_PREFIX: &str = "rpxr_";

/// Random bytes of an opaque token: 256 bits.
const RANDOM_BYTES: usize = 32;
/// Bytes of the checksum, by which a mistyped or truncated token is told without asking the database.
const CHECKSUM_BYTES: usize = 3;

/// A text that must not be logged: a password or a token. Its debug output hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Gives the text away.
    #[must_use]
    pub fn into_inner(self) -> String {
        self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// The SHA-256 of a text in hexadecimal: what is stored of an opaque token. A slow hash is for secrets that people
/// choose; 256 random bits cannot be guessed.
pub(crate) fn digest(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let mut hexadecimal = String::with_capacity(64);
    for byte in digest {
        for half in [byte >> 4, byte & 15] {
            hexadecimal.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
        }
    }
    hexadecimal
}

fn checksum(prefix: &str, random: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let digest = Sha256::new()
        .chain_update(prefix.as_bytes())
        .chain_update(random)
        .finalize();
    let mut checksum = [0; CHECKSUM_BYTES];
    for (to, from) in checksum.iter_mut().zip(digest) {
        *to = from;
    }
    checksum
}

/// Makes an opaque token: the prefix, 256 random bits and a checksum, in URL-safe base64.
pub(crate) fn generate(prefix: &str) -> Secret {
    let mut bytes = vec![0; RANDOM_BYTES];
    rand::fill(&mut bytes[..]);
    let checksum = checksum(prefix, &bytes);
    bytes.extend_from_slice(&checksum);
    Secret(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes)))
}

/// Whether a text has the shape and the checksum of an opaque token with that prefix.
pub(super) fn is_well_formed(prefix: &str, text: &str) -> bool {
    let Some(body) = text.strip_prefix(prefix) else {
        return false;
    };
    // Four letters hold three bytes.
    if body.len() > (RANDOM_BYTES + CHECKSUM_BYTES) * 2 {
        return false;
    }
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(body) else {
        return false;
    };
    bytes.len() == RANDOM_BYTES + CHECKSUM_BYTES
        && bytes
            .split_at_checked(RANDOM_BYTES)
            .is_some_and(|(random, found)| checksum(prefix, random).ct_eq(found).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_typing_mistake_is_told_without_the_database() {
        let token = generate(API_TOKEN_PREFIX);
        let text = token.expose();
        assert!(is_well_formed(API_TOKEN_PREFIX, text));
        assert!(!is_well_formed(REFRESH_TOKEN_PREFIX, text));
        for place in API_TOKEN_PREFIX.len()..text.len() {
            let mut letters: Vec<char> = text.chars().collect();
            letters[place] = if letters[place] == 'A' { 'B' } else { 'A' };
            let wrong: String = letters.into_iter().collect();
            assert!(!is_well_formed(API_TOKEN_PREFIX, &wrong), "{place}");
        }
        assert!(!is_well_formed(API_TOKEN_PREFIX, &text[..text.len() - 1]));
    }

    #[test]
    fn a_secret_is_not_logged() {
        let secret = Secret::from("correct horse");
        assert!(!format!("{secret:?}").contains("horse"));
    }

    #[test]
    fn the_digest_is_sha_256() {
        assert_eq!(
            digest("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_judged(text in "(rpat_)?\\PC{0,120}") {
            prop_assert!(!is_well_formed(API_TOKEN_PREFIX, &text));
        }
    }
}

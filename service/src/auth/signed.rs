//! Tokens that this server signs by one set of keys. Each kind has a type of its own in its header, so that none passes for
//! another.

use jsonwebtoken::{Algorithm, Header};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::access_token::{LONGEST_TOKEN, signature_only};
use super::{Secret, SigningKeys};
use crate::error::{Error, Result};

/// Signs what a token of a type says.
pub(super) fn sign(
    keys: &SigningKeys,
    token_type: &str,
    claims: &impl Serialize,
) -> Result<Secret> {
    let (id, key) = keys
        .signing()
        .ok_or_else(|| Error::internal("there is no signing key"))?;
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(token_type.to_owned());
    header.kid = Some(id);
    let token = jsonwebtoken::encode(&header, claims, &key).map_err(Error::internal)?;
    Ok(Secret::from(token))
}

/// What a token says, where it is one of this type and its signature is right. The claims are for the caller to check.
pub(super) fn read<C: DeserializeOwned>(
    keys: &SigningKeys,
    token_type: &str,
    token: &str,
) -> Option<C> {
    if token.len() > LONGEST_TOKEN {
        return None;
    }
    let header = jsonwebtoken::decode_header(token).ok()?;
    if header.alg != Algorithm::EdDSA
        || header.typ.as_deref() != Some(token_type)
        || header.crit.is_some()
    {
        return None;
    }
    let key = keys.verifying(&header.kid?)?;
    let read = jsonwebtoken::decode::<C>(token, &key, &signature_only(Algorithm::EdDSA));
    Some(read.ok()?.claims)
}

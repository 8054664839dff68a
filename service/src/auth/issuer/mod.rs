//! External issuers: a school's own sign-in by OpenID Connect. Their tokens are verified here by the keys that they
//! publish, and each subject is one user.

mod erased;
mod identity;
mod jwks;
#[cfg(test)]
mod tests;

pub(crate) use erased::remove_identities;
pub(super) use identity::user_of;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use url::Url;

use super::access_token::{LONGEST_TOKEN, check_times, signature_only};
use super::{Auth, AuthenticationError, SetupError};
use jwks::PublishedKeys;

pub use jsonwebtoken::Algorithm;

/// What is wrong with an address that leads to an issuer over a network without TLS, or nowhere.
const NO_ADDRESS: &str = "is no https address; http is for what runs on this machine alone";

/// How far an issuer's clock may differ, in seconds.
pub(super) const LEEWAY_SECONDS: i64 = 30;

/// An OpenID Connect issuer whose tokens are accepted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExternalIssuer {
    /// The issuer's URL, exactly as its tokens have it in `iss`.
    pub issuer: String,
    /// What its tokens for this server have in `aud`: usually the client id.
    pub audience: String,
    /// Where its keys are; found by discovery (`/.well-known/openid-configuration` below the issuer) when absent.
    #[serde(default)]
    pub jwks_url: Option<String>,
    /// The algorithms that it may sign with.
    #[serde(default = "default_algorithms")]
    pub algorithms: Vec<Algorithm>,
    /// Whether somebody who signs in for the first time gets an account.
    #[serde(default)]
    pub create_users: bool,
    /// Whether an e-mail address that the issuer calls verified is believed: new accounts get it, and an existing
    /// account that has it becomes the person's. Where its holder never confirmed the address, whatever else led into
    /// that account ends: password, sessions, API tokens and webhooks. Switch it on only for an issuer that you would
    /// trust with the password of everybody here.
    #[serde(default)]
    pub trust_email: bool,
}

impl ExternalIssuer {
    /// All that is wrong with these issuers of a server whose own issuer is `own`. Asks nobody.
    #[must_use]
    pub fn faults(own: &str, configured: &[Self]) -> Vec<SetupError> {
        let mut faults = Vec::new();
        for (place, config) in configured.iter().enumerate() {
            let mut before = configured.iter().take(place);
            let mut messages = config.own_faults();
            if config.issuer == own || before.any(|other| other.issuer == config.issuer) {
                messages.push("another issuer has the same address".to_owned());
            }
            faults.extend(messages.into_iter().map(|message| config.fault(message)));
        }
        faults
    }

    fn fault(&self, message: String) -> SetupError {
        SetupError::Issuer {
            issuer: self.issuer.clone(),
            message,
        }
    }

    /// What is wrong with it, whatever others there are.
    fn own_faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if !is_safe_address(&self.issuer) {
            faults.push(format!("it {NO_ADDRESS}"));
        }
        if let Some(address) = self.jwks_url.as_deref().filter(|url| !is_safe_address(url)) {
            faults.push(format!("its jwks_url {address} {NO_ADDRESS}"));
        }
        if self.audience.is_empty() {
            faults.push("the audience is missing".to_owned());
        }
        if self.algorithms.is_empty() {
            faults.push("it has no algorithm".to_owned());
        }
        if let Some(symmetric) = self.algorithms.iter().find(|algorithm| {
            matches!(
                algorithm,
                Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512
            )
        }) {
            faults.push(format!(
                "{symmetric:?} has no public key; name algorithms such as RS256, ES256 or EdDSA"
            ));
        }
        faults
    }
}

fn is_safe_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|address| jwks::is_safe(&address))
}

fn default_algorithms() -> Vec<Algorithm> {
    vec![Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA]
}

/// Somebody as an issuer vouches for them.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    issuer: Arc<ExternalIssuer>,
    claims: Claims,
}

impl Identity {
    /// When the person signed in at the issuer: when the token was made, where it does not say more.
    pub(super) fn signed_in_at(&self) -> Option<DateTime<Utc>> {
        let at = self.claims.auth_time.or(self.claims.iat)?;
        DateTime::from_timestamp(seconds(at), 0)
    }
}

/// The claims that are looked at (OpenID Connect Core, sections 2 and 5.1).
#[derive(Clone, Debug, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: OneOrMany,
    exp: f64,
    #[serde(default)]
    nbf: Option<f64>,
    #[serde(default, deserialize_with = "time")]
    iat: Option<f64>,
    #[serde(default, deserialize_with = "time")]
    auth_time: Option<f64>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    preferred_username: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    email_verified: Option<Truth>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn contains(&self, text: &str) -> bool {
        match self {
            Self::One(one) => one == text,
            Self::Many(many) => many.iter().any(|one| one == text),
        }
    }
}

/// Some issuers write truth as text.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Truth {
    Flag(bool),
    Text(String),
}

impl Truth {
    fn holds(&self) -> bool {
        match self {
            Self::Flag(flag) => *flag,
            Self::Text(text) => text == "true",
        }
    }
}

/// Some issuers write times as text. What is no time says nothing, and spoils no token.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let time = match Value::deserialize(deserializer)? {
        Value::Number(time) => time.as_f64(),
        Value::String(text) => text.trim().parse::<f64>().ok(),
        _ => None,
    };
    Ok(time.filter(|time| time.is_finite()))
}

#[derive(Debug)]
struct Known {
    config: Arc<ExternalIssuer>,
    keys: PublishedKeys,
}

/// All issuers of the configuration.
#[derive(Debug)]
pub(super) struct Issuers(Vec<Known>);

impl Issuers {
    pub(super) fn new(own: &str, configured: &[ExternalIssuer]) -> Result<Self, SetupError> {
        if let Some(fault) = ExternalIssuer::faults(own, configured).into_iter().next() {
            return Err(fault);
        }
        let known = configured
            .iter()
            .map(|config| {
                let keys = PublishedKeys::new(config).map_err(|message| config.fault(message))?;
                Ok(Known {
                    config: Arc::new(config.clone()),
                    keys,
                })
            })
            .collect::<Result<_, SetupError>>()?;
        Ok(Self(known))
    }

    /// Verifies a token that names one of the issuers; none when it names another, such as ourselves.
    pub(super) async fn verify(
        &self,
        auth: &Auth,
        token: &str,
    ) -> Result<Option<Identity>, AuthenticationError> {
        if self.0.is_empty() || token.len() > LONGEST_TOKEN {
            return Ok(None);
        }
        let Some(issuer) = claimed_issuer(token) else {
            return Ok(None);
        };
        let Some(known) = self.0.iter().find(|known| known.config.issuer == issuer) else {
            return Ok(None);
        };
        let header =
            jsonwebtoken::decode_header(token).map_err(|_| AuthenticationError::Malformed)?;
        if !known.config.algorithms.contains(&header.alg) || header.crit.is_some() {
            return Err(AuthenticationError::Invalid);
        }
        let key = known
            .keys
            .find(auth, header.kid.as_deref(), header.alg)
            .await?;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &signature_only(header.alg))
            .map_err(|_| AuthenticationError::Invalid)?
            .claims;
        if claims.iss != known.config.issuer
            || !claims.aud.contains(&known.config.audience)
            || claims.sub.is_empty()
            || claims.sub.len() > 255
            || claims.sub.contains('\0')
        {
            return Err(AuthenticationError::Invalid);
        }
        check_times(
            seconds(claims.exp),
            claims.nbf.map(seconds),
            LEEWAY_SECONDS,
            auth.now(),
        )?;
        Ok(Some(Identity {
            issuer: Arc::clone(&known.config),
            claims,
        }))
    }
}

/// A time of a token may have a fraction (RFC 7519, `NumericDate`). The cast saturates.
#[expect(
    clippy::cast_possible_truncation,
    reason = "fractions of a second do not matter, and what is out of range saturates"
)]
fn seconds(time: f64) -> i64 {
    time.floor() as i64
}

/// The issuer that a token names, not yet believed.
fn claimed_issuer(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        iss: String,
    }
    let claims = token.split('.').nth(1)?;
    let bytes = URL_SAFE_NO_PAD.decode(claims).ok()?;
    serde_json::from_slice::<Named>(&bytes)
        .ok()
        .map(|named| named.iss)
}

//! Settings of sign-in.

use std::path::PathBuf;

use serde::Deserialize;

use super::Secret;

/// How people sign in.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// `iss` of the access tokens made here.
    pub issuer: String,
    /// `aud` of the access tokens made here.
    pub audience: String,
    /// How long an access token is good for.
    pub access_token_minutes: u32,
    /// How long a session lasts without being refreshed.
    pub refresh_token_days: u32,
    /// A file with the signing keys, in place of the one in the data directory.
    pub signing_keys_file: Option<PathBuf>,
    /// The signing keys themselves: PEM or a JSON Web Key Set.
    pub signing_keys: Option<Secret>,
    /// Issuers of other sign-ins that are taken here.
    pub external_issuers: Vec<ExternalIssuer>,
    /// How often anybody may try.
    pub limits: AuthLimits,
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            issuer: "repertoire".to_owned(),
            audience: "repertoire".to_owned(),
            access_token_minutes: 15,
            refresh_token_days: 30,
            signing_keys_file: None,
            signing_keys: None,
            external_issuers: Vec::new(),
            limits: AuthLimits::default(),
        }
    }
}

/// An OpenID Connect issuer, such as a school's own sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExternalIssuer {
    /// `iss` of its tokens.
    pub issuer: String,
    /// `aud` that its tokens must have: this server's client id there.
    pub audience: String,
    /// Where its keys are; by default found by its discovery document.
    pub jwks_url: Option<String>,
}

/// So many at once, then one more each time the seconds have passed.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateConfig {
    /// How many may come at once.
    pub burst: u32,
    /// Seconds until one more may come.
    pub every_seconds: f64,
}

/// Limits of attempts.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthLimits {
    /// Whether there are any.
    pub enabled: bool,
    /// Attempts to sign in from one address.
    pub sign_in: RateConfig,
    /// Attempts to sign up from one address.
    pub sign_up: RateConfig,
    /// Failed attempts to sign in from one address with one e-mail address.
    pub failures: RateConfig,
}

impl Default for AuthLimits {
    fn default() -> Self {
        Self {
            enabled: true,
            sign_in: RateConfig {
                burst: 300,
                every_seconds: 0.2,
            },
            sign_up: RateConfig {
                burst: 100,
                every_seconds: 6.0,
            },
            failures: RateConfig {
                burst: 10,
                every_seconds: 60.0,
            },
        }
    }
}

//! Settings of sign-in.

use std::path::PathBuf;

use anyhow::Context;
use chrono::TimeDelta;
use serde::Deserialize;
use service::auth::{
    AuthOptions, ExternalIssuer, LimitOptions, PasswordCost, Rate, SignUpPolicy, SigningKeys,
};
use service::mail::MailSettings;

use super::{Config, Secret};

const UNUSABLE_KEYS: &str = "The signing keys cannot be used.";

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
    /// How long a session lasts, however often it is refreshed.
    pub session_days: u32,
    /// A file with the signing keys, in place of the one in the data directory. Only its owner may be able to read it.
    pub signing_keys_file: Option<PathBuf>,
    /// The signing keys themselves: PEM or a JSON Web Key Set.
    pub signing_keys: Option<Secret>,
    /// Who may make an account by signing up.
    pub sign_up: SignUpPolicy,
    /// Issuers of other sign-ins that are taken here.
    pub external_issuers: Vec<ExternalIssuer>,
    /// How often anybody may try.
    pub limits: AuthLimits,
    /// What one password hash costs. Set by tests alone.
    #[serde(skip)]
    pub password_cost: PasswordCost,
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            issuer: "repertoire".to_owned(),
            audience: "repertoire".to_owned(),
            access_token_minutes: 10,
            session_days: 30,
            signing_keys_file: None,
            signing_keys: None,
            sign_up: SignUpPolicy::Open,
            external_issuers: Vec::new(),
            limits: AuthLimits::default(),
            password_cost: PasswordCost::default(),
        }
    }
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
    /// Requests for mails, and uses of what they bring, from one address.
    pub mail: RateConfig,
}

impl Default for AuthLimits {
    fn default() -> Self {
        let rate = |burst, every_seconds| RateConfig {
            burst,
            every_seconds,
        };
        Self {
            enabled: true,
            sign_in: rate(300, 0.2),
            sign_up: rate(100, 6.0),
            failures: rate(10, 60.0),
            mail: rate(60, 10.0),
        }
    }
}

impl RateConfig {
    /// Whether the seconds are a time between two attempts.
    pub(super) fn is_sound(self) -> bool {
        self.burst >= 1 && self.every_seconds >= 0.001 && self.every_seconds <= 86_400.0
    }

    fn rate(self) -> Rate {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "bounded when the configuration was checked"
        )]
        let microseconds = (self.every_seconds * 1_000_000.0) as i64;
        Rate {
            burst: self.burst,
            every: TimeDelta::microseconds(microseconds),
        }
    }
}

impl AuthConfig {
    /// What is wrong with the keys that are given as text, and with the issuers: a sentence each. Files are not read here,
    /// and issuers are not asked.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.signing_keys.is_some() && self.signing_keys_file.is_some() {
            faults.push(
                "`auth.signing_keys` and `auth.signing_keys_file` are both set; keep one of them."
                    .to_owned(),
            );
        }
        if let Some(text) = &self.signing_keys
            && let Err(error) = SigningKeys::from_text(text.reveal())
        {
            faults.push(format!("`auth.signing_keys` cannot be used: {error}."));
        }
        let issuers = ExternalIssuer::faults(&self.issuer, &self.external_issuers);
        faults.extend(
            issuers
                .iter()
                .map(|fault| format!("`auth.external_issuers`: {fault}.")),
        );
        faults
    }

    /// What the service takes, with what it needs to write mails where some are sent. The demonstration's people may sign in only where it is asked for and nobody else can
    /// reach the server.
    #[must_use]
    pub fn options(&self, demo_sign_in: bool, mail: Option<MailSettings>) -> AuthOptions {
        AuthOptions {
            issuer: self.issuer.clone(),
            audience: self.audience.clone(),
            access_token_lifetime: TimeDelta::minutes(self.access_token_minutes.into()),
            session_lifetime: TimeDelta::days(self.session_days.into()),
            password_cost: self.password_cost,
            limits: LimitOptions {
                enabled: self.limits.enabled,
                sign_in: self.limits.sign_in.rate(),
                sign_up: self.limits.sign_up.rate(),
                failures: self.limits.failures.rate(),
                mail: self.limits.mail.rate(),
            },
            sign_up: self.sign_up,
            mail,
            demo_sign_in,
            external_issuers: self.external_issuers.clone(),
            ..AuthOptions::default()
        }
    }
}

impl Config {
    /// The signing keys: as configured, or those of the data directory, made there when there are none. Reads files.
    ///
    /// # Errors
    ///
    /// When they cannot be read, or others may read them.
    pub fn signing_keys(&self) -> anyhow::Result<SigningKeys> {
        match self.configured_keys()? {
            Some(keys) => Ok(keys),
            None => SigningKeys::open(&self.data_dir).context(UNUSABLE_KEYS),
        }
    }

    /// The same, but makes none: those that are there. Reads files.
    ///
    /// # Errors
    ///
    /// As [`Config::signing_keys`].
    pub fn known_signing_keys(&self) -> anyhow::Result<Option<SigningKeys>> {
        match self.configured_keys()? {
            Some(keys) => Ok(Some(keys)),
            None => SigningKeys::read(&self.data_dir).context(UNUSABLE_KEYS),
        }
    }

    fn configured_keys(&self) -> anyhow::Result<Option<SigningKeys>> {
        if let Some(text) = &self.auth.signing_keys {
            return SigningKeys::from_text(text.reveal())
                .map(Some)
                .context("The setting `auth.signing_keys` cannot be used.");
        }
        let Some(file) = &self.auth.signing_keys_file else {
            return Ok(None);
        };
        SigningKeys::from_file(file).map(Some).with_context(|| {
            format!(
                "The file {} of `auth.signing_keys_file` cannot be used.",
                file.display()
            )
        })
    }

    /// Whether the people of the demonstration may sign in.
    #[must_use]
    pub fn demo_sign_in(&self) -> bool {
        self.demo && self.is_loopback()
    }
}

//! The keys that an issuer publishes (RFC 7517): fetched when needed, kept while the issuer is down.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use reqwest::Client;
use reqwest::redirect::Policy;
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;

use super::ExternalIssuer;
use crate::auth::{Auth, AuthenticationError};
use crate::error::Error;
use crate::outgoing;

/// How long an issuer may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How large its answer may be.
const MOST_BYTES: usize = 512 * 1_024;
/// How often it may lead elsewhere.
const MOST_REDIRECTS: usize = 3;
/// How many keys are looked at.
const MOST_KEYS: usize = 100;
/// How often it is asked at most, however many tokens name keys that it has not.
const PAUSE: TimeDelta = TimeDelta::minutes(1);
/// After this time its keys are read again, so that one it withdrew ends.
const STALE: TimeDelta = TimeDelta::hours(1);

#[derive(Clone, Debug)]
struct KeySet {
    keys: Vec<(Jwk, DecodingKey)>,
    read_at: DateTime<Utc>,
}

/// The published keys of one issuer.
#[derive(Clone, Debug)]
pub(super) struct PublishedKeys {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    client: Client,
    issuer: String,
    jwks_url: Option<String>,
    known: RwLock<Option<Arc<KeySet>>>,
    /// When the issuer was last asked; held while it is.
    asked_at: Mutex<Option<DateTime<Utc>>>,
}

impl PublishedKeys {
    pub(super) fn new(issuer: &ExternalIssuer) -> Result<Self, String> {
        let mut client = outgoing::client()
            .connect_timeout(TIMEOUT)
            .timeout(TIMEOUT)
            .redirect(redirects());
        let address = issuer.jwks_url.as_deref().unwrap_or(&issuer.issuer);
        let address = Url::parse(address).map_err(|error| error.to_string())?;
        if is_loopback(&address) {
            // No proxy reaches what only this machine can.
            client = client.no_proxy();
        }
        Ok(Self {
            inner: Arc::new(Inner {
                client: client.build().map_err(|error| error.to_string())?,
                issuer: issuer.issuer.clone(),
                jwks_url: issuer.jwks_url.clone(),
                known: RwLock::new(None),
                asked_at: Mutex::new(None),
            }),
        })
    }

    /// The key that a token's header names. Asks the issuer when it is not known, at most once a minute.
    pub(super) async fn find(
        &self,
        auth: &Auth,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<DecodingKey, AuthenticationError> {
        let now = auth.now();
        if let Some(known) = self.known()
            && let Some(key) = known.find(id, algorithm)
        {
            if now - known.read_at > STALE {
                let keys = self.clone();
                auth.spawn(async move {
                    keys.refresh(now).await;
                });
            }
            return Ok(key);
        }
        self.refresh(now).await;
        match self.known() {
            Some(known) => known.find(id, algorithm).ok_or(AuthenticationError::Invalid),
            None => Err(Error::Unavailable(
                "The issuer of this token does not answer, so that the token cannot be checked; try again shortly."
                    .into(),
            )
            .into()),
        }
    }

    fn known(&self) -> Option<Arc<KeySet>> {
        self.inner
            .known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Reads the keys anew, unless the issuer was asked within the last minute: then whoever asked has the answer.
    async fn refresh(&self, now: DateTime<Utc>) {
        let mut asked_at = self.inner.asked_at.lock().await;
        if asked_at.is_some_and(|at| now - at < PAUSE) {
            return;
        }
        *asked_at = Some(now);
        match self.fetch().await {
            Ok(keys) => {
                let set = Arc::new(KeySet { keys, read_at: now });
                *self
                    .inner
                    .known
                    .write()
                    .unwrap_or_else(PoisonError::into_inner) = Some(set);
            }
            Err(error) => {
                tracing::warn!(
                    issuer = self.inner.issuer,
                    error,
                    "the keys of an issuer could not be read; known ones stay in use"
                );
            }
        }
    }

    async fn fetch(&self) -> Result<Vec<(Jwk, DecodingKey)>, String> {
        let address = match &self.inner.jwks_url {
            Some(address) => address.clone(),
            None => self.discover().await?,
        };
        let set = self.get_json(&address).await?;
        let keys = set["keys"]
            .as_array()
            .ok_or_else(|| format!("{address} answers no JSON Web Key Set"))?;
        Ok(keys.iter().take(MOST_KEYS).filter_map(usable).collect())
    }

    /// OpenID Connect Discovery, section 4.
    async fn discover(&self) -> Result<String, String> {
        let issuer = &self.inner.issuer;
        let address = format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        );
        let found = self.get_json(&address).await?;
        if found["issuer"] != issuer.as_str() {
            return Err(format!("{address} names another issuer"));
        }
        let keys = found["jwks_uri"]
            .as_str()
            .ok_or_else(|| format!("{address} names no jwks_uri"))?;
        if !leads_safely(issuer, keys) {
            return Err(format!(
                "{address} names a jwks_uri that is no https address: {keys}"
            ));
        }
        Ok(keys.to_owned())
    }

    async fn get_json(&self, address: &str) -> Result<Value, String> {
        let failed = |error: reqwest::Error| error.to_string();
        let response = self
            .inner
            .client
            .get(address)
            .send()
            .await
            .map_err(failed)?;
        let mut response = response.error_for_status().map_err(failed)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > MOST_BYTES {
                return Err(format!("{address} answers more than {MOST_BYTES} bytes"));
            }
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body).map_err(|error| format!("{address}: {error}"))
    }
}

impl KeySet {
    /// The key of that id; a token that names none is checked by the only key that fits, if there is only one.
    fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<DecodingKey> {
        let mut fitting = self
            .keys
            .iter()
            .filter(|(jwk, _)| fits(jwk, algorithm))
            .filter(|(jwk, _)| id.is_none() || jwk.common.key_id.as_deref() == id);
        let (_, key) = fitting.next()?;
        if id.is_none() && fitting.next().is_some() {
            return None;
        }
        Some(key.clone())
    }
}

fn fits(jwk: &Jwk, algorithm: Algorithm) -> bool {
    if jwk
        .common
        .key_algorithm
        .is_some_and(|stated| stated != KeyAlgorithm::from(algorithm))
    {
        return false;
    }
    match (&jwk.algorithm, algorithm) {
        (AlgorithmParameters::EllipticCurve(key), Algorithm::ES256) => {
            key.curve == EllipticCurve::P256
        }
        (AlgorithmParameters::EllipticCurve(key), Algorithm::ES384) => {
            key.curve == EllipticCurve::P384
        }
        (AlgorithmParameters::RSA(_), algorithm) => algorithm.family() == AlgorithmFamily::Rsa,
        (AlgorithmParameters::OctetKeyPair(_), algorithm) => algorithm == Algorithm::EdDSA,
        _ => false,
    }
}

/// A key that can verify signatures, with parts of sound length: the library takes them as they come.
pub(super) fn usable(jwk: &Value) -> Option<(Jwk, DecodingKey)> {
    let length = |part: &str| {
        use base64::Engine;
        let text = jwk[part].as_str()?;
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(text)
            .ok()?;
        Some(bytes.iter().skip_while(|byte| **byte == 0).count())
    };
    let sound = match jwk["kty"].as_str()? {
        "RSA" => (256..=1_024).contains(&length("n")?) && (1..=8).contains(&length("e")?),
        "EC" => true,
        "OKP" => jwk["crv"] == "Ed25519" && jwk["x"].as_str()?.len() == 43,
        _ => false,
    };
    if !sound {
        return None;
    }
    let jwk: Jwk = serde_json::from_value(jwk.clone()).ok()?;
    if jwk
        .common
        .public_key_use
        .as_ref()
        .is_some_and(|purpose| *purpose != PublicKeyUse::Signature)
    {
        return None;
    }
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    Some((jwk, key))
}

/// Whether keys may be read at an address: by TLS, or on this machine. Elsewhere whoever is on the way could put keys of
/// their own in the place of the issuer's.
pub(super) fn is_safe(address: &Url) -> bool {
    match address.scheme() {
        "https" => address.has_host(),
        "http" => is_loopback(address),
        _ => false,
    }
}

/// Whether one address may name another: what is elsewhere leads to nothing on this machine.
fn leads_safely(from: &str, to: &str) -> bool {
    let (Ok(from), Ok(to)) = (Url::parse(from), Url::parse(to)) else {
        return false;
    };
    is_safe(&to) && (is_loopback(&from) || !is_loopback(&to))
}

fn redirects() -> Policy {
    Policy::custom(|attempt| {
        let from = attempt.previous().last().map_or("", Url::as_str);
        if !leads_safely(from, attempt.url().as_str()) {
            return attempt.error("it redirects to what is no https address");
        }
        if attempt.previous().len() > MOST_REDIRECTS {
            return attempt.error("it redirects too often");
        }
        attempt.follow()
    })
}

fn is_loopback(address: &Url) -> bool {
    match address.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

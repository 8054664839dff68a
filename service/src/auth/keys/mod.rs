//! The keys that sign access tokens: Ed25519, several at once, of which the first signs and all verify.

mod file;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde_json::{Value, json};

use crate::clock::Clock;
use file::{create, lock_directory, read_private, replace};

/// The file in the data directory.
pub const SIGNING_KEYS_FILE: &str = "signing-keys.json";

/// Keys kept by a rotation; tokens live minutes, so old keys are soon needed no more.
const MOST_KEYS: usize = 8;

/// The member of a key in the file that says when it was made, in seconds of the Unix epoch: as in the historical keys of
/// OpenID Federation. It is not published.
const MADE_AT: &str = "iat";

/// What stands before the 32 secret bytes in the PKCS #8 form of an Ed25519 key (RFC 8410, section 7).
const PKCS8_HEAD: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// Why there are no signing keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file is not there, or cannot be read or made.
    #[error(
        "the signing keys {path} cannot be read or written: {error}; check that they are there, and the owner and the space of their directory"
    )]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Others may read the file.
    #[error(
        "the signing keys {path} can be read by other users of this machine; run: chmod 600 {path}"
    )]
    TooOpen {
        /// The file.
        path: PathBuf,
    },
    /// The text holds no usable key.
    #[error(
        "the signing keys are unusable: {0}; give a JSON Web Key Set with the private parts of Ed25519 keys, or Ed25519 private keys in PEM"
    )]
    Invalid(String),
    /// The keys were given by configuration, and only it can change them.
    #[error("the signing keys are given by the configuration; rotate them there")]
    Configured,
}

#[derive(Clone)]
struct Key {
    id: String,
    signing: EncodingKey,
    verifying: DecodingKey,
    public: Jwk,
    made_at: Option<DateTime<Utc>>,
}

/// What can be told of a key to those who may not have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKey {
    /// The `kid` in the header of what it signs: its thumbprint (RFC 7638).
    pub id: String,
    /// When it was made; none where its maker did not write it down.
    pub made_at: Option<DateTime<Utc>>,
}

impl Key {
    fn from_secret(secret: &[u8; 32]) -> Result<Self, KeyError> {
        let invalid = |error: jsonwebtoken::errors::Error| KeyError::Invalid(error.to_string());
        let signing = EncodingKey::from_ed_der(&[&PKCS8_HEAD[..], secret].concat());
        let mut public = Jwk::from_encoding_key(&signing, Algorithm::EdDSA).map_err(invalid)?;
        let id = public.thumbprint(ThumbprintHash::SHA256).map_err(invalid)?;
        public.common.key_id = Some(id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        let verifying = DecodingKey::from_jwk(&public).map_err(invalid)?;
        Ok(Self {
            id,
            signing,
            verifying,
            public,
            made_at: None,
        })
    }

    fn generate() -> Result<Self, KeyError> {
        let mut secret = [0; 32];
        rand::fill(&mut secret);
        Ok(Self {
            // For the operator to read, in the whole seconds of the file: nothing goes by it.
            made_at: DateTime::from_timestamp(Clock::default().now().timestamp(), 0),
            ..Self::from_secret(&secret)?
        })
    }

    fn to_private_jwk(&self) -> Result<Value, KeyError> {
        let mut jwk = serde_json::to_value(&self.public)
            .map_err(|error| KeyError::Invalid(error.to_string()))?;
        let secret = self
            .signing
            .as_bytes()
            .get(PKCS8_HEAD.len()..)
            .unwrap_or(&[]);
        if let Value::Object(fields) = &mut jwk {
            fields.insert("d".into(), URL_SAFE_NO_PAD.encode(secret).into());
            if let Some(made_at) = self.made_at {
                fields.insert(MADE_AT.into(), made_at.timestamp().into());
            }
        }
        Ok(jwk)
    }
}

/// The set of signing keys. Cheap to clone; clones share a rotation.
#[derive(Clone)]
pub struct SigningKeys {
    keys: Arc<RwLock<Arc<[Key]>>>,
    file: Option<PathBuf>,
}

impl std::fmt::Debug for SigningKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids: Vec<_> = self.current().iter().map(|key| key.id.clone()).collect();
        formatter
            .debug_struct("SigningKeys")
            .field("ids", &ids)
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

impl SigningKeys {
    fn of(keys: Vec<Key>, file: Option<PathBuf>) -> Self {
        Self {
            keys: Arc::new(RwLock::new(keys.into())),
            file,
        }
    }

    /// Reads the keys of a data directory, and makes the first one when there is none. Several processes may do so at
    /// once: all get the key that was made first. Reads and writes files, so call it off the async threads or at start.
    pub fn open(data_directory: &Path) -> Result<Self, KeyError> {
        let file = data_directory.join(SIGNING_KEYS_FILE);
        let text = if let Some(text) = read_private(&file)? {
            text
        } else {
            let made = to_json(&[Key::generate()?])?;
            match create(&file, &made) {
                Ok(()) => made,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => read_private(&file)?
                    .ok_or_else(|| {
                        KeyError::Invalid("the file vanished while it was read".into())
                    })?,
                Err(error) => return Err(KeyError::File { path: file, error }),
            }
        };
        Ok(Self::of(parse(&text)?, Some(file)))
    }

    /// Reads the keys of a data directory; none when there are none yet. Reads a file.
    pub fn read(data_directory: &Path) -> Result<Option<Self>, KeyError> {
        let file = data_directory.join(SIGNING_KEYS_FILE);
        let Some(text) = read_private(&file)? else {
            return Ok(None);
        };
        Ok(Some(Self::of(parse(&text)?, Some(file))))
    }

    /// Takes keys from a file of the configuration, in one of the forms of [`Self::from_text`]. Only its owner may be able
    /// to read it.
    pub fn from_file(file: &Path) -> Result<Self, KeyError> {
        let text = read_private(file)?.ok_or_else(|| missing(file))?;
        Self::from_text(&text)
    }

    /// Takes keys from configuration: a JSON Web Key Set with private parts, or one or several PKCS #8 PEM blocks.
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        Ok(Self::of(parse(text)?, None))
    }

    /// A key that nobody keeps: tokens signed by it end with the process.
    pub fn ephemeral() -> Result<Self, KeyError> {
        Ok(Self::of(vec![Key::generate()?], None))
    }

    /// Puts a new key first and keeps the others for verification; answers its id. Other processes sign with the new
    /// key after [`Self::reload`]. Writes a file, so call it off the async threads.
    pub fn rotate(&self) -> Result<String, KeyError> {
        let file = self.file.as_deref().ok_or(KeyError::Configured)?;
        // Of two rotations at once neither loses the other's key, but on file systems that lock no directories: better
        // than none at all there.
        let _lock = lock_directory(file).ok();
        self.reload()?;
        let mut guard = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let fresh = Key::generate()?;
        let id = fresh.id.clone();
        let mut keys = vec![fresh];
        keys.extend(guard.iter().take(MOST_KEYS - 1).cloned());
        replace(file, &to_json(&keys)?).map_err(|error| KeyError::File {
            path: file.to_owned(),
            error,
        })?;
        *guard = keys.into();
        Ok(id)
    }

    /// Reads the file again, after another process rotated; answers whether the keys are others now. When it cannot be
    /// read, those known stay in use. Does nothing for keys of the configuration. Reads a file, so call it off the async
    /// threads.
    pub fn reload(&self) -> Result<bool, KeyError> {
        let Some(file) = &self.file else {
            return Ok(false);
        };
        let text = read_private(file)?.ok_or_else(|| missing(file))?;
        let keys = parse(&text)?;
        let mut known = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let same = known
            .iter()
            .map(|key| &key.id)
            .eq(keys.iter().map(|key| &key.id));
        if !same {
            *known = keys.into();
        }
        Ok(!same)
    }

    /// What can be told of the keys, the one that signs first.
    #[must_use]
    pub fn known(&self) -> Vec<KnownKey> {
        self.current()
            .iter()
            .map(|key| KnownKey {
                id: key.id.clone(),
                made_at: key.made_at,
            })
            .collect()
    }

    /// The public keys as a JSON Web Key Set, to be published.
    #[must_use]
    pub fn jwks(&self) -> Value {
        let keys: Vec<_> = self
            .current()
            .iter()
            .filter_map(|key| serde_json::to_value(&key.public).ok())
            .collect();
        json!({ "keys": keys })
    }

    fn current(&self) -> Arc<[Key]> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The id and the key that sign now.
    pub(super) fn signing(&self) -> Option<(String, EncodingKey)> {
        self.current()
            .first()
            .map(|key| (key.id.clone(), key.signing.clone()))
    }

    /// Whether there is a key of that id.
    pub(super) fn has(&self, id: &str) -> bool {
        self.current().iter().any(|key| key.id == id)
    }

    /// The key of that id.
    pub(super) fn verifying(&self, id: &str) -> Option<DecodingKey> {
        self.current()
            .iter()
            .find(|key| key.id == id)
            .map(|key| key.verifying.clone())
    }
}

fn missing(file: &Path) -> KeyError {
    KeyError::File {
        path: file.to_owned(),
        error: io::ErrorKind::NotFound.into(),
    }
}

fn to_json(keys: &[Key]) -> Result<String, KeyError> {
    let keys = keys
        .iter()
        .map(Key::to_private_jwk)
        .collect::<Result<Vec<_>, _>>()?;
    serde_json::to_string_pretty(&json!({ "keys": keys }))
        .map_err(|error| KeyError::Invalid(error.to_string()))
}

fn parse(text: &str) -> Result<Vec<Key>, KeyError> {
    let keys = if text.trim_start().starts_with('{') {
        parse_json(text)?
    } else {
        parse_pem(text)?
    };
    if keys.is_empty() {
        Err(KeyError::Invalid("there is no key".into()))
    } else {
        Ok(keys)
    }
}

fn parse_json(text: &str) -> Result<Vec<Key>, KeyError> {
    let invalid = |message: &str| KeyError::Invalid(message.to_owned());
    let set: Value =
        serde_json::from_str(text).map_err(|error| KeyError::Invalid(error.to_string()))?;
    let keys = set["keys"]
        .as_array()
        .ok_or_else(|| invalid("the JSON has no list `keys`"))?;
    keys.iter()
        .map(|jwk| {
            if jwk["crv"] != "Ed25519" {
                return Err(invalid("a key has another curve than Ed25519"));
            }
            let secret = jwk["d"]
                .as_str()
                .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
                .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
                .ok_or_else(|| invalid("a key has no private part `d` of 32 bytes"))?;
            let mut key = Key::from_secret(&secret)?;
            key.made_at = jwk[MADE_AT]
                .as_i64()
                .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
            let AlgorithmParameters::OctetKeyPair(parameters) = &key.public.algorithm else {
                return Err(invalid("a key has another type than OKP"));
            };
            if jwk["x"].as_str().is_some_and(|x| x != parameters.x) {
                return Err(invalid(
                    "the public part `x` of a key does not belong to its private part",
                ));
            }
            Ok(key)
        })
        .collect()
}

fn parse_pem(text: &str) -> Result<Vec<Key>, KeyError> {
    const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
    text.split_inclusive("-----END PRIVATE KEY-----")
        .filter_map(|block| block.find(BEGIN).and_then(|start| block.get(start..)))
        .map(|block| {
            let key = EncodingKey::from_ed_pem(block.as_bytes())
                .map_err(|error| KeyError::Invalid(error.to_string()))?;
            let secret = key
                .as_bytes()
                .strip_prefix(&PKCS8_HEAD)
                .and_then(|secret| <[u8; 32]>::try_from(secret).ok())
                .ok_or_else(|| KeyError::Invalid("a PEM block is no plain Ed25519 key".into()))?;
            Key::from_secret(&secret)
        })
        .collect()
}

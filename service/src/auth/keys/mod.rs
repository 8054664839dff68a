//! The keys that sign access tokens: Ed25519, several at once, of which the first signs and all verify.

mod file;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde_json::{Value, json};

use file::{create, read_private, replace};

/// The file in the data directory.
pub const SIGNING_KEYS_FILE: &str = "signing-keys.json";

/// Keys kept by a rotation; tokens live minutes, so old keys are soon needed no more.
const MOST_KEYS: usize = 8;

/// What stands before the 32 secret bytes in the PKCS #8 form of an Ed25519 key (RFC 8410, section 7).
const PKCS8_HEAD: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// Why there are no signing keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or made.
    #[error(
        "the signing keys {path} cannot be read or written: {error}; check the data directory's owner and space"
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

struct Key {
    id: String,
    signing: EncodingKey,
    verifying: DecodingKey,
    public: Jwk,
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
        })
    }

    fn generate() -> Result<Self, KeyError> {
        let mut secret = [0; 32];
        rand::fill(&mut secret);
        Self::from_secret(&secret)
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
        self.reload()?;
        let mut guard = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let fresh = Key::generate()?;
        let id = fresh.id.clone();
        let mut keys = vec![fresh];
        for old in guard.iter().take(MOST_KEYS - 1) {
            let secret = old.signing.as_bytes().get(PKCS8_HEAD.len()..);
            let secret = secret.and_then(|secret| secret.try_into().ok());
            keys.push(Key::from_secret(secret.ok_or_else(|| {
                KeyError::Invalid("a key has not 32 bytes".into())
            })?)?);
        }
        replace(file, &to_json(&keys)?).map_err(|error| KeyError::File {
            path: file.to_owned(),
            error,
        })?;
        *guard = keys.into();
        Ok(id)
    }

    /// Reads the file again, after another process rotated. Does nothing for keys of the configuration.
    pub fn reload(&self) -> Result<(), KeyError> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let text = read_private(file)?
            .ok_or_else(|| KeyError::Invalid(format!("{} is gone", file.display())))?;
        let keys = parse(&text)?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys.into();
        Ok(())
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
            let key = Key::from_secret(&secret)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn ids(keys: &SigningKeys) -> Vec<String> {
        keys.current().iter().map(|key| key.id.clone()).collect()
    }

    #[test]
    fn the_key_of_rfc_8037_has_its_thumbprint() {
        let secret = URL_SAFE_NO_PAD
            .decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
            .unwrap();
        let key = Key::from_secret(&secret.try_into().unwrap()).unwrap();
        assert_eq!(key.id, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn starting_again_finds_the_key_and_several_starts_share_one() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let found: Vec<_> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| ids(&SigningKeys::open(path).unwrap())))
                .collect();
            starts
                .into_iter()
                .map(|start| start.join().unwrap())
                .collect()
        });
        assert!(found.iter().all(|ids| *ids == found[0]));
        assert_eq!(ids(&SigningKeys::open(path).unwrap()), found[0]);
        let files: Vec<_> = fs::read_dir(path).unwrap().collect();
        assert_eq!(files.len(), 1, "{files:?}");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_the_key() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        SigningKeys::open(directory.path())
            .unwrap()
            .rotate()
            .unwrap();
        let file = directory.path().join(SIGNING_KEYS_FILE);
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        let error = SigningKeys::open(directory.path()).unwrap_err();
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }

    #[test]
    fn rotation_keeps_old_keys_and_publishes_no_secret() {
        let directory = tempfile::tempdir().unwrap();
        let keys = SigningKeys::open(directory.path()).unwrap();
        let first = ids(&keys);
        let second = keys.rotate().unwrap();
        assert_eq!(ids(&keys), [second, first[0].clone()]);
        assert_eq!(
            ids(&SigningKeys::open(directory.path()).unwrap()),
            ids(&keys)
        );
        let jwks = keys.jwks();
        assert_eq!(jwks["keys"].as_array().unwrap().len(), 2);
        assert_eq!(jwks["keys"][0]["use"], "sig");
        assert!(!jwks.to_string().contains("\"d\""), "{jwks}");
        for _ in 0..20 {
            keys.rotate().unwrap();
        }
        assert_eq!(ids(&keys).len(), MOST_KEYS);
    }

    #[test]
    fn keys_come_from_configuration_too() {
        // RFC 8410, section 10.3.
        let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
        let keys = SigningKeys::from_text(&format!("{pem}{pem}")).unwrap();
        assert_eq!(ids(&keys).len(), 2);
        assert!(matches!(keys.rotate(), Err(KeyError::Configured)));
        let json = to_json(&keys.current()).unwrap();
        assert_eq!(ids(&SigningKeys::from_text(&json).unwrap()), ids(&keys));
        for wrong in [
            "",
            "{}",
            "{\"keys\":[]}",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        ] {
            assert!(SigningKeys::from_text(wrong).is_err(), "{wrong}");
        }
    }
}

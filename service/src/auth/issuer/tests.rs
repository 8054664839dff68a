//! Sign-in by an issuer of our own on loopback.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use entity::change::EntityType;
use entity::user::{PlatformRole, UserStatus};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::auth::tests::{auth_with, options};
use crate::auth::{AuthOptions, SigningKeys, authenticate};
use crate::testing;
use crate::viewer::{Credential, Viewer};

/// An issuer that answers discovery and its keys over plain HTTP.
struct School {
    address: SocketAddr,
    keys: Mutex<SigningKeys>,
    extra_keys: Mutex<Vec<Value>>,
    down: AtomicBool,
    asked: AtomicUsize,
}

impl School {
    async fn open() -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let school = Arc::new(Self {
            address: listener.local_addr().unwrap(),
            keys: Mutex::new(SigningKeys::ephemeral().unwrap()),
            extra_keys: Mutex::new(Vec::new()),
            down: AtomicBool::new(false),
            asked: AtomicUsize::new(0),
        });
        let answering = Arc::clone(&school);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    request.push(stream.read_u8().await.unwrap());
                }
                let request = String::from_utf8(request).unwrap();
                let (status, body) = answering.answer(&request);
                let answer = format!(
                    "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        school
    }

    fn answer(&self, request: &str) -> (&'static str, String) {
        if self.down.load(Ordering::SeqCst) {
            return ("503 Service Unavailable", String::new());
        }
        if request.starts_with("GET /school/.well-known/openid-configuration ") {
            let jwks = format!("http://{}/keys", self.address);
            let found = json!({ "issuer": self.issuer(), "jwks_uri": jwks });
            return ("200 OK", found.to_string());
        }
        if request.starts_with("GET /keys ") {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let mut jwks = self.keys.lock().unwrap().jwks();
            let keys = jwks["keys"].as_array_mut().unwrap();
            keys.extend(self.extra_keys.lock().unwrap().iter().cloned());
            return ("200 OK", jwks.to_string());
        }
        ("404 Not Found", String::new())
    }

    fn issuer(&self) -> String {
        format!("http://{}/school", self.address)
    }

    fn config(&self) -> ExternalIssuer {
        ExternalIssuer {
            issuer: self.issuer(),
            audience: "repertoire-at-school".into(),
            jwks_url: None,
            algorithms: default_algorithms(),
            create_users: true,
            trust_email: false,
        }
    }

    /// A token of the issuer, its claims changed by `change`.
    fn token(&self, auth: &Auth, change: impl FnOnce(&mut Value)) -> String {
        let now = auth.now().timestamp();
        let mut claims = json!({
            "iss": self.issuer(), "sub": "pupil-1", "aud": ["other", "repertoire-at-school"],
            "exp": now + 300, "iat": now, "name": "Pia Pupil", "preferred_username": "pia",
            "email": "pia@school.example", "email_verified": true,
        });
        change(&mut claims);
        let (id, key) = self.keys.lock().unwrap().signing().unwrap();
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(id);
        jsonwebtoken::encode(&header, &claims, &key).unwrap()
    }
}

async fn auth_of(issuer: ExternalIssuer) -> (TempDir, Auth) {
    auth_with(AuthOptions {
        external_issuers: vec![issuer],
        ..options()
    })
    .await
}

async fn sign_in(auth: &Auth, token: &str) -> Result<Viewer, AuthenticationError> {
    authenticate(auth, Some(token)).await
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let sound = ExternalIssuer {
        issuer: "https://school.example".into(),
        audience: "repertoire".into(),
        jwks_url: Some("https://school.example/keys".into()),
        algorithms: default_algorithms(),
        create_users: false,
        trust_email: false,
    };
    let told = |issuers: &[ExternalIssuer]| {
        let faults = ExternalIssuer::faults("https://own.example", issuers);
        faults.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(told(std::slice::from_ref(&sound)), Vec::<String>::new());
    let broken = ExternalIssuer {
        issuer: "school".into(),
        audience: String::new(),
        jwks_url: Some("file:///keys".into()),
        algorithms: vec![Algorithm::RS256, Algorithm::HS384],
        ..sound.clone()
    };
    let without = ExternalIssuer {
        issuer: "https://own.example".into(),
        algorithms: Vec::new(),
        ..sound.clone()
    };
    let faults = told(&[sound.clone(), sound, broken, without]);
    let wanted = [
        "https://school.example is configured wrongly: another issuer has the same address",
        "school is configured wrongly: it is no http or https address",
        "jwks_url file:///keys",
        "school is configured wrongly: the audience is missing",
        "HS384 has no public key",
        "https://own.example is configured wrongly: it has no algorithm",
        "https://own.example is configured wrongly: another issuer has the same address",
    ];
    assert_eq!(faults.len(), wanted.len(), "{faults:#?}");
    for (fault, wanted) in faults.iter().zip(wanted) {
        assert!(fault.contains(wanted), "{fault}");
    }
}

#[tokio::test]
async fn the_first_sign_in_makes_an_account_and_the_next_finds_it() {
    let school = School::open().await;
    let (_directory, auth) = auth_of(school.config()).await;
    let tokens: Vec<_> = (0..6).map(|_| school.token(&auth, |_| {})).collect();
    let viewers =
        futures_util::future::join_all(tokens.iter().map(|token| sign_in(&auth, token))).await;
    let viewers: Vec<_> = viewers.into_iter().map(Result::unwrap).collect();
    let user = viewers[0].user().unwrap();
    assert!(
        viewers
            .iter()
            .all(|viewer| viewer.user_id() == Some(user.id))
    );
    assert_eq!(
        (user.handle.as_str(), user.display_name.as_str()),
        ("pia", "Pia Pupil")
    );
    assert_eq!(
        user.email, None,
        "the issuer's word on addresses is not trusted"
    );
    assert_eq!(viewers[0].credential(), Some(Credential::ExternalIssuer));
    assert_eq!(
        testing::changes(auth.store(), EntityType::User).await.len(),
        1
    );
    assert_eq!(school.asked.load(Ordering::SeqCst), 1);
    let other = school.token(&auth, |claims| claims["sub"] = "pupil-2".into());
    let other = sign_in(&auth, &other).await.unwrap();
    assert_eq!(other.user().unwrap().handle, "pia-2");
}

#[tokio::test]
async fn an_address_links_an_account_only_when_it_is_trusted_and_verified() {
    let school = School::open().await;
    for (trust_email, verified, linked) in [
        (false, true, false),
        (true, false, false),
        (true, true, true),
    ] {
        let (_directory, auth) = auth_of(ExternalIssuer {
            trust_email,
            ..school.config()
        })
        .await;
        let local = testing::user(auth.store(), "local", PlatformRole::Member).await;
        let token = school.token(&auth, |claims| {
            claims["email"] = "LOCAL@example.org".into();
            claims["email_verified"] = verified.into();
        });
        let viewer = sign_in(&auth, &token).await.unwrap();
        assert_eq!(
            viewer.user_id() == Some(local.id),
            linked,
            "{trust_email} {verified}"
        );
        assert_eq!(viewer.user().unwrap().email.is_some(), linked);
        assert_eq!(
            sign_in(&auth, &token).await.unwrap().user_id(),
            viewer.user_id()
        );
    }
}

#[tokio::test]
async fn without_the_right_to_make_accounts_strangers_stay_strangers() {
    let school = School::open().await;
    let (_directory, auth) = auth_of(ExternalIssuer {
        create_users: false,
        ..school.config()
    })
    .await;
    let error = sign_in(&auth, &school.token(&auth, |_| {}))
        .await
        .unwrap_err();
    assert!(matches!(error, AuthenticationError::UnknownUser));
    assert_eq!(testing::changes(auth.store(), EntityType::User).await, []);
}

#[tokio::test]
async fn a_suspended_account_stays_out() {
    use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
    let school = School::open().await;
    let (_directory, auth) = auth_of(school.config()).await;
    let token = school.token(&auth, |_| {});
    let viewer = sign_in(&auth, &token).await.unwrap();
    let mut row = viewer.user().unwrap().clone().into_active_model();
    row.status = Set(UserStatus::Suspended);
    row.update(auth.store().migration_connection())
        .await
        .unwrap();
    let error = sign_in(&auth, &token).await.unwrap_err();
    assert!(matches!(error, AuthenticationError::Revoked));
}

#[tokio::test]
async fn tokens_for_others_late_early_and_forged_are_refused() {
    let school = School::open().await;
    let (_directory, auth) = auth_of(school.config()).await;
    let now = auth.now().timestamp();
    let late = school.token(&auth, |claims| claims["exp"] = (now - 31).into());
    let error = sign_in(&auth, &late).await.unwrap_err();
    assert!(matches!(error, AuthenticationError::Expired));
    let changes: [fn(&mut Value); 6] = [
        |claims| claims["aud"] = "another".into(),
        |claims| claims["sub"] = "".into(),
        |claims| claims["sub"] = "a\0b".into(),
        |claims| claims["nbf"] = 9_999_999_999_i64.into(),
        |claims| claims["exp"] = Value::Null,
        |claims| claims["aud"] = Value::Null,
    ];
    for change in changes {
        let error = sign_in(&auth, &school.token(&auth, change))
            .await
            .unwrap_err();
        assert!(matches!(error, AuthenticationError::Invalid), "{error}");
    }
    let stranger = School::open().await;
    let forged = stranger.token(&auth, |claims| claims["iss"] = school.issuer().into());
    let error = sign_in(&auth, &forged).await.unwrap_err();
    assert!(matches!(error, AuthenticationError::Invalid));
    // The claims of an issuer under our own key are no access token of ours, nor the issuer's.
    let (id, key) = auth.keys().signing().unwrap();
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(id);
    let token = school.token(&auth, |_| {});
    let claims: Value = jsonwebtoken::dangerous::insecure_decode::<Value>(&token)
        .unwrap()
        .claims;
    let forged = jsonwebtoken::encode(&header, &claims, &key).unwrap();
    assert!(sign_in(&auth, &forged).await.is_err());
    assert_eq!(testing::changes(auth.store(), EntityType::User).await, []);
}

#[tokio::test]
async fn a_new_key_is_found_and_the_issuer_is_not_flooded() {
    let school = School::open().await;
    let (_directory, auth) = auth_of(school.config()).await;
    sign_in(&auth, &school.token(&auth, |_| {})).await.unwrap();
    *school.keys.lock().unwrap() = SigningKeys::ephemeral().unwrap();
    let fresh = school.token(&auth, |_| {});
    for _ in 0..5 {
        let error = sign_in(&auth, &fresh).await.unwrap_err();
        assert!(matches!(error, AuthenticationError::Invalid));
    }
    assert_eq!(school.asked.load(Ordering::SeqCst), 1);
    auth.store().clock().advance(TimeDelta::seconds(61));
    sign_in(&auth, &fresh).await.unwrap();
    assert_eq!(school.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn known_keys_stay_in_use_while_the_issuer_is_down() {
    let school = School::open().await;
    let (_directory, auth) = auth_of(school.config()).await;
    school.down.store(true, Ordering::SeqCst);
    let error = sign_in(&auth, &school.token(&auth, |_| {}))
        .await
        .unwrap_err();
    assert!(matches!(error, AuthenticationError::Service(_)), "{error}");
    auth.store().clock().advance(TimeDelta::seconds(61));
    school.down.store(false, Ordering::SeqCst);
    sign_in(&auth, &school.token(&auth, |_| {})).await.unwrap();
    school.down.store(true, Ordering::SeqCst);
    auth.store().clock().advance(TimeDelta::hours(2));
    for _ in 0..2 {
        sign_in(&auth, &school.token(&auth, |_| {})).await.unwrap();
        auth.settle().await;
    }
    // Back up, it is asked again beside a request, and what it withdrew ends.
    let old = school.token(&auth, |_| {});
    *school.keys.lock().unwrap() = SigningKeys::ephemeral().unwrap();
    school.down.store(false, Ordering::SeqCst);
    auth.store().clock().advance(TimeDelta::seconds(61));
    sign_in(&auth, &old).await.unwrap();
    auth.settle().await;
    assert!(sign_in(&auth, &old).await.is_err());
}

#[tokio::test]
async fn unsound_keys_are_passed_over() {
    let school = School::open().await;
    let good = school.keys.lock().unwrap().jwks()["keys"][0].clone();
    let id = good["kid"].clone();
    // The library would panic on the first.
    let unsound = [
        json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "x": "AAAA"}),
        json!({"kty": "RSA", "kid": id, "n": "AAAA", "e": "AQAB"}),
        json!({"kty": "oct", "kid": id, "k": "c2VjcmV0"}),
        json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "use": "enc", "x": good["x"]}),
        json!({"kty": "unheard-of", "kid": id}),
        json!("nonsense"),
    ];
    assert!(unsound.iter().all(|key| jwks::usable(key).is_none()));
    assert!(jwks::usable(&good).is_some());
    *school.extra_keys.lock().unwrap() = unsound.to_vec();
    let (_directory, auth) = auth_of(school.config()).await;
    assert!(sign_in(&auth, &school.token(&auth, |_| {})).await.is_ok());
}

#[tokio::test]
async fn issuers_sign_by_rsa_and_by_elliptic_curves() {
    // Keys made for this test, by `openssl genpkey`.
    let rsa = EncodingKey::from_rsa_pem(include_bytes!("test_keys/rsa.pem")).unwrap();
    let curve = EncodingKey::from_ec_pem(include_bytes!("test_keys/ec.pem")).unwrap();
    let school = School::open().await;
    let (_directory, auth) = auth_of(school.config()).await;
    let (_other, strict) = auth_of(ExternalIssuer {
        algorithms: vec![Algorithm::EdDSA],
        ..school.config()
    })
    .await;
    for (key, algorithm) in [(&rsa, Algorithm::RS256), (&curve, Algorithm::ES256)] {
        let mut public = Jwk::from_encoding_key(key, algorithm).unwrap();
        public.common.key_id = Some(format!("{algorithm:?}"));
        let public = serde_json::to_value(public).unwrap();
        school.extra_keys.lock().unwrap().push(public);
    }
    for (key, algorithm) in [(&rsa, Algorithm::RS256), (&curve, Algorithm::ES256)] {
        let token = school.token(&auth, |_| {});
        let claims = jsonwebtoken::dangerous::insecure_decode::<Value>(&token)
            .unwrap()
            .claims;
        let mut header = Header::new(algorithm);
        header.kid = Some(format!("{algorithm:?}"));
        let token = jsonwebtoken::encode(&header, &claims, key).unwrap();
        assert!(sign_in(&auth, &token).await.is_ok(), "{algorithm:?}");
        let error = sign_in(&strict, &token).await.unwrap_err();
        assert!(
            matches!(error, AuthenticationError::Invalid),
            "{algorithm:?}"
        );
        let mut forged = token.into_bytes();
        let last = forged.len() - 10;
        forged[last] = if forged[last] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        assert!(sign_in(&auth, &forged).await.is_err(), "{algorithm:?}");
        // A key serves its own algorithm only.
        header.alg = Algorithm::EdDSA;
        let (_, own) = school.keys.lock().unwrap().signing().unwrap();
        let crossed = jsonwebtoken::encode(&header, &claims, &own).unwrap();
        assert!(sign_in(&auth, &crossed).await.is_err(), "{algorithm:?}");
    }
}

//! Sign-in by an issuer of our own on loopback.

mod erasing;
mod keys;
mod prepared;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use entity::change::EntityType;
use entity::user::{PlatformRole, UserStatus};
use jsonwebtoken::Header;
use serde_json::json;
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
    /// Where discovery says that the keys are, if not where they are.
    names: Mutex<Option<String>>,
    /// Where the keys have gone.
    redirects: Mutex<Option<String>>,
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
            names: Mutex::new(None),
            redirects: Mutex::new(None),
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

    /// The status, with headers where there are some, and the body.
    fn answer(&self, request: &str) -> (String, String) {
        let found = "200 OK".to_owned();
        if self.down.load(Ordering::SeqCst) {
            return ("503 Service Unavailable".to_owned(), String::new());
        }
        if request.starts_with("GET /school/.well-known/openid-configuration ") {
            let here = format!("http://{}/keys", self.address);
            let jwks = self.names.lock().unwrap().clone().unwrap_or(here);
            let discovered = json!({ "issuer": self.issuer(), "jwks_uri": jwks });
            return (found, discovered.to_string());
        }
        let redirects = self.redirects.lock().unwrap().clone();
        if let Some(address) = redirects.filter(|_| request.starts_with("GET /keys ")) {
            return (format!("302 Found\r\nlocation: {address}"), String::new());
        }
        if request.starts_with("GET /keys ") || request.starts_with("GET /moved ") {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let mut jwks = self.keys.lock().unwrap().jwks();
            let keys = jwks["keys"].as_array_mut().unwrap();
            keys.extend(self.extra_keys.lock().unwrap().iter().cloned());
            return (found, jwks.to_string());
        }
        ("404 Not Found".to_owned(), String::new())
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
    let open = ExternalIssuer {
        issuer: "http://open.example:8080".into(),
        jwks_url: Some("http://192.0.2.1/keys".into()),
        ..sound.clone()
    };
    for here in ["http://localhost:8080", "http://127.0.0.1", "http://[::1]"] {
        let here = ExternalIssuer {
            issuer: here.into(),
            jwks_url: Some("http://127.0.0.7/keys".into()),
            ..sound.clone()
        };
        assert_eq!(told(&[here]), Vec::<String>::new());
    }
    let faults = told(&[sound.clone(), sound, broken, without, open]);
    let wanted = [
        "https://school.example is configured wrongly: another issuer has the same address",
        "school is configured wrongly: it is no https address",
        "jwks_url file:///keys is no https address",
        "school is configured wrongly: the audience is missing",
        "HS384 has no public key",
        "https://own.example is configured wrongly: it has no algorithm",
        "https://own.example is configured wrongly: another issuer has the same address",
        "http://open.example:8080 is configured wrongly: it is no https address",
        "jwks_url http://192.0.2.1/keys is no https address",
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
    let signed_in_at = DateTime::from_timestamp(auth.now().timestamp(), 0);
    assert_eq!(
        viewers[0].credential(),
        Some(Credential::ExternalIssuer { signed_in_at })
    );
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
async fn a_token_says_when_its_holder_signed_in() {
    let school = School::open().await;
    let (_directory, auth) = auth_of(school.config()).await;
    let now = auth.now().timestamp();
    for (made, signed_in, expected) in [
        (json!(now), json!(now - 600), Some(now - 600)),
        (json!(now), Value::Null, Some(now)),
        (Value::Null, json!(now - 600), Some(now - 600)),
        (Value::Null, Value::Null, None),
        (json!(now), json!((now - 600).to_string()), Some(now - 600)),
        (json!(now.to_string()), json!("a while ago"), Some(now)),
        (json!("NaN"), json!({ "at": now }), None),
    ] {
        let token = school.token(&auth, |claims| {
            claims["iat"] = made;
            claims["auth_time"] = signed_in;
        });
        let viewer = sign_in(&auth, &token).await.unwrap();
        let signed_in_at = expected.and_then(|at| DateTime::from_timestamp(at, 0));
        assert_eq!(
            viewer.credential(),
            Some(Credential::ExternalIssuer { signed_in_at })
        );
    }
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

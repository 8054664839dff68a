//! Sign-in as a whole, against a database.

mod api_tokens;
mod mail;
mod sessions;

use std::net::IpAddr;
use std::sync::Arc;

use chrono::TimeDelta;
use entity::change::{EntityType, Operation};
use entity::community::CommunityVisibility;
use entity::membership::{MembershipRole, MembershipState};
use entity::user::{self, PlatformRole, UserStatus};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::error::{Error, FaultCode, Result};
use crate::paging::PageRequest;
use crate::testing;
use crate::viewer::{Credential, Scope, Viewer};

const PASSWORD: &str = "correct horse battery";

pub(super) fn options() -> AuthOptions {
    AuthOptions {
        password_cost: PasswordCost::for_tests(),
        ..AuthOptions::default()
    }
}

pub(super) async fn auth_with(options: AuthOptions) -> (TempDir, Auth) {
    let (directory, store) = testing::store().await;
    let keys = SigningKeys::ephemeral().unwrap();
    (directory, Auth::new(store, keys, options).unwrap())
}

fn somewhere() -> ClientAddress {
    "203.0.113.7".parse::<IpAddr>().unwrap().into()
}

async fn ada(auth: &Auth) -> IssuedSession {
    let input = SignUp {
        email: "Ada@Example.org".into(),
        password: PASSWORD.into(),
        display_name: "Ada Lovelace".into(),
        handle: None,
        invitation_token: None,
    };
    sign_up(auth, somewhere(), input).await.unwrap()
}

async fn sign_in_as(auth: &Auth, email: &str, password: &str) -> Result<IssuedSession> {
    let input = SignIn {
        email: email.into(),
        password: password.into(),
    };
    sign_in(auth, somewhere(), input).await
}

async fn viewer_of(auth: &Auth, token: &Secret) -> Result<Viewer, AuthenticationError> {
    authenticate(auth, Some(token.expose())).await
}

fn code(error: &Error) -> Option<FaultCode> {
    match error {
        Error::Refused(faults) => faults.first().map(|fault| fault.code),
        _ => None,
    }
}

async fn change(auth: &Auth, user: &user::Model, change: impl FnOnce(&mut user::ActiveModel)) {
    let mut row = user.clone().into_active_model();
    change(&mut row);
    row.update(auth.store().migration_connection())
        .await
        .unwrap();
    // A command would leave a change row, which does the same.
    auth.store().forget_kept();
}

#[tokio::test]
async fn what_is_no_token_is_told_so() {
    let (_directory, auth) = auth_with(options()).await;
    let session = ada(&auth).await;
    let unknown = secret::generate(API_TOKEN_PREFIX);
    let long = "x".repeat(1_000_000);
    for (bearer, wanted) in [
        ("", "malformed"),
        ("garbage", "malformed"),
        ("a.b.c", "malformed"),
        (long.as_str(), "malformed"),
        ("rpat_AAAA", "malformed"),
        (unknown.expose(), "revoked"),
        (session.refresh_token.expose(), "refresh token"),
    ] {
        let error = authenticate(&auth, Some(bearer)).await.unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
    }
    let id = Uuid::now_v7();
    let (foreign, _) = AccessTokens {
        keys: SigningKeys::ephemeral().unwrap(),
        ..auth.access_tokens().clone()
    }
    .issue(id, id, auth.now() + TimeDelta::days(1), auth.now())
    .unwrap();
    let error = viewer_of(&auth, &foreign).await.unwrap_err();
    assert!(matches!(error, AuthenticationError::Invalid));
}

#[tokio::test]
async fn broken_options_are_refused_at_start() {
    let (_directory, store) = testing::store().await;
    let issuer = ExternalIssuer {
        issuer: "https://school.example".into(),
        audience: "repertoire".into(),
        jwks_url: None,
        algorithms: vec![Algorithm::RS256],
        create_users: true,
        trust_email: false,
    };
    for broken in [
        AuthOptions {
            access_token_lifetime: TimeDelta::zero(),
            ..options()
        },
        AuthOptions {
            session_lifetime: TimeDelta::days(4_000),
            ..options()
        },
        AuthOptions {
            external_issuers: vec![ExternalIssuer {
                algorithms: vec![Algorithm::HS256],
                ..issuer.clone()
            }],
            ..options()
        },
        AuthOptions {
            external_issuers: vec![issuer.clone(), issuer.clone()],
            ..options()
        },
        AuthOptions {
            external_issuers: vec![ExternalIssuer {
                issuer: "school".into(),
                ..issuer
            }],
            ..options()
        },
    ] {
        let keys = SigningKeys::ephemeral().unwrap();
        assert!(Auth::new(store.clone(), keys, broken).is_err());
    }
}

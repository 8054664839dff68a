//! Sign-in as a whole, against a database.

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
}

#[tokio::test]
async fn signing_up_and_in_makes_a_viewer() {
    let (_directory, auth) = auth_with(options()).await;
    let session = ada(&auth).await;
    assert_eq!(session.user.handle, "ada-lovelace");
    assert_eq!(session.user.email.as_deref(), Some("Ada@Example.org"));
    let viewer = viewer_of(&auth, &session.access_token).await.unwrap();
    assert_eq!(viewer.user_id(), Some(session.user.id));
    assert!(matches!(viewer.credential(), Some(Credential::Session(_))));
    assert!(Scope::ALL.iter().all(|scope| viewer.has_scope(*scope)));

    let again = sign_in_as(&auth, " ada@EXAMPLE.org ", PASSWORD)
        .await
        .unwrap();
    assert_eq!(again.user, session.user);
    let nobody = authenticate(&auth, None).await.unwrap();
    assert_eq!(nobody.user_id(), None);
    let changes = testing::changes(auth.store(), EntityType::User).await;
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].actor_id, Some(session.user.id));
}

#[tokio::test]
async fn an_address_has_one_account() {
    let (_directory, auth) = auth_with(options()).await;
    ada(&auth).await;
    let input = SignUp {
        email: "ada@example.org".into(),
        password: PASSWORD.into(),
        display_name: "Somebody else".into(),
        handle: Some("ada-lovelace".into()),
    };
    let Err(Error::Refused(faults)) = sign_up(&auth, somewhere(), input).await else {
        panic!("both are taken")
    };
    let found: Vec<_> = faults
        .iter()
        .map(|fault| (fault.code, fault.field.join(".")))
        .collect();
    assert_eq!(
        found,
        [
            (FaultCode::Taken, "input.email".to_owned()),
            (FaultCode::Taken, "input.handle".to_owned())
        ]
    );
}

#[tokio::test]
async fn of_many_who_sign_up_at_once_each_address_gets_one_account() {
    let (_directory, auth) = auth_with(options()).await;
    let attempts = (0..8).map(|number| {
        let auth = auth.clone();
        tokio::spawn(async move {
            let input = SignUp {
                email: format!("{}@example.org", number % 2),
                password: PASSWORD.into(),
                display_name: "Twin".into(),
                handle: None,
            };
            sign_up(&auth, somewhere(), input).await
        })
    });
    let outcomes = futures_util::future::join_all(attempts).await;
    let (made, refused): (Vec<_>, Vec<_>) = outcomes
        .into_iter()
        .map(|outcome| outcome.unwrap())
        .partition(Result::is_ok);
    assert_eq!(made.len(), 2);
    for error in refused {
        assert_eq!(code(&error.unwrap_err()), Some(FaultCode::Taken));
    }
}

#[tokio::test]
async fn every_wrong_sign_in_gets_one_answer() {
    let (_directory, auth) = auth_with(options()).await;
    let session = ada(&auth).await;
    let suspended = create_user(
        auth.store(),
        auth.passwords(),
        NewUser {
            email: "gone@example.org".into(),
            display_name: "Gone".into(),
            handle: None,
            role: PlatformRole::Member,
            password: Some(PASSWORD.into()),
            is_demo: false,
        },
    )
    .await
    .unwrap()
    .value;
    change(&auth, &suspended, |row| {
        row.status = Set(UserStatus::Suspended)
    })
    .await;
    testing::user(auth.store(), "passwordless", PlatformRole::Member).await;
    let mut answers = Vec::new();
    for (email, password) in [
        ("nobody@example.org", PASSWORD),
        ("ada@example.org", "wrong horse battery"),
        ("gone@example.org", PASSWORD),
        ("passwordless@example.org", PASSWORD),
        ("no address", ""),
        ("ada@example.org", &"x".repeat(100_000)),
        ("\0", PASSWORD),
    ] {
        let error = sign_in_as(&auth, email, password).await.unwrap_err();
        assert_eq!(code(&error), Some(FaultCode::InvalidCredentials));
        answers.push(error.to_string());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);

    change(&auth, &session.user, |row| {
        row.status = Set(UserStatus::Suspended)
    })
    .await;
    let error = viewer_of(&auth, &session.access_token).await.unwrap_err();
    assert!(matches!(error, AuthenticationError::Revoked));
    assert!(
        refresh_session(&auth, &session.refresh_token)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_guesser_locks_only_themselves_out() {
    let (_directory, auth) = auth_with(options()).await;
    ada(&auth).await;
    for _ in 0..10 {
        let error = sign_in_as(&auth, "ada@example.org", "a wrong password").await;
        assert_eq!(
            code(&error.unwrap_err()),
            Some(FaultCode::InvalidCredentials)
        );
    }
    let error = sign_in_as(&auth, "ada@example.org", PASSWORD)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::RateLimited { .. }), "{error}");
    let home: IpAddr = "198.51.100.1".parse().unwrap();
    let input = SignIn {
        email: "ada@example.org".into(),
        password: PASSWORD.into(),
    };
    sign_in(&auth, home.into(), input).await.unwrap();
    auth.store().clock().advance(TimeDelta::minutes(1));
    sign_in_as(&auth, "ada@example.org", PASSWORD)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_refresh_token_is_good_once() {
    let (_directory, auth) = auth_with(options()).await;
    let first = ada(&auth).await;
    let second = refresh_session(&auth, &first.refresh_token).await.unwrap();
    assert!(viewer_of(&auth, &second.access_token).await.is_ok());
    assert_ne!(first.refresh_token, second.refresh_token);

    let error = refresh_session(&auth, &first.refresh_token)
        .await
        .unwrap_err();
    assert_eq!(code(&error), Some(FaultCode::InvalidCredentials));
    // The whole family is revoked: whoever holds the newer pair may be the thief.
    assert!(refresh_session(&auth, &second.refresh_token).await.is_err());
    for token in [&first.access_token, &second.access_token] {
        let error = viewer_of(&auth, token).await.unwrap_err();
        assert!(matches!(error, AuthenticationError::Revoked), "{error}");
    }
    // Another sign-in of the same person is another family.
    let other = sign_in_as(&auth, "ada@example.org", PASSWORD)
        .await
        .unwrap();
    assert!(viewer_of(&auth, &other.access_token).await.is_ok());
}

#[tokio::test]
async fn of_two_uses_at_once_one_succeeds() {
    let (_directory, auth) = auth_with(options()).await;
    let token = Arc::new(ada(&auth).await.refresh_token);
    let uses = (0..8).map(|_| {
        let (auth, token) = (auth.clone(), Arc::clone(&token));
        tokio::spawn(async move { refresh_session(&auth, &token).await })
    });
    let outcomes = futures_util::future::join_all(uses).await;
    let succeeded = outcomes
        .into_iter()
        .filter(|outcome| outcome.as_ref().unwrap().is_ok())
        .count();
    assert_eq!(succeeded, 1);
}

#[tokio::test]
async fn signing_out_ends_the_session_at_once() {
    let (_directory, auth) = auth_with(options()).await;
    let session = ada(&auth).await;
    for _ in 0..2 {
        sign_out(&auth, &session.refresh_token).await.unwrap();
    }
    let error = viewer_of(&auth, &session.access_token).await.unwrap_err();
    assert!(matches!(error, AuthenticationError::Revoked));
    assert!(
        refresh_session(&auth, &session.refresh_token)
            .await
            .is_err()
    );
    for wrong in [
        Secret::from("rprt_x"),
        secret::generate(REFRESH_TOKEN_PREFIX),
    ] {
        let error = sign_out(&auth, &wrong).await.unwrap_err();
        assert_eq!(code(&error), Some(FaultCode::InvalidCredentials));
    }
}

#[tokio::test]
async fn sessions_end_by_time_and_are_removed() {
    let (_directory, auth) = auth_with(options()).await;
    let session = ada(&auth).await;
    let clock = auth.store().clock();
    clock.advance(TimeDelta::minutes(11));
    let error = viewer_of(&auth, &session.access_token).await.unwrap_err();
    assert!(matches!(error, AuthenticationError::Expired));
    clock.advance(TimeDelta::days(30));
    assert!(
        refresh_session(&auth, &session.refresh_token)
            .await
            .is_err()
    );
    assert_eq!(remove_ended_sessions(auth.store()).await.unwrap(), 0);
    clock.advance(TimeDelta::days(2));
    assert_eq!(remove_ended_sessions(auth.store()).await.unwrap(), 1);
}

#[tokio::test]
async fn demonstration_people_sign_in_only_where_it_is_allowed() {
    let (_directory, auth) = auth_with(options()).await;
    let demo = NewUser {
        email: "demo@example.org".into(),
        display_name: "Demo".into(),
        handle: Some("demo-member".into()),
        role: PlatformRole::Member,
        password: Some(PASSWORD.into()),
        is_demo: true,
    };
    create_user(auth.store(), auth.passwords(), demo)
        .await
        .unwrap();
    let error = sign_in_as(&auth, "demo@example.org", PASSWORD)
        .await
        .unwrap_err();
    assert_eq!(code(&error), Some(FaultCode::InvalidCredentials));
    let on_loopback = Auth::new(
        auth.store().clone(),
        auth.keys().clone(),
        AuthOptions {
            demo_sign_in: true,
            ..options()
        },
    )
    .unwrap();
    let session = sign_in_as(&on_loopback, "demo@example.org", PASSWORD)
        .await
        .unwrap();
    assert!(viewer_of(&on_loopback, &session.access_token).await.is_ok());
    let error = viewer_of(&auth, &session.access_token).await.unwrap_err();
    assert!(matches!(error, AuthenticationError::Revoked));
    assert!(
        refresh_session(&auth, &session.refresh_token)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_hash_follows_the_cost() {
    let (_directory, auth) = auth_with(options()).await;
    let session = ada(&auth).await;
    let dearer = Auth::new(
        auth.store().clone(),
        auth.keys().clone(),
        AuthOptions {
            password_cost: PasswordCost::new(7_168, 5, 1).unwrap(),
            ..options()
        },
    )
    .unwrap();
    for _ in 0..2 {
        sign_in_as(&dearer, "ada@example.org", PASSWORD)
            .await
            .unwrap();
        let hash = entity::password::Entity::find_by_id(session.user.id)
            .one(auth.store().reader())
            .await
            .unwrap()
            .unwrap()
            .hash;
        assert!(hash.contains("m=7168"), "{hash}");
    }
}

#[tokio::test]
async fn no_secret_is_stored_as_it_is() {
    let (_directory, auth) = auth_with(options()).await;
    let session = ada(&auth).await;
    let viewer = viewer_of(&auth, &session.access_token).await.unwrap();
    let token = create_api_token(auth.store(), &viewer, wanted(&[Scope::Read]))
        .await
        .unwrap()
        .value;
    let row = format!(
        "{:?}",
        api_tokens_by_ids(auth.store(), &viewer, &[token.api_token.id]).await
    );
    assert!(row.contains("integration") && !row.contains(token.secret.expose()));
    let stored = entity::refresh_token::Entity::find()
        .all(auth.store().reader())
        .await
        .unwrap();
    let row = format!("{stored:?}");
    assert!(!row.contains(session.refresh_token.expose()), "{row}");
    assert!(!format!("{session:?}").contains(session.refresh_token.expose()));
}

fn wanted(scopes: &[Scope]) -> CreateApiToken {
    CreateApiToken {
        name: "An integration".to_lowercase(),
        scopes: scopes.to_vec(),
        community_id: None,
        expires_at: None,
    }
}

#[tokio::test]
async fn an_api_token_gives_its_scopes_until_it_is_revoked() {
    let (_directory, auth) = auth_with(options()).await;
    let store = auth.store();
    let session = ada(&auth).await;
    let person = viewer_of(&auth, &session.access_token).await.unwrap();
    let home = testing::community(store, "home", CommunityVisibility::Private).await;
    let id = session.user.id;
    testing::membership(
        store,
        home.id,
        id,
        MembershipRole::Steward,
        MembershipState::Active,
    )
    .await;
    let wish = CreateApiToken {
        community_id: Some(home.id),
        expires_at: Some(store.clock().now() + TimeDelta::days(90)),
        ..wanted(&[Scope::Sync, Scope::Read, Scope::Read])
    };
    let created = create_api_token(store, &person, wish).await.unwrap().value;
    assert_eq!(created.api_token.scopes.0, ["READ", "SYNC"]);
    let viewer = viewer_of(&auth, &created.secret).await.unwrap();
    assert_eq!(viewer.only_community(), Some(home.id));
    assert_eq!(viewer.role(home.id), Some(MembershipRole::Steward));
    assert!(viewer.has_scope(Scope::Sync) && !viewer.has_scope(Scope::Write));

    let mine = page_api_tokens(store, &person, id, &PageRequest::default())
        .await
        .unwrap();
    assert_eq!(mine.rows.len(), 1);
    let nobody = Viewer::anonymous();
    let of_others = page_api_tokens(store, &nobody, id, &PageRequest::default())
        .await
        .unwrap();
    assert_eq!(of_others.rows.len(), 0);
    assert_eq!(count_api_tokens(store, &nobody, id).await.unwrap(), 0);

    let stranger = testing::user(store, "eve", PlatformRole::Admin).await;
    let stranger = testing::viewer(store, stranger.id).await;
    let error = revoke_api_token(store, &stranger, created.api_token.id)
        .await
        .unwrap_err();
    assert_eq!(code(&error), Some(FaultCode::NotFound));
    for _ in 0..2 {
        revoke_api_token(store, &person, created.api_token.id)
            .await
            .unwrap();
    }
    let error = viewer_of(&auth, &created.secret).await.unwrap_err();
    assert!(matches!(error, AuthenticationError::Revoked));
    assert_eq!(count_api_tokens(store, &person, id).await.unwrap(), 0);
    let changes = testing::changes(store, EntityType::ApiToken).await;
    let operations: Vec<_> = changes.iter().map(|change| change.operation).collect();
    assert_eq!(operations, [Operation::Created, Operation::Deleted]);
    assert_eq!(
        changes[0].audience_after.as_ref().unwrap().0,
        [format!("user:{}", id.simple())]
    );
}

#[tokio::test]
async fn an_api_token_expires() {
    let (_directory, auth) = auth_with(options()).await;
    let session = ada(&auth).await;
    let wish = CreateApiToken {
        expires_at: Some(auth.store().clock().now() + TimeDelta::hours(1)),
        ..wanted(&[Scope::Read])
    };
    let created = create_api_token_for(auth.store(), "ADA@example.org", wish)
        .await
        .unwrap()
        .value;
    assert_eq!(created.api_token.user_id, session.user.id);
    assert!(viewer_of(&auth, &created.secret).await.is_ok());
    auth.store().clock().advance(TimeDelta::hours(1));
    let error = viewer_of(&auth, &created.secret).await.unwrap_err();
    assert!(matches!(error, AuthenticationError::Expired));
}

#[tokio::test]
async fn the_last_use_is_kept_to_the_minute() {
    let (_directory, auth) = auth_with(options()).await;
    let session = ada(&auth).await;
    let person = viewer_of(&auth, &session.access_token).await.unwrap();
    let created = create_api_token(auth.store(), &person, wanted(&[Scope::Read]))
        .await
        .unwrap();
    let id = created.value.api_token.id;
    let mut uses = Vec::new();
    for _ in 0..4 {
        viewer_of(&auth, &created.value.secret).await.unwrap();
        auth.settle().await;
        let rows = api_tokens_by_ids(auth.store(), &person, &[id])
            .await
            .unwrap();
        uses.push(rows[&id].last_used_at.unwrap());
        auth.store().clock().advance(TimeDelta::seconds(40));
    }
    assert_eq!(uses[0], uses[1]);
    assert!(uses[2] - uses[1] >= TimeDelta::seconds(80));
    assert_eq!(uses[2], uses[3]);
    assert_eq!(auth.store().position().await.unwrap(), created.position);
}

#[tokio::test]
async fn a_token_gives_no_more_than_its_owner_has() {
    let (_directory, auth) = auth_with(options()).await;
    let store = auth.store();
    let analyst = testing::user(store, "ann", PlatformRole::Analyst).await;
    let viewer = testing::viewer(store, analyst.id).await;
    let foreign = testing::community(store, "foreign", CommunityVisibility::Public).await;
    let wish = CreateApiToken {
        name: String::new(),
        scopes: vec![Scope::Analytics, Scope::Admin],
        community_id: Some(foreign.id),
        expires_at: Some(store.clock().now()),
    };
    let Err(Error::Refused(faults)) = create_api_token(store, &viewer, wish).await else {
        panic!("four faults")
    };
    let found: Vec<_> = faults
        .iter()
        .map(|fault| (fault.code, fault.field.join(".")))
        .collect();
    assert_eq!(
        found,
        [
            (FaultCode::Required, "input.name".to_owned()),
            (FaultCode::Forbidden, "input.scopes.1".to_owned()),
            (FaultCode::NotFound, "input.communityId".to_owned()),
            (FaultCode::OutOfRange, "input.expiresAt".to_owned()),
        ]
    );
    let allowed = wanted(&[Scope::Analytics, Scope::Write]);
    let created = create_api_token(store, &viewer, allowed)
        .await
        .unwrap()
        .value;
    let viewer = viewer_of(&auth, &created.secret).await.unwrap();
    assert!(viewer.has_scope(Scope::Analytics));
    let error = create_api_token(store, &viewer, wanted(&[Scope::Write]))
        .await
        .unwrap_err();
    assert_eq!(code(&error), Some(FaultCode::Forbidden));

    change(&auth, &analyst, |row| {
        row.platform_role = Set(PlatformRole::Member)
    })
    .await;
    let viewer = viewer_of(&auth, &created.secret).await.unwrap();
    assert!(viewer.has_scope(Scope::Write) && !viewer.has_scope(Scope::Analytics));
}

#[tokio::test]
async fn tokens_are_bounded_in_number() {
    let (_directory, store) = testing::store().await;
    let owner = testing::user(&store, "ada", PlatformRole::Member).await;
    let viewer = testing::viewer(&store, owner.id).await;
    for _ in 0..MOST_API_TOKENS {
        create_api_token(&store, &viewer, wanted(&[Scope::Read]))
            .await
            .unwrap();
    }
    let error = create_api_token(&store, &viewer, wanted(&[Scope::Read]))
        .await
        .unwrap_err();
    assert_eq!(code(&error), Some(FaultCode::LimitReached));
    let request = PageRequest {
        first: Some(30),
        ..PageRequest::default()
    };
    let page = page_api_tokens(&store, &viewer, owner.id, &request)
        .await
        .unwrap();
    assert!(page.has_next);
    let times: Vec<_> = page.rows.iter().map(|(_, row)| row.created_at).collect();
    assert!(times.is_sorted_by(|one, next| one >= next));
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

//! Accounts that wait for somebody, whoever made them.

use entity::{email_token, external_identity, password, session, user, webhook};
use futures_util::FutureExt;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter,
};
use uuid::Uuid;

use entity::webhook::WebhookEvent;

use super::*;
use crate::auth::issuer::identity::{Link, link_in};
use crate::auth::session::enter_in;
use crate::auth::{
    ClientAddress, CreateApiToken, IssuedSession, Secret, SignIn, SignUp, create_api_token,
    refresh_session, request_email_change, sign_up,
};
use crate::error::Error;
use crate::mail::MailSettings;
use crate::user::{erase_as_operator, erase_me};
use crate::viewer::Scope;
use crate::webhook::{CreateWebhook, WebhookOptions, create as create_webhook};

const PASSWORD: &str = "correct horse battery";
const ADDRESS: &str = "Pia@School.example";

/// A server that believes the addresses of the school, and sends mail.
async fn trusting(school: &School) -> (TempDir, Auth) {
    let mail =
        MailSettings::new("repertoire@example.org", "https://learn.example.org", None).unwrap();
    auth_with(AuthOptions {
        external_issuers: vec![ExternalIssuer {
            trust_email: true,
            ..school.config()
        }],
        mail: Some(mail),
        ..options()
    })
    .await
}

async fn prepare(auth: &Auth) -> IssuedSession {
    let input = SignUp {
        email: ADDRESS.into(),
        password: PASSWORD.into(),
        display_name: "Mallory".into(),
        handle: None,
        invitation_token: None,
    };
    sign_up(auth, ClientAddress::unknown(), input)
        .await
        .unwrap()
}

fn a_token() -> CreateApiToken {
    CreateApiToken {
        name: "Later".into(),
        scopes: vec![Scope::Read],
        community_id: None,
        expires_at: None,
    }
}

fn a_hook() -> CreateWebhook {
    CreateWebhook {
        url: "https://hooks.example.org/mallory".into(),
        events: vec![WebhookEvent::ResourcePublished],
        community_id: None,
    }
}

async fn by_password(auth: &Auth) -> bool {
    let input = SignIn {
        email: ADDRESS.into(),
        password: PASSWORD.into(),
    };
    crate::auth::sign_in(auth, ClientAddress::unknown(), input)
        .await
        .is_ok()
}

async fn change(auth: &Auth, id: Uuid, change: impl FnOnce(&mut user::ActiveModel)) {
    let row = user::Entity::find_by_id(id).one(auth.store().reader());
    let mut row = row.await.unwrap().unwrap().into_active_model();
    change(&mut row);
    row.update(auth.store().migration_connection())
        .await
        .unwrap();
    // A command would leave a change row, which does the same.
    auth.store().forget_kept();
}

async fn links(auth: &Auth) -> u64 {
    let all = external_identity::Entity::find();
    all.count(auth.store().reader()).await.unwrap()
}

#[tokio::test]
async fn whoever_made_an_account_with_the_address_of_another_is_shut_out() {
    let school = School::open().await;
    let (_directory, auth) = trusting(&school).await;
    let store = auth.store();
    let made = prepare(&auth).await;
    let access = made.access_token.expose();
    let mallory = sign_in(&auth, access).await.unwrap();
    let token = create_api_token(store, &mallory, a_token()).await.unwrap();
    let token = token.value.secret;
    create_webhook(store, WebhookOptions::default(), &mallory, a_hook())
        .await
        .unwrap();
    let (here, password) = (ClientAddress::unknown(), Secret::from(PASSWORD));
    request_email_change(&auth, here, &mallory, "mallory@example.org", &password)
        .await
        .unwrap();

    let pia = sign_in(&auth, &school.token(&auth, |_| {})).await.unwrap();
    assert_eq!(pia.user_id(), Some(made.user.id));
    assert!(pia.user().unwrap().email_verified_at.is_some());
    for bearer in [access, token.expose()] {
        let error = sign_in(&auth, bearer).await.unwrap_err();
        assert!(matches!(error, AuthenticationError::Revoked), "{error}");
    }
    assert!(refresh_session(&auth, &made.refresh_token).await.is_err());
    assert!(!by_password(&auth).await);
    let reader = store.reader();
    let passwords = password::Entity::find().count(reader).await.unwrap();
    let hooks = webhook::Entity::find().count(reader).await.unwrap();
    let sent = email_token::Entity::find().filter(email_token::Column::UsedAt.is_null());
    let open = sent.count(reader).await.unwrap();
    assert_eq!((passwords, hooks, open), (0, 0, 0));
    let changes = testing::changes(store, EntityType::User).await;
    assert_eq!(changes.last().unwrap().fields.0, ["emailVerified"]);

    let again = sign_in(&auth, &school.token(&auth, |_| {})).await.unwrap();
    assert_eq!(again.user_id(), pia.user_id());
    assert_eq!(links(&auth).await, 1);
}

#[tokio::test]
async fn what_was_under_way_when_somebody_was_shut_out_comes_to_nothing() {
    let school = School::open().await;
    let (_directory, auth) = trusting(&school).await;
    let store = auth.store();
    let made = prepare(&auth).await;
    let id = made.user.id;
    let mallory = sign_in(&auth, made.access_token.expose()).await.unwrap();
    let compared = password::Entity::find_by_id(id).one(store.reader()).await;
    let compared = compared.unwrap().unwrap().hash;
    sign_in(&auth, &school.token(&auth, |_| {})).await.unwrap();

    let worker = auth.clone();
    let entered = store.write(Some(id), move |unit| {
        async move { enter_in(unit, &worker, id, &compared, None).await }.boxed()
    });
    assert!(entered.await.unwrap().value.is_none());
    let token = create_api_token(store, &mallory, a_token()).await;
    assert!(matches!(token, Err(Error::Unauthenticated)), "{token:?}");
    let hook = create_webhook(store, WebhookOptions::default(), &mallory, a_hook()).await;
    assert!(matches!(hook, Err(Error::Unauthenticated)), "{hook:?}");
    let erased = erase_me(&auth, ClientAddress::unknown(), &mallory, None).await;
    assert!(matches!(erased, Err(Error::Unauthenticated)), "{erased:?}");
    let open = session::Entity::find().filter(session::Column::RevokedAt.is_null());
    assert_eq!(open.count(store.reader()).await.unwrap(), 0);
}

#[tokio::test]
async fn whoever_confirmed_the_address_keeps_the_other_way_in() {
    let school = School::open().await;
    let (_directory, auth) = trusting(&school).await;
    let made = prepare(&auth).await;
    let now = auth.now();
    change(&auth, made.user.id, |row| {
        row.email_verified_at = Set(Some(now));
    })
    .await;
    let pia = sign_in(&auth, &school.token(&auth, |_| {})).await.unwrap();
    assert_eq!(pia.user_id(), Some(made.user.id));
    sign_in(&auth, made.access_token.expose()).await.unwrap();
    assert!(by_password(&auth).await);
}

#[tokio::test]
async fn nobody_is_linked_to_an_account_that_cannot_be_used() {
    let school = School::open().await;
    let (_directory, auth) = trusting(&school).await;
    let made = prepare(&auth).await;
    let token = school.token(&auth, |_| {});
    change(&auth, made.user.id, |row| {
        row.status = Set(UserStatus::Suspended);
    })
    .await;
    let error = sign_in(&auth, &token).await.unwrap_err();
    assert!(matches!(error, AuthenticationError::Revoked), "{error}");
    assert_eq!(links(&auth).await, 0);
    let sessions = session::Entity::find().filter(session::Column::RevokedAt.is_null());
    assert_eq!(sessions.count(auth.store().reader()).await.unwrap(), 1);
    change(&auth, made.user.id, |row| {
        row.status = Set(UserStatus::Active);
    })
    .await;
    let pia = sign_in(&auth, &token).await.unwrap();
    assert_eq!(pia.user_id(), Some(made.user.id));

    // Whoever is gone since the account was found has none.
    let gone = made.user.id;
    erase_as_operator(auth.store(), gone).await.unwrap();
    let link = Link {
        issuer: school.issuer(),
        subject: "pupil-1".into(),
        user: gone,
    };
    let linked = auth.store().write(None, move |unit| {
        async move { link_in(unit, link, "pia@school.example").await }.boxed()
    });
    assert_eq!(linked.await.unwrap().value, None);
    assert_eq!(links(&auth).await, 0);
}

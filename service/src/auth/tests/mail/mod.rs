//! What goes by mail: here the confirming of addresses.

mod invitations;
mod password_reset;

use entity::email_token;
use entity::mail::{self, MailPurpose};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder};

use super::*;
use crate::mail::MailSettings;

fn with_mail() -> AuthOptions {
    AuthOptions {
        mail: Some(
            MailSettings::new("repertoire@example.org", "https://learn.example.org", None).unwrap(),
        ),
        ..options()
    }
}

async fn mails(auth: &Auth) -> Vec<(MailPurpose, String)> {
    let rows = mail::Entity::find()
        .order_by_asc(mail::Column::Id)
        .all(auth.store().reader())
        .await
        .unwrap();
    rows.into_iter()
        .map(|row| (row.purpose, row.recipient))
        .collect()
}

/// The token in the newest mail of that purpose.
async fn token(auth: &Auth, purpose: MailPurpose) -> Secret {
    let row = mail::Entity::find()
        .filter(mail::Column::Purpose.eq(purpose))
        .order_by_desc(mail::Column::Id)
        .one(auth.store().reader())
        .await
        .unwrap()
        .expect("there is a mail");
    let body = row.body.unwrap();
    let (_, token) = body.split_once("#token=").unwrap();
    token.lines().next().unwrap().into()
}

async fn user_row(auth: &Auth, id: Uuid) -> user::Model {
    user::Entity::find_by_id(id)
        .one(auth.store().reader())
        .await
        .unwrap()
        .unwrap()
}

async fn request_reset(auth: &Auth, email: &str) {
    request_password_reset(auth, somewhere(), email)
        .await
        .unwrap();
    auth.settle().await;
}

fn codes<T>(result: Result<T>) -> Vec<(String, FaultCode)> {
    match result {
        Err(Error::Refused(faults)) => faults
            .into_iter()
            .map(|fault| (fault.field.join("."), fault.code))
            .collect(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("this should have been refused"),
    }
}

fn wrong_token() -> Vec<(String, FaultCode)> {
    vec![("token".to_owned(), FaultCode::InvalidCredentials)]
}

#[tokio::test]
async fn an_address_is_confirmed_by_the_link_that_is_sent_to_it() {
    let (_directory, auth) = auth_with(with_mail()).await;
    let session = ada(&auth).await;
    assert_eq!(
        mails(&auth).await,
        [(MailPurpose::VerifyEmail, "Ada@Example.org".to_owned())]
    );
    let token = token(&auth, MailPurpose::VerifyEmail).await;
    let stored = email_token::Entity::find()
        .one(auth.store().reader())
        .await
        .unwrap()
        .unwrap();
    assert_ne!(stored.hash, token.expose());
    assert!(
        user_row(&auth, session.user.id)
            .await
            .email_verified_at
            .is_none()
    );
    verify_email(&auth, somewhere(), &token).await.unwrap();
    let at = user_row(&auth, session.user.id).await.email_verified_at;
    assert!(at.is_some());
    let position = auth.store().position().await.unwrap();
    verify_email(&auth, somewhere(), &token).await.unwrap();
    assert_eq!(auth.store().position().await.unwrap(), position);
    let viewer = viewer_of(&auth, &session.access_token).await.unwrap();
    request_email_verification(&auth, somewhere(), &viewer)
        .await
        .unwrap();
    assert_eq!(mails(&auth).await.len(), 1, "it is confirmed");
    for wrong in ["", "rpev_AAAA", generate_reset().expose()] {
        let refused = verify_email(&auth, somewhere(), &wrong.into()).await;
        assert_eq!(codes(refused), wrong_token(), "{wrong}");
    }
}

fn generate_reset() -> Secret {
    secret::generate(secret::PASSWORD_RESET_PREFIX)
}

#[tokio::test]
async fn a_link_ends_and_another_is_sent_a_few_times_a_day() {
    let (_directory, auth) = auth_with(with_mail()).await;
    let session = ada(&auth).await;
    let viewer = viewer_of(&auth, &session.access_token).await.unwrap();
    let old = token(&auth, MailPurpose::VerifyEmail).await;
    for _ in 0..4 {
        request_email_verification(&auth, somewhere(), &viewer)
            .await
            .unwrap();
    }
    let refused = request_email_verification(&auth, somewhere(), &viewer).await;
    assert_eq!(codes(refused), [(String::new(), FaultCode::LimitReached)]);
    auth.store().clock().advance(TimeDelta::days(2));
    assert_eq!(
        codes(verify_email(&auth, somewhere(), &old).await),
        wrong_token()
    );
    request_email_verification(&auth, somewhere(), &viewer)
        .await
        .unwrap();
    let new = token(&auth, MailPurpose::VerifyEmail).await;
    verify_email(&auth, somewhere(), &new).await.unwrap();
    auth.store().clock().advance(TimeDelta::days(4));
    assert_eq!(remove_ended_email_tokens(auth.store()).await.unwrap(), 6);
}

#[tokio::test]
async fn an_address_changes_once_the_new_one_is_confirmed_and_the_old_one_is_told() {
    let (_directory, auth) = auth_with(with_mail()).await;
    let session = ada(&auth).await;
    let viewer = viewer_of(&auth, &session.access_token).await.unwrap();
    let refused =
        request_email_change(&auth, somewhere(), &viewer, "ada", &"wrong horse".into()).await;
    assert_eq!(
        codes(refused),
        [
            ("email".to_owned(), FaultCode::Invalid),
            ("currentPassword".to_owned(), FaultCode::InvalidCredentials)
        ]
    );
    let change = async |email: &str| {
        request_email_change(&auth, somewhere(), &viewer, email, &PASSWORD.into()).await
    };
    change("countess@example.org").await.unwrap();
    let at_old = token(&auth, MailPurpose::VerifyEmail).await;
    let at_new = token(&auth, MailPurpose::ChangeEmail).await;
    let row = user_row(&auth, session.user.id).await;
    assert_eq!(row.email.as_deref(), Some("Ada@Example.org"));
    verify_email(&auth, somewhere(), &at_new).await.unwrap();
    let row = user_row(&auth, session.user.id).await;
    assert_eq!(row.email.as_deref(), Some("countess@example.org"));
    assert!(row.email_verified_at.is_some());
    assert_eq!(
        mails(&auth).await.last(),
        Some(&(MailPurpose::EmailChanged, "Ada@Example.org".to_owned()))
    );
    let former = verify_email(&auth, somewhere(), &at_old).await;
    assert_eq!(
        codes(former),
        wrong_token(),
        "it was sent to the former address"
    );
    let sent = mails(&auth).await;
    change("countess@example.org").await.unwrap();
    assert_eq!(mails(&auth).await, sent, "it is the address already");

    testing::user(auth.store(), "ben", PlatformRole::Member).await;
    change("ben@example.org").await.unwrap();
    let taken = token(&auth, MailPurpose::ChangeEmail).await;
    assert_eq!(
        codes(verify_email(&auth, somewhere(), &taken).await),
        [("token".to_owned(), FaultCode::Taken)]
    );
}

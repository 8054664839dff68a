//! Forgotten passwords.

use entity::session;

use super::*;

#[tokio::test]
async fn a_new_password_ends_all_sessions_and_works_once() {
    let (_directory, auth) = auth_with(with_mail()).await;
    let session = ada(&auth).await;
    let viewer = viewer_of(&auth, &session.access_token).await.unwrap();
    let token_of_old = create_api_token(
        auth.store(),
        &viewer,
        CreateApiToken {
            name: "Made before".into(),
            scopes: vec![Scope::Read],
            community_id: None,
            expires_at: None,
        },
    )
    .await
    .unwrap()
    .value
    .secret;
    request_reset(&auth, " ADA@example.org").await;
    let token = token(&auth, MailPurpose::ResetPassword).await;
    let weak = reset_password(&auth, somewhere(), &token, &"Ada Lovelace".into()).await;
    assert_eq!(codes(weak), [("password".to_owned(), FaultCode::Invalid)]);
    let both = reset_password(&auth, somewhere(), &generate_reset(), &"short".into()).await;
    assert_eq!(
        codes(both),
        [
            ("password".to_owned(), FaultCode::TooShort),
            ("token".to_owned(), FaultCode::InvalidCredentials)
        ]
    );
    let new = "another horse battery";
    let fresh = reset_password(&auth, somewhere(), &token, &new.into())
        .await
        .unwrap();
    for bearer in [&session.access_token, &token_of_old] {
        let error = viewer_of(&auth, bearer).await.unwrap_err();
        assert!(matches!(error, AuthenticationError::Revoked), "{error}");
    }
    let viewer = viewer_of(&auth, &fresh.access_token).await.unwrap();
    assert!(viewer.user().unwrap().email_verified_at.is_some());
    assert!(
        sign_in_as(&auth, "ada@example.org", PASSWORD)
            .await
            .is_err()
    );
    sign_in_as(&auth, "ada@example.org", new).await.unwrap();
    let again = reset_password(&auth, somewhere(), &token, &PASSWORD.into()).await;
    assert_eq!(codes(again), wrong_token());
    assert_eq!(
        mails(&auth).await.last().map(|(purpose, _)| *purpose),
        Some(MailPurpose::PasswordChanged)
    );
}

#[tokio::test]
async fn an_address_that_was_asked_for_before_does_not_come_after() {
    let (_directory, auth) = auth_with(with_mail()).await;
    let session = ada(&auth).await;
    let viewer = viewer_of(&auth, &session.access_token).await.unwrap();
    let elsewhere = "mallory@example.org";
    request_email_change(&auth, somewhere(), &viewer, elsewhere, &PASSWORD.into())
        .await
        .unwrap();
    let at_elsewhere = token(&auth, MailPurpose::ChangeEmail).await;
    request_reset(&auth, "ada@example.org").await;
    let token = token(&auth, MailPurpose::ResetPassword).await;
    reset_password(&auth, somewhere(), &token, &"another horse battery".into())
        .await
        .unwrap();
    let late = verify_email(&auth, somewhere(), &at_elsewhere).await;
    assert_eq!(codes(late), wrong_token());
    let row = user_row(&auth, session.user.id).await;
    assert_eq!(row.email.as_deref(), Some("Ada@Example.org"));
}

#[tokio::test]
async fn of_two_uses_of_one_link_at_once_one_succeeds() {
    let (_directory, auth) = auth_with(with_mail()).await;
    let session = ada(&auth).await;
    request_reset(&auth, "ada@example.org").await;
    let token = token(&auth, MailPurpose::ResetPassword).await;
    let uses = (0..4).map(|number| {
        let (auth, token) = (auth.clone(), token.clone());
        let password = Secret::from(format!("another horse {number}"));
        tokio::spawn(async move { reset_password(&auth, somewhere(), &token, &password).await })
    });
    let outcomes = futures_util::future::join_all(uses).await;
    let used = outcomes
        .into_iter()
        .filter(|outcome| outcome.as_ref().unwrap().is_ok());
    assert_eq!(used.count(), 1);
    let open = session::Entity::find()
        .filter(session::Column::UserId.eq(session.user.id))
        .filter(session::Column::RevokedAt.is_null())
        .count(auth.store().reader())
        .await
        .unwrap();
    assert_eq!(open, 1);
}

#[tokio::test]
async fn a_link_to_a_new_password_ends_after_an_hour_and_few_are_sent() {
    let (_directory, auth) = auth_with(with_mail()).await;
    ada(&auth).await;
    for _ in 0..5 {
        request_reset(&auth, "ada@example.org").await;
    }
    let resets = async |auth: &Auth| {
        let all = mails(auth).await.into_iter();
        all.filter(|(purpose, _)| *purpose == MailPurpose::ResetPassword)
            .count()
    };
    assert_eq!(resets(&auth).await, 3);
    let token = token(&auth, MailPurpose::ResetPassword).await;
    auth.store().clock().advance(TimeDelta::minutes(61));
    let late = reset_password(&auth, somewhere(), &token, &PASSWORD.into()).await;
    assert_eq!(codes(late), wrong_token());
    request_reset(&auth, "ada@example.org").await;
    assert_eq!(resets(&auth).await, 4);
}

#[tokio::test]
async fn a_link_to_a_new_password_is_sent_to_nobody_without_one() {
    let (_directory, auth) = auth_with(with_mail()).await;
    testing::user(auth.store(), "elsewhere", PlatformRole::Member).await;
    let suspended = ada(&auth).await.user;
    change(&auth, &suspended, |row| {
        row.status = Set(UserStatus::Suspended);
    })
    .await;
    let before = mails(&auth).await;
    for email in [
        "elsewhere@example.org",
        "ada@example.org",
        "nobody@example.org",
    ] {
        request_reset(&auth, email).await;
    }
    assert_eq!(mails(&auth).await, before);
    let malformed = request_password_reset(&auth, somewhere(), "nobody").await;
    assert_eq!(codes(malformed), [("email".to_owned(), FaultCode::Invalid)]);
}

#[tokio::test]
async fn without_mail_what_needs_it_is_refused() {
    let (_directory, auth) = auth_with(options()).await;
    let session = ada(&auth).await;
    assert_eq!(mails(&auth).await, []);
    let viewer = viewer_of(&auth, &session.access_token).await.unwrap();
    for refused in [
        request_password_reset(&auth, somewhere(), "ada@example.org").await,
        request_email_verification(&auth, somewhere(), &viewer).await,
    ] {
        assert_eq!(codes(refused), [(String::new(), FaultCode::Forbidden)]);
    }
}

#[tokio::test]
async fn requests_for_mail_are_limited_by_their_address() {
    let mut options = with_mail();
    options.limits.mail = Rate {
        burst: 2,
        every: TimeDelta::minutes(1),
    };
    let (_directory, auth) = auth_with(options).await;
    for _ in 0..2 {
        request_reset(&auth, "nobody@example.org").await;
    }
    let error = request_password_reset(&auth, somewhere(), "other@example.org")
        .await
        .unwrap_err();
    assert!(matches!(error, Error::RateLimited { .. }), "{error}");
    let home: IpAddr = "198.51.100.1".parse().unwrap();
    request_password_reset(&auth, home.into(), "nobody@example.org")
        .await
        .unwrap();
}

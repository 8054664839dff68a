//! Signing up and in, refreshing and signing out.

use super::*;

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
        invitation_token: None,
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
async fn invisible_characters_are_faults_and_no_failures() {
    let (_directory, auth) = auth_with(options()).await;
    let input = SignUp {
        email: "a\0@example.org".into(),
        password: "\0".repeat(12).as_str().into(),
        display_name: "A\0da".into(),
        handle: Some("a\0da".into()),
        invitation_token: None,
    };
    let Err(Error::Refused(faults)) = sign_up(&auth, somewhere(), input).await else {
        panic!("three faults")
    };
    let paths: Vec<_> = faults.iter().map(|fault| fault.field.join(".")).collect();
    assert_eq!(paths, ["input.email", "input.displayName", "input.handle"]);
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
                invitation_token: None,
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
        row.status = Set(UserStatus::Suspended);
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
        row.status = Set(UserStatus::Suspended);
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

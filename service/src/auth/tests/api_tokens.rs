//! API tokens.

use super::*;

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
        row.platform_role = Set(PlatformRole::Member);
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

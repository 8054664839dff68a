//! Suspending somebody, and bringing them back.

use entity::{invitation, mail};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};

use super::*;
use crate::auth::{
    AuthenticationError, CreateApiToken, SignIn, authenticate, create_api_token, refresh_session,
    sign_in,
};
use crate::viewer::Scope;

async fn signs_in(world: &World) -> Result<IssuedSession> {
    let input = SignIn {
        email: "ada@example.org".into(),
        password: PASSWORD.into(),
    };
    sign_in(&world.auth, ClientAddress::unknown(), input).await
}

#[tokio::test]
async fn an_account_rests_and_comes_back() {
    let world = World::new(CommunityVisibility::Public).await;
    let (auth, store, ada) = (&world.auth, world.store(), world.ada_id());
    let input = CreateApiToken {
        name: "Sync".into(),
        scopes: vec![Scope::Read],
        community_id: None,
        expires_at: None,
    };
    let token = create_api_token(store, &world.ada().await, input)
        .await
        .unwrap()
        .value
        .secret;
    let access = world.ada.access_token.expose();
    for bearer in [access, token.expose()] {
        authenticate(auth, Some(bearer)).await.unwrap();
    }
    assert_eq!(mail::Entity::find().count(store.reader()).await.unwrap(), 1);
    life::letters(&world).await;

    let reason = "  Sold things.\n";
    let rests = suspend(store, &world.admin, ada, reason.into())
        .await
        .unwrap();
    assert_eq!(rests.value.status, UserStatus::Suspended);
    let again = suspend(store, &world.admin, ada, "Again.".into())
        .await
        .unwrap();
    assert_eq!((again.value, again.position), (rests.value, rests.position));
    for bearer in [access, token.expose()] {
        let error = authenticate(auth, Some(bearer)).await.unwrap_err();
        assert!(matches!(error, AuthenticationError::Revoked));
    }
    assert!(signs_in(&world).await.is_err());
    let waiting = mail::Entity::find().count(store.reader()).await.unwrap();
    assert_eq!(waiting, 0, "no mail waits for her, and none in her name");
    let by_her = invitation::Entity::find().filter(invitation::Column::InviterId.eq(ada));
    let by_her = by_her.all(store.reader()).await.unwrap();
    assert!(
        by_her.len() == 1 && by_her[0].used_at.is_some(),
        "{by_her:?}"
    );
    let told = suspension_reasons(store, &world.admin, &[ada])
        .await
        .unwrap();
    assert_eq!(told[&ada], "  Sold things.");
    let told = suspension_reasons(store, &world.ben, &[ada]).await.unwrap();
    assert!(told.is_empty());

    let back = reinstate(store, &world.admin, ada).await.unwrap();
    assert_eq!(back.value.status, UserStatus::Active);
    let again = reinstate(store, &world.admin, ada).await.unwrap();
    assert_eq!(again.position, back.position);
    authenticate(auth, Some(token.expose())).await.unwrap();
    let error = authenticate(auth, Some(access)).await.unwrap_err();
    assert!(
        matches!(error, AuthenticationError::Revoked),
        "her session ended"
    );
    assert!(
        refresh_session(auth, &world.ada.refresh_token)
            .await
            .is_err()
    );
    signs_in(&world).await.unwrap();

    let changes = testing::changes(store, EntityType::User).await;
    let told: Vec<_> = changes
        .iter()
        .filter(|change| change.fields.0 == ["status"])
        .map(|change| change.audience_after.clone().unwrap().0)
        .collect();
    let hers = vec![format!("user:{}", ada.simple())];
    assert_eq!(told, [hers.clone(), hers], "others are told nothing");
}

#[tokio::test]
async fn all_faults_are_told_and_whoever_is_gone_stays_so() {
    let world = World::new(CommunityVisibility::Public).await;
    let (store, ada) = (world.store(), world.ada_id());
    let unknown = suspend(store, &world.admin, Uuid::now_v7(), " ".into()).await;
    let Err(Error::Refused(faults)) = unknown else {
        panic!("two faults")
    };
    let codes: Vec<_> = faults.iter().map(|fault| fault.code).collect();
    assert_eq!(codes, [FaultCode::Required, FaultCode::NotFound]);
    erase(store, &world.admin, ada).await.unwrap();
    let gone = (FaultCode::InvalidTransition, "id".to_owned());
    let suspended = suspend(store, &world.admin, ada, "Because.".into()).await;
    assert_eq!(refused(suspended), gone);
    assert_eq!(refused(reinstate(store, &world.admin, ada).await), gone);
}

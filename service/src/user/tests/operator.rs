//! What the operator does to accounts, who is nobody's viewer.

use entity::transition;
use sea_orm::QueryOrder;

use super::*;
use crate::auth::{AuthenticationError, authenticate};

#[tokio::test]
async fn the_operator_ends_accounts_and_opens_them_again_in_nobodys_name() {
    let world = World::new(CommunityVisibility::Public).await;
    let (auth, store, ada) = (&world.auth, world.store(), world.ada_id());
    let access = world.ada.access_token.expose();
    let rests = suspend_as_operator(store, ada, "Sold things.".into())
        .await
        .unwrap();
    assert_eq!(rests.value.status, UserStatus::Suspended);
    let again = suspend_as_operator(store, ada, "Again.".into()).await;
    assert_eq!(again.unwrap().position, rests.position);
    let error = authenticate(auth, Some(access)).await.unwrap_err();
    assert!(matches!(error, AuthenticationError::Revoked));
    let told = suspension_reasons(store, &world.admin, &[ada])
        .await
        .unwrap();
    assert_eq!(told[&ada], "Sold things.");

    let back = reinstate_as_operator(store, ada).await.unwrap();
    assert_eq!(back.value.status, UserStatus::Active);
    let again = reinstate_as_operator(store, ada).await.unwrap();
    assert_eq!(again.position, back.position);

    let gone = erase_as_operator(store, ada).await.unwrap();
    assert_eq!(gone.value.status, UserStatus::Erased);
    assert_eq!(world.row(ada).await.email, None);
    let steps: Vec<_> = transition::Entity::find()
        .order_by_asc(transition::Column::Id)
        .all(store.reader())
        .await
        .unwrap()
        .into_iter()
        .filter(|step| step.entity_id == ada)
        .map(|step| (step.to_state, step.actor_id))
        .collect();
    let named = |status: UserStatus| (status.as_str().to_owned(), None::<Uuid>);
    let expected = [
        UserStatus::Suspended,
        UserStatus::Active,
        UserStatus::Erased,
    ];
    assert_eq!(steps, expected.map(named));

    for outcome in [
        suspend_as_operator(store, ada, "Because.".into()).await,
        reinstate_as_operator(store, ada).await,
        erase_as_operator(store, ada).await,
    ] {
        assert_eq!(
            refused(outcome),
            (FaultCode::InvalidTransition, String::new())
        );
    }
}

#[tokio::test]
async fn the_operator_is_refused_where_nobody_would_be_left_and_told_of_every_community() {
    let world = World::new(CommunityVisibility::Unlisted).await;
    let store = world.store();
    let position = store.position().await.unwrap();
    let admin = id(&world.admin);
    for outcome in [
        suspend_as_operator(store, admin, "Because.".into()).await,
        erase_as_operator(store, admin).await,
    ] {
        let fault = fault(outcome);
        assert_eq!(fault.blocked_by[0].code, BlockerCode::CriterionUnmet);
        assert!(fault.message.contains("last administrator"), "{fault:?}");
        assert!(fault.field.is_empty());
    }
    let alone = fault(erase_as_operator(store, id(&world.ben)).await);
    assert_eq!(alone.blocked_by[0].code, BlockerCode::LastFacilitator);
    assert!(alone.message.contains("“readers”"), "{}", alone.message);
    assert_eq!(store.position().await.unwrap(), position);

    let reason = suspend_as_operator(store, world.ada_id(), " ".into()).await;
    assert_eq!(refused(reason), (FaultCode::Required, "reason".to_owned()));
    // With another administrator, this one can go.
    testing::user(store, "other", PlatformRole::Admin).await;
    erase_as_operator(store, admin).await.unwrap();
}

#[tokio::test]
async fn accounts_are_found_by_address_and_by_handle_whatever_their_status() {
    let world = World::new(CommunityVisibility::Public).await;
    let (store, ada) = (world.store(), world.ada_id());
    suspend_as_operator(store, ada, "Because.".into())
        .await
        .unwrap();
    let by_email = account_by_email(store, " ADA@example.org").await.unwrap();
    let by_handle = account_by_handle(store, "Ada").await.unwrap();
    assert_eq!((by_email.id, by_handle.id), (ada, ada));
    assert_eq!(by_handle.email.as_deref(), Some("Ada@Example.org"));
    let nobody = account_by_email(store, "eve@example.org").await;
    assert_eq!(
        refused(nobody),
        (FaultCode::NotFound, "input.email".to_owned())
    );
    let nobody = account_by_handle(store, "eve").await;
    assert_eq!(
        refused(nobody),
        (FaultCode::NotFound, "input.handle".to_owned())
    );
}

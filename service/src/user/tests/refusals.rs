//! Who may suspend, reinstate and erase whom, and where nobody may.

use entity::session;
use sea_orm::ActiveValue::Set;

use super::*;
use crate::auth::Secret;
use crate::membership::set_role;
use crate::store::Written;
use crate::viewer::{Credential, Scope};

/// What comes of each of the three acts of administrators.
async fn tried(world: &World, viewer: &Viewer, person: Uuid) -> [Result<Written<user::Model>>; 3] {
    let store = world.store();
    [
        suspend(store, viewer, person, "Because.".into()).await,
        reinstate(store, viewer, person).await,
        erase(store, viewer, person).await,
    ]
}

async fn erase_with(
    world: &World,
    viewer: &Viewer,
    password: Option<&str>,
) -> Result<Written<user::Model>> {
    let password = password.map(Secret::from);
    let nowhere = ClientAddress::unknown();
    erase_me(&world.auth, nowhere, viewer, password.as_ref()).await
}

/// A sign-in by an external issuer so many minutes ago.
fn elsewhere(world: &World, minutes: i64) -> Credential {
    let now = world.store().clock().now();
    Credential::ExternalIssuer {
        signed_in_at: Some(now - chrono::TimeDelta::minutes(minutes)),
    }
}

#[tokio::test]
async fn only_administrators_end_the_accounts_of_others() {
    let world = World::new(CommunityVisibility::Public).await;
    let (store, ada, admin) = (world.store(), world.ada_id(), id(&world.admin));
    let scopes = [Scope::Read, Scope::Write];
    let narrow = testing::viewer_with(store, admin, &scopes, None).await;
    let here = Some(world.community.id);
    let bound = testing::viewer_with(store, admin, Scope::ALL, here).await;
    let forbidden = (FaultCode::Forbidden, "id".to_owned());
    for viewer in [&world.ben, &narrow, &bound] {
        // Whether there is such a person is not told.
        for person in [ada, Uuid::now_v7()] {
            for outcome in tried(&world, viewer, person).await {
                assert_eq!(refused(outcome), forbidden);
            }
        }
    }
    for outcome in tried(&world, &world.admin, admin).await {
        assert_eq!(refused(outcome), forbidden, "nobody does so to themselves");
    }
    for outcome in tried(&world, &Viewer::anonymous(), ada).await {
        assert!(matches!(outcome, Err(Error::Unauthenticated)));
    }
    let reading = testing::viewer_with(store, admin, &[Scope::Read, Scope::Admin], None).await;
    for outcome in tried(&world, &reading, ada).await {
        assert!(matches!(outcome, Err(Error::ScopeMissing("WRITE"))));
    }
    for outcome in tried(&world, &world.admin, Uuid::now_v7()).await {
        let missing = (FaultCode::NotFound, "id".to_owned());
        assert_eq!(refused(outcome), missing);
    }
    assert_eq!(world.row(ada).await, world.ada.user, "nothing happened");
}

#[tokio::test]
async fn who_erases_themselves_shows_who_they_are() {
    let world = World::new(CommunityVisibility::Public).await;
    let (store, ada) = (world.store(), world.ada().await);
    let at = |code, field: &str| (code, field.to_owned());
    for (password, expected) in [
        (None, at(FaultCode::Required, "password")),
        (
            Some("wrong horse battery"),
            at(FaultCode::InvalidCredentials, "password"),
        ),
        (Some(""), at(FaultCode::InvalidCredentials, "password")),
    ] {
        assert_eq!(refused(erase_with(&world, &ada, password).await), expected);
    }
    let token = ada
        .clone()
        .with_credential(Credential::ApiToken(Uuid::now_v7()));
    let by_token = erase_with(&world, &token, Some(PASSWORD)).await;
    assert_eq!(refused(by_token).0, FaultCode::Forbidden);
    let nobody = erase_with(&world, &Viewer::anonymous(), Some(PASSWORD)).await;
    assert!(matches!(nobody, Err(Error::Unauthenticated)));

    // The administrator has no password, and somebody else to take over.
    testing::user(store, "other", PlatformRole::Admin).await;
    let began = |ago| session::ActiveModel {
        id: Set(Uuid::now_v7()),
        user_id: Set(id(&world.admin)),
        created_at: Set(store.clock().now() - chrono::TimeDelta::minutes(ago)),
        expires_at: Set(store.clock().now() + chrono::TimeDelta::days(1)),
        revoked_at: Set(None),
    };
    for (ago, lately) in [(20, false), (10, true)] {
        let session = began(ago);
        let credential = Credential::Session(session.id.clone().unwrap());
        put(store, session).await;
        let viewer = world.admin.clone().with_credential(credential);
        let gone = erase_with(&world, &viewer, None).await;
        assert_eq!(gone.is_ok(), lately, "signed in {ago} minutes ago");
    }
}

#[tokio::test]
async fn who_signed_in_elsewhere_long_ago_does_so_again() {
    let world = World::new(CommunityVisibility::Public).await;
    let silent = Credential::ExternalIssuer { signed_in_at: None };
    for (credential, lately) in [
        (silent, false),
        (elsewhere(&world, 20), false),
        (elsewhere(&world, 10), true),
    ] {
        let ben = world.ben.clone().with_credential(credential);
        let gone = erase_with(&world, &ben, None).await;
        if lately {
            let alone = fault(gone);
            assert_eq!(
                alone.code,
                FaultCode::InvalidTransition,
                "{}",
                alone.message
            );
        } else {
            let forbidden = (FaultCode::Forbidden, String::new());
            assert_eq!(refused(gone), forbidden, "{credential:?}");
        }
    }
}

#[tokio::test]
async fn somebody_stays_who_administers() {
    let world = World::new(CommunityVisibility::Public).await;
    let store = world.store();
    let admin = world.admin.clone().with_credential(elsewhere(&world, 1));
    let alone = fault(erase_with(&world, &admin, None).await);
    assert_eq!(alone.code, FaultCode::InvalidTransition);
    assert_eq!(alone.blocked_by[0].code, BlockerCode::CriterionUnmet);
    assert!(alone.field.is_empty());

    // Of two who suspend each other at the same moment, one stays.
    let other = testing::user(store, "other", PlatformRole::Admin).await;
    let both = testing::viewer(store, other.id).await;
    let (one, two) = tokio::join!(
        suspend(store, &world.admin, other.id, "Because.".into()),
        suspend(store, &both, id(&world.admin), "Because.".into()),
    );
    assert_ne!(one.is_ok(), two.is_ok());
    let lost = if one.is_ok() { two } else { one };
    assert!(matches!(lost, Err(Error::Unauthenticated)), "{lost:?}");
}

#[tokio::test]
async fn nobody_is_left_without_a_facilitator() {
    let world = World::new(CommunityVisibility::Unlisted).await;
    let (store, ben) = (world.store(), id(&world.ben));
    let (facilitator, active) = (MembershipRole::Facilitator, MembershipState::Active);
    let alone = testing::community(store, "alone", CommunityVisibility::Private).await;
    testing::membership(store, alone.id, ben, facilitator, active).await;
    let shown = testing::community(store, "writers", CommunityVisibility::Private).await;
    testing::membership(store, shown.id, ben, facilitator, active).await;
    let writer = testing::membership(
        store,
        shown.id,
        world.ada_id(),
        MembershipRole::Member,
        active,
    )
    .await;
    let position = store.position().await.unwrap();

    let by_admin = fault(erase(store, &world.admin, ben).await);
    assert_eq!(
        (by_admin.code, by_admin.field.join(".").as_str()),
        (FaultCode::InvalidTransition, "id")
    );
    let blockers: Vec<_> = by_admin
        .blocked_by
        .iter()
        .map(|blocker| blocker.code)
        .collect();
    assert_eq!(blockers, [BlockerCode::LastFacilitator; 2]);
    assert!(
        by_admin
            .message
            .contains("“writers”, a community that you do not see"),
        "{}",
        by_admin.message
    );
    assert!(
        !by_admin.message.contains("readers") && !by_admin.message.contains("alone”"),
        "{}",
        by_admin.message
    );
    let viewer = testing::viewer(store, ben).await;
    let own = viewer.with_credential(elsewhere(&world, 1));
    let by_ben = fault(erase_with(&world, &own, None).await);
    assert!(by_ben.message.contains("“readers”"), "{}", by_ben.message);
    assert!(
        by_ben.message.contains("setMemberRole"),
        "{}",
        by_ben.message
    );
    assert_eq!(
        store.position().await.unwrap(),
        position,
        "nothing was written"
    );

    let reader = world.ada().await;
    let reader = reader.membership(world.community.id).unwrap().id;
    for member in [writer.id, reader] {
        set_role(store, &own, member, facilitator).await.unwrap();
    }
    erase_with(&world, &own, None).await.unwrap();
    assert_eq!(world.row(ben).await.status, UserStatus::Erased);
}

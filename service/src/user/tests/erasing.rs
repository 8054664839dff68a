//! What is left of somebody who is gone.

use chrono::TimeDelta;
use entity::{TextList, attendance, membership, occurrence, transition};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use super::*;
use crate::auth::{AuthenticationError, Secret, SignIn, authenticate, refresh_session, sign_in};
use crate::policy::audience;
use crate::validation::Patch;

#[tokio::test]
async fn a_name_that_tells_nothing_is_left_of_a_person() {
    let world = World::new(CommunityVisibility::Public).await;
    let (store, ada) = (world.store(), world.ada_id());
    let settings = UpdateProfile {
        practice_settings: Patch::Value(vec!["A mill in London".to_owned()]),
        ..UpdateProfile::default()
    };
    update_profile(store, &world.ada().await, settings)
        .await
        .unwrap();
    let before = world.row(ada).await;
    let left = erase(store, &world.admin, ada).await.unwrap().value;
    assert_eq!(world.row(ada).await, left);
    let letters = left.handle.strip_prefix(FORMER_PREFIX).unwrap();
    assert_eq!(letters.len(), 6, "{}", left.handle);
    assert!(letters.bytes().all(|letter| letter.is_ascii_lowercase()));
    assert_eq!(left.handle_key, left.handle);
    assert_eq!(left.display_name, FORMER_MEMBER);
    assert_eq!(left.practice_settings, TextList::default());
    assert_eq!(left.status, UserStatus::Erased);
    assert_eq!((&left.email, &left.email_key), (&None, &None));
    assert_eq!(
        (left.email_verified_at, left.notification_email),
        (None, None)
    );
    assert_eq!(left.created_at, before.created_at);
    let nobody = Viewer::anonymous();
    assert_eq!(by_handle(store, &nobody, "ada").await.unwrap(), None);

    let changes = testing::changes(store, EntityType::User).await;
    let told = changes.last().unwrap();
    assert_eq!(
        (told.entity_id, told.actor_id),
        (ada, world.admin.user_id())
    );
    for field in ["displayName", "handle", "practiceSettings"] {
        assert!(told.fields.0.contains(&field.to_owned()), "{field}");
    }
    let everybody: Vec<String> = audience::of_everybody().into_iter().collect();
    assert_eq!(told.audience_after.clone().unwrap().0, everybody);

    let again = fault(erase(store, &world.admin, ada).await);
    assert_eq!(again.code, FaultCode::InvalidTransition);
    assert_eq!(again.field, ["id"]);
}

#[tokio::test]
async fn who_is_gone_signs_in_no_more_and_the_address_is_free() {
    let world = World::new(CommunityVisibility::Public).await;
    let auth = &world.auth;
    let access = world.ada.access_token.expose();
    authenticate(auth, Some(access)).await.unwrap();
    let (viewer, password) = (world.ada().await, Secret::from(PASSWORD));
    let gone = erase_me(auth, ClientAddress::unknown(), &viewer, Some(&password)).await;
    assert_eq!(gone.unwrap().value.status, UserStatus::Erased);
    let error = authenticate(auth, Some(access)).await.unwrap_err();
    assert!(matches!(error, AuthenticationError::Revoked));
    let refreshed = refresh_session(auth, &world.ada.refresh_token).await;
    assert_eq!(refused(refreshed).0, FaultCode::InvalidCredentials);
    let input = SignIn {
        email: "ada@example.org".into(),
        password: PASSWORD.into(),
    };
    let signed_in = sign_in(auth, ClientAddress::unknown(), input).await;
    assert_eq!(refused(signed_in).0, FaultCode::InvalidCredentials);
    let input = SignUp {
        email: "ada@example.org".into(),
        password: PASSWORD.into(),
        display_name: "Ada King".into(),
        handle: Some("ada".into()),
        invitation_token: None,
    };
    let new = sign_up(auth, ClientAddress::unknown(), input).await;
    assert_ne!(new.unwrap().user.id, world.ada_id());
}

#[tokio::test]
async fn memberships_end_and_what_waits_with_them() {
    let world = World::new(CommunityVisibility::Public).await;
    let (store, ada) = (world.store(), world.ada_id());
    for (slug, state) in [
        ("invited", MembershipState::Invited),
        ("asked", MembershipState::Requested),
        ("barred", MembershipState::Banned),
        ("removed", MembershipState::Removed),
    ] {
        let other = testing::community(store, slug, CommunityVisibility::Public).await;
        testing::membership(store, other.id, ada, MembershipRole::Member, state).await;
    }
    erase(store, &world.admin, ada).await.unwrap();
    let mut states: Vec<MembershipState> = membership::Entity::find()
        .filter(membership::Column::UserId.eq(ada))
        .all(store.reader())
        .await
        .unwrap()
        .into_iter()
        .map(|row| row.state)
        .collect();
    states.sort_unstable();
    assert_eq!(
        states,
        [
            MembershipState::Declined,
            MembershipState::Rejected,
            MembershipState::Left,
            MembershipState::Removed,
            MembershipState::Banned,
        ]
    );
}

#[tokio::test]
async fn what_was_moved_is_attended_when_it_begins() {
    let world = World::new(CommunityVisibility::Public).await;
    let (store, ada) = (world.store(), world.ada_id());
    life::contributions(&world).await;
    let said = || {
        let said = attendance::Entity::find()
            .filter(attendance::Column::UserId.eq(ada))
            .order_by_asc(attendance::Column::RecurrenceId);
        said.all(store.reader())
    };
    let [soon, late] = &said().await.unwrap()[..] else {
        panic!("two meetings")
    };
    // Each takes place when the other was to.
    for (row, starts_at) in [(soon, late.recurrence_id), (late, soon.recurrence_id)] {
        let moved = occurrence::ActiveModel {
            activity_id: Set(row.activity_id),
            recurrence_id: Set(row.recurrence_id),
            starts_at: Set(starts_at),
            ends_at: Set(starts_at + TimeDelta::hours(1)),
            ..Default::default()
        };
        put(store, moved).await;
    }
    store.clock().advance(TimeDelta::days(5));
    erase(store, &world.admin, ada).await.unwrap();
    assert_eq!(said().await.unwrap(), std::slice::from_ref(late));
    let changes = testing::changes(store, EntityType::Activity).await;
    let last = changes.last().unwrap();
    assert_eq!(
        (last.entity_id, last.fields.0.as_slice()),
        (soon.activity_id, ["attendance".to_owned()].as_slice())
    );
}

#[tokio::test]
async fn what_was_said_of_somebody_goes_with_them() {
    let world = World::new(CommunityVisibility::Public).await;
    let (store, ada) = (world.store(), world.ada_id());
    suspend(store, &world.admin, ada, "Sold things.".into())
        .await
        .unwrap();
    erase(store, &world.admin, ada).await.unwrap();
    let steps = transition::Entity::find()
        .filter(transition::Column::EntityId.eq(ada))
        .all(store.reader())
        .await
        .unwrap();
    let reasons: Vec<_> = steps
        .iter()
        .map(|step| (step.to_state.as_str(), step.reason.as_deref()))
        .collect();
    assert_eq!(reasons, [("SUSPENDED", None), ("ERASED", None)]);
    let told = suspension_reasons(store, &world.admin, &[ada]).await;
    assert!(told.unwrap().is_empty());
}

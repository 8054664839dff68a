mod acts;
mod ending;
mod reading;

use entity::change::EntityType;
use entity::community::{self, CommunityKind, CommunityVisibility, JoinPolicy};
use entity::membership::{self, MembershipRole, MembershipState};
use entity::transition;
use entity::user::PlatformRole;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::*;
use crate::community::{CreateCommunity, create};
use crate::error::{BlockerCode, Error, Fault, FaultCode};
use crate::policy::audience;
use crate::store::Store;
use crate::testing::{self, person};
use crate::viewer::Viewer;

fn fault<T: std::fmt::Debug>(result: Result<T, Error>) -> Fault {
    match result {
        Err(Error::Refused(mut faults)) if faults.len() == 1 => faults.remove(0),
        other => panic!("should have been refused for one reason: {other:?}"),
    }
}

fn blocker<T: std::fmt::Debug>(result: Result<T, Error>) -> BlockerCode {
    let fault = fault(result);
    assert_eq!(fault.code, FaultCode::InvalidTransition);
    fault.blocked_by[0].code
}

async fn group(
    store: &Store,
    founder: &Viewer,
    visibility: CommunityVisibility,
    policy: JoinPolicy,
) -> community::Model {
    let input = CreateCommunity {
        visibility: Some(visibility),
        join_policy: Some(policy),
        ..CreateCommunity::new("Group", "To be tested.", CommunityKind::Helping)
    };
    create(store, founder, input).await.unwrap().value
}

async fn open_group(store: &Store, founder: &Viewer) -> community::Model {
    group(
        store,
        founder,
        CommunityVisibility::Public,
        JoinPolicy::Open,
    )
    .await
}

async fn of(store: &Store, community: Uuid, viewer: &Viewer) -> membership::Model {
    membership::Entity::find()
        .filter(membership::Column::CommunityId.eq(community))
        .filter(membership::Column::UserId.eq(viewer.user_id().unwrap()))
        .one(store.reader())
        .await
        .unwrap()
        .unwrap()
}

async fn history(store: &Store, id: Uuid) -> Vec<(Option<String>, String)> {
    transition::Entity::find()
        .filter(transition::Column::EntityId.eq(id))
        .order_by_asc(transition::Column::Id)
        .all(store.reader())
        .await
        .unwrap()
        .into_iter()
        .map(|row| (row.from_state, row.to_state))
        .collect()
}

fn step(from: &str, to: &str) -> (Option<String>, String) {
    (Some(from.to_owned()), to.to_owned())
}

#[tokio::test]
async fn open_communities_are_joined_left_and_joined_again() {
    let (_directory, store) = testing::store().await;
    let (ada, bob) = (person(&store, "ada").await, person(&store, "bob").await);
    let group = open_group(&store, &ada).await;
    let joined = join(&store, &bob, group.id).await.unwrap();
    assert_eq!(joined.value.state, MembershipState::Active);
    assert!(joined.value.joined_at.is_some());
    let again = join(&store, &bob, group.id).await.unwrap();
    assert_eq!(
        (&again.value, again.position),
        (&joined.value, joined.position)
    );

    let left = leave(&store, &bob, group.id).await.unwrap();
    assert_eq!(left.value.state, MembershipState::Left);
    let again = leave(&store, &bob, group.id).await.unwrap();
    assert_eq!(again.position, left.position);
    let back = join(&store, &bob, group.id).await.unwrap().value;
    assert_eq!(
        (back.id, back.state),
        (joined.value.id, MembershipState::Active)
    );
    assert_eq!(
        history(&store, back.id).await,
        [
            (None, "ACTIVE".to_owned()),
            step("ACTIVE", "LEFT"),
            step("LEFT", "ACTIVE")
        ]
    );
    let stranger = person(&store, "eve").await;
    assert_eq!(
        blocker(leave(&store, &stranger, group.id).await),
        BlockerCode::NotFromHere
    );
}

#[tokio::test]
async fn a_request_waits_for_a_facilitator() {
    let (_directory, store) = testing::store().await;
    let (ada, bob) = (person(&store, "ada").await, person(&store, "bob").await);
    let group = group(
        &store,
        &ada,
        CommunityVisibility::Private,
        JoinPolicy::Approval,
    )
    .await;
    let asked = join(&store, &bob, group.id).await.unwrap();
    assert_eq!(asked.value.state, MembershipState::Requested);
    assert_eq!(
        join(&store, &bob, group.id).await.unwrap().position,
        asked.position
    );
    let id = asked.value.id;
    assert_eq!(
        fault(respond(&store, &bob, id, true).await).code,
        FaultCode::Forbidden
    );
    let eve = person(&store, "eve").await;
    assert_eq!(
        fault(respond(&store, &eve, id, true).await),
        fault(respond(&store, &eve, Uuid::now_v7(), true).await)
    );

    let rejected = respond(&store, &ada, id, false).await.unwrap().value;
    assert_eq!(rejected.state, MembershipState::Rejected);
    assert_eq!(
        blocker(respond(&store, &ada, id, true).await),
        BlockerCode::NotFromHere
    );
    let asked = join(&store, &bob, group.id).await.unwrap().value;
    assert_eq!((asked.id, asked.state), (id, MembershipState::Requested));
    let admitted = respond(&store, &ada, id, true).await.unwrap();
    assert_eq!(admitted.value.state, MembershipState::Active);
    let again = respond(&store, &ada, id, true).await.unwrap();
    assert_eq!(again.position, admitted.position);

    let change = testing::changes(&store, EntityType::Membership)
        .await
        .pop()
        .unwrap();
    assert_eq!(change.fields.0, ["state", "joinedAt"]);
    let tokens = |row| {
        audience::of_membership(&group, row)
            .into_iter()
            .collect::<Vec<_>>()
    };
    assert_eq!(change.audience_before.unwrap().0, tokens(&asked));
    assert_eq!(change.audience_after.unwrap().0, tokens(&admitted.value));
}

#[tokio::test]
async fn by_invitation_only() {
    let (_directory, store) = testing::store().await;
    let (ada, bob) = (person(&store, "ada").await, person(&store, "bob").await);
    let visibility = CommunityVisibility::Unlisted;
    let group = group(&store, &ada, visibility, JoinPolicy::Invitation).await;
    let bob_id = bob.user_id().unwrap();
    assert_eq!(
        fault(join(&store, &bob, group.id).await).code,
        FaultCode::NotFound
    );
    let role = Some(MembershipRole::Steward);
    let invited = invite(&store, &ada, group.id, bob_id, role).await.unwrap();
    assert_eq!(invited.value.state, MembershipState::Invited);
    assert_eq!(invited.value.invited_by, ada.user_id());
    let again = invite(&store, &ada, group.id, bob_id, role).await.unwrap();
    assert_eq!(again.position, invited.position);
    let id = invited.value.id;
    assert_eq!(
        fault(respond(&store, &ada, id, true).await).code,
        FaultCode::Forbidden
    );

    assert_eq!(
        respond(&store, &bob, id, false).await.unwrap().value.state,
        MembershipState::Declined
    );
    assert_eq!(
        blocker(respond(&store, &bob, id, true).await),
        BlockerCode::NotFromHere
    );
    invite(&store, &ada, group.id, bob_id, role).await.unwrap();
    assert_eq!(
        remove(&store, &ada, id, Some("A mistake.".into()))
            .await
            .unwrap()
            .value
            .state,
        MembershipState::Removed
    );
    invite(&store, &ada, group.id, bob_id, role).await.unwrap();
    let joined = join(&store, &bob, group.id).await.unwrap().value;
    assert_eq!((joined.id, joined.role), (id, MembershipRole::Steward));
    assert_eq!(joined.state, MembershipState::Active);
    let reason = transition::Entity::find()
        .filter(transition::Column::EntityId.eq(id))
        .filter(transition::Column::Reason.is_not_null())
        .one(store.reader())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(reason.reason.as_deref(), Some("A mistake."));

    let open = CommunityVisibility::Public;
    let input = CreateCommunity {
        visibility: Some(open),
        join_policy: Some(JoinPolicy::Invitation),
        ..CreateCommunity::new("Seen", "To be tested.", CommunityKind::Helping)
    };
    let seen = create(&store, &ada, input).await.unwrap().value;
    assert_eq!(
        fault(join(&store, &bob, seen.id).await).code,
        FaultCode::Forbidden
    );
    assert_eq!(
        fault(invite(&store, &bob, seen.id, bob_id, None).await).code,
        FaultCode::Forbidden
    );
    let nobody = fault(invite(&store, &ada, seen.id, Uuid::now_v7(), None).await);
    assert_eq!(
        (nobody.code, nobody.field.join(".")),
        (FaultCode::NotFound, "userId".into())
    );
}

#[tokio::test]
async fn the_last_facilitator_stays() {
    let (_directory, store) = testing::store().await;
    let (ada, bob) = (person(&store, "ada").await, person(&store, "bob").await);
    let group = open_group(&store, &ada).await;
    let first = of(&store, group.id, &ada).await.id;
    let second = join(&store, &bob, group.id).await.unwrap().value.id;
    let last = BlockerCode::LastFacilitator;
    assert_eq!(blocker(leave(&store, &ada, group.id).await), last);
    assert_eq!(blocker(remove(&store, &ada, first, None).await), last);
    assert_eq!(
        blocker(set_role(&store, &ada, first, MembershipRole::Steward).await),
        last
    );
    assert_eq!(
        fault(set_role(&store, &bob, second, MembershipRole::Facilitator).await).code,
        FaultCode::Forbidden
    );
    set_role(&store, &ada, second, MembershipRole::Facilitator)
        .await
        .unwrap();
    let position = store.position().await.unwrap();
    let same = set_role(&store, &ada, second, MembershipRole::Facilitator)
        .await
        .unwrap();
    assert_eq!(same.position, position);
    leave(&store, &ada, group.id).await.unwrap();
    assert_eq!(blocker(leave(&store, &bob, group.id).await), last);
    assert_eq!(
        history(&store, second).await,
        [(None, "ACTIVE".to_owned()), step("MEMBER", "FACILITATOR")]
    );
    assert_eq!(
        blocker(set_role(&store, &bob, first, MembershipRole::Member).await),
        BlockerCode::NotFromHere
    );
    // Who comes back begins anew.
    let back = join(&store, &ada, group.id).await.unwrap().value;
    assert_eq!(back.role, MembershipRole::Member);
}

#[tokio::test]
async fn two_facilitators_cannot_both_leave_at_once() {
    let (_directory, store) = testing::store().await;
    let (ada, bob) = (person(&store, "ada").await, person(&store, "bob").await);
    let group = open_group(&store, &ada).await;
    let second = join(&store, &bob, group.id).await.unwrap().value.id;
    set_role(&store, &ada, second, MembershipRole::Facilitator)
        .await
        .unwrap();
    let (one, other) = tokio::join!(leave(&store, &ada, group.id), leave(&store, &bob, group.id));
    assert_ne!(one.is_ok(), other.is_ok(), "{one:?} {other:?}");
}

#[tokio::test]
async fn an_administrator_names_a_facilitator_only_where_none_is_left() {
    let (_directory, store) = testing::store().await;
    let admin = testing::user(&store, "admin", PlatformRole::Admin).await;
    let admin = testing::viewer(&store, admin.id).await;
    let bob = person(&store, "bob").await;
    let bob_id = bob.user_id().unwrap();
    let group = testing::community(&store, "group", CommunityVisibility::Unlisted).await;
    let active = MembershipState::Active;
    let member = MembershipRole::Member;
    let row = testing::membership(&store, group.id, bob_id, member, active).await;
    let facilitator = MembershipRole::Facilitator;
    assert_eq!(
        fault(set_role(&store, &admin, row.id, MembershipRole::Steward).await).code,
        FaultCode::NotFound
    );
    let named = set_role(&store, &admin, row.id, facilitator)
        .await
        .unwrap()
        .value;
    assert_eq!(named.role, facilitator);
    let eve = person(&store, "eve").await;
    assert_eq!(
        fault(
            invite(
                &store,
                &admin,
                group.id,
                eve.user_id().unwrap(),
                Some(facilitator)
            )
            .await
        )
        .code,
        FaultCode::NotFound
    );
}

#[tokio::test]
async fn who_was_barred_comes_back_by_invitation_only() {
    let (_directory, store) = testing::store().await;
    let (ada, bob) = (person(&store, "ada").await, person(&store, "bob").await);
    let group = open_group(&store, &ada).await;
    let bob_id = bob.user_id().unwrap();
    let (role, banned) = (MembershipRole::Member, MembershipState::Banned);
    let row = testing::membership(&store, group.id, bob_id, role, banned).await;
    assert_eq!(
        fault(join(&store, &bob, group.id).await).code,
        FaultCode::Forbidden
    );
    let lifted = invite(&store, &ada, group.id, bob_id, None)
        .await
        .unwrap()
        .value;
    assert_eq!(
        (lifted.id, lifted.state),
        (row.id, MembershipState::Invited)
    );
}

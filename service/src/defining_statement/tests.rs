use entity::change::EntityType;
use entity::community::{self, CommunityVisibility};
use entity::membership::{MembershipRole, MembershipState};
use entity::user::PlatformRole;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::*;
use crate::testing;

/// A community of so many members; the first is its facilitator.
async fn circle(
    store: &Store,
    visibility: CommunityVisibility,
    size: usize,
) -> (community::Model, Vec<Viewer>) {
    let community = testing::community(store, "circle", visibility).await;
    let mut members = Vec::new();
    for number in 0..size {
        let handle = format!("member-{number}");
        let user = testing::user(store, &handle, PlatformRole::Member).await;
        let role = if number == 0 {
            MembershipRole::Facilitator
        } else {
            MembershipRole::Member
        };
        testing::membership(store, community.id, user.id, role, MembershipState::Active).await;
        members.push(testing::viewer(store, user.id).await);
    }
    (community, members)
}

fn input(community: Uuid) -> ProposeStatement {
    ProposeStatement {
        community_id: community,
        text: "We share.".into(),
        aspect: StatementAspect::Norm,
        origin: Origin::default(),
        supersedes_id: None,
    }
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> FaultCode {
    match result {
        Err(Error::Refused(faults)) => faults[0].code,
        other => panic!("should have been refused: {other:?}"),
    }
}

/// Every state, and what endorsing and withdrawing do in it.
#[tokio::test]
async fn every_state_is_endorsed_and_withdrawn_or_not() {
    use StatementState::{Adopted, Proposed, Superseded, Withdrawn};
    let (_directory, store) = testing::store().await;
    let (community, members) = circle(&store, CommunityVisibility::Public, 4).await;
    for (from, endorsed, withdrawn) in [
        (Proposed, Some(Proposed), Some(Withdrawn)),
        (Adopted, Some(Adopted), None),
        (Superseded, None, None),
        (Withdrawn, None, Some(Withdrawn)),
    ] {
        let in_state = async || {
            let made = propose(&store, &members[1], input(community.id)).await;
            let mut row = made.unwrap().value.into_active_model();
            row.state = Set(from);
            row.update(store.migration_connection()).await.unwrap().id
        };
        let answer = endorse(&store, &members[2], in_state().await).await;
        match endorsed {
            Some(to) => assert_eq!(answer.unwrap().value.state, to, "{from:?}"),
            None => assert_eq!(code(answer), FaultCode::InvalidTransition, "{from:?}"),
        }
        let answer = withdraw(&store, &members[1], in_state().await).await;
        match withdrawn {
            Some(to) => assert_eq!(answer.unwrap().value.state, to, "{from:?}"),
            None => assert_eq!(code(answer), FaultCode::InvalidTransition, "{from:?}"),
        }
        let all: Vec<_> = StatementState::ALL
            .iter()
            .filter(|to| next_states(from).contains(to))
            .collect();
        assert_eq!(all.len(), next_states(from).len(), "{from:?}");
    }
}

#[tokio::test]
async fn the_quorum_is_three_or_all_where_they_are_fewer() {
    for (size, needed) in [(1, 1), (2, 2), (3, 3), (4, 3), (6, 3)] {
        let (_directory, store) = testing::store().await;
        let (community, members) = circle(&store, CommunityVisibility::Public, size).await;
        let id = propose(&store, &members[0], input(community.id)).await;
        let id = id.unwrap().value.id;
        for (count, member) in (1_i32..).zip(&members[..needed]) {
            let row = endorse(&store, member, id).await.unwrap().value;
            assert_eq!(row.endorsement_count, count);
            let adopted = row.state == StatementState::Adopted;
            let last = usize::try_from(count).unwrap() == needed;
            assert_eq!(adopted, last, "{count} of {size}");
        }
    }
}

/// The community's document is made anew where it holds statements, and only there.
#[tokio::test]
async fn what_is_adopted_is_told_as_far_as_it_is_shown() {
    for (visibility, told) in [
        (CommunityVisibility::Public, 1),
        (CommunityVisibility::Internal, 1),
        (CommunityVisibility::Private, 0),
        (CommunityVisibility::Unlisted, 0),
    ] {
        let (_directory, store) = testing::store().await;
        let (community, members) = circle(&store, visibility, 1).await;
        let id = propose(&store, &members[0], input(community.id)).await;
        let id = id.unwrap().value.id;
        let first = endorse(&store, &members[0], id).await.unwrap();
        let again = endorse(&store, &members[0], id).await.unwrap();
        assert_eq!(
            first.position, again.position,
            "endorsing twice changes nothing"
        );
        let of_community = testing::changes(&store, EntityType::Community).await;
        assert_eq!(of_community.len(), told, "{visibility:?}");
        let statements = testing::changes(&store, EntityType::DefiningStatement).await;
        assert_eq!(statements.len(), 2);
        assert_eq!(statements[1].fields.0, ["endorsementCount", "state"]);
    }
}

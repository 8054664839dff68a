//! Invitations that nobody answers.

use super::*;

#[tokio::test]
async fn an_invitation_runs_out_after_thirty_days() {
    let circle = Circle::new(CommunityKind::Helping).await;
    let guest = testing::user(&circle.store, "gus", PlatformRole::Member).await;
    let (facilitator, community) = (&circle.facilitator, circle.community.id);
    let invited = crate::membership::invite(&circle.store, facilitator, community, guest.id, None)
        .await
        .unwrap()
        .value;
    circle.turn(DAY * 29);
    let early = circle.run().await;
    assert_eq!(
        early,
        Ran {
            done: 0,
            next: Some(invited.updated_at + DAY * 30),
        }
    );
    circle.turn(DAY);
    assert_eq!(
        circle.run().await,
        Ran {
            done: 1,
            next: None
        }
    );
    let found = membership::Entity::find_by_id(invited.id);
    let found = found.one(circle.store.reader()).await.unwrap().unwrap();
    assert_eq!(found.state, MembershipState::Expired);
    let last = testing::changes(&circle.store, EntityType::Membership).await;
    assert_eq!(last.last().and_then(|change| change.actor_id), None);
}

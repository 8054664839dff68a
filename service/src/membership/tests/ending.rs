//! What communities are left with when somebody goes for good.

use entity::user::UserStatus;
use futures_util::FutureExt;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::*;
use crate::store::counted;

/// How many communities would be left alone, and how many statements tell so.
async fn left_by(store: &Store, user: Uuid) -> (usize, u64) {
    let asked = store.write(None, move |unit| {
        async move {
            let asking = async {
                let communities = hold_communities(unit, user).await?;
                let belongings = belongings(unit, user, &communities).await?;
                leaves_nobody_alone(unit, None, &belongings).await
            };
            let (outcome, statements) = Box::pin(counted(asking)).await;
            let alone = match outcome {
                Err(Error::Refused(faults)) => faults[0].blocked_by.len(),
                other => other.map(|()| 0)?,
            };
            Ok((alone, statements))
        }
        .boxed()
    });
    asked.await.unwrap().value
}

#[tokio::test]
async fn however_many_communities_somebody_leaves_all_are_asked_about_at_once() {
    let (_directory, store) = testing::store().await;
    let leads = (MembershipRole::Facilitator, MembershipState::Active);
    let member = (MembershipRole::Member, MembershipState::Active);
    let mut people = Vec::new();
    for handle in ["eve", "ben", "cay"] {
        let person = testing::user(&store, handle, PlatformRole::Member).await;
        people.push(person);
    }
    let (eve, ben, cay) = (people[0].id, people[1].id, people[2].id);
    let place = async |slug: &str, others: &[(Uuid, (MembershipRole, MembershipState))]| {
        let community = testing::community(&store, slug, CommunityVisibility::Private).await;
        for (person, (role, state)) in others {
            testing::membership(&store, community.id, *person, *role, *state).await;
        }
    };
    place("first", &[(eve, leads), (ben, member)]).await;
    let (alone, for_one) = left_by(&store, eve).await;
    assert_eq!(alone, 1);
    assert!(for_one > 0, "they are counted");
    for number in 0..20 {
        let slug = format!("readers-{number}");
        place(&slug, &[(eve, leads), (ben, member)]).await;
    }
    place("led", &[(eve, leads), (ben, member), (cay, leads)]).await;
    place("empty", &[(eve, leads)]).await;
    place("joined", &[(eve, member), (ben, member)]).await;
    assert_eq!(left_by(&store, eve).await, (21, for_one));

    let mut rests = people[1].clone().into_active_model();
    rests.status = Set(UserStatus::Suspended);
    rests.update(store.migration_connection()).await.unwrap();
    assert_eq!(left_by(&store, eve).await, (0, for_one));
}

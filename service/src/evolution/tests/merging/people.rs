//! What becomes of those who belong to communities that merge.

use super::*;

#[tokio::test]
async fn a_merge_brings_everybody_who_is_active_and_nobody_who_is_barred() {
    use MembershipRole::{Facilitator, Member, Steward};
    use MembershipState::{Active, Banned, Left};
    let pair = Pair::public().await;
    let active = |role| Some((role, Active));
    let left = |role| Some((role, Left));
    let banned = Some((Member, Banned));
    // Where each stands in the one and in the other, and where in the end.
    let cases = [
        ("new", active(Steward), None, active(Steward)),
        ("stronger", active(Steward), active(Member), active(Steward)),
        ("weaker", active(Member), active(Steward), active(Steward)),
        ("back", active(Member), left(Facilitator), active(Member)),
        ("barred", active(Steward), banned, banned),
        ("gone", left(Steward), None, None),
        ("banned", banned, None, banned),
        ("banned-later", banned, left(Steward), banned),
    ];
    let mut people = Vec::new();
    for (handle, here, there, expected) in cases {
        let somebody = person(&pair.store, handle).await;
        for (community, standing) in [(&pair.from, here), (&pair.into, there)] {
            if let Some((role, state)) = standing {
                member(&pair.store, community, &somebody, role, state).await;
            }
        }
        people.push((handle, somebody, expected));
    }
    pair.merge().await.unwrap();
    for (handle, somebody, expected) in people {
        let found = membership_of(&pair.store, &pair.into, &somebody).await;
        let found = found.map(|row| (row.role, row.state));
        assert_eq!(found, expected, "{handle}");
    }
}

#[tokio::test]
async fn whoever_is_barred_from_the_one_must_not_read_it_by_the_other() {
    let private = CommunityVisibility::Private;
    let pair = Pair::new(private, private).await;
    let eve = person(&pair.store, "eve").await;
    let role = MembershipRole::Member;
    for (community, state) in [
        (&pair.from, MembershipState::Banned),
        (&pair.into, MembershipState::Active),
    ] {
        member(&pair.store, community, &eve, role, state).await;
    }
    let refused = faults(pair.merge().await);
    assert_eq!(refused[0].blocked_by[0].code, BlockerCode::CriterionUnmet);
    assert!(refused[0].blocked_by[0].message.starts_with("1 of those"));
}

#[tokio::test]
async fn what_an_item_brought_counts_for_its_maker_in_the_other_community() {
    let pair = Pair::public().await;
    let store = &pair.store;
    let ben = person(store, "ben").await;
    let (role, active) = (MembershipRole::Member, MembershipState::Active);
    member(store, &pair.from, &ben, role, active).await;
    let ben = again(store, &ben).await;
    pair.discussion(&ben).await;
    crate::projection::catch_up(store).await.unwrap();
    pair.merge().await.unwrap();
    crate::projection::catch_up(store).await.unwrap();
    let ben = again(store, &ben).await;
    for (community, contributions) in [(&pair.from, 0), (&pair.into, 2)] {
        let row = membership_of(store, community, &ben).await.unwrap();
        let member = crate::participation::Member::from(&row);
        let told = crate::participation::of_members(store, &ben, &[member])
            .await
            .unwrap();
        assert_eq!(told[&member].counts.contributions, contributions);
    }
}

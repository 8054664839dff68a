//! What lists and lookups show.

use entity::community::{CommunityVisibility, JoinPolicy};
use entity::membership::{MembershipRole, MembershipState};
use entity::user::PlatformRole;
use uuid::Uuid;

use super::{group, person};
use crate::membership::*;
use crate::paging::PageRequest;
use crate::policy::community::read_membership;
use crate::testing;
use crate::viewer::{Scope, Viewer};

#[tokio::test]
async fn lists_show_what_the_policy_lets_through() {
    let (_directory, store) = testing::store().await;
    let (ada, bob) = (person(&store, "ada").await, person(&store, "bob").await);
    let eve = person(&store, "eve").await;
    let group = group(
        &store,
        &ada,
        CommunityVisibility::Private,
        JoinPolicy::Approval,
    )
    .await;
    join(&store, &bob, group.id).await.unwrap();
    let ada = testing::viewer(&store, ada.user_id().unwrap()).await;
    let all = PageRequest::default();
    let listed = async |viewer: &Viewer, filter: MemberFilter| {
        let page = page_of_community(&store, viewer, &group, filter, &all)
            .await
            .unwrap();
        let count = count_of_community(&store, viewer, &group, filter)
            .await
            .unwrap();
        assert_eq!(count, page.rows.len() as u64);
        count
    };
    let requested = MemberFilter {
        state: Some(MembershipState::Requested),
        ..MemberFilter::default()
    };
    let stewards = MemberFilter {
        role: Some(MembershipRole::Steward),
        ..MemberFilter::default()
    };
    assert_eq!(listed(&ada, MemberFilter::default()).await, 1);
    assert_eq!(listed(&ada, requested).await, 1);
    assert_eq!(listed(&ada, stewards).await, 0);
    assert_eq!(listed(&eve, MemberFilter::default()).await, 0);
    assert_eq!(listed(&eve, requested).await, 0);

    let of_person = async |viewer: &Viewer, person: &Viewer| {
        let id = person.user_id().unwrap();
        let page = page_of_user(&store, viewer, id, &all).await.unwrap();
        assert_eq!(
            count_of_user(&store, viewer, id).await.unwrap(),
            page.rows.len() as u64
        );
        page.rows.len()
    };
    assert_eq!(of_person(&bob, &bob).await, 1, "to oneself in every state");
    assert_eq!(of_person(&eve, &bob).await, 0, "a request is not shown");
    assert_eq!(of_person(&ada, &ada).await, 1);
    for stranger in [&eve, &bob, &Viewer::anonymous()] {
        let shown = of_person(stranger, &ada).await;
        assert_eq!(shown, 0, "who is in a private community its members know");
    }
}

/// The SQL condition and the policy over plain data agree for every visibility, and every state and role of viewer and
/// member.
#[tokio::test]
async fn the_reading_rule_says_the_same_in_sql() {
    let (_directory, store) = testing::store().await;
    let viewer = person(&store, "viewer").await.user_id().unwrap();
    let mut rows = Vec::new();
    for visibility in CommunityVisibility::ALL {
        for (place, state) in MembershipState::ALL.iter().enumerate() {
            for role in [MembershipRole::Member, MembershipRole::Facilitator] {
                let slug = format!("{}-{place}-{}", visibility.as_str(), role.as_str());
                let group = testing::community(&store, &slug, *visibility).await;
                rows.push((
                    group.clone(),
                    testing::membership(&store, group.id, viewer, role, *state).await,
                ));
                for (number, other) in MembershipState::ALL.iter().enumerate() {
                    let handle = format!("{slug}-{number}");
                    let user = testing::user(&store, &handle, PlatformRole::Member).await;
                    let member = MembershipRole::Member;
                    rows.push((
                        group.clone(),
                        testing::membership(&store, group.id, user.id, member, *other).await,
                    ));
                }
            }
        }
    }
    let ids: Vec<Uuid> = rows.iter().map(|(_, row)| row.id).collect();
    let only = rows[25].0.id;
    for viewer in [
        Viewer::anonymous(),
        testing::viewer(&store, viewer).await,
        testing::viewer_with(&store, viewer, Scope::ALL, Some(only)).await,
    ] {
        let found = by_ids(&store, &viewer, &ids).await.unwrap();
        for (group, row) in &rows {
            let expected = read_membership(&viewer, group, row);
            assert_eq!(found.contains_key(&row.id), expected, "{group:?} {row:?}");
        }
    }
}

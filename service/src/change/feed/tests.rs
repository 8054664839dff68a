use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::change::Operation;
use entity::community::CommunityVisibility;
use entity::membership::{MembershipRole, MembershipState};
use entity::user::PlatformRole;
use futures_util::FutureExt;
use sea_orm::EntityTrait;
use sea_orm::sea_query::Expr;

use super::*;
use crate::change::forget_old;
use crate::policy::audience;
use crate::store::PendingChange;
use crate::testing;
use crate::viewer::Scope;

type Tokens = Option<BTreeSet<String>>;

/// A change of something that is gone, or never was: the feed goes by what its row says.
fn change(before: Tokens, after: Tokens) -> PendingChange {
    PendingChange {
        entity_type: EntityType::Resource,
        entity_id: Uuid::now_v7(),
        operation: Operation::Updated,
        community_id: None,
        fields: vec!["title".to_owned()],
        audience_before: before,
        audience_after: after,
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "rows have none where a thing is not there"
)]
fn everybody() -> Tokens {
    Some(audience::of_everybody())
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "rows have none where a thing is not there"
)]
fn nobody() -> Tokens {
    Some(BTreeSet::new())
}

async fn write(store: &Store, changes: Vec<PendingChange>) -> i64 {
    let written = store.write(None, move |unit| {
        async move {
            for change in changes {
                unit.record(change);
            }
            Ok(())
        }
        .boxed()
    });
    written.await.unwrap().position
}

async fn ask(store: &Store, viewer: &Viewer, request: FeedRequest) -> FeedPage {
    page(store, viewer, &request).await.unwrap().unwrap()
}

/// Everything after a position, by pages of a size.
async fn all(store: &Store, viewer: &Viewer, after: i64, size: i64) -> Vec<Change> {
    let (mut next, mut changes) = (after, Vec::new());
    loop {
        let request = FeedRequest {
            after: Some(next),
            first: Some(size),
            ..FeedRequest::default()
        };
        let page = ask(store, viewer, request).await;
        assert!(page.changes.len() <= usize::try_from(size).unwrap());
        assert!(page.next > next || !page.has_more, "it goes on");
        next = page.next;
        changes.extend(page.changes);
        if !page.has_more {
            return changes;
        }
    }
}

fn operations(changes: &[Change]) -> Vec<(i64, Operation)> {
    let told = changes.iter();
    told.map(|change| (change.position, change.operation))
        .collect()
}

#[tokio::test]
async fn a_change_is_told_by_who_saw_the_thing_before_and_sees_it_after() {
    let (_directory, store) = testing::store().await;
    let begin = store.position().await.unwrap();
    let rows = vec![
        change(None, everybody()),
        change(everybody(), everybody()),
        change(nobody(), nobody()),
        change(nobody(), everybody()),
        change(everybody(), nobody()),
        change(everybody(), None),
        change(None, nobody()),
        change(None, None),
    ];
    let end = write(&store, rows).await;
    let anonymous = Viewer::anonymous();
    let expected = [
        (begin + 1, Operation::Created),
        (begin + 2, Operation::Updated),
        (begin + 4, Operation::Created),
        (begin + 5, Operation::Deleted),
        (begin + 6, Operation::Deleted),
    ];
    for size in [1, 2, 3, 1_000] {
        let changes = all(&store, &anonymous, begin, size).await;
        assert_eq!(operations(&changes), expected, "pages of {size}");
    }
    let request = FeedRequest {
        after: Some(end),
        ..FeedRequest::default()
    };
    let page = ask(&store, &anonymous, request).await;
    assert_eq!((page.next, page.has_more), (end, false));
    assert_eq!(page.changes, []);
}

#[tokio::test]
async fn what_concerns_nobody_is_passed_in_bounded_steps() {
    let (_directory, store) = testing::store().await;
    let begin = store.position().await.unwrap();
    let ada = testing::user(&store, "ada", PlatformRole::Member).await;
    let ada = testing::viewer(&store, ada.id).await;
    let community = testing::community(&store, "open", CommunityVisibility::Public).await;
    let of_community = |after: Tokens| PendingChange {
        community_id: Some(community.id),
        ..change(None, after)
    };
    let many = usize::try_from(SCANNED).unwrap() + 7;
    let unseen = (0..many).map(|_| of_community(nobody())).collect();
    let before = write(&store, unseen).await;
    let end = write(&store, vec![of_community(everybody())]).await;

    let window = rows::window_end(&store, None, begin, end).await.unwrap();
    assert_eq!(window, begin + SCANNED);
    let of = Some(community.id);
    let window = rows::window_end(&store, of, begin, end).await.unwrap();
    assert_eq!(window, begin + SCANNED, "all rows are the community's");
    let none = Some(Uuid::now_v7());
    let window = rows::window_end(&store, none, begin, end).await.unwrap();
    assert_eq!(window, end, "of another one there are none");

    for community in [None, of] {
        let request = FeedRequest {
            after: Some(begin),
            community,
            ..FeedRequest::default()
        };
        let page = ask(&store, &ada, request).await;
        assert_eq!(
            operations(&page.changes),
            [(before + 1, Operation::Created)]
        );
        assert_eq!((page.next, page.has_more), (end, false));
    }
    let nothing = FeedRequest {
        after: Some(begin),
        first: Some(0),
        ..FeedRequest::default()
    };
    let page = ask(&store, &ada, nothing).await;
    assert_eq!((page.next, page.has_more), (begin, true));
}

#[tokio::test]
async fn a_page_that_finds_nothing_in_its_time_goes_on_from_where_it_looked() {
    let (_directory, store) = testing::store().await;
    let begin = store.position().await.unwrap();
    let looked_at = SCANNED * i64::try_from(STATEMENTS).unwrap();
    let many = usize::try_from(looked_at).unwrap() + 1;
    write(&store, (0..many).map(|_| change(None, nobody())).collect()).await;
    let request = FeedRequest {
        after: Some(begin),
        ..FeedRequest::default()
    };
    let page = ask(&store, &Viewer::anonymous(), request).await;
    assert_eq!(page.changes, []);
    assert_eq!((page.next, page.has_more), (begin + looked_at, true));
}

#[tokio::test]
async fn types_and_a_community_restrict_what_is_told() {
    use EntityType::{Domain, Membership, Post, Resource};
    let (_directory, store) = testing::store().await;
    let begin = store.position().await.unwrap();
    let open = testing::community(&store, "open", CommunityVisibility::Public).await;
    let hidden = testing::community(&store, "hidden", CommunityVisibility::Unlisted).await;
    let of = |entity_type: EntityType, community_id: Option<Uuid>| PendingChange {
        entity_type,
        community_id,
        ..change(None, everybody())
    };
    write(
        &store,
        vec![
            of(Resource, Some(open.id)),
            of(Post, Some(open.id)),
            of(Resource, None),
            of(Membership, Some(open.id)),
            of(Resource, Some(hidden.id)),
        ],
    )
    .await;
    let told = async |types: &[EntityType], community: Option<Uuid>| {
        let request = FeedRequest {
            after: Some(begin),
            types: types.to_vec(),
            community,
            ..FeedRequest::default()
        };
        let page = page(&store, &Viewer::anonymous(), &request)
            .await
            .unwrap()?;
        let places = page.changes.iter().map(|change| change.position - begin);
        Some(places.collect::<Vec<_>>())
    };
    assert_eq!(told(&[], None).await.unwrap(), [1, 2, 3, 4, 5]);
    assert_eq!(told(&[Resource], None).await.unwrap(), [1, 3, 5]);
    assert_eq!(
        told(&[Resource, Post], Some(open.id)).await.unwrap(),
        [1, 2]
    );
    assert_eq!(told(&[Membership], None).await.unwrap(), [4]);
    assert_eq!(told(&[Domain], None).await.unwrap(), [0; 0]);
    assert_eq!(told(&[], Some(open.id)).await.unwrap(), [1, 2, 4]);
    assert_eq!(told(&[], Some(hidden.id)).await, None);
    assert_eq!(told(&[], Some(Uuid::now_v7())).await, None);
}

#[tokio::test]
async fn what_changes_where_a_viewer_stands_is_one_change_of_the_community() {
    let (_directory, store) = testing::store().await;
    let begin = store.position().await.unwrap();
    let ada = testing::user(&store, "ada", PlatformRole::Member).await;
    let community = testing::community(&store, "closed", CommunityVisibility::Unlisted).await;
    let (role, state) = (MembershipRole::Member, MembershipState::Active);
    let membership = testing::membership(&store, community.id, ada.id, role, state).await;
    let standing = |fields: &[&str]| PendingChange {
        entity_type: EntityType::Membership,
        entity_id: membership.id,
        operation: Operation::Updated,
        community_id: Some(community.id),
        fields: fields.iter().map(|&field| field.to_owned()).collect(),
        audience_before: Some(audience::of_membership(&community, &membership)),
        audience_after: Some(audience::of_membership(&community, &membership)),
    };
    let of_itself = |field: &str| PendingChange {
        entity_type: EntityType::Community,
        entity_id: community.id,
        fields: vec![field.to_owned()],
        community_id: Some(community.id),
        ..change(
            Some(audience::of_community_about(&community)),
            Some(audience::of_community_about(&community)),
        )
    };
    let whole = |entity_id: Uuid, changes: &[Change]| {
        let told = changes
            .iter()
            .filter(|change| change.scope == ChangeScope::Community);
        told.map(|change| {
            assert_eq!(change.entity_type, EntityType::Community);
            assert_eq!(
                (change.entity_id, change.community_id),
                (entity_id, Some(entity_id))
            );
            (change.position - begin, change.operation)
        })
        .collect::<Vec<_>>()
    };
    let session = testing::viewer(&store, ada.id).await;
    let token = testing::viewer_with(&store, ada.id, &[Scope::Read], Some(community.id)).await;
    write(&store, vec![standing(&["functions"])]).await;
    write(&store, vec![standing(&["role"])]).await;
    write(&store, vec![of_itself("name")]).await;
    write(&store, vec![of_itself("status")]).await;
    for viewer in [&session, &token] {
        let changes = all(&store, viewer, begin, 100).await;
        assert_eq!(changes.len(), 4, "{changes:?}");
        assert_eq!(whole(community.id, &changes), [(2, Operation::Updated)]);
        assert_eq!(changes[1].fields, ["viewerMembership"]);
        let types = FeedRequest {
            after: Some(begin),
            types: vec![EntityType::Resource],
            ..FeedRequest::default()
        };
        let page = ask(&store, viewer, types).await;
        assert_eq!(page.changes, [changes[1].clone()], "whatever the types");
    }
    write(&store, vec![of_itself("visibility"), standing(&["state"])]).await;
    for viewer in [&session, &token] {
        let changes = all(&store, viewer, begin, 100).await;
        // The last of them says as much as all.
        assert_eq!(whole(community.id, &changes), [(6, Operation::Updated)]);
        let changes = all(&store, viewer, begin, 1).await;
        let each = [2, 5, 6].map(|place| (place, Operation::Updated));
        assert_eq!(whole(community.id, &changes), each);
    }

    // Whoever is no member any more sees nothing of it but that.
    entity::membership::Entity::update_many()
        .col_expr(
            entity::membership::Column::State,
            Expr::value(MembershipState::Left.as_str()),
        )
        .exec(store.migration_connection())
        .await
        .unwrap();
    for viewer in [&session, &token] {
        let changes = all(&store, viewer, begin, 100).await;
        assert_eq!(whole(community.id, &changes), [(6, Operation::Deleted)]);
    }
    let changes = all(&store, &Viewer::anonymous(), begin, 100).await;
    assert_eq!(changes, []);
}

#[tokio::test]
async fn what_moves_with_its_community_is_told_with_it() {
    let (_directory, store) = testing::store().await;
    let begin = store.position().await.unwrap();
    let to = testing::community(&store, "there", CommunityVisibility::Public).await;
    let moved = |fields: &[&str]| PendingChange {
        community_id: Some(to.id),
        fields: fields.iter().map(|&field| field.to_owned()).collect(),
        ..change(everybody(), everybody())
    };
    let whole = PendingChange {
        entity_type: EntityType::Community,
        entity_id: to.id,
        ..moved(&["mergedFrom"])
    };
    write(
        &store,
        vec![moved(&["community"]), moved(&["title"]), whole],
    )
    .await;
    let changes = all(&store, &Viewer::anonymous(), begin, 100).await;
    let scopes = changes
        .iter()
        .map(|change| (change.position - begin, change.scope));
    let expected = [(2, ChangeScope::Node), (3, ChangeScope::Community)];
    assert_eq!(scopes.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_position_that_is_too_old_or_of_elsewhere_is_refused() {
    let (_directory, store) = testing::store().await;
    write(&store, vec![change(None, everybody())]).await;
    let kept = write(&store, vec![change(None, everybody())]).await;
    store.clock().advance(TimeDelta::days(3));
    let end = write(&store, vec![change(None, everybody())]).await;
    // What is derived has been.
    crate::projection::catch_up(&store).await.unwrap();
    let forgotten = forget_old(&store, TimeDelta::days(2), end).await.unwrap();
    assert_eq!(forgotten, kept.unsigned_abs());

    let anonymous = Viewer::anonymous();
    let after = async |after: Option<i64>| {
        let request = FeedRequest {
            after,
            ..FeedRequest::default()
        };
        page(&store, &anonymous, &request).await
    };
    for place in [None, Some(kept)] {
        let page = after(place).await.unwrap().unwrap();
        assert_eq!(operations(&page.changes), [(end, Operation::Created)]);
    }
    for place in [0, kept - 1] {
        let refused = after(Some(place)).await;
        assert!(
            matches!(refused, Err(Error::PositionExpired { kept_after }) if kept_after == kept),
            "{refused:?}"
        );
    }
    let refused = after(Some(end + 1)).await;
    assert!(
        matches!(
            refused,
            Err(Error::BadArgument {
                argument: "after",
                ..
            })
        ),
        "{refused:?}"
    );
    let nothing_new = after(Some(end)).await.unwrap().unwrap();
    assert_eq!((nothing_new.next, nothing_new.has_more), (end, false));
    for first in [-1, 1_001, i64::MAX] {
        let request = FeedRequest {
            first: Some(first),
            ..FeedRequest::default()
        };
        let refused = page(&store, &anonymous, &request).await;
        assert!(
            matches!(
                refused,
                Err(Error::BadArgument {
                    argument: "first",
                    ..
                })
            ),
            "{first}"
        );
    }
}

use chrono::{DateTime, TimeDelta, Utc};
use entity::community::CommunityVisibility;
use entity::item::ItemVisibility;
use entity::membership::{MembershipRole, MembershipState};
use entity::resource::{self, ResourceKind};
use entity::{community, item_tag};
use futures_util::FutureExt;
use sea_orm::ActiveValue::Set;
use sea_orm::{DatabaseBackend, IntoActiveModel};

use super::*;
use crate::evolution::merge;
use crate::item::insert::replace_rows;
use crate::item::{ItemContent, ItemOrder, Listed, With, archive, count, page, publish, restore};
use crate::paging::{Direction, Page, PageRequest};
use crate::pilot::testing::School;
use crate::resource::{CreateResource, ResourceContent, UpdateResource, create, update};
use crate::store::{Store, recorded};
use crate::testing;
use crate::validation::Patch;

const NEWEST_FIRST: Direction = Direction::Descending;

fn texts(tags: &[&str]) -> Vec<String> {
    tags.iter().map(|&tag| tag.to_owned()).collect()
}

async fn make(
    store: &Store,
    author: &Viewer,
    home: Uuid,
    tags: &[&str],
    visibility: ItemVisibility,
    publish: bool,
) -> Uuid {
    let input = CreateResource {
        community_id: home,
        content: ItemContent {
            title: Patch::Value("Tactile cards".to_owned()),
            tags: Patch::Value(texts(tags)),
            visibility: Patch::Value(visibility),
            ..ItemContent::default()
        },
        resource: ResourceContent {
            kind: Patch::Value(ResourceKind::Guide),
            ..ResourceContent::default()
        },
        publish,
    };
    let made = create(store, author, input).await;
    made.unwrap().value.item.id
}

async fn read(
    store: &Store,
    viewer: &Viewer,
    list: List<'_>,
    request: &PageRequest,
) -> Page<Listed<resource::Model>> {
    let page = page::<resource::Entity>(store, viewer, list, request, With::default());
    page.await.unwrap()
}

fn ids(page: &Page<Listed<resource::Model>>) -> Vec<Uuid> {
    page.rows.iter().map(|(_, row)| row.item.id).collect()
}

async fn forward(store: &Store, viewer: &Viewer, list: List<'_>, first: i64) -> Vec<Uuid> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let request = PageRequest {
            first: Some(first),
            after,
            ..PageRequest::default()
        };
        let page = read(store, viewer, list, &request).await;
        found.extend(ids(&page));
        if !page.has_next {
            return found;
        }
        after = page.rows.last().map(|(cursor, _)| cursor.clone());
    }
}

async fn backward(store: &Store, viewer: &Viewer, list: List<'_>, last: i64) -> Vec<Uuid> {
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let request = PageRequest {
            last: Some(last),
            before,
            ..PageRequest::default()
        };
        let page = read(store, viewer, list, &request).await;
        found = [ids(&page), found].concat();
        if !page.has_previous {
            return found;
        }
        before = page.rows.first().map(|(cursor, _)| cursor.clone());
    }
}

/// What is asked for of two communities, where some items were last changed at `then`.
fn filters(here: Uuid, there: Uuid, then: DateTime<Utc>) -> Vec<ItemFilter> {
    let of = |tags: &[&str]| ItemFilter {
        tags: texts(tags),
        ..ItemFilter::default()
    };
    vec![
        of(&["ETE"]),
        of(&["zoo", "été", "ete", "\0"]),
        ItemFilter {
            community_ids: vec![there],
            ..of(&["ete"])
        },
        ItemFilter {
            community_ids: vec![here, there, here],
            ..of(&["ete", "zoo"])
        },
        ItemFilter {
            community_ids: (0..4).map(|_| Uuid::now_v7()).chain([there]).collect(),
            ..of(&["ete", "zoo"])
        },
        ItemFilter {
            updated_at: TimeRange {
                from: Some(then),
                to: Some(then + TimeDelta::microseconds(1)),
            },
            ..of(&["zoo"])
        },
        ItemFilter {
            kinds: vec![ResourceKind::Guide.as_str()],
            and: vec![of(&["zoo"])],
            not: Some(Box::new(of(&["other"]))),
            ..of(&["ete"])
        },
    ]
}

#[tokio::test]
async fn pages_of_tagged_items_are_those_of_every_other_way_to_read_them() {
    let school = School::new(CommunityVisibility::Public).await;
    let store = &school.store;
    let (here, author) = (school.community.id, school.author.user_id().unwrap());
    let there = testing::community(store, "others", CommunityVisibility::Private).await;
    let (there, member) = (there.id, MembershipRole::Member);
    testing::membership(store, there, author, member, MembershipState::Active).await;
    let author = testing::viewer(store, author).await;
    let tags: [&[&str]; 4] = [&["Été"], &["ete", "zoo"], &["Zoo"], &["other"]];
    let mut made = Vec::new();
    for number in 0..24 {
        let home = if number % 3 == 0 { there } else { here };
        let tags = tags[number % 4];
        let visibility = [
            ItemVisibility::Community,
            ItemVisibility::Members,
            ItemVisibility::Stewards,
        ][number / 8];
        made.push(make(store, &author, home, tags, visibility, number % 5 != 0).await);
    }
    // Equal times: the id breaks ties.
    let then = store.clock().now();
    item::Entity::update_many()
        .col_expr(item::Column::UpdatedAt, Expr::value(then))
        .filter(item::Column::Id.is_in(made.into_iter().step_by(2)))
        .exec(store.migration_connection())
        .await
        .unwrap();
    for viewer in [
        &Viewer::anonymous(),
        &school.member,
        &author,
        &school.steward,
    ] {
        for filter in filters(here, there, then) {
            // With so many tags no index is walked.
            let mut wide = filter.clone();
            wide.tags
                .extend((0..=MOST).map(|number| format!("none {number}")));
            for (scope, direction) in [
                (ListScope::Everything, NEWEST_FIRST),
                (ListScope::Everything, Direction::Ascending),
                (ListScope::Community(here), NEWEST_FIRST),
            ] {
                let list = List {
                    filter: &filter,
                    scope,
                    keyset: ItemOrder::UpdatedAt.keyset(direction),
                };
                let other = List {
                    filter: &wide,
                    ..list
                };
                assert!(Tagged::of(&list).is_some() && Tagged::of(&other).is_none());
                let expected = forward(store, viewer, other, 100).await;
                assert_eq!(forward(store, viewer, list, 3).await, expected);
                assert_eq!(backward(store, viewer, list, 3).await, expected);
                let count = count::<resource::Entity>(store, viewer, &filter, scope);
                assert_eq!(count.await.unwrap(), expected.len() as u64);
            }
        }
    }
    let all = &filters(here, there, then)[1];
    let list = List {
        filter: all,
        scope: ListScope::Everything,
        keyset: ItemOrder::UpdatedAt.keyset(NEWEST_FIRST),
    };
    assert_eq!(forward(store, &author, list, 100).await.len(), 18);
}

#[tokio::test]
async fn pages_of_tagged_items_are_read_from_an_index_in_its_order() {
    let school = School::new(CommunityVisibility::Public).await;
    if school.store.backend() != DatabaseBackend::Sqlite {
        return;
    }
    let community = school.community.id;
    let filter = ItemFilter {
        tags: texts(&["cards"]),
        languages: texts(&["fr"]),
        ..ItemFilter::default()
    };
    for viewer in [&Viewer::anonymous(), &school.member] {
        for (scope, index) in [
            (
                ListScope::Everything,
                "item_tag_tag_key_item_type_updated_at_item_id_idx",
            ),
            (
                ListScope::Community(community),
                "item_tag_community_id_tag_key_item_type_updated_at_item_id_idx",
            ),
        ] {
            let list = List {
                filter: &filter,
                scope,
                keyset: ItemOrder::UpdatedAt.keyset(NEWEST_FIRST),
            };
            let request = PageRequest::default();
            let read = read(&school.store, viewer, list, &request);
            let (_, statements) = recorded(read).await;
            let plan = school.store.plan(&statements[0]).await.unwrap();
            assert!(plan.first().unwrap().contains(index), "{plan:#?}");
            let sorts = plan.iter().any(|line| line.contains("TEMP B-TREE"));
            assert!(!sorts, "{plan:#?}");
        }
    }
}

/// The number of tags, each of which holds what its item is.
async fn tags_like_their_items(store: &Store) -> usize {
    let tags = item_tag::Entity::find().all(store.reader()).await.unwrap();
    for tag in &tags {
        let item = item::Entity::find_by_id(tag.item_id).one(store.reader());
        let item = item.await.unwrap().unwrap();
        assert_eq!(
            (tag.item_type, tag.community_id, tag.updated_at),
            (item.item_type, item.community_id, item.updated_at)
        );
    }
    tags.len()
}

fn change(content: ItemContent) -> UpdateResource {
    UpdateResource {
        content,
        resource: ResourceContent::default(),
        note: None,
    }
}

#[tokio::test]
async fn tags_follow_whatever_writes_their_item() {
    let school = School::new(CommunityVisibility::Public).await;
    let (store, author, facilitator) = (&school.store, &school.author, &school.facilitator);
    let (home, open) = (school.community.id, ItemVisibility::Community);
    let id = make(store, author, home, &["a", "b"], open, false).await;
    make(store, author, home, &["a"], open, true).await;
    assert_eq!(tags_like_their_items(store).await, 3);

    let later = || store.clock().advance(TimeDelta::seconds(1));
    later();
    let renamed = change(ItemContent {
        title: Patch::Value("Tactile cards, again".to_owned()),
        ..ItemContent::default()
    });
    update(store, author, id, renamed, None).await.unwrap();
    assert_eq!(tags_like_their_items(store).await, 3);
    later();
    let tagged = change(ItemContent {
        tags: Patch::Value(texts(&["b", "c", "d"])),
        ..ItemContent::default()
    });
    update(store, author, id, tagged, None).await.unwrap();
    assert_eq!(tags_like_their_items(store).await, 4);
    later();
    let of_type = ItemType::Resource;
    publish(store, author, of_type, id, None).await.unwrap();
    assert_eq!(tags_like_their_items(store).await, 4);
    later();
    archive(store, facilitator, of_type, id, None)
        .await
        .unwrap();
    later();
    restore(store, facilitator, id).await.unwrap();
    assert_eq!(tags_like_their_items(store).await, 4);
    later();
    let many = store.write(None, move |unit| {
        async move {
            let mut rows = item::Entity::find().all(unit.db()).await?;
            for row in &mut rows {
                row.updated_at = unit.now();
            }
            let rows = rows.into_iter().map(IntoActiveModel::into_active_model);
            replace_rows::<item::ActiveModel>(unit, rows.collect()).await
        }
        .boxed()
    });
    many.await.unwrap();
    assert_eq!(tags_like_their_items(store).await, 4);

    let into = testing::community(store, "into", CommunityVisibility::Public).await;
    let user = facilitator.user_id().unwrap();
    let (role, state) = (MembershipRole::Facilitator, MembershipState::Active);
    testing::membership(store, into.id, user, role, state).await;
    let viewer = testing::viewer(store, user).await;
    let merged = merge(store, &viewer, home, into.id, "Together.".to_owned(), None).await;
    let merged: community::Model = merged.unwrap().value;
    assert_eq!(tags_like_their_items(store).await, 4);
    let moved = item_tag::Entity::find().filter(item_tag::Column::CommunityId.eq(merged.id));
    assert_eq!(moved.all(store.reader()).await.unwrap().len(), 4);

    // As the previous version writes a tag.
    let plain = item_tag::ActiveModel {
        item_id: Set(id),
        tag_key: Set("e".to_owned()),
        tag: Set("E".to_owned()),
        place: Set(3),
        ..item_tag::ActiveModel::default()
    };
    item_tag::Entity::insert_many([plain])
        .exec_without_returning(store.migration_connection())
        .await
        .unwrap();
    assert_eq!(tags_like_their_items(store).await, 5);
}

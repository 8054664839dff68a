use entity::community::CommunityVisibility;
use entity::item::ItemVisibility;
use entity::link;
use entity::membership::{MembershipRole, MembershipState};
use entity::resource::ResourceKind;
use entity::user::PlatformRole;
use sea_orm::EntityTrait;

use super::*;
use crate::error::FaultCode;
use crate::item::restore_revision;
use crate::paging::PageRequest;
use crate::resource::{CreateResource, ResourceContent};
use crate::testing;
use crate::validation::{MAX_ENTRIES, Patch};

/// The author of a community that all may read.
async fn shelf(store: &Store) -> (Viewer, Uuid) {
    let community = testing::community(store, "shelf", CommunityVisibility::Public).await;
    let user = testing::user(store, "ada", PlatformRole::Member).await;
    let role = MembershipRole::Facilitator;
    testing::membership(store, community.id, user.id, role, MembershipState::Active).await;
    (testing::viewer(store, user.id).await, community.id)
}

async fn book(store: &Store, author: &Viewer, home: Uuid, visibility: ItemVisibility) -> Uuid {
    let input = CreateResource {
        community_id: home,
        content: ItemContent {
            title: Patch::Value("Book".to_owned()),
            visibility: Patch::Value(visibility),
            ..ItemContent::default()
        },
        resource: ResourceContent {
            kind: Patch::Value(ResourceKind::Guide),
            ..ResourceContent::default()
        },
        publish: true,
    };
    let made = crate::resource::create(store, author, input).await;
    made.unwrap().value.item.id
}

fn entry(id: Uuid) -> NewEntry {
    NewEntry {
        id,
        note: Some("Read it.".to_owned()),
    }
}

fn input(home: Uuid, entries: Option<Vec<NewEntry>>) -> CreateCollection {
    CreateCollection {
        community_id: home,
        content: ItemContent {
            title: Patch::Value("Course".to_owned()),
            ..ItemContent::default()
        },
        collection: CollectionContent {
            entries,
            ..CollectionContent::default()
        },
        publish: true,
    }
}

fn faults<T: std::fmt::Debug>(result: Result<T>) -> Vec<(FaultCode, String)> {
    match result {
        Err(Error::Refused(faults)) => faults
            .into_iter()
            .map(|fault| (fault.code, fault.field.join(".")))
            .collect(),
        other => panic!("should have been refused: {other:?}"),
    }
}

async fn path(store: &Store, viewer: &Viewer, id: Uuid) -> Vec<Uuid> {
    let page = page_of_entries(store, viewer, id, &PageRequest::default()).await;
    let page = page.unwrap();
    let count = entry_count(store, viewer, id).await.unwrap();
    assert_eq!(count, page.rows.len() as u64);
    page.rows
        .into_iter()
        .map(|(_, entry)| entry.item.1)
        .collect()
}

#[tokio::test]
async fn a_path_keeps_its_order_and_shows_what_one_may_read() {
    let (_directory, store) = testing::store().await;
    let (author, home) = shelf(&store).await;
    let open = book(&store, &author, home, ItemVisibility::Community).await;
    let hidden = book(&store, &author, home, ItemVisibility::Authors).await;
    let last = book(&store, &author, home, ItemVisibility::Community).await;
    let given = [last, hidden, open, last].map(entry).to_vec();
    let made = create(&store, &author, input(home, Some(given))).await;
    let id = made.unwrap().value.item.id;
    assert_eq!(path(&store, &author, id).await, [last, hidden, open]);
    let anonymous = Viewer::anonymous();
    assert_eq!(path(&store, &anonymous, id).await, [last, open]);

    let turned = [open, last].map(entry).to_vec();
    let set = set_entries(&store, &author, id, turned.clone(), Some(1)).await;
    assert_eq!(set.unwrap().value.item.revision, 2);
    assert_eq!(path(&store, &author, id).await, [open, last]);
    let again = set_entries(&store, &author, id, turned, None).await;
    assert_eq!(again.unwrap().value.item.revision, 2, "nothing changes");
    assert_eq!(
        link::Entity::find()
            .all(store.reader())
            .await
            .unwrap()
            .len(),
        2
    );

    let removed = item::delete(&store, &author, ItemType::Resource, last).await;
    removed.unwrap();
    assert_eq!(path(&store, &author, id).await, [open]);
    let restored = restore_revision(&store, &author, id, 1, None).await;
    assert_eq!(restored.unwrap().value.item.revision, 3);
    assert_eq!(
        path(&store, &author, id).await,
        [hidden, open],
        "what is gone stays so"
    );
}

#[tokio::test]
async fn all_that_is_wrong_with_a_path_is_said_at_once() {
    let (_directory, store) = testing::store().await;
    let (author, home) = shelf(&store).await;
    let open = book(&store, &author, home, ItemVisibility::Community).await;
    let made = create(&store, &author, input(home, None)).await;
    let id = made.unwrap().value.item.id;
    let long = NewEntry {
        id: open,
        note: Some("x".repeat(2_001)),
    };
    let given = vec![entry(Uuid::now_v7()), long, entry(id)];
    let refused = set_entries(&store, &author, id, given.clone(), None).await;
    assert_eq!(
        faults(refused),
        [
            (FaultCode::NotFound, "entries.0.id".to_owned()),
            (FaultCode::TooLong, "entries.1.note".to_owned()),
            (FaultCode::Invalid, "entries.2.id".to_owned()),
        ]
    );
    let refused = create(
        &store,
        &author,
        input(Uuid::now_v7(), Some(given[..1].to_vec())),
    )
    .await;
    assert_eq!(
        faults(refused),
        [
            (FaultCode::NotFound, "input.entries.0.id".to_owned()),
            (FaultCode::NotFound, "input.communityId".to_owned()),
        ]
    );
    let many = vec![entry(open); MAX_ENTRIES + 1];
    let refused = set_entries(&store, &author, id, many, None).await;
    assert_eq!(
        faults(refused),
        [(FaultCode::TooLong, "entries".to_owned())]
    );

    let search = |query: Patch<String>| UpdateCollection {
        collection: CollectionContent {
            search_query: query,
            ..CollectionContent::default()
        },
        ..UpdateCollection::default()
    };
    let saved = search(Patch::Value("walking".to_owned()));
    update(&store, &author, id, saved.clone(), None)
        .await
        .unwrap();
    let refused = set_entries(&store, &author, id, vec![entry(open)], None).await;
    assert_eq!(
        faults(refused),
        [(FaultCode::Invalid, "entries".to_owned())]
    );
    update(&store, &author, id, search(Patch::Null), None)
        .await
        .unwrap();
    set_entries(&store, &author, id, vec![entry(open)], None)
        .await
        .unwrap();
    let refused = update(&store, &author, id, saved, None).await;
    assert_eq!(
        faults(refused),
        [(FaultCode::Invalid, "input.searchQuery".to_owned())]
    );
}

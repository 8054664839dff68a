use entity::change::EntityType;
use entity::community::CommunityVisibility;
use entity::item::ItemType;
use entity::membership::{MembershipRole, MembershipState};
use entity::resource::ResourceKind;
use entity::user::PlatformRole;

use super::*;
use crate::error::{Error, FaultCode};
use crate::item::{self, ItemContent};
use crate::resource::{CreateResource, ResourceContent};
use crate::testing;
use crate::validation::{MAX_LINKS, Patch};

/// A facilitator of a community, with so many resources there.
async fn shelf(store: &Store, many: usize) -> (Viewer, Vec<Uuid>) {
    let community = testing::community(store, "shelf", CommunityVisibility::Public).await;
    let user = testing::user(store, "ada", PlatformRole::Member).await;
    let role = MembershipRole::Facilitator;
    testing::membership(store, community.id, user.id, role, MembershipState::Active).await;
    let viewer = testing::viewer(store, user.id).await;
    let mut made = Vec::new();
    for number in 0..many {
        let input = CreateResource {
            community_id: community.id,
            content: ItemContent {
                title: Patch::Value(format!("Book {number}")),
                ..ItemContent::default()
            },
            resource: ResourceContent {
                kind: Patch::Value(ResourceKind::Guide),
                ..ResourceContent::default()
            },
            publish: true,
        };
        let written = crate::resource::create(store, &viewer, input)
            .await
            .unwrap();
        made.push(written.value.item.id);
    }
    (viewer, made)
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> (FaultCode, String) {
    match result {
        Err(Error::Refused(faults)) => (faults[0].code, faults[0].field.join(".")),
        other => panic!("should have been refused: {other:?}"),
    }
}

fn refused(code: FaultCode, field: &str) -> (FaultCode, String) {
    (code, field.to_owned())
}

/// Every relation from one resource to another and back: what is stated by hand, and what may lead in a circle.
#[tokio::test]
async fn every_relation_is_stated_by_hand_or_not() {
    use LinkRelation::{Answers, EvidenceFor, PartOf, References, Requires, TranslationOf};
    let (_directory, store) = testing::store().await;
    let (viewer, made) = shelf(&store, 3).await;
    let link = |from: usize, relation, to: usize| ItemLink {
        from: made[from],
        relation,
        to: made[to],
    };
    for relation in LinkRelation::ALL.iter().copied() {
        let there = link_items(&store, &viewer, link(0, relation, 1)).await;
        match relation {
            // A resource asks nothing.
            Answers => assert_eq!(code(there), refused(FaultCode::Invalid, "toId")),
            EvidenceFor | PartOf | References | Requires | TranslationOf => {
                let changes = testing::changes(&store, EntityType::Resource).await.len();
                let again = link_items(&store, &viewer, link(0, relation, 1)).await;
                assert_eq!(again.unwrap().position, there.unwrap().position);
                let unchanged = testing::changes(&store, EntityType::Resource).await.len();
                assert_eq!(unchanged, changes, "{relation:?}");
                link_items(&store, &viewer, link(1, relation, 2))
                    .await
                    .unwrap();
                let back = link_items(&store, &viewer, link(2, relation, 0)).await;
                if relation == References {
                    back.unwrap();
                } else {
                    assert_eq!(code(back), refused(FaultCode::Invalid, "toId"));
                }
                let alone = link_items(&store, &viewer, link(0, relation, 0)).await;
                assert_eq!(code(alone), refused(FaultCode::Invalid, "toId"));
                unlink_items(&store, &viewer, link(1, relation, 2))
                    .await
                    .unwrap();
                link_items(&store, &viewer, link(2, relation, 0))
                    .await
                    .unwrap();
            }
            _ => {
                assert_eq!(code(there), refused(FaultCode::Invalid, "relation"));
                let back = unlink_items(&store, &viewer, link(0, relation, 1)).await;
                assert_eq!(code(back), refused(FaultCode::Invalid, "relation"));
            }
        }
    }
}

#[tokio::test]
async fn an_item_has_so_many_relations_by_hand_and_no_more() {
    let (_directory, store) = testing::store().await;
    let (viewer, made) = shelf(&store, MAX_LINKS + 2).await;
    let link = |to: usize| ItemLink {
        from: made[0],
        relation: LinkRelation::Requires,
        to: made[to],
    };
    for to in 1..=MAX_LINKS {
        link_items(&store, &viewer, link(to)).await.unwrap();
    }
    let one_more = link_items(&store, &viewer, link(MAX_LINKS + 1)).await;
    assert_eq!(code(one_more), refused(FaultCode::LimitReached, "toId"));
    let known = link_items(&store, &viewer, link(1)).await;
    assert!(known.is_ok(), "what is stated already is not counted again");
}

#[tokio::test]
async fn what_is_deleted_takes_its_relations_along() {
    let (_directory, store) = testing::store().await;
    let (viewer, made) = shelf(&store, 2).await;
    let link = ItemLink {
        from: made[0],
        relation: LinkRelation::PartOf,
        to: made[1],
    };
    link_items(&store, &viewer, link).await.unwrap();
    let deleted = item::delete(&store, &viewer, ItemType::Resource, made[1]).await;
    deleted.unwrap();
    assert_eq!(link::Entity::find().all(store.reader()).await.unwrap(), []);
}

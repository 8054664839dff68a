use entity::boundary_share;
use entity::community::CommunityVisibility;
use entity::item::ItemVisibility;
use entity::link;
use entity::membership::{MembershipRole, MembershipState};
use entity::resource::ResourceKind;
use entity::user::PlatformRole;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use super::*;
use crate::error::{FaultCode, Result};
use crate::item::{self, Details, ItemContent, ItemState};
use crate::resource::{CreateResource, ResourceContent};
use crate::store::Store;
use crate::testing;
use crate::validation::Patch;
use crate::viewer::Viewer;

/// Two communities with a resource of the first; the broker facilitates both.
struct Boundary {
    store: Store,
    broker: Viewer,
    from: Uuid,
    to: Uuid,
    item: Uuid,
    _directory: tempfile::TempDir,
}

impl Boundary {
    async fn new(from: CommunityVisibility, to: CommunityVisibility) -> Self {
        let (directory, store) = testing::store().await;
        let user = testing::user(&store, "ada", PlatformRole::Member).await;
        let from = testing::community(&store, "from", from).await.id;
        let to = testing::community(&store, "to", to).await.id;
        for community in [from, to] {
            let role = MembershipRole::Facilitator;
            let state = MembershipState::Active;
            testing::membership(&store, community, user.id, role, state).await;
        }
        let broker = testing::viewer(&store, user.id).await;
        let input = CreateResource {
            community_id: from,
            content: ItemContent {
                title: Patch::Value("Guide".to_owned()),
                body: Patch::Value("Walk.".to_owned()),
                licence: Patch::Value("CC-BY-4.0".to_owned()),
                attribution: Patch::Value("By the walkers.".to_owned()),
                bylines: Patch::Value(vec!["Grace".to_owned()]),
                tags: Patch::Value(vec!["walking".to_owned()]),
                ..ItemContent::default()
            },
            resource: ResourceContent {
                kind: Patch::Value(ResourceKind::Guide),
                ..ResourceContent::default()
            },
            publish: true,
        };
        let made = crate::resource::create(&store, &broker, input).await;
        Self {
            item: made.unwrap().value.item.id,
            store,
            broker,
            from,
            to,
            _directory: directory,
        }
    }

    async fn offer(&self) -> Result<BoundaryShare> {
        let input = OfferShare {
            item: self.item,
            to: self.to,
            note: Some("Try it.".to_owned()),
        };
        let offered = offer(&self.store, &self.broker, input).await;
        offered.map(|written| written.value)
    }

    /// A share in a state.
    async fn share_in(&self, state: BoundaryShareState) -> BoundaryShare {
        let share = self.offer().await.unwrap();
        let row = boundary_share::ActiveModel {
            state: Set(state),
            ..share.into_active_model()
        };
        row.update(self.store.migration_connection()).await.unwrap()
    }

    async fn adapt(&self, share: Uuid) -> Result<ItemState> {
        let adapted = adapt(&self.store, &self.broker, share).await;
        adapted.map(|written| written.value)
    }
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> (FaultCode, Option<BlockerCode>) {
    match result {
        Err(Error::Refused(faults)) => {
            let blocker = faults[0].blocked_by.first().map(|blocker| blocker.code);
            (faults[0].code, blocker)
        }
        other => panic!("should have been refused: {other:?}"),
    }
}

/// From every state, what leads to every other one.
#[tokio::test]
async fn the_ways_between_all_pairs_of_states() {
    use BoundaryShareState::{Accepted, Adapted, Declined, Offered, Withdrawn};
    let open = [
        (Offered, Accepted),
        (Offered, Declined),
        (Accepted, Adapted),
        (Accepted, Withdrawn),
        (Adapted, Withdrawn),
    ];
    let public = CommunityVisibility::Public;
    let boundary = Boundary::new(public, public).await;
    let (store, broker) = (&boundary.store, &boundary.broker);
    for from in BoundaryShareState::ALL.iter().copied() {
        for to in BoundaryShareState::ALL.iter().copied() {
            let leads = open.contains(&(from, to));
            assert_eq!(next_states(from).contains(&to), leads, "{from:?} to {to:?}");
            let share = boundary.share_in(from).await;
            let before = store.position().await.unwrap();
            let outcome = match to {
                // A share begins so, and never becomes so again.
                Offered => Ok(from),
                Accepted | Declined => respond(store, broker, share.id, to == Accepted)
                    .await
                    .map(|written| written.value.state),
                Withdrawn => withdraw(store, broker, share.id)
                    .await
                    .map(|written| written.value.state),
                Adapted => boundary.adapt(share.id).await.map(|_| to),
            };
            if to == Offered || from == to && to != Adapted {
                assert_eq!(outcome.unwrap(), from);
                assert_eq!(store.position().await.unwrap(), before, "nothing changes");
            } else if leads {
                assert_eq!(outcome.unwrap(), to);
            } else {
                let refused = (FaultCode::InvalidTransition, Some(BlockerCode::NotFromHere));
                assert_eq!(code(outcome), refused, "{from:?} to {to:?}");
                assert_eq!(
                    store.position().await.unwrap(),
                    before,
                    "nothing is written"
                );
            }
            boundary_share::Entity::delete_by_id(share.id)
                .exec(store.migration_connection())
                .await
                .unwrap();
        }
    }
}

#[tokio::test]
async fn what_is_adapted_keeps_licence_attribution_and_those_who_made_it() {
    let public = CommunityVisibility::Public;
    let boundary = Boundary::new(public, public).await;
    let share = boundary.share_in(BoundaryShareState::Accepted).await;
    let made = boundary.adapt(share.id).await.unwrap();
    assert_eq!(made.item.community_id, boundary.to);
    assert!(!made.item.published, "a draft");
    assert_eq!(made.item.licence.as_deref(), Some("CC-BY-4.0"));
    assert_eq!(made.item.attribution.as_deref(), Some("By the walkers."));
    assert_eq!(made.item.bylines.0, ["Grace", "ada"]);
    assert_eq!(made.body.as_deref(), Some("Walk."));
    assert_eq!(made.tags, ["walking"]);
    assert!(matches!(made.details, Details::Resource(_)));
    let links = link::Entity::find().all(boundary.store.reader()).await;
    let links = links.unwrap();
    assert_eq!(links.len(), 1);
    assert_eq!(
        (links[0].from_id, links[0].relation, links[0].to_id),
        (made.item.id, link::LinkRelation::AdaptedFrom, boundary.item)
    );
    let again = boundary.adapt(share.id).await;
    let refused = (FaultCode::InvalidTransition, Some(BlockerCode::NotFromHere));
    assert_eq!(code(again), refused, "once");
    withdraw(&boundary.store, &boundary.broker, share.id)
        .await
        .unwrap();
    assert_eq!(code(boundary.adapt(share.id).await), refused);
    let deleted = ItemType::Resource;
    let (store, broker) = (&boundary.store, &boundary.broker);
    item::delete(store, broker, deleted, made.item.id)
        .await
        .unwrap();
    assert_eq!(
        code(boundary.adapt(share.id).await),
        refused,
        "what was taken back stays so"
    );
}

/// What is made of an item is for no more people than the item.
#[tokio::test]
async fn an_adaptation_widens_nothing() {
    use CommunityVisibility::{Internal, Private, Public, Unlisted};
    for from in CommunityVisibility::ALL.iter().copied() {
        for to in CommunityVisibility::ALL.iter().copied() {
            let boundary = Boundary::new(from, to).await;
            let share = boundary.share_in(BoundaryShareState::Accepted).await;
            let made = boundary.adapt(share.id).await;
            match (from, to) {
                (Public, _) | (Internal, Internal | Private | Unlisted) => {
                    let made = made.unwrap().item.visibility;
                    assert_eq!(made, ItemVisibility::Community, "{from:?} to {to:?}");
                }
                (Internal, Public) => {
                    let made = made.unwrap().item.visibility;
                    assert_eq!(made, ItemVisibility::Members, "{from:?} to {to:?}");
                }
                (Private | Unlisted, _) => {
                    let refused = (
                        FaultCode::InvalidTransition,
                        Some(BlockerCode::CriterionUnmet),
                    );
                    assert_eq!(code(made), refused, "{from:?} to {to:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn one_offers_what_is_published_and_once() {
    let public = CommunityVisibility::Public;
    let boundary = Boundary::new(public, public).await;
    let (store, broker) = (&boundary.store, &boundary.broker);
    let first = boundary.offer().await.unwrap();
    let position = store.position().await.unwrap();
    assert_eq!(boundary.offer().await.unwrap(), first);
    assert_eq!(store.position().await.unwrap(), position);
    let offer_to = |to| OfferShare {
        item: boundary.item,
        to,
        note: None,
    };
    let home = offer(store, broker, offer_to(boundary.from)).await;
    assert_eq!(code(home), (FaultCode::Invalid, None));
    let nowhere = offer(store, broker, offer_to(Uuid::now_v7())).await;
    assert_eq!(code(nowhere), (FaultCode::NotFound, None));
    respond(store, broker, first.id, false).await.unwrap();
    let second = boundary.offer().await.unwrap();
    assert_ne!(second.id, first.id, "what was declined is offered again");
    let archived = item::archive(store, broker, ItemType::Resource, boundary.item, None).await;
    archived.unwrap();
    let other = testing::community(store, "other", public).await.id;
    let user = broker.user_id().unwrap();
    let (role, state) = (MembershipRole::Member, MembershipState::Active);
    testing::membership(store, other, user, role, state).await;
    let refused = offer(store, broker, offer_to(other)).await;
    assert_eq!(code(refused), (FaultCode::Invalid, None), "archived");
}

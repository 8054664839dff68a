//! What goes along beside the items: what is shared over the boundary, and what members tell.

use std::collections::HashMap;

use chrono::TimeDelta;
use entity::boundary_share::{self, BoundaryShareState};
use entity::change::{Model as Change, Operation};
use entity::flag::FlagReason;
use entity::transition;
use entity::value_step::ValueCycle;
use entity::value_story::{self, Consent};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::*;
use crate::boundary_share::{BoundaryShare, FROM_COMMUNITY, OfferShare, TO_COMMUNITY, offer};
use crate::flag::RaiseFlag;
use crate::policy::audience;
use crate::value_story::{NewStep, TellStory, ValueStory, tell};

/// Brings a published resource of a community to another one, by Ada, who facilitates both.
async fn shared(
    store: &Store,
    ada: &Viewer,
    item: Uuid,
    to: &community::Model,
    state: BoundaryShareState,
) -> BoundaryShare {
    let input = OfferShare {
        item,
        to: to.id,
        note: Some("Try it.".to_owned()),
    };
    let offered = offer(store, ada, input).await.unwrap().value;
    let row = boundary_share::ActiveModel {
        state: Set(state),
        ..offered.into_active_model()
    };
    row.update(store.migration_connection()).await.unwrap()
}

async fn share(store: &Store, id: Uuid) -> BoundaryShare {
    let found = boundary_share::Entity::find_by_id(id).one(store.reader());
    found.await.unwrap().unwrap()
}

async fn story(store: &Store, id: Uuid) -> ValueStory {
    let found = value_story::Entity::find_by_id(id).one(store.reader());
    found.await.unwrap().unwrap()
}

/// The last change of each thing of a type.
async fn last_changes(store: &Store, entity_type: EntityType) -> HashMap<Uuid, Change> {
    let rows = testing::changes(store, entity_type).await;
    rows.into_iter().map(|row| (row.entity_id, row)).collect()
}

/// Why something came to be as it is.
async fn last_reason(store: &Store, id: Uuid) -> Option<String> {
    let steps = transition::Entity::find()
        .filter(transition::Column::EntityId.eq(id))
        .all(store.reader());
    let last = steps.await.unwrap().into_iter().max_by_key(|step| step.id);
    last.unwrap().reason
}

fn tokens(row: &Change) -> (BTreeSet<String>, BTreeSet<String>) {
    let set = |of: &Option<entity::TextList>| of.clone().unwrap().0.into_iter().collect();
    (set(&row.audience_before), set(&row.audience_after))
}

async fn resource(store: &Store, ada: &Viewer, of: &community::Model) -> Uuid {
    make(store, ada, of, Made::Resource, ItemVisibility::Community).await
}

/// From each state, in each direction, what becomes of a share when one of its communities goes into a third one, and
/// when the two become one.
#[tokio::test]
async fn what_is_open_over_a_boundary_goes_along_and_what_leads_nowhere_ends() {
    use BoundaryShareState::{Accepted, Adapted, Declined, Offered, Withdrawn};
    let (_directory, store) = testing::store().await;
    let ada = person(&store, "ada").await;
    let visibility = CommunityVisibility::Public;
    for state in BoundaryShareState::ALL.iter().copied() {
        let (from, into, ada) = two(&store, &ada, visibility, visibility).await;
        let third = found_by(&store, &ada, "Third", visibility).await;
        let ada = again(&store, &ada).await;
        let here = resource(&store, &ada, &from).await;
        let there = resource(&store, &ada, &third).await;
        let across = resource(&store, &ada, &into).await;
        let given = shared(&store, &ada, here, &third, state).await;
        let taken = shared(&store, &ada, there, &from, state).await;
        let within = [
            shared(&store, &ada, here, &into, state).await,
            shared(&store, &ada, across, &from, state).await,
        ];
        store.clock().advance(TimeDelta::seconds(60));
        merge(&store, &ada, from.id, into.id, because(), None)
            .await
            .unwrap();
        let told = last_changes(&store, EntityType::BoundaryShare).await;
        let open = matches!(state, Offered | Accepted | Adapted);
        for (before, expected, receiver, field) in [
            (
                &given,
                BoundaryShare {
                    from_community_id: into.id,
                    ..given.clone()
                },
                (&third, &third),
                FROM_COMMUNITY,
            ),
            (
                &taken,
                BoundaryShare {
                    to_community_id: into.id,
                    ..taken.clone()
                },
                (&from, &into),
                TO_COMMUNITY,
            ),
        ] {
            let now = share(&store, before.id).await;
            if !open {
                assert_eq!(now, *before, "{state:?}: what ended stays where it was");
                assert_eq!(told[&now.id].operation, Operation::Created);
                continue;
            }
            assert_eq!(now, expected, "{state:?}");
            let row = &told[&now.id];
            assert_eq!(row.fields.0, [field]);
            assert_eq!(row.community_id, Some(expected.to_community_id));
            assert_eq!(
                tokens(row),
                (
                    audience::of_boundary_share(before, receiver.0),
                    audience::of_boundary_share(&now, receiver.1)
                )
            );
        }
        for before in within {
            let now = share(&store, before.id).await;
            let ended = match state {
                Offered | Declined => Declined,
                Accepted | Adapted | Withdrawn => Withdrawn,
            };
            assert_eq!(now.state, ended, "{state:?}");
            assert_eq!(
                (now.from_community_id, now.to_community_id, &now.note),
                (
                    before.from_community_id,
                    before.to_community_id,
                    &before.note
                )
            );
            assert_eq!(now.updated_at > before.updated_at, open);
            if open {
                let reason = last_reason(&store, now.id).await;
                assert_eq!(reason.as_deref(), Some("The two communities are one now."));
                assert_eq!(told[&now.id].fields.0, ["state"]);
            }
        }
    }
}

/// A community has one open share of an item: the one that came furthest stays.
#[tokio::test]
async fn of_two_shares_of_an_item_with_one_community_the_further_one_stays() {
    use BoundaryShareState::{Accepted, Adapted, Declined, Offered, Withdrawn};
    let (_directory, store) = testing::store().await;
    let ada = person(&store, "ada").await;
    let visibility = CommunityVisibility::Public;
    let open = [Offered, Accepted, Adapted];
    for (place, there) in open.into_iter().enumerate() {
        for (other, here) in open.into_iter().enumerate() {
            let (from, into, ada) = two(&store, &ada, visibility, visibility).await;
            let third = found_by(&store, &ada, "Third", visibility).await;
            let ada = again(&store, &ada).await;
            let item = resource(&store, &ada, &third).await;
            let known = shared(&store, &ada, item, &into, there).await;
            let came = shared(&store, &ada, item, &from, here).await;
            merge(&store, &ada, from.id, into.id, because(), None)
                .await
                .unwrap();
            let (stays, ends) = if place >= other {
                (&known, &came)
            } else {
                (&came, &known)
            };
            let now = share(&store, stays.id).await;
            assert_eq!(
                (now.state, now.to_community_id),
                (stays.state, into.id),
                "{there:?} and {here:?}"
            );
            let now = share(&store, ends.id).await;
            let ended = if ends.state == Offered {
                Declined
            } else {
                Withdrawn
            };
            assert_eq!(now.state, ended, "{there:?} and {here:?}");
            let reason = last_reason(&store, now.id).await;
            assert!(reason.unwrap().contains("became part of another"));
        }
    }
}

#[tokio::test]
async fn a_part_takes_along_what_is_shared_of_its_items_alone() {
    let (_directory, store) = testing::store().await;
    let ada = person(&store, "ada").await;
    let visibility = CommunityVisibility::Public;
    let (whole, other, ada) = two(&store, &ada, visibility, visibility).await;
    let comes = resource(&store, &ada, &whole).await;
    let stays = resource(&store, &ada, &whole).await;
    let foreign = resource(&store, &ada, &other).await;
    let accepted = BoundaryShareState::Accepted;
    let along = shared(&store, &ada, comes, &other, accepted).await;
    let behind = [
        shared(&store, &ada, stays, &other, accepted).await,
        shared(&store, &ada, foreign, &whole, accepted).await,
    ];
    let input = SplitCommunity {
        name: "Part".to_owned(),
        purpose: "To be tried apart.".to_owned(),
        item_ids: vec![comes],
        membership_ids: Vec::new(),
        reason: "There are two of us.".to_owned(),
    };
    let part = split(&store, &ada, whole.id, input).await.unwrap().value;
    let now = share(&store, along.id).await;
    assert_eq!(
        (now.from_community_id, now.to_community_id, now.state),
        (part.id, other.id, accepted)
    );
    for share_behind in behind {
        assert_eq!(share(&store, share_behind.id).await, share_behind);
    }
}

#[tokio::test]
async fn stories_go_along_as_their_authors_consent() {
    let (_directory, store) = testing::store().await;
    let (ada, ben) = (person(&store, "ada").await, person(&store, "ben").await);
    let (from, into, ada) = two(
        &store,
        &ada,
        CommunityVisibility::Public,
        CommunityVisibility::Private,
    )
    .await;
    let (role, active) = (MembershipRole::Member, MembershipState::Active);
    member(&store, &from, &ben, role, active).await;
    let ben = again(&store, &ben).await;
    let mut told = Vec::new();
    for consent in Consent::ALL.iter().copied() {
        let input = TellStory {
            community_id: from.id,
            title: "What I took home".to_owned(),
            consent,
            steps: vec![NewStep {
                cycle: ValueCycle::Immediate,
                text: "I was not alone.".to_owned(),
                references: Vec::new(),
            }],
        };
        told.push(tell(&store, &ben, input).await.unwrap().value);
    }
    let public = told
        .iter()
        .find(|story| story.consent == Consent::Public)
        .unwrap();
    let raised = RaiseFlag {
        target: (EntityType::ValueStory, public.id),
        reason: FlagReason::Outdated,
        note: None,
    };
    let raised = crate::flag::raise(&store, &ada, raised).await.unwrap();
    crate::projection::catch_up(&store).await.unwrap();
    merge(&store, &ada, from.id, into.id, because(), None)
        .await
        .unwrap();
    let changes = last_changes(&store, EntityType::ValueStory).await;
    for before in &told {
        let now = story(&store, before.id).await;
        let expected = ValueStory {
            community_id: into.id,
            ..before.clone()
        };
        assert_eq!(now, expected);
        let row = &changes[&now.id];
        assert_eq!(row.fields.0, [MOVED]);
        assert_eq!(
            tokens(row),
            (
                audience::of_value_story(&from, before),
                audience::of_value_story(&into, &now)
            )
        );
        assert!(row.narrowed, "search leaves it out at once");
    }
    let flagged = entity::flag::Entity::find_by_id(raised.value.id)
        .one(store.reader())
        .await;
    assert_eq!(flagged.unwrap().unwrap().community_id, into.id);
    let stranger = person(&store, "eve").await;
    let ids: Vec<Uuid> = told.iter().map(|story| story.id).collect();
    let seen = crate::value_story::by_ids(&store, &stranger, &ids).await;
    assert!(
        seen.unwrap().is_empty(),
        "it is as private as its community"
    );
    // What was told counts where it is.
    crate::projection::catch_up(&store).await.unwrap();
    let ben = again(&store, &ben).await;
    let row = membership_of(&store, &into, &ben).await.unwrap();
    let member = crate::participation::Member::from(&row);
    let counted = crate::participation::of_members(&store, &ben, &[member])
        .await
        .unwrap();
    assert_eq!(counted[&member].counts.contributions, 3);
}

//! What a split takes along.

use entity::community::{CommunityStage, TransformationOutcome};
use entity::flag::{self, FlagReason, FlagState};
use entity::membership_function::MembershipFunction;
use sea_orm::IntoActiveModel;

use super::*;
use crate::evolution::split::MOST;

#[tokio::test]
async fn a_split_takes_along_whom_and_what_it_names() {
    let (_directory, store) = testing::store().await;
    let (ada, ben, cleo) = (
        person(&store, "ada").await,
        person(&store, "ben").await,
        person(&store, "cleo").await,
    );
    let whole = found_by(&store, &ada, "Whole", CommunityVisibility::Private).await;
    let active = MembershipState::Active;
    let comes = member(&store, &whole, &ben, MembershipRole::Steward, active).await;
    let left = member(
        &store,
        &whole,
        &cleo,
        MembershipRole::Member,
        MembershipState::Left,
    )
    .await;
    let ada = again(&store, &ada).await;
    crate::membership::set_functions(&store, &ada, comes.id, vec![MembershipFunction::Broker])
        .await
        .unwrap();
    let item = make(
        &store,
        &ada,
        &whole,
        Made::Resource,
        ItemVisibility::Members,
    )
    .await;
    let input = SplitCommunity {
        name: "Part".to_owned(),
        purpose: "To be tried apart.".to_owned(),
        item_ids: vec![item, Uuid::now_v7()],
        membership_ids: vec![left.id, comes.id],
        reason: String::new(),
    };
    let refused: Vec<_> = faults(split(&store, &ada, whole.id, input.clone()).await)
        .into_iter()
        .map(|fault| (fault.code, fault.field.join(".")))
        .collect();
    assert_eq!(
        refused,
        [
            (FaultCode::Required, "input.reason".to_owned()),
            (FaultCode::NotFound, "input.itemIds.1".to_owned()),
            (FaultCode::NotFound, "input.memberIds.0".to_owned()),
        ],
        "all at once"
    );
    let input = SplitCommunity {
        item_ids: vec![item],
        membership_ids: vec![comes.id],
        reason: "There are two of us.".to_owned(),
        ..input
    };
    let steward = again(&store, &ben).await;
    let refused = faults(split(&store, &steward, whole.id, input.clone()).await);
    assert_eq!(refused[0].code, FaultCode::Forbidden);
    let part = split(&store, &ada, whole.id, input).await.unwrap().value;
    assert_eq!(
        (part.visibility, part.kind, part.stage),
        (whole.visibility, whole.kind, CommunityStage::Coalescing)
    );
    let bens = membership_of(&store, &part, &ben).await.unwrap();
    assert_eq!((bens.role, bens.state), (MembershipRole::Steward, active));
    let functions = crate::membership::functions_of(store.reader(), &[bens.id]).await;
    assert_eq!(functions.unwrap()[&bens.id], [MembershipFunction::Broker]);
    let adas = membership_of(&store, &part, &ada).await.unwrap();
    assert_eq!(adas.role, MembershipRole::Facilitator);
    let stays = membership_of(&store, &whole, &ben).await.unwrap();
    assert_eq!(stays.state, active, "one may leave by oneself");

    let ada = again(&store, &ada).await;
    let origin = kin_of(&store, &ada, Kin::CameFrom, &[item]).await.unwrap();
    assert_eq!(origin[&item][0].id, whole.id);
    let parts = kin_of(&store, &ada, Kin::SplitInto, &[whole.id]).await;
    assert_eq!(parts.unwrap()[&whole.id][0].id, part.id);
    // A private community is seen by its about; an anonymous visitor knows of none.
    let hidden = kin_of(&store, &Viewer::anonymous(), Kin::CameFrom, &[item]).await;
    assert!(hidden.unwrap().is_empty());
}

#[tokio::test]
async fn a_transformation_may_end_in_a_split() {
    let (_directory, store) = testing::store().await;
    let ada = person(&store, "ada").await;
    let whole = found_by(&store, &ada, "Whole", CommunityVisibility::Public).await;
    let mut row: community::ActiveModel = whole.clone().into();
    row.stage = sea_orm::ActiveValue::Set(CommunityStage::Transformation);
    community::Entity::update(row)
        .exec(store.migration_connection())
        .await
        .unwrap();
    let ada = again(&store, &ada).await;
    let own = membership_of(&store, &whole, &ada).await.unwrap();
    let input = SplitCommunity {
        name: "Part".to_owned(),
        purpose: "To be tried apart.".to_owned(),
        item_ids: Vec::new(),
        membership_ids: vec![own.id],
        reason: "There are two of us.".to_owned(),
    };
    split(&store, &ada, whole.id, input).await.unwrap();
    let history = crate::community::history_of(store.reader(), &[whole.id]).await;
    let last = history.unwrap().remove(&whole.id).unwrap().pop().unwrap();
    assert_eq!(last.outcome, Some(TransformationOutcome::Split));
    assert_eq!(last.to_state, CommunityStage::Coalescing.as_str());
}

#[tokio::test]
async fn as_many_items_come_along_as_may() {
    let (_directory, store) = testing::store().await;
    let ada = person(&store, "ada").await;
    let whole = found_by(&store, &ada, "Whole", CommunityVisibility::Public).await;
    let ada = again(&store, &ada).await;
    let visibility = ItemVisibility::Community;
    let first = make(&store, &ada, &whole, Made::Resource, visibility).await;
    let first = item::Entity::find_by_id(first).one(store.reader()).await;
    let first = first.unwrap().unwrap();
    let more: Vec<item::Model> = (1..MOST)
        .map(|_| item::Model {
            id: Uuid::now_v7(),
            ..first.clone()
        })
        .collect();
    for chunk in more.chunks(1_000) {
        let rows = chunk.iter().cloned();
        item::Entity::insert_many(rows.map(IntoActiveModel::into_active_model))
            .exec_without_returning(store.migration_connection())
            .await
            .unwrap();
    }
    let mut items = vec![first.id];
    items.extend(more.iter().map(|row| row.id));
    let flags: Vec<flag::ActiveModel> = items
        .iter()
        .step_by(500)
        .map(|id| {
            let row = flag::Model {
                id: Uuid::now_v7(),
                target_type: EntityType::Resource,
                target_id: *id,
                community_id: whole.id,
                raised_by: None,
                reason: FlagReason::Outdated,
                note: None,
                state: FlagState::Open,
                decided_by: None,
                decided_at: None,
                decision_note: None,
                created_at: first.created_at,
            };
            row.into_active_model()
        })
        .collect();
    let flagged = flags.len() as u64;
    flag::Entity::insert_many(flags)
        .exec_without_returning(store.migration_connection())
        .await
        .unwrap();

    let input = SplitCommunity {
        name: "Part".to_owned(),
        purpose: "To be tried apart.".to_owned(),
        item_ids: items,
        membership_ids: Vec::new(),
        reason: "There is too much.".to_owned(),
    };
    let part = split(&store, &ada, whole.id, input).await.unwrap().value;
    let there = item::Entity::find()
        .filter(item::Column::CommunityId.eq(part.id))
        .count(store.reader());
    assert_eq!(there.await.unwrap(), MOST as u64);
    let there = flag::Entity::find()
        .filter(flag::Column::CommunityId.eq(part.id))
        .count(store.reader());
    assert_eq!(there.await.unwrap(), flagged);
}

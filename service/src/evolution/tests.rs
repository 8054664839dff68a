use std::collections::{BTreeMap, BTreeSet};

use entity::change::EntityType;
use entity::community::{
    self, CommunityKind, CommunityStage, CommunityStatus, CommunityVisibility,
    TransformationOutcome,
};
use entity::discussion::DiscussionKind;
use entity::flag::FlagReason;
use entity::item::{self, ItemVisibility};
use entity::membership::{MembershipRole, MembershipState};
use entity::membership_function::MembershipFunction;
use entity::resource::ResourceKind;
use entity::user::PlatformRole;
use entity::{discussion, link, membership, post, revision};
use futures_util::FutureExt;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::*;
use crate::community::CreateCommunity;
use crate::discussion::{AddPost, CreateDiscussion};
use crate::error::{BlockerCode, Error, Fault, FaultCode, Result};
use crate::flag::RaiseFlag;
use crate::innovation::{CreateInnovation, InnovationContent};
use crate::item::ItemContent;
use crate::resource::{CreateResource, ResourceContent};
use crate::store::{MOVED, Store};
use crate::testing;
use crate::validation::Patch;
use crate::viewer::Viewer;

fn faults<T: std::fmt::Debug>(outcome: Result<T>) -> Vec<Fault> {
    match outcome {
        Err(Error::Refused(faults)) => faults,
        other => panic!("this should have been refused: {other:?}"),
    }
}

async fn person(store: &Store, handle: &str) -> Viewer {
    let user = testing::user(store, handle, PlatformRole::Member).await;
    testing::viewer(store, user.id).await
}

/// The same person with the memberships of now.
async fn again(store: &Store, viewer: &Viewer) -> Viewer {
    testing::viewer(store, viewer.user_id().unwrap()).await
}

async fn found_by(
    store: &Store,
    founder: &Viewer,
    name: &str,
    visibility: CommunityVisibility,
) -> community::Model {
    let input = CreateCommunity {
        visibility: Some(visibility),
        ..CreateCommunity::new(name, "To be tried.", CommunityKind::Helping)
    };
    let made = crate::community::create(store, founder, input).await;
    made.unwrap().value
}

async fn member(
    store: &Store,
    community: &community::Model,
    of: &Viewer,
    role: MembershipRole,
    state: MembershipState,
) -> membership::Model {
    let user = of.user_id().unwrap();
    testing::membership(store, community.id, user, role, state).await
}

async fn membership_of(
    store: &Store,
    community: &community::Model,
    of: &Viewer,
) -> Option<membership::Model> {
    membership::Entity::find()
        .filter(membership::Column::CommunityId.eq(community.id))
        .filter(membership::Column::UserId.eq(of.user_id().unwrap()))
        .one(store.reader())
        .await
        .unwrap()
}

/// What items are made of here.
#[derive(Clone, Copy, Debug)]
enum Made {
    Resource,
    Draft,
    Innovation,
    Discussion,
}

fn content(title: &str, visibility: ItemVisibility) -> ItemContent {
    ItemContent {
        title: Patch::Value(title.to_owned()),
        body: Patch::Value(format!("All about {title}.")),
        visibility: Patch::Value(visibility),
        ..ItemContent::default()
    }
}

async fn make(
    store: &Store,
    author: &Viewer,
    community: &community::Model,
    made: Made,
    visibility: ItemVisibility,
) -> Uuid {
    let community_id = community.id;
    let content = content("Walking", visibility);
    match made {
        Made::Resource | Made::Draft => {
            let input = CreateResource {
                community_id,
                content,
                resource: ResourceContent {
                    kind: Patch::Value(ResourceKind::Guide),
                    ..ResourceContent::default()
                },
                publish: matches!(made, Made::Resource),
            };
            let written = crate::resource::create(store, author, input).await;
            written.unwrap().value.item.id
        }
        Made::Innovation => {
            let input = CreateInnovation {
                community_id,
                content: ItemContent {
                    body: Patch::Absent,
                    ..content
                },
                innovation: InnovationContent {
                    idea: Patch::Value("Turn around.".to_owned()),
                    ..InnovationContent::default()
                },
            };
            let written = crate::innovation::create(store, author, input).await;
            written.unwrap().value.item.id
        }
        Made::Discussion => {
            let input = CreateDiscussion {
                community_id,
                content,
                kind: DiscussionKind::HelpRequest,
                about_id: None,
            };
            let written = crate::discussion::create(store, author, input).await;
            let id = written.unwrap().value.item.id;
            let answer = AddPost {
                discussion_id: id,
                body: "Like this.".to_owned(),
                parent_id: None,
            };
            crate::discussion::add_post(store, author, answer)
                .await
                .unwrap();
            id
        }
    }
}

/// Everything of the items of communities that must stay as it is, by item; and where each is.
async fn repertoire(
    store: &Store,
    communities: &[Uuid],
) -> (
    BTreeMap<Uuid, (item::Model, u64, u64)>,
    BTreeMap<Uuid, Uuid>,
) {
    let rows = item::Entity::find()
        .filter(item::Column::CommunityId.is_in(communities.iter().copied()))
        .all(store.reader())
        .await
        .unwrap();
    let (mut kept, mut homes) = (BTreeMap::new(), BTreeMap::new());
    for row in rows {
        let id = row.id;
        homes.insert(id, row.community_id);
        let revisions = revision::Entity::find()
            .filter(revision::Column::ItemId.eq(id))
            .count(store.reader());
        let posts = post::Entity::find()
            .filter(post::Column::DiscussionId.eq(id))
            .filter(post::Column::CommunityId.eq(row.community_id))
            .count(store.reader());
        let discussion = discussion::Entity::find_by_id(id).one(store.reader());
        if let Some(discussion) = discussion.await.unwrap() {
            assert_eq!(discussion.community_id, row.community_id);
        }
        let elsewhere = item::Model {
            community_id: Uuid::nil(),
            compared_revision: None,
            ..row
        };
        let facts = (elsewhere, revisions.await.unwrap(), posts.await.unwrap());
        kept.insert(id, facts);
    }
    (kept, homes)
}

/// What a chain of a split and a merge back is tried with: items, and whether each comes along.
fn plans() -> impl Strategy<Value = Vec<(Made, ItemVisibility, bool)>> {
    let made = select(vec![
        Made::Resource,
        Made::Draft,
        Made::Innovation,
        Made::Discussion,
    ]);
    // What only its authors see its facilitator cannot choose.
    let visibility = select(vec![
        ItemVisibility::Community,
        ItemVisibility::Members,
        ItemVisibility::Stewards,
    ]);
    proptest::collection::vec((made, visibility, any::<bool>()), 1..8)
}

#[test]
fn no_item_is_lost_or_doubled() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (_directory, store) = runtime.block_on(testing::store());
    let ada = runtime.block_on(person(&store, "ada"));
    let mut runner = TestRunner::new(Config {
        cases: 8,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&plans(), |plan| {
            runtime.block_on(split_and_merge(&store, &ada, plan));
            Ok(())
        })
        .unwrap();
}

async fn split_and_merge(store: &Store, ada: &Viewer, plan: Vec<(Made, ItemVisibility, bool)>) {
    let whole = found_by(store, ada, "Whole", CommunityVisibility::Internal).await;
    let ada = again(store, ada).await;
    let mut coming = BTreeSet::new();
    let mut ids = Vec::new();
    for (made, visibility, comes) in plan {
        let id = make(store, &ada, &whole, made, visibility).await;
        ids.push(id);
        if comes {
            coming.insert(id);
        }
    }
    let (before, _) = repertoire(store, &[whole.id]).await;
    assert_eq!(before.len(), ids.len());
    let own = membership_of(store, &whole, &ada).await.unwrap();
    let input = SplitCommunity {
        name: "Part".to_owned(),
        purpose: "To be tried apart.".to_owned(),
        item_ids: coming.iter().copied().collect(),
        membership_ids: vec![own.id],
        reason: "There are two of us.".to_owned(),
    };
    let part = split(store, &ada, whole.id, input).await.unwrap().value;
    let (after, homes) = repertoire(store, &[whole.id, part.id]).await;
    assert_eq!(after, before);
    for (id, home) in &homes {
        let expected = if coming.contains(id) {
            part.id
        } else {
            whole.id
        };
        assert_eq!(*home, expected);
    }
    let ada = again(store, &ada).await;
    let reason = "We missed each other.".to_owned();
    merge(store, &ada, part.id, whole.id, reason).await.unwrap();
    let (after, homes) = repertoire(store, &[whole.id, part.id]).await;
    assert_eq!(after, before);
    assert!(homes.values().all(|home| *home == whole.id));
    for id in &ids {
        let origins = link::Entity::find()
            .filter(link::Column::FromId.eq(*id))
            .filter(link::Column::Relation.eq(link::LinkRelation::CameFrom))
            .count(store.reader());
        let expected = if coming.contains(id) { 2 } else { 0 };
        assert_eq!(origins.await.unwrap(), expected, "from either, once each");
    }
    // The log tells of each move, so that the index and the feeds follow.
    let told: BTreeSet<Uuid> = moved(store).await.collect();
    assert!(coming.is_subset(&told));
}

async fn moved(store: &Store) -> impl Iterator<Item = Uuid> {
    let rows = entity::change::Entity::find()
        .all(store.reader())
        .await
        .unwrap();
    rows.into_iter()
        .filter(|row| row.fields.0 == [MOVED])
        .map(|row| row.entity_id)
}

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

/// Two communities that Ada facilitates.
async fn two(
    store: &Store,
    ada: &Viewer,
    from: CommunityVisibility,
    into: CommunityVisibility,
) -> (community::Model, community::Model, Viewer) {
    let from = found_by(store, ada, "From", from).await;
    let into = found_by(store, ada, "Into", into).await;
    let ada = again(store, ada).await;
    (from, into, ada)
}

fn because() -> String {
    "We do the same.".to_owned()
}

#[tokio::test]
async fn a_community_goes_only_into_one_that_is_at_most_as_open() {
    use CommunityVisibility::{Internal, Private, Public, Unlisted};
    let (_directory, store) = testing::store().await;
    let ada = person(&store, "ada").await;
    let by_openness = [Unlisted, Private, Internal, Public];
    for (place, from) in by_openness.into_iter().enumerate() {
        for (other, into) in by_openness.into_iter().enumerate() {
            let (from, into, ada) = two(&store, &ada, from, into).await;
            let outcome = merge(&store, &ada, from.id, into.id, because()).await;
            if other > place {
                let refused = faults(outcome);
                assert_eq!(refused[0].code, FaultCode::InvalidTransition);
                assert_eq!(refused[0].blocked_by[0].code, BlockerCode::CriterionUnmet);
            } else {
                assert_eq!(outcome.unwrap().value.id, into.id);
            }
        }
    }
}

#[tokio::test]
async fn a_merge_brings_everybody_who_is_active_and_nobody_who_is_barred() {
    use MembershipRole::{Facilitator, Member, Steward};
    use MembershipState::{Active, Banned, Left};
    let (_directory, store) = testing::store().await;
    let ada = person(&store, "ada").await;
    let (from, into, ada) = two(
        &store,
        &ada,
        CommunityVisibility::Public,
        CommunityVisibility::Public,
    )
    .await;
    // Where each stands in the one and in the other, and where in the end.
    let cases = [
        (
            "new",
            Some((Steward, Active)),
            None,
            Some((Steward, Active)),
        ),
        (
            "stronger",
            Some((Steward, Active)),
            Some((Member, Active)),
            Some((Steward, Active)),
        ),
        (
            "weaker",
            Some((Member, Active)),
            Some((Steward, Active)),
            Some((Steward, Active)),
        ),
        (
            "back",
            Some((Member, Active)),
            Some((Facilitator, Left)),
            Some((Member, Active)),
        ),
        (
            "barred",
            Some((Steward, Active)),
            Some((Member, Banned)),
            Some((Member, Banned)),
        ),
        ("gone", Some((Steward, Left)), None, None),
        (
            "banned",
            Some((Member, Banned)),
            None,
            Some((Member, Banned)),
        ),
        (
            "banned-later",
            Some((Member, Banned)),
            Some((Steward, Left)),
            Some((Member, Banned)),
        ),
    ];
    let mut people = Vec::new();
    for (handle, here, there, expected) in cases {
        let somebody = person(&store, handle).await;
        for (community, standing) in [(&from, here), (&into, there)] {
            if let Some((role, state)) = standing {
                member(&store, community, &somebody, role, state).await;
            }
        }
        people.push((handle, somebody, expected));
    }
    merge(&store, &ada, from.id, into.id, because())
        .await
        .unwrap();
    for (handle, somebody, expected) in people {
        let found = membership_of(&store, &into, &somebody).await;
        let found = found.map(|row| (row.role, row.state));
        assert_eq!(found, expected, "{handle}");
    }
}

#[tokio::test]
async fn what_a_merge_leaves_behind_is_archived_and_leads_on() {
    let (_directory, store) = testing::store().await;
    let ada = person(&store, "ada").await;
    let (from, into, ada) = two(
        &store,
        &ada,
        CommunityVisibility::Public,
        CommunityVisibility::Public,
    )
    .await;
    let item = make(
        &store,
        &ada,
        &from,
        Made::Discussion,
        ItemVisibility::Community,
    )
    .await;
    let report = RaiseFlag {
        target: (EntityType::Discussion, item),
        reason: FlagReason::Outdated,
        note: None,
    };
    let report = crate::flag::raise(&store, &ada, report).await.unwrap();
    merge(&store, &ada, from.id, into.id, because())
        .await
        .unwrap();
    let flagged = entity::flag::Entity::find_by_id(report.value.id)
        .one(store.reader())
        .await
        .unwrap();
    assert_eq!(
        flagged.unwrap().community_id,
        into.id,
        "others decide it now"
    );
    let closed = community::Entity::find_by_id(from.id)
        .one(store.reader())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(closed.status, CommunityStatus::Archived);
    assert_eq!(closed.stage, CommunityStage::Transformation);
    let led = crate::community::by_slug(&store, &ada, &from.slug).await;
    assert_eq!(led.unwrap().unwrap().id, into.id, "the slug leads on");
    let origin = kin_of(&store, &ada, Kin::CameFrom, &[item]).await.unwrap();
    assert_eq!(origin[&item][0].id, from.id);
    let rows = testing::changes(&store, EntityType::Community).await;
    let last = rows.last().unwrap();
    assert_eq!(
        (last.entity_id, last.fields.0.as_slice()),
        (into.id, ["mergedFrom".to_owned()].as_slice())
    );
    let twice = faults(merge(&store, &ada, from.id, into.id, because()).await);
    assert_eq!(twice[0].code, FaultCode::Forbidden, "it is archived");
}

#[tokio::test]
async fn whoever_is_barred_from_the_one_must_not_read_it_by_the_other() {
    let (_directory, store) = testing::store().await;
    let (ada, eve) = (person(&store, "ada").await, person(&store, "eve").await);
    let (from, into, ada) = two(
        &store,
        &ada,
        CommunityVisibility::Private,
        CommunityVisibility::Private,
    )
    .await;
    let role = MembershipRole::Member;
    member(&store, &from, &eve, role, MembershipState::Banned).await;
    member(&store, &into, &eve, role, MembershipState::Active).await;
    let refused = faults(merge(&store, &ada, from.id, into.id, because()).await);
    assert_eq!(refused[0].blocked_by[0].code, BlockerCode::CriterionUnmet);
    assert!(refused[0].blocked_by[0].message.starts_with("1 of those"));
}

#[tokio::test]
async fn merging_is_for_who_facilitates_both() {
    let (_directory, store) = testing::store().await;
    let (ada, ben) = (person(&store, "ada").await, person(&store, "ben").await);
    let from = found_by(&store, &ada, "From", CommunityVisibility::Public).await;
    let into = found_by(&store, &ben, "Into", CommunityVisibility::Unlisted).await;
    let ada = again(&store, &ada).await;
    let refused = faults(merge(&store, &ada, from.id, into.id, because()).await);
    assert_eq!(
        (refused[0].code, refused[0].field.as_slice()),
        (FaultCode::NotFound, ["intoId".to_owned()].as_slice()),
        "an unlisted community does not exist for others"
    );
    let itself = faults(merge(&store, &ada, from.id, from.id, String::new()).await);
    let fields: Vec<_> = itself.iter().map(|fault| fault.field.join(".")).collect();
    assert_eq!(fields, ["reason", "intoId"]);
}

#[tokio::test]
async fn what_an_item_brought_counts_for_its_maker_in_the_other_community() {
    let (_directory, store) = testing::store().await;
    let (ada, ben) = (person(&store, "ada").await, person(&store, "ben").await);
    let (from, into, ada) = two(
        &store,
        &ada,
        CommunityVisibility::Public,
        CommunityVisibility::Public,
    )
    .await;
    member(
        &store,
        &from,
        &ben,
        MembershipRole::Member,
        MembershipState::Active,
    )
    .await;
    let ben = again(&store, &ben).await;
    make(
        &store,
        &ben,
        &from,
        Made::Discussion,
        ItemVisibility::Community,
    )
    .await;
    crate::projection::catch_up(&store).await.unwrap();
    merge(&store, &ada, from.id, into.id, because())
        .await
        .unwrap();
    crate::projection::catch_up(&store).await.unwrap();
    let ben = again(&store, &ben).await;
    for (community, contributions) in [(&from, 0), (&into, 2)] {
        let row = membership_of(&store, community, &ben).await.unwrap();
        let member = crate::participation::Member::from(&row);
        let told = crate::participation::of_members(&store, &ben, &[member])
            .await
            .unwrap();
        assert_eq!(told[&member].counts.contributions, contributions);
    }
}

#[tokio::test]
async fn a_community_of_more_than_a_thousand_items_moves_whole() {
    const ITEMS: usize = 1_100;
    let (_directory, store) = testing::store().await;
    let ada = person(&store, "ada").await;
    let (from, into, ada) = two(
        &store,
        &ada,
        CommunityVisibility::Public,
        CommunityVisibility::Private,
    )
    .await;
    let inputs: Vec<_> = (0..ITEMS)
        .map(|number| CreateResource {
            community_id: from.id,
            content: content(&format!("Walk {number}"), ItemVisibility::Community),
            resource: ResourceContent {
                kind: Patch::Value(ResourceKind::Guide),
                ..ResourceContent::default()
            },
            publish: true,
        })
        .collect();
    let (actor, author) = (ada.user_id(), ada.clone());
    let made = store
        .write(actor, move |unit| {
            async move { crate::resource::create_many(unit, &author, inputs).await }.boxed()
        })
        .await
        .unwrap();
    let made: BTreeSet<Uuid> = made
        .value
        .into_iter()
        .map(|state| state.unwrap().item.id)
        .collect();
    merge(&store, &ada, from.id, into.id, because())
        .await
        .unwrap();
    let (_, homes) = repertoire(&store, &[from.id, into.id]).await;
    assert!(homes.values().all(|home| *home == into.id));
    assert_eq!(homes.into_keys().collect::<BTreeSet<_>>(), made);
    assert_eq!(moved(&store).await.collect::<BTreeSet<_>>(), made);
    let narrowed = entity::change::Entity::find()
        .filter(entity::change::Column::Narrowed.eq(true))
        .filter(entity::change::Column::EntityType.eq(EntityType::Resource))
        .count(store.reader());
    assert_eq!(
        narrowed.await.unwrap(),
        ITEMS as u64,
        "search leaves out at once what the public no longer reads"
    );
}

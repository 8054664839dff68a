use entity::change::EntityType;
use entity::community::CommunityVisibility;
use entity::item::ItemVisibility;
use entity::membership::{MembershipRole, MembershipState};
use entity::resource::ResourceKind;
use entity::{community, external_reference as table};
use sea_orm::{EntityTrait, PaginatorTrait};
use uuid::Uuid;

use super::*;
use crate::error::Result;
use crate::evolution;
use crate::item::{self, ItemContent, ItemFilter, ItemOrder, ItemState, List, ListScope, With};
use crate::paging::{Direction, PageRequest};
use crate::pilot::testing::{School, faults};
use crate::resource::{CreateResource, ResourceContent, UpdateResource};
use crate::store::{Store, Written};
use crate::testing;
use crate::validation::Patch;
use crate::viewer::Viewer;

fn reference(system: &str, external_id: &str) -> NewReference {
    NewReference {
        system: system.to_owned(),
        external_id: external_id.to_owned(),
        url: None,
    }
}

fn input(community: &community::Model, references: Vec<NewReference>) -> CreateResource {
    CreateResource {
        community_id: community.id,
        content: ItemContent {
            title: Patch::Value("Tactile cards".to_owned()),
            ..ItemContent::default()
        },
        resource: ResourceContent {
            kind: Patch::Value(ResourceKind::Guide),
            external_references: Patch::Value(references),
            ..ResourceContent::default()
        },
        publish: true,
    }
}

async fn create(
    school: &School,
    viewer: &Viewer,
    references: Vec<NewReference>,
) -> Result<Written<ItemState>> {
    let input = input(&school.community, references);
    crate::resource::create(&school.store, viewer, input).await
}

async fn rename(
    school: &School,
    id: Uuid,
    references: Patch<Vec<NewReference>>,
) -> Result<Written<ItemState>> {
    let input = UpdateResource {
        resource: ResourceContent {
            external_references: references,
            ..ResourceContent::default()
        },
        ..UpdateResource::default()
    };
    crate::resource::update(&school.store, &school.author, id, input, None).await
}

async fn keys(store: &Store, id: Uuid) -> Vec<(String, String)> {
    let found = of_resources(store, &[id]).await.unwrap();
    let rows = found.get(&id).cloned().unwrap_or_default();
    rows.into_iter()
        .map(|row| (row.system, row.external_id))
        .collect()
}

fn key(system: &str, external_id: &str) -> (String, String) {
    (system.to_owned(), external_id.to_owned())
}

#[tokio::test]
async fn they_come_with_a_resource_and_change_without_a_revision() {
    let school = School::new(CommunityVisibility::Public).await;
    let list = vec![reference(" Moodle ", " 7 "), reference("moodle", "7")];
    let made = create(&school, &school.author, list).await.unwrap();
    let id = made.value.item.id;
    assert_eq!(
        keys(&school.store, id).await,
        [key("Moodle", "7"), key("moodle", "7")],
        "trimmed, and case counts"
    );

    let list = vec![reference("canvas", "é"), reference("Moodle", "7")];
    let renamed = rename(&school, id, Patch::Value(list.clone()))
        .await
        .unwrap();
    assert_eq!(renamed.value.item.revision, 1);
    assert!(renamed.position > made.position);
    assert_eq!(
        keys(&school.store, id).await,
        [key("canvas", "é"), key("Moodle", "7")]
    );
    let same = rename(&school, id, Patch::Value(list)).await.unwrap();
    let absent = rename(&school, id, Patch::Absent).await.unwrap();
    assert_eq!(
        (same.position, absent.position),
        (renamed.position, renamed.position),
        "what changes nothing writes nothing"
    );
    rename(&school, id, Patch::Null).await.unwrap();
    assert_eq!(keys(&school.store, id).await, []);
    let changes = testing::changes(&school.store, EntityType::Resource).await;
    let fields: Vec<_> = changes.iter().map(|row| row.fields.0.join(" ")).collect();
    assert_eq!(fields, ["", FIELD, FIELD]);
}

#[tokio::test]
async fn they_go_with_their_resource() {
    let school = School::new(CommunityVisibility::Public).await;
    let made = create(&school, &school.author, vec![reference("moodle", "7")]).await;
    let id = made.unwrap().value.item.id;
    let deleted = item::delete(
        &school.store,
        &school.facilitator,
        entity::item::ItemType::Resource,
        id,
    );
    deleted.await.unwrap();
    let left = table::Entity::find().count(school.store.reader()).await;
    assert_eq!(left.unwrap(), 0);
    create(&school, &school.member, vec![reference("moodle", "7")])
        .await
        .unwrap();
}

#[tokio::test]
async fn each_is_unique_within_a_community() {
    let school = School::new(CommunityVisibility::Public).await;
    let first = create(&school, &school.author, vec![reference("moodle", "7")]).await;
    let first = first.unwrap().value.item.id;
    let list = vec![reference("moodle", "8"), reference("moodle", "7")];
    let refused = faults(create(&school, &school.member, list).await);
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].code, FaultCode::Taken);
    assert_eq!(
        refused[0].field,
        ["input", FIELD, "1", "externalId"],
        "{refused:?}"
    );

    let other = create(&school, &school.author, vec![reference("moodle", "9")]).await;
    let other = other.unwrap().value.item.id;
    let refused =
        faults(rename(&school, other, Patch::Value(vec![reference("moodle", "7")])).await);
    assert_eq!(refused[0].code, FaultCode::Taken);
    rename(&school, first, Patch::Value(vec![reference("moodle", "7")]))
        .await
        .unwrap();

    // In another community it is another resource's.
    let elsewhere =
        testing::community(&school.store, "elsewhere", CommunityVisibility::Public).await;
    let ada = school.author.user_id().unwrap();
    testing::membership(
        &school.store,
        elsewhere.id,
        ada,
        MembershipRole::Member,
        MembershipState::Active,
    )
    .await;
    let ada = testing::viewer(&school.store, ada).await;
    let there = input(&elsewhere, vec![reference("moodle", "7")]);
    let there = crate::resource::create(&school.store, &ada, there).await;
    let there = there.unwrap().value.item.id;
    let find = async |community: Uuid| {
        let found = find(
            &school.store,
            &ada,
            community,
            "moodle",
            "7",
            With::default(),
        )
        .await;
        found.unwrap().map(|found| found.item.id)
    };
    assert_eq!(find(school.community.id).await, Some(first));
    assert_eq!(find(elsewhere.id).await, Some(there));
}

#[tokio::test]
async fn two_of_one_unit_of_work_are_told_apart() {
    let school = School::new(CommunityVisibility::Public).await;
    let of = |id: &str| input(&school.community, vec![reference("moodle", id)]);
    let inputs = vec![of("1"), of("2"), of("1")];
    let author = school.author.clone();
    let written = school.store.write(author.user_id(), move |unit| {
        Box::pin(async move {
            let made = crate::resource::create_many(unit, &author, inputs).await?;
            Ok(made.iter().map(Result::is_ok).collect::<Vec<bool>>())
        })
    });
    assert_eq!(written.await.unwrap().value, [true, true, false]);
    let rows = table::Entity::find().count(school.store.reader()).await;
    assert_eq!(rows.unwrap(), 2);
}

#[tokio::test]
async fn faults_name_their_place_and_outsiders_learn_nothing() {
    let school = School::new(CommunityVisibility::Private).await;
    create(&school, &school.author, vec![reference("moodle", "7")])
        .await
        .unwrap();
    let many = (0..21).map(|number| reference("moodle", &number.to_string()));
    let refused = faults(create(&school, &school.author, many.collect()).await);
    assert_eq!(refused[0].code, FaultCode::TooLong);

    let wrong = NewReference {
        system: " ".to_owned(),
        external_id: "x".repeat(501),
        url: Some("javascript:alert(1)".to_owned()),
    };
    let list = vec![reference("moodle", "8"), wrong, reference("moodle", "8")];
    let refused = faults(create(&school, &school.author, list).await);
    let found: Vec<_> = refused
        .iter()
        .map(|fault| (fault.code, fault.field[2..].join(".")))
        .collect();
    let at = |code, path: &str| (code, path.to_owned());
    assert_eq!(
        found,
        [
            at(FaultCode::Required, "1.system"),
            at(FaultCode::TooLong, "1.externalId"),
            at(FaultCode::Invalid, "1.url"),
            at(FaultCode::Taken, "2.externalId"),
        ]
    );

    // To a stranger a taken reference is like any other.
    for external_id in ["7", "never"] {
        let list = vec![reference("moodle", external_id)];
        let refused = faults(create(&school, &school.stranger, list).await);
        let codes: Vec<_> = refused.iter().map(|fault| fault.code).collect();
        assert_eq!(codes, [FaultCode::Forbidden], "{refused:?}");
    }
}

#[tokio::test]
async fn who_may_not_read_a_resource_does_not_find_it_by_its_reference() {
    let school = School::new(CommunityVisibility::Public).await;
    let mut hidden = input(&school.community, vec![reference("moodle", "7")]);
    hidden.content.visibility = Patch::Value(ItemVisibility::Stewards);
    let hidden = crate::resource::create(&school.store, &school.author, hidden).await;
    let hidden = hidden.unwrap().value.item.id;
    let found = async |viewer: &Viewer, system: &str, external_id: &str| {
        let community = school.community.id;
        let with = With::default();
        let found = find(&school.store, viewer, community, system, external_id, with).await;
        found.unwrap().map(|found| found.item.id)
    };
    assert_eq!(found(&school.author, "moodle", "7").await, Some(hidden));
    assert_eq!(found(&school.steward, " moodle", "7 ").await, Some(hidden));
    assert_eq!(found(&school.member, "moodle", "7").await, None);
    assert_eq!(found(&school.author, "Moodle", "7").await, None);
    assert_eq!(found(&school.author, "moodle", "7\0").await, None);

    let listed = async |viewer: &Viewer, system: &str| {
        let filter = ItemFilter {
            external_system: Some(system.to_owned()),
            ..ItemFilter::default()
        };
        let list = List {
            filter: &filter,
            scope: ListScope::Everything,
            keyset: ItemOrder::UpdatedAt.keyset(Direction::Descending),
        };
        let (request, with) = (PageRequest::default(), With::default());
        let page =
            item::page::<entity::resource::Entity>(&school.store, viewer, list, &request, with);
        page.await.unwrap().rows.len()
    };
    assert_eq!(listed(&school.author, "moodle").await, 1);
    assert_eq!(listed(&school.member, "moodle").await, 0);
    assert_eq!(listed(&school.author, "canvas").await, 0);
    assert_eq!(listed(&school.author, "\0").await, 0);
}

#[tokio::test]
async fn a_merge_takes_them_along_unless_they_name_something_there() {
    let school = School::new(CommunityVisibility::Public).await;
    let clashing = create(&school, &school.author, vec![reference("moodle", "7")]).await;
    let coming = create(&school, &school.author, vec![reference("moodle", "8")]).await;
    let (clashing, coming) = (
        clashing.unwrap().value.item.id,
        coming.unwrap().value.item.id,
    );
    let into = testing::community(&school.store, "into", CommunityVisibility::Public).await;
    let fay = school.facilitator.user_id().unwrap();
    let role = MembershipRole::Facilitator;
    testing::membership(&school.store, into.id, fay, role, MembershipState::Active).await;
    let fay = testing::viewer(&school.store, fay).await;
    let there = input(&into, vec![reference("moodle", "7")]);
    let there = crate::resource::create(&school.store, &fay, there).await;
    let there = there.unwrap().value.item.id;
    evolution::merge(
        &school.store,
        &fay,
        school.community.id,
        into.id,
        "Together.".to_owned(),
        None,
    )
    .await
    .unwrap();
    let find = async |external_id: &str| {
        let with = With::default();
        let found = find(&school.store, &fay, into.id, "moodle", external_id, with).await;
        found.unwrap().map(|found| found.item.id)
    };
    assert_eq!(find("7").await, Some(there));
    assert_eq!(find("8").await, Some(coming));
    assert_eq!(keys(&school.store, clashing).await, []);
}

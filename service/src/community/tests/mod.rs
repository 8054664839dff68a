mod parts;
mod reading;

use std::collections::HashSet;

use entity::change::{EntityType, Operation};
use entity::community::{CommunityKind, CommunityStatus, CommunityVisibility, JoinPolicy, Sector};
use entity::membership::{MembershipRole, MembershipState};
use entity::organization;
use entity::user::PlatformRole;
use futures_util::future::join_all;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use uuid::Uuid;

use super::*;
use crate::domain::{self, CreateDomain};
use crate::error::{Error, Fault, FaultCode};
use crate::membership;
use crate::policy::audience;
use crate::store::Store;
use crate::testing::{self, person};
use crate::validation::Patch;
use crate::viewer::{Scope, Viewer};

fn faults<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<Fault> {
    match result {
        Err(Error::Refused(faults)) => faults,
        other => panic!("should have been refused: {other:?}"),
    }
}

fn input(name: &str) -> CreateCommunity {
    CreateCommunity::new(name, "To be tested.", CommunityKind::Helping)
}

async fn sponsor(store: &Store, slug: &str) -> Uuid {
    let now = store.clock().now();
    organization::ActiveModel {
        id: Set(Uuid::now_v7()),
        name: Set(slug.to_owned()),
        name_key: Set(slug.to_owned()),
        slug: Set(slug.to_owned()),
        sector: Set(Sector::Education),
        url: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
    }
    .insert(store.migration_connection())
    .await
    .unwrap()
    .id
}

async fn topic(store: &Store, admin: &Viewer, name: &str) -> Uuid {
    let input = CreateDomain {
        name: name.to_owned(),
        ..CreateDomain::default()
    };
    domain::create(store, admin, input).await.unwrap().value.id
}

#[tokio::test]
async fn the_founder_facilitates() {
    let (_directory, store) = testing::store().await;
    let ada = person(&store, "ada").await;
    let made = create(&store, &ada, input("Open science")).await.unwrap();
    assert_eq!(made.value.slug, "open-science");
    assert_eq!(made.value.visibility, CommunityVisibility::Public);
    assert_eq!(made.value.join_policy, JoinPolicy::Open);
    let ada = membership::reread(&store, &ada, made.value.id)
        .await
        .unwrap();
    assert_eq!(ada.role(made.value.id), Some(MembershipRole::Facilitator));
    assert_eq!(made.position, 2);
    let change = &testing::changes(&store, EntityType::Community).await[0];
    assert_eq!(change.operation, Operation::Created);
    assert_eq!(
        change.audience_after.as_ref().unwrap().0,
        [audience::PUBLIC]
    );
    let change = &testing::changes(&store, EntityType::Membership).await[0];
    assert_eq!(change.community_id, Some(made.value.id));

    assert!(matches!(
        create(&store, &Viewer::anonymous(), input("x")).await,
        Err(Error::Unauthenticated)
    ));
    let reader = testing::viewer_with(&store, ada.user_id().unwrap(), &[Scope::Read], None).await;
    assert!(matches!(
        create(&store, &reader, input("x")).await,
        Err(Error::ScopeMissing("WRITE"))
    ));
    let bound = testing::viewer_with(
        &store,
        ada.user_id().unwrap(),
        Scope::ALL,
        Some(made.value.id),
    )
    .await;
    assert_eq!(
        faults(create(&store, &bound, input("x")).await)[0].code,
        FaultCode::Forbidden
    );
}

#[tokio::test]
async fn all_faults_are_answered_at_once() {
    let (_directory, store) = testing::store().await;
    let ada = person(&store, "ada").await;
    let sponsor = sponsor(&store, "board").await;
    let bad = CreateCommunity {
        slug: Some("No Slug".into()),
        languages: vec!["en".into(), "e".into()],
        domain_ids: vec![Uuid::now_v7()],
        sponsor_ids: vec![sponsor, Uuid::now_v7()],
        parent_id: Some(Uuid::now_v7()),
        ..CreateCommunity::new("", "a\0b", CommunityKind::Helping)
    };
    let mut found: Vec<_> = faults(create(&store, &ada, bad).await)
        .into_iter()
        .map(|fault| fault.field.join("."))
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            "input.domainIds.0",
            "input.languages.1",
            "input.name",
            "input.parentId",
            "input.purpose",
            "input.slug",
            "input.sponsorIds.1",
        ]
    );
    assert_eq!(store.position().await.unwrap(), 0);
}

#[tokio::test]
async fn lists_keep_their_order_and_a_repeated_update_writes_nothing() {
    let (_directory, store) = testing::store().await;
    let admin = testing::user(&store, "admin", PlatformRole::Admin).await;
    let admin = testing::viewer(&store, admin.id).await;
    let (maths, arts) = (
        topic(&store, &admin, "Maths").await,
        topic(&store, &admin, "Arts").await,
    );
    let (board, school) = (
        sponsor(&store, "board").await,
        sponsor(&store, "school").await,
    );
    let ada = person(&store, "ada").await;
    let made = create(
        &store,
        &ada,
        CreateCommunity {
            domain_ids: vec![maths, arts, maths],
            sponsor_ids: vec![school, board],
            languages: vec!["fr-ca".into(), "en".into()],
            ..input("Group")
        },
    )
    .await
    .unwrap();
    let id = made.value.id;
    let shown = async || {
        let domains = domains_of(&store, &[id])
            .await
            .unwrap()
            .remove(&id)
            .unwrap_or_default();
        let sponsors = sponsors_of(&store, &[id])
            .await
            .unwrap()
            .remove(&id)
            .unwrap_or_default();
        let languages = languages_of(&store, &[id])
            .await
            .unwrap()
            .remove(&id)
            .unwrap_or_default();
        (
            domains.into_iter().map(|row| row.name).collect::<Vec<_>>(),
            sponsors.into_iter().map(|row| row.slug).collect::<Vec<_>>(),
            languages,
        )
    };
    let texts = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    assert_eq!(
        shown().await,
        (
            texts(&["Maths", "Arts"]),
            texts(&["school", "board"]),
            texts(&["fr-CA", "en"])
        )
    );
    let again = UpdateCommunity {
        name: Patch::Value(" Group ".into()),
        domain_ids: Patch::Value(vec![maths, arts]),
        sponsor_ids: Patch::Value(vec![school, board]),
        languages: Patch::Value(texts(&["fr-CA", "en"])),
        description: Patch::Null,
        ..UpdateCommunity::default()
    };
    let same = update(&store, &ada, id, again).await.unwrap();
    assert_eq!((same.value.revision, same.position), (1, made.position));

    let reordered = UpdateCommunity {
        domain_ids: Patch::Value(vec![arts, maths]),
        sponsor_ids: Patch::Null,
        languages: Patch::Value(Vec::new()),
        expected_revision: Some(1),
        ..UpdateCommunity::default()
    };
    let changed = update(&store, &ada, id, reordered.clone()).await.unwrap();
    assert_eq!(changed.value.revision, 2);
    assert_eq!(
        shown().await,
        (texts(&["Arts", "Maths"]), Vec::new(), Vec::new())
    );
    let change = testing::changes(&store, EntityType::Community)
        .await
        .pop()
        .unwrap();
    assert_eq!(change.fields.0, ["languages", "domains", "sponsors"]);

    let stale = faults(update(&store, &ada, id, reordered).await);
    assert_eq!(
        (stale[0].code, stale[0].current_revision),
        (FaultCode::Conflict, Some(2))
    );
    let emptied = UpdateCommunity {
        name: Patch::Null,
        visibility: Patch::Null,
        ..UpdateCommunity::default()
    };
    let found = faults(update(&store, &ada, id, emptied).await);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|fault| fault.code == FaultCode::Required));
}

#[tokio::test]
async fn narrowing_is_told_to_those_who_saw_it() {
    let (_directory, store) = testing::store().await;
    let ada = person(&store, "ada").await;
    let made = create(&store, &ada, input("Group")).await.unwrap().value;
    let unlisted = UpdateCommunity {
        visibility: Patch::Value(CommunityVisibility::Unlisted),
        ..UpdateCommunity::default()
    };
    let narrowed = update(&store, &ada, made.id, unlisted).await.unwrap().value;
    let change = testing::changes(&store, EntityType::Community)
        .await
        .pop()
        .unwrap();
    assert_eq!(change.fields.0, ["visibility"]);
    assert!(change.narrowed);
    let tokens = |row| {
        audience::of_community_about(row)
            .into_iter()
            .collect::<Vec<_>>()
    };
    assert_eq!(change.audience_before.unwrap().0, tokens(&made));
    assert_eq!(change.audience_after.unwrap().0, tokens(&narrowed));
}

#[tokio::test]
async fn a_community_joins_only_one_that_the_viewer_facilitates_and_never_its_own_part() {
    let (_directory, store) = testing::store().await;
    let ada = person(&store, "ada").await;
    let bob = person(&store, "bob").await;
    let whole = create(&store, &ada, input("Whole")).await.unwrap().value;
    let part = CreateCommunity {
        parent_id: Some(whole.id),
        ..input("Part")
    };
    let refused = faults(create(&store, &bob, part.clone()).await);
    assert_eq!(refused[0].code, FaultCode::Forbidden);
    assert_eq!(refused[0].field, ["input", "parentId"]);
    let part = create(&store, &ada, part).await.unwrap().value;
    for parent in [part.id, whole.id] {
        let circle = UpdateCommunity {
            parent_id: Patch::Value(parent),
            ..UpdateCommunity::default()
        };
        let found = faults(update(&store, &ada, whole.id, circle).await);
        assert_eq!(found[0].code, FaultCode::Invalid);
    }
}

#[tokio::test]
async fn an_archived_community_is_not_changed_until_restored() {
    let (_directory, store) = testing::store().await;
    let ada = person(&store, "ada").await;
    let made = create(&store, &ada, input("Group")).await.unwrap().value;
    let archived = archive(&store, &ada, made.id).await.unwrap();
    assert_eq!(archived.value.status, CommunityStatus::Archived);
    assert_eq!(archived.value.revision, 1);
    let again = archive(&store, &ada, made.id).await.unwrap();
    assert_eq!(again.position, archived.position);
    let rename = || UpdateCommunity {
        name: Patch::Value("New".into()),
        ..UpdateCommunity::default()
    };
    assert_eq!(
        faults(update(&store, &ada, made.id, rename()).await)[0].code,
        FaultCode::Forbidden
    );
    restore(&store, &ada, made.id).await.unwrap();
    update(&store, &ada, made.id, rename()).await.unwrap();
    let bob = person(&store, "bob").await;
    assert_eq!(
        faults(archive(&store, &bob, made.id).await)[0].code,
        FaultCode::Forbidden
    );
}

#[tokio::test]
async fn a_membership_that_ended_since_gives_no_rights() {
    let (_directory, store) = testing::store().await;
    let ada = person(&store, "ada").await;
    let group = testing::community(&store, "group", CommunityVisibility::Public).await;
    let row = testing::membership(
        &store,
        group.id,
        ada.user_id().unwrap(),
        MembershipRole::Facilitator,
        MembershipState::Active,
    )
    .await;
    let stale = testing::viewer(&store, ada.user_id().unwrap()).await;
    let mut row: entity::membership::ActiveModel = row.into();
    row.state = Set(MembershipState::Removed);
    row.update(store.migration_connection()).await.unwrap();
    let rename = UpdateCommunity {
        name: Patch::Value("New".into()),
        ..UpdateCommunity::default()
    };
    assert_eq!(
        faults(update(&store, &stale, group.id, rename).await)[0].code,
        FaultCode::Forbidden
    );
}

#[tokio::test]
async fn the_same_slug_goes_to_one_writer_and_the_same_name_to_all() {
    let (_directory, store) = testing::store().await;
    let ada = person(&store, "ada").await;
    let given = CreateCommunity {
        slug: Some("circle".into()),
        ..input("Circle")
    };
    let tries = (0..8).map(|_| create(&store, &ada, given.clone()));
    let (made, refused): (Vec<_>, Vec<_>) =
        join_all(tries).await.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (1, 7));
    for result in refused {
        assert_eq!(faults(result)[0].code, FaultCode::Taken);
    }
    let tries = (0..8).map(|_| create(&store, &ada, input("Circle")));
    let slugs: HashSet<_> = join_all(tries)
        .await
        .into_iter()
        .map(|made| made.unwrap().value.slug)
        .collect();
    assert_eq!(slugs.len(), 8, "{slugs:?}");
}

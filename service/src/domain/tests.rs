mod merging;
mod relating;

use entity::change::{EntityType, Operation};
use entity::community::{CommunityKind, CommunityVisibility};
use entity::user::PlatformRole;
use entity::{Label, domain, domain_ancestor, tombstone};
use sea_orm::{EntityTrait, QueryOrder};
use uuid::Uuid;

use super::*;
use crate::community::{self, CommunityFilter, CommunityOrder, CreateCommunity};
use crate::error::{Error, Fault, FaultCode};
use crate::paging::PageRequest;
use crate::store::Store;
use crate::testing;
use crate::validation::Patch;
use crate::viewer::Viewer;

fn faults<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<Fault> {
    match result {
        Err(Error::Refused(faults)) => faults,
        other => panic!("should have been refused: {other:?}"),
    }
}

async fn admin(store: &Store) -> Viewer {
    let user = testing::user(store, "admin", PlatformRole::Admin).await;
    testing::viewer(store, user.id).await
}

async fn named(store: &Store, viewer: &Viewer, name: &str, parent: Option<Uuid>) -> domain::Model {
    let input = CreateDomain {
        name: name.to_owned(),
        parent_id: parent,
        ..CreateDomain::default()
    };
    create(store, viewer, input).await.unwrap().value
}

async fn closure(store: &Store) -> Vec<(Uuid, Uuid, i32)> {
    domain_ancestor::Entity::find()
        .order_by_asc(domain_ancestor::Column::DomainId)
        .order_by_asc(domain_ancestor::Column::AncestorId)
        .all(store.reader())
        .await
        .unwrap()
        .into_iter()
        .map(|row| (row.domain_id, row.ancestor_id, row.distance))
        .collect()
}

/// The closure as the parents say it is.
async fn expected_closure(store: &Store) -> Vec<(Uuid, Uuid, i32)> {
    let rows = domain::Entity::find().all(store.reader()).await.unwrap();
    let parent = |id: Uuid| rows.iter().find(|row| row.id == id).unwrap().parent_id;
    let mut closure = Vec::new();
    for row in &rows {
        let (mut next, mut distance) = (Some(row.id), 0);
        while let Some(ancestor) = next {
            closure.push((row.id, ancestor, distance));
            next = parent(ancestor);
            distance += 1;
        }
    }
    closure.sort();
    closure
}

fn under(parent: Option<Uuid>) -> UpdateDomain {
    UpdateDomain {
        parent_id: parent.map_or(Patch::Null, Patch::Value),
        ..UpdateDomain::default()
    }
}

#[tokio::test]
async fn only_administrators_keep_the_tree() {
    let (_directory, store) = testing::store().await;
    let user = testing::user(&store, "ada", PlatformRole::Member).await;
    let viewer = testing::viewer(&store, user.id).await;
    let input = CreateDomain {
        name: String::new(),
        ..CreateDomain::default()
    };
    let found = faults(create(&store, &viewer, input).await);
    assert_eq!(found.len(), 1, "the input is not judged: {found:?}");
    assert_eq!(found[0].code, FaultCode::Forbidden);
    assert!(matches!(
        create(&store, &Viewer::anonymous(), CreateDomain::default()).await,
        Err(Error::Unauthenticated)
    ));
}

#[tokio::test]
async fn moving_a_branch_keeps_the_closure_and_refuses_circles() {
    let (_directory, store) = testing::store().await;
    let admin = admin(&store).await;
    let top = named(&store, &admin, "A", None).await;
    let second = named(&store, &admin, "B", Some(top.id)).await;
    let third = named(&store, &admin, "C", Some(second.id)).await;
    let fourth = named(&store, &admin, "D", Some(third.id)).await;
    let other = named(&store, &admin, "X", None).await;
    let under_other = named(&store, &admin, "Y", Some(other.id)).await;
    assert_eq!(closure(&store).await, expected_closure(&store).await);

    for (moved, parent) in [
        (second.id, Some(under_other.id)),
        (second.id, None),
        (other.id, Some(fourth.id)),
        (second.id, Some(top.id)),
    ] {
        update(&store, &admin, moved, under(parent)).await.unwrap();
        assert_eq!(closure(&store).await, expected_closure(&store).await);
    }
    for (moved, parent) in [
        (top.id, top.id),
        (top.id, fourth.id),
        (second.id, under_other.id),
    ] {
        let found = faults(update(&store, &admin, moved, under(Some(parent))).await);
        assert_eq!(found[0].code, FaultCode::Invalid);
        assert_eq!(found[0].field, ["input", "parentId"]);
    }
    let above = ancestors(&store, &admin, &[fourth.id, top.id])
        .await
        .unwrap();
    let names: Vec<_> = above[&fourth.id]
        .iter()
        .map(|row| row.name.as_str())
        .collect();
    assert_eq!(names, ["A", "B", "C"]);
    assert!(!above.contains_key(&top.id));
}

#[tokio::test]
async fn a_tree_is_at_most_so_deep() {
    let (_directory, store) = testing::store().await;
    let admin = admin(&store).await;
    let mut parent = None;
    for level in 0..=DEEPEST {
        parent = Some(
            named(&store, &admin, &format!("Level {level}"), parent)
                .await
                .id,
        );
    }
    let input = CreateDomain {
        name: "Too deep".into(),
        parent_id: parent,
        ..CreateDomain::default()
    };
    let found = faults(create(&store, &admin, input).await);
    assert_eq!(found[0].code, FaultCode::LimitReached);
    let top = named(&store, &admin, "Top", None).await;
    let root = by_slug(&store, &admin, "level-0").await.unwrap().unwrap();
    let found = faults(update(&store, &admin, root.id, under(Some(top.id))).await);
    assert_eq!(found[0].code, FaultCode::LimitReached);
}

#[tokio::test]
async fn slugs_are_derived_unique_and_redirect() {
    let (_directory, store) = testing::store().await;
    let admin = admin(&store).await;
    let first = named(&store, &admin, "Évaluation", None).await;
    let second = named(&store, &admin, "Evaluation", None).await;
    assert_eq!(
        (first.slug.as_str(), second.slug.as_str()),
        ("evaluation", "evaluation-2")
    );
    assert_eq!(named(&store, &admin, "日本", None).await.slug, "domain");

    let renamed = UpdateDomain {
        slug: Patch::Value("assessment".into()),
        ..UpdateDomain::default()
    };
    update(&store, &admin, first.id, renamed).await.unwrap();
    for slug in ["assessment", "evaluation"] {
        let found = by_slug(&store, &admin, slug).await.unwrap().unwrap();
        assert_eq!(found.id, first.id, "{slug}");
    }
    // What redirects is not derived, but given to who asks for it.
    assert_eq!(
        named(&store, &admin, "Evaluation", None).await.slug,
        "evaluation-3"
    );
    let taken = CreateDomain {
        name: "New".into(),
        slug: Some("evaluation".into()),
        ..CreateDomain::default()
    };
    let new = create(&store, &admin, taken).await.unwrap().value;
    let found = by_slug(&store, &admin, "evaluation")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.id, new.id);
    for slug in ["", "no such", "a\0b", "\u{202e}", "never-was"] {
        assert!(by_slug(&store, &admin, slug).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn all_faults_are_answered_at_once() {
    let (_directory, store) = testing::store().await;
    let admin = admin(&store).await;
    named(&store, &admin, "Maths", None).await;
    let input = CreateDomain {
        name: "x".repeat(301),
        slug: Some("maths".into()),
        parent_id: Some(Uuid::now_v7()),
        labels: vec![Label {
            text: "ok".into(),
            language: Some("not a language".into()),
        }],
        key_questions: vec!["Why?".into(), String::new()],
        ..CreateDomain::default()
    };
    let mut found: Vec<_> = faults(create(&store, &admin, input).await)
        .into_iter()
        .map(|fault| (fault.field.join("."), fault.code))
        .collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(
        found,
        [
            ("input.keyQuestions.1".to_owned(), FaultCode::Required),
            ("input.labels.0.language".to_owned(), FaultCode::Invalid),
            ("input.name".to_owned(), FaultCode::TooLong),
            ("input.parentId".to_owned(), FaultCode::NotFound),
            ("input.slug".to_owned(), FaultCode::Taken),
        ]
    );
    assert_eq!(
        count(&store, &admin, &DomainFilter::default())
            .await
            .unwrap(),
        1
    );
}

#[tokio::test]
async fn the_same_update_again_writes_nothing_and_a_stale_one_conflicts() {
    let (_directory, store) = testing::store().await;
    let admin = admin(&store).await;
    let row = named(&store, &admin, "Maths", None).await;
    let input = |expected| UpdateDomain {
        concern: Patch::Value("Numbers frighten people. ".into()),
        labels: Patch::Null,
        expected_revision: expected,
        ..UpdateDomain::default()
    };
    let first = update(&store, &admin, row.id, input(Some(1)))
        .await
        .unwrap();
    assert_eq!(first.value.revision, 2);
    let again = update(&store, &admin, row.id, input(None)).await.unwrap();
    assert_eq!((again.value, again.position), (first.value, first.position));
    let found = faults(update(&store, &admin, row.id, input(Some(1))).await);
    assert_eq!(
        (found[0].code, found[0].current_revision),
        (FaultCode::Conflict, Some(2))
    );

    let changes = testing::changes(&store, EntityType::Domain).await;
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[1].fields.0, ["concern"]);
}

#[tokio::test]
async fn what_is_pointed_at_is_not_deleted() {
    let (_directory, store) = testing::store().await;
    let admin = admin(&store).await;
    let parent = named(&store, &admin, "Parent", None).await;
    let child = named(&store, &admin, "Child", Some(parent.id)).await;
    let group = CreateCommunity {
        domain_ids: vec![parent.id],
        ..CreateCommunity::new("Group", "To test.", CommunityKind::Helping)
    };
    community::create(&store, &admin, group).await.unwrap();
    let found = faults(delete(&store, &admin, parent.id).await);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found
            .iter()
            .all(|fault| fault.code == FaultCode::BlockedByReferences)
    );

    delete(&store, &admin, child.id).await.unwrap();
    assert!(by_slug(&store, &admin, "child").await.unwrap().is_none());
    let kept = tombstone::Entity::find_by_id(child.id)
        .one(store.reader())
        .await
        .unwrap();
    assert!(kept.is_some());
    assert_eq!(
        testing::changes(&store, EntityType::Domain)
            .await
            .last()
            .unwrap()
            .operation,
        Operation::Deleted
    );
    assert_eq!(closure(&store).await, expected_closure(&store).await);
    let found = faults(delete(&store, &admin, child.id).await);
    assert_eq!(found[0].code, FaultCode::NotFound);
}

#[tokio::test]
async fn lists_are_filtered_and_paged_by_name() {
    let (_directory, store) = testing::store().await;
    let admin = admin(&store).await;
    let root = named(&store, &admin, "Teaching", None).await;
    for name in ["Évaluation", "evaluating", "Zoology", "arts"] {
        named(&store, &admin, name, Some(root.id)).await;
    }
    let names = async |filter: DomainFilter, request: PageRequest| {
        let page = page(&store, &admin, &filter, &request).await.unwrap();
        page.rows
            .into_iter()
            .map(|(_, row)| row.name)
            .collect::<Vec<_>>()
    };
    let all = PageRequest::default();
    let roots = DomainFilter {
        roots_only: true,
        ..DomainFilter::default()
    };
    assert_eq!(names(roots, all.clone()).await, ["Teaching"]);
    let children = DomainFilter {
        parent_id: Some(root.id),
        ..DomainFilter::default()
    };
    assert_eq!(
        names(children.clone(), all.clone()).await,
        ["arts", "evaluating", "Évaluation", "Zoology"]
    );
    let last = PageRequest {
        last: Some(1),
        ..PageRequest::default()
    };
    assert_eq!(names(children, last).await, ["Zoology"]);
    let begins = |prefix: &str| DomainFilter {
        name_starts_with: Some(prefix.to_owned()),
        ..DomainFilter::default()
    };
    assert_eq!(
        names(begins("ÉVALUAT"), all.clone()).await,
        ["evaluating", "Évaluation"]
    );
    assert_eq!(names(begins("a\0"), all).await, Vec::<String>::new());
    assert_eq!(count(&store, &admin, &begins("")).await.unwrap(), 5);
    let known = all_names(&store).await.unwrap();
    assert_eq!(known.len(), 5);
    assert_eq!(known[0].all().collect::<Vec<_>>(), [known[0].name.as_str()]);
}

#[tokio::test]
async fn a_domain_stands_for_its_narrower_ones() {
    let (_directory, store) = testing::store().await;
    let admin = admin(&store).await;
    let broad = named(&store, &admin, "Broad", None).await;
    let narrow = named(&store, &admin, "Narrow", Some(broad.id)).await;
    let group = testing::community(&store, "group", CommunityVisibility::Public).await;
    let input = CreateCommunity {
        domain_ids: vec![narrow.id],
        ..CreateCommunity::new("Made", "To test.", CommunityKind::Helping)
    };
    let made = community::create(&store, &admin, input)
        .await
        .unwrap()
        .value;
    let found = async |domain: Uuid| {
        let filter = CommunityFilter {
            domain_ids: vec![domain],
            ..CommunityFilter::default()
        };
        let (order, request) = (CommunityOrder::default(), PageRequest::default());
        let page = community::page(&store, &admin, &filter, order, &request)
            .await
            .unwrap();
        page.rows
            .into_iter()
            .map(|(_, row)| row.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(found(broad.id).await, [made.id]);
    assert_eq!(found(narrow.id).await, [made.id]);
    assert!(found(group.id).await.is_empty());
}

//! Domains that become part of others.

use std::collections::BTreeSet;

use entity::{expertise, merged_domain, related_domain};
use futures_util::FutureExt;
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::*;
use crate::expertise::{Subject, declare};

async fn lineage(store: &Store, viewer: &Viewer, id: Uuid) -> Vec<String> {
    let mut above = ancestors(store, viewer, &[id]).await.unwrap();
    let above = above.remove(&id).unwrap_or_default();
    above.into_iter().map(|row| row.name).collect()
}

#[tokio::test]
async fn what_stands_under_a_domain_comes_to_stand_under_the_other() {
    let (_directory, store) = testing::store().await;
    let admin = admin(&store).await;
    let top = named(&store, &admin, "Top", None).await;
    let from = named(&store, &admin, "From", Some(top.id)).await;
    let child = named(&store, &admin, "Child", Some(from.id)).await;
    let leaf = named(&store, &admin, "Leaf", Some(child.id)).await;
    let other = named(&store, &admin, "Other", None).await;
    let into = named(&store, &admin, "Into", Some(other.id)).await;

    let merged = merge(&store, &admin, from.id, into.id, None).await.unwrap();
    assert_eq!((merged.value.id, merged.value.revision), (into.id, 2));
    assert_eq!(closure(&store).await, expected_closure(&store).await);
    assert_eq!(
        lineage(&store, &admin, leaf.id).await,
        ["Other", "Into", "Child"]
    );
    let found = faults(merge(&store, &admin, into.id, leaf.id, None).await);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].code, found[0].field.join(".")),
        (FaultCode::Invalid, "intoId".to_owned())
    );

    // Into the one above it.
    merge(&store, &admin, into.id, other.id, None)
        .await
        .unwrap();
    assert_eq!(closure(&store).await, expected_closure(&store).await);
    assert_eq!(lineage(&store, &admin, leaf.id).await, ["Other", "Child"]);
    for slug in ["from", "into", "other"] {
        let found = by_slug(&store, &admin, slug).await.unwrap().unwrap();
        assert_eq!(found.id, other.id, "{slug}");
    }
    let kept = tombstone::Entity::find_by_id(from.id);
    assert!(kept.one(store.reader()).await.unwrap().is_some());
    let last = testing::changes(&store, EntityType::Domain).await.pop();
    let last = last.unwrap();
    assert_eq!(
        (last.entity_id, last.operation),
        (into.id, Operation::Deleted)
    );
}

#[tokio::test]
async fn what_would_be_too_much_together_is_refused_at_once() {
    let (_directory, store) = testing::store().await;
    let admin = admin(&store).await;
    let mut deepest = None;
    for level in 0..=DEEPEST {
        let name = format!("Level {level}");
        deepest = Some(named(&store, &admin, &name, deepest).await.id);
    }
    let label = |number: usize| Label {
        text: format!("Label {number}"),
        language: None,
    };
    let input = CreateDomain {
        name: "Many names".into(),
        alternative_labels: (0..50).map(label).collect(),
        ..CreateDomain::default()
    };
    let from = create(&store, &admin, input).await.unwrap().value;
    named(&store, &admin, "Below", Some(from.id)).await;
    let position = store.position().await.unwrap();
    let found = faults(merge(&store, &admin, from.id, deepest.unwrap(), None).await);
    assert_eq!(found.len(), 2, "{found:?}");
    for fault in found {
        assert_eq!(
            (fault.code, fault.field.join(".")),
            (FaultCode::LimitReached, "intoId".to_owned())
        );
    }
    assert_eq!(store.position().await.unwrap(), position);
    assert_eq!(closure(&store).await, expected_closure(&store).await);
}

#[tokio::test]
async fn relations_are_handed_over_and_end_within_a_branch() {
    let (_directory, store) = testing::store().await;
    let admin = admin(&store).await;
    let root = named(&store, &admin, "Root", None).await.id;
    let into = named(&store, &admin, "Into", Some(root)).await.id;
    let from = named(&store, &admin, "From", None).await.id;
    let child = named(&store, &admin, "Child", Some(from)).await.id;
    let friend = named(&store, &admin, "Friend", None).await.id;
    let both = named(&store, &admin, "Both", None).await.id;
    for (id, others) in [
        (from, vec![friend, both, root]),
        (child, vec![root, into]),
        (into, vec![both, child, from]),
    ] {
        let input = UpdateDomain {
            related_ids: Patch::Value(others),
            ..UpdateDomain::default()
        };
        update(&store, &admin, id, input).await.unwrap();
    }
    let before = testing::changes(&store, EntityType::Domain).await.len();
    merge(&store, &admin, from, into, None).await.unwrap();

    let rows = related_domain::Entity::find().all(store.reader()).await;
    let rows: BTreeSet<(Uuid, Uuid)> = rows
        .unwrap()
        .into_iter()
        .map(|row| (row.domain_id, row.related_id))
        .collect();
    let expected: BTreeSet<(Uuid, Uuid)> = [friend, both]
        .into_iter()
        .flat_map(|other| [(into, other), (other, into)])
        .collect();
    assert_eq!(rows, expected);
    let changes = testing::changes(&store, EntityType::Domain).await;
    let told: BTreeSet<Uuid> = changes[before..]
        .iter()
        .filter(|row| row.fields.0.iter().any(|field| field == "relatedDomains"))
        .map(|row| row.entity_id)
        .collect();
    assert_eq!(told, BTreeSet::from([root, into, child, friend, both]));
    assert_eq!(closure(&store).await, expected_closure(&store).await);
}

#[tokio::test]
async fn what_people_know_is_known_once() {
    let (_directory, store) = testing::store().await;
    let admin = admin(&store).await;
    let from = named(&store, &admin, "From", None).await.id;
    let into = named(&store, &admin, "Into", None).await.id;
    let about = |id: Uuid| Subject {
        domain_id: Some(id),
        tag: None,
    };
    let mut people = Vec::new();
    for (handle, known) in [("ben", vec![from, into]), ("cleo", vec![from])] {
        let user = testing::user(&store, handle, PlatformRole::Member).await;
        let viewer = testing::viewer(&store, user.id).await;
        for domain in known {
            declare(&store, &viewer, about(domain)).await.unwrap();
        }
        people.push(viewer);
    }
    merge(&store, &admin, from, into, None).await.unwrap();
    let rows = expertise::Entity::find().all(store.reader()).await.unwrap();
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(rows.iter().all(|row| row.domain_id == Some(into)));
    let position = store.position().await.unwrap();
    for viewer in people {
        let again = declare(&store, &viewer, about(into)).await.unwrap();
        assert_eq!(again.position, position, "it is said already");
    }
}

#[tokio::test]
async fn an_id_goes_on_meaning_what_a_domain_became_part_of() {
    let (_directory, store) = testing::store().await;
    let admin = admin(&store).await;
    let from = named(&store, &admin, "From", None).await.id;
    let between = named(&store, &admin, "Between", None).await.id;
    let into = named(&store, &admin, "Into", None).await.id;
    merge(&store, &admin, from, between, None).await.unwrap();
    merge(&store, &admin, between, into, None).await.unwrap();
    let ids = [between, from, into, Uuid::now_v7()];
    let meant = crate::merged_domain::meant(store.reader(), ids.to_vec()).await;
    let meant = meant.unwrap();
    assert_eq!(meant.len(), 3, "{meant:?}");
    assert!(meant.values().all(|id| *id == into), "{meant:?}");
    assert_eq!(crate::merged_domain::each_once(&ids, &meant), [into]);
    delete(&store, &admin, into).await.unwrap();
    let left = merged_domain::Entity::find().all(store.reader()).await;
    assert_eq!(left.unwrap(), [], "they lead nowhere");
}

#[tokio::test]
async fn a_merge_says_what_an_id_means_whatever_was_said_before() {
    let (_directory, store) = testing::store().await;
    let admin = admin(&store).await;
    let from = named(&store, &admin, "From", None).await.id;
    let into = named(&store, &admin, "Into", None).await.id;
    let other = named(&store, &admin, "Other", None).await.id;
    let gone = Uuid::now_v7();
    let said = store.write(None, move |unit| {
        async move {
            crate::merged_domain::insert_merged(unit.db(), other, &[from, gone]).await?;
            Ok(())
        }
        .boxed()
    });
    said.await.unwrap();
    let kept = merged_domain::Entity::find().all(store.reader()).await;
    let stale = |id| merged_domain::Model { id, into_id: other };
    assert_eq!(kept.unwrap(), [stale(gone)], "a domain means itself");
    stale(from)
        .into_active_model()
        .insert(store.migration_connection())
        .await
        .unwrap();
    merge(&store, &admin, from, into, None).await.unwrap();
    let meant = crate::merged_domain::meant(store.reader(), vec![from]).await;
    assert_eq!(meant.unwrap()[&from], into);
}

#[tokio::test]
async fn a_merge_is_of_what_was_read() {
    let (_directory, store) = testing::store().await;
    let admin = admin(&store).await;
    let from = named(&store, &admin, "From", None).await;
    let into = named(&store, &admin, "Into", None).await.id;
    let input = UpdateDomain {
        concern: Patch::Value("It changed.".to_owned()),
        ..UpdateDomain::default()
    };
    let newest = update(&store, &admin, from.id, input).await.unwrap().value;
    let found = faults(merge(&store, &admin, from.id, into, Some(from.revision)).await);
    assert_eq!(
        (found[0].code, found[0].current_revision),
        (FaultCode::Conflict, Some(newest.revision))
    );
    let merged = merge(&store, &admin, from.id, into, Some(newest.revision)).await;
    assert_eq!(merged.unwrap().value.id, into);
}

#[tokio::test]
async fn whoever_may_not_merge_waits_for_no_writer() {
    let (_directory, store) = testing::store().await;
    let admin = admin(&store).await;
    let from = named(&store, &admin, "From", None).await.id;
    let into = named(&store, &admin, "Into", None).await.id;
    let ben = testing::person(&store, "ben").await;
    let another = store.clone();
    let written = store.write(None, move |_unit| {
        async move {
            let found = faults(merge(&another, &ben, from, into, None).await);
            assert_eq!(found[0].code, FaultCode::Forbidden);
            Ok(())
        }
        .boxed()
    });
    written.await.unwrap();
}

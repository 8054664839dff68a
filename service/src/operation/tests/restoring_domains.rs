//! Domains that come back, whatever a file says of where they stand.

use std::collections::{BTreeMap, HashMap};

use entity::{domain, domain_ancestor, related_domain};

use super::*;
use crate::domain::{CreateDomain, DEEPEST, MOST_RELATED};
use crate::merged_domain::meant;

/// Writes a file of domains: each with its parent and those that it is related to.
fn file_of(directory: &Path, domains: &[(Uuid, Option<Uuid>, Vec<Uuid>)]) -> PathBuf {
    let id_of = |id: Uuid| typed_id::encode("domain", id);
    let lines = domains.iter().map(|(id, parent, related)| {
        let related: Vec<String> = related.iter().copied().map(id_of).collect();
        let line = json!({
            "type": "domain", "id": id_of(*id), "parentId": parent.map(id_of), "relatedIds": related,
            "slug": format!("d-{}", id.simple()), "name": "Domain", "labels": [],
            "alternativeLabels": [], "keyQuestions": [], "competencies": [], "revision": 1,
            "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z",
        });
        format!("{line}\n")
    });
    let content = [
        "{\"type\":\"header\",\"form\":\"repertoire-export\",\"version\":1}\n".to_owned(),
        lines.collect(),
        "{\"type\":\"end\"}\n".to_owned(),
    ]
    .concat();
    let path = directory.join("domains.ndjson");
    std::fs::write(&path, content).unwrap();
    path
}

/// The parents of domains, and how far each broader one is above each.
async fn tree(store: &Store) -> (HashMap<Uuid, Option<Uuid>>, BTreeMap<(Uuid, Uuid), i32>) {
    let rows = domain::Entity::find().all(store.reader()).await.unwrap();
    let closure = domain_ancestor::Entity::find().all(store.reader()).await;
    let closure = closure.unwrap().into_iter();
    (
        rows.into_iter()
            .map(|row| (row.id, row.parent_id))
            .collect(),
        closure
            .map(|row| ((row.domain_id, row.ancestor_id), row.distance))
            .collect(),
    )
}

#[tokio::test]
async fn domains_come_back_where_they_can_stand() {
    let (directory, store) = testing::store().await;
    let root = admin(&store).await;
    let new = Uuid::now_v7;
    let (parent, child, itself, orphan) = (new(), new(), new(), new());
    let (one, other) = (new(), new());
    let levels: Vec<Uuid> = (0..=DEEPEST + 1).map(|_| new()).collect();
    let mut domains = vec![
        (child, Some(parent), Vec::new()),
        (parent, None, Vec::new()),
        (itself, Some(itself), Vec::new()),
        (one, Some(other), Vec::new()),
        (other, Some(one), Vec::new()),
        (orphan, Some(new()), Vec::new()),
    ];
    let deepest_first = levels.windows(2).rev();
    domains.extend(deepest_first.map(|pair| (pair[1], Some(pair[0]), Vec::new())));
    domains.push((levels[0], None, Vec::new()));
    let path = file_of(directory.path(), &domains);
    let tally = import_now(&store, &root, restored(path), &nothing)
        .await
        .unwrap();
    assert_eq!(
        (tally.created, tally.failed),
        (domains.len(), 4),
        "{tally:?}"
    );
    let said: BTreeMap<Option<i32>, &str> = tally
        .errors
        .iter()
        .map(|error| (error.line, error.message.as_str()))
        .collect();
    // The header is the first line.
    for (line, text) in [
        (4, "stands under it"),
        (6, "stands under it"),
        (7, "is not here: domain_"),
        (8, "above which 20 others are"),
    ] {
        let message = said.get(&Some(line)).copied().unwrap_or_default();
        assert!(message.contains(text), "{line}: {said:?}");
    }

    let (parents, closure) = tree(&store).await;
    assert_eq!(parents.len(), domains.len());
    for (id, expected) in [
        (child, Some(parent)),
        (itself, None),
        (one, Some(other)),
        (other, None),
        (orphan, None),
        (levels[levels.len() - 1], None),
        (levels[levels.len() - 2], Some(levels[levels.len() - 3])),
    ] {
        assert_eq!(parents[&id], expected);
    }
    let mut expected = BTreeMap::new();
    for id in parents.keys() {
        let (mut next, mut distance) = (Some(*id), 0);
        while let Some(above) = next {
            expected.insert((*id, above), distance);
            next = parents[&above];
            distance += 1;
        }
    }
    assert_eq!(closure, expected);
    check_rows(&store).await;
}

#[tokio::test]
async fn domains_that_come_back_are_related_to_as_many_as_may_be() {
    let (directory, store) = testing::store().await;
    let root = admin(&store).await;
    let named = |name: String, related_ids: Vec<Uuid>| CreateDomain {
        name,
        related_ids,
        ..CreateDomain::default()
    };
    let mut friends = Vec::new();
    for number in 0..MOST_RELATED {
        let input = named(format!("Friend {number}"), Vec::new());
        let made = crate::domain::create(&store, &root, input).await;
        friends.push(made.unwrap().value.id);
    }
    let input = named("Full".to_owned(), friends.clone());
    let full = crate::domain::create(&store, &root, input).await;
    let full = full.unwrap().value.id;
    let (first, second) = (Uuid::now_v7(), Uuid::now_v7());
    let domains = [
        (first, None, friends.clone()),
        (second, None, vec![friends[0], full, first]),
    ];
    let path = file_of(directory.path(), &domains);
    let tally = import_now(&store, &root, restored(path), &nothing)
        .await
        .unwrap();
    assert_eq!((tally.created, tally.failed), (2, 1), "{tally:?}");
    let message = &tally.errors[0].message;
    assert_eq!(
        message.matches("the related domain").count(),
        2,
        "{message}"
    );
    let rows = related_domain::Entity::find().all(store.reader()).await;
    let mut counts: HashMap<Uuid, usize> = HashMap::new();
    for row in rows.unwrap() {
        *counts.entry(row.domain_id).or_default() += 1;
    }
    let count = |id: Uuid| counts.get(&id).copied();
    let most = Some(MOST_RELATED);
    assert_eq!(
        (count(full), count(first), count(second)),
        (most, most, Some(1))
    );
    assert_eq!((count(friends[0]), count(friends[1])), (Some(3), Some(2)));
}

#[tokio::test]
async fn what_a_domain_was_merged_from_comes_back_with_it() {
    let (directory, store) = testing::store().await;
    let root = admin(&store).await;
    let mut ids = Vec::new();
    for name in ["Old", "New"] {
        let input = CreateDomain {
            name: name.to_owned(),
            ..CreateDomain::default()
        };
        let made = crate::domain::create(&store, &root, input).await;
        ids.push(made.unwrap().value.id);
    }
    crate::domain::merge(&store, &root, ids[0], ids[1], None)
        .await
        .unwrap();
    let written = export_whole(&store, directory.path()).await;
    let (_directory, second) = testing::store().await;
    let root = admin(&second).await;
    let tally = import_now(&second, &root, restored(written), &nothing)
        .await
        .unwrap();
    assert_eq!(tally.errors, []);
    let meant = meant(second.reader(), ids.clone()).await.unwrap();
    assert_eq!(meant, HashMap::from([(ids[0], ids[1]), (ids[1], ids[1])]));
}

//! Domains that are related.

use super::*;

fn related_to(others: Vec<Uuid>) -> UpdateDomain {
    UpdateDomain {
        related_ids: Patch::Value(others),
        ..UpdateDomain::default()
    }
}

async fn names_related(store: &Store, viewer: &Viewer, id: Uuid) -> Vec<String> {
    let mut found = related(store, viewer, &[id]).await.unwrap();
    let found = found.remove(&id).unwrap_or_default();
    found.into_iter().map(|row| row.name).collect()
}

#[tokio::test]
async fn a_domain_is_related_to_so_many_at_most() {
    let (_directory, store) = testing::store().await;
    let admin = admin(&store).await;
    let hub = named(&store, &admin, "Hub", None).await.id;
    let mut others = Vec::new();
    for number in 0..=MOST_RELATED {
        others.push(named(&store, &admin, &format!("{number}"), None).await.id);
    }
    let too_many = update(&store, &admin, hub, related_to(others.clone())).await;
    assert_eq!(faults(too_many)[0].code, FaultCode::TooLong);
    let last = others.pop().unwrap();
    let related = update(&store, &admin, hub, related_to(others.clone())).await;
    assert_eq!(related.unwrap().value.revision, 2);
    let found = faults(update(&store, &admin, last, related_to(vec![others[0], hub])).await);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].code, FaultCode::LimitReached);
    assert_eq!(found[0].field, ["input", "relatedIds", "1"]);
    // Its own relation to the hub does not count against it.
    let again = update(&store, &admin, others[0], related_to(vec![last, hub])).await;
    again.unwrap();
    assert_eq!(names_related(&store, &admin, last).await, ["0"]);
}

#[tokio::test]
async fn what_goes_is_related_to_nothing() {
    let (_directory, store) = testing::store().await;
    let admin = admin(&store).await;
    let kept = named(&store, &admin, "Kept", None).await.id;
    let gone = named(&store, &admin, "Gone", None).await.id;
    let written = update(&store, &admin, gone, related_to(vec![kept])).await;
    written.unwrap();
    assert_eq!(names_related(&store, &admin, kept).await, ["Gone"]);
    delete(&store, &admin, gone).await.unwrap();
    assert_eq!(
        names_related(&store, &admin, kept).await,
        Vec::<String>::new()
    );
    let changes = testing::changes(&store, EntityType::Domain).await;
    let told: Vec<_> = changes
        .iter()
        .filter(|row| row.entity_id == kept)
        .map(|row| row.fields.0.join(" "))
        .collect();
    assert_eq!(told, ["", "relatedDomains", "relatedDomains"]);
}

#[tokio::test]
async fn a_move_ends_nothing_by_itself() {
    let (_directory, store) = testing::store().await;
    let admin = admin(&store).await;
    let top = named(&store, &admin, "Top", None).await.id;
    let other = named(&store, &admin, "Other", None).await.id;
    let leaf = named(&store, &admin, "Leaf", Some(other)).await.id;
    update(&store, &admin, leaf, related_to(vec![top]))
        .await
        .unwrap();
    for moved in [other, leaf] {
        let found = faults(update(&store, &admin, moved, under(Some(top))).await);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].field, ["input", "parentId"]);
    }
    // Who says in the same breath that it is not related any more may move it.
    let input = UpdateDomain {
        related_ids: Patch::Null,
        ..under(Some(top))
    };
    update(&store, &admin, leaf, input).await.unwrap();
    assert_eq!(closure(&store).await, expected_closure(&store).await);
    assert_eq!(
        names_related(&store, &admin, top).await,
        Vec::<String>::new()
    );
}

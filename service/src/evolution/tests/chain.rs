//! No item is lost or doubled, however communities split and merge.

use entity::link;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

use super::*;

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
    merge(store, &ada, part.id, whole.id, reason, None)
        .await
        .unwrap();
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

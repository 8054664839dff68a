//! What becomes of the parts of a community that merges.

use super::*;
use crate::community::{UpdateCommunity, update};
use crate::domain::DEEPEST;

impl Pair {
    /// A new community that is part of another one.
    async fn part_of(&self, whole: Uuid, name: &str) -> Uuid {
        let input = CreateCommunity {
            parent_id: Some(whole),
            ..CreateCommunity::new(name, "To be tried.", CommunityKind::Helping)
        };
        let made = crate::community::create(&self.store, &self.ada, input).await;
        made.unwrap().value.id
    }

    /// Makes a community part of another one, or of none.
    async fn put(&self, part: Uuid, whole: Option<Uuid>) {
        let input = UpdateCommunity {
            parent_id: whole.map_or(Patch::Null, Patch::Value),
            ..UpdateCommunity::default()
        };
        update(&self.store, &self.ada, part, input).await.unwrap();
    }

    async fn row(&self, id: Uuid) -> community::Model {
        let found = community::Entity::find_by_id(id).one(self.store.reader());
        found.await.unwrap().unwrap()
    }

    async fn parent(&self, id: Uuid) -> Option<Uuid> {
        self.row(id).await.parent_id
    }

    /// The communities of which the log says last that they are part of another one, in its order.
    async fn moved_since(&self, position: i64) -> Vec<Uuid> {
        let rows = testing::changes(&self.store, EntityType::Community).await;
        let rows = rows.into_iter().filter(|row| {
            row.position > position && row.fields.0.iter().any(|field| field == "parent")
        });
        rows.map(|row| row.entity_id).collect()
    }
}

#[tokio::test]
async fn parts_of_a_merged_community_are_parts_of_the_other() {
    let pair = Pair::public().await;
    let (from, into) = (pair.from.id, pair.into.id);
    let parts = [
        pair.part_of(from, "One").await,
        pair.part_of(from, "Other").await,
    ];
    let below = pair.part_of(parts[0], "Below").await;
    let own = pair.part_of(into, "Own").await;
    let before = pair.store.position().await.unwrap();
    pair.merge().await.unwrap();
    for part in parts {
        let row = pair.row(part).await;
        assert_eq!((row.parent_id, row.revision), (Some(into), 2));
    }
    assert_eq!(pair.parent(below).await, Some(parts[0]));
    assert_eq!(pair.parent(own).await, Some(into));
    assert_eq!(
        (pair.parent(from).await, pair.parent(into).await),
        (None, None)
    );
    assert_eq!(pair.moved_since(before).await, parts);
    assert_eq!(pair.row(into).await.revision, pair.into.revision);
}

#[tokio::test]
async fn a_community_that_goes_into_one_of_its_parts_is_replaced_by_it() {
    let pair = Pair::public().await;
    let (from, into) = (pair.from.id, pair.into.id);
    let whole = found_by(&pair.store, &pair.ada, "Whole", CommunityVisibility::Public).await;
    pair.put(from, Some(whole.id)).await;
    pair.put(into, Some(from)).await;
    let sister = pair.part_of(from, "Sister").await;
    let before = pair.store.position().await.unwrap();
    let merged = pair.merge().await.unwrap().value;
    assert_eq!(merged.parent_id, Some(whole.id));
    assert_eq!(merged, pair.row(into).await);
    assert_eq!(pair.parent(sister).await, Some(into));
    assert_eq!(pair.moved_since(before).await, [sister, into]);
    let rows = testing::changes(&pair.store, EntityType::Community).await;
    assert_eq!(rows.last().unwrap().fields.0, ["mergedFrom", "parent"]);
}

#[tokio::test]
async fn no_ring_closes_where_the_other_is_further_below() {
    let pair = Pair::public().await;
    let (from, into) = (pair.from.id, pair.into.id);
    let between = pair.part_of(from, "Between").await;
    let sister = pair.part_of(from, "Sister").await;
    pair.put(into, Some(between)).await;
    pair.merge().await.unwrap();
    assert_eq!(pair.parent(between).await, None, "it takes its place");
    assert_eq!(pair.parent(into).await, Some(between));
    assert_eq!(pair.parent(sister).await, Some(into));
}

#[tokio::test]
async fn parts_do_not_come_too_deep() {
    let pair = Pair::public().await;
    let part = pair.part_of(pair.from.id, "Part").await;
    let lowest = pair.part_of(part, "Part of the part").await;
    let mut above = found_by(&pair.store, &pair.ada, "Top", CommunityVisibility::Public)
        .await
        .id;
    // With as many above it as leave room for one level below it.
    for level in 2..DEEPEST {
        above = pair.part_of(above, &format!("Level {level}")).await;
    }
    pair.put(pair.into.id, Some(above)).await;
    let refused = faults(pair.merge().await);
    assert_eq!(refused[0].blocked_by[0].code, BlockerCode::CriterionUnmet);
    assert!(refused[0].blocked_by[0].message.contains("20 others"));
    pair.put(lowest, None).await;
    pair.merge().await.unwrap();
}

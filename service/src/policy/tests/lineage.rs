//! Relations in random worlds: between all things, however they are visible.

use std::collections::{BTreeMap, BTreeSet};

use entity::change::EntityType;
use entity::link::{self, LinkRelation};
use sea_orm::{EntityTrait, IntoActiveModel};
use uuid::Uuid;

use super::world::Placed;
use crate::item::entity_type;
use crate::link::{End, LineageDirection, LineageRequest, lineage};
use crate::policy::community::{Access, access};
use crate::policy::item::{ItemFacts, read};
use crate::store::Store;
use crate::viewer::Viewer;

/// How far the graphs are walked here.
const DEPTH: i64 = 4;
/// So many things are asked of.
const ROOTS: usize = 4;

/// A relation as it is answered: where from, which, where to.
type Relation = (Uuid, LinkRelation, Uuid);

/// The things of a world with relations between them.
pub(super) struct Relations {
    things: Vec<End>,
    links: BTreeSet<Relation>,
}

impl Relations {
    pub(super) async fn place(store: &Store, placed: &Placed) -> Self {
        let items = placed.items.iter();
        let mut things: Vec<End> = items
            .map(|(item, _)| (entity_type(item.item_type), item.id))
            .collect();
        let communities = placed.communities.iter();
        things.extend(communities.map(|row| (EntityType::Community, row.id)));
        let many = things.len();
        let mut links = BTreeMap::new();
        for number in 0..3 * many {
            // Some lead in circles, some to the same thing, some to where they start.
            let (from, to) = (things[number % many], things[(number * 7 + 3) % many]);
            let relation = LinkRelation::ALL[number % LinkRelation::ALL.len()];
            links.insert((from.1, relation, to.1), (from.0, to.0));
        }
        let rows = links
            .iter()
            .map(|((from, relation, to), (from_type, to_type))| {
                link::Model {
                    from_id: *from,
                    relation: *relation,
                    to_id: *to,
                    from_type: *from_type,
                    to_type: *to_type,
                    occurrence: None,
                    actor_id: None,
                    at: store.clock().now(),
                    derived: None,
                }
                .into_active_model()
            });
        link::Entity::delete_many()
            .exec(store.migration_connection())
            .await
            .unwrap();
        link::Entity::insert_many(rows)
            .exec_without_returning(store.migration_connection())
            .await
            .unwrap();
        Self {
            things,
            links: links.into_keys().collect(),
        }
    }

    /// The graph that is answered around some things is the one that is left when what the viewer may not see is taken
    /// out of it.
    pub(super) async fn check(&self, store: &Store, placed: &Placed, viewer: &Viewer) {
        let shown: BTreeSet<Uuid> = self
            .things
            .iter()
            .filter(|thing| is_shown(placed, viewer, **thing))
            .map(|thing| thing.1)
            .collect();
        for root in self.things.iter().take(ROOTS) {
            let mut both = BTreeMap::new();
            for direction in [LineageDirection::Origins, LineageDirection::Descendants] {
                let expected = self.walk(&shown, root.1, direction);
                assert_eq!(answered(store, viewer, *root, direction).await, expected);
                for (relation, depth) in expected {
                    let nearest = both.entry(relation).or_insert(depth);
                    *nearest = depth.min(*nearest);
                }
            }
            let found = answered(store, viewer, *root, LineageDirection::Both).await;
            assert_eq!(found, both);
        }
    }

    fn walk(
        &self,
        shown: &BTreeSet<Uuid>,
        root: Uuid,
        direction: LineageDirection,
    ) -> BTreeMap<Relation, i32> {
        let mut found = BTreeMap::new();
        let mut here = BTreeSet::from([root]);
        here.retain(|id| shown.contains(id));
        for depth in 1..=i32::try_from(DEPTH).unwrap() {
            let mut next = BTreeSet::new();
            for relation in &self.links {
                let (from, of, to) = *relation;
                let forward = matches!(of, LinkRelation::PromotedTo | LinkRelation::MergedInto);
                let to_origins = direction == LineageDirection::Origins;
                let (start, end) = if to_origins == forward {
                    (to, from)
                } else {
                    (from, to)
                };
                if here.contains(&start) && shown.contains(&end) {
                    found.entry(*relation).or_insert(depth);
                    next.insert(end);
                }
            }
            here = next;
        }
        found
    }
}

async fn answered(
    store: &Store,
    viewer: &Viewer,
    root: End,
    direction: LineageDirection,
) -> BTreeMap<Relation, i32> {
    let request = LineageRequest {
        direction,
        depth: Some(DEPTH),
        first: Some(500),
    };
    let traced = lineage(store, viewer, root, request).await.unwrap();
    let depths: Vec<i32> = traced.iter().map(|link| link.depth).collect();
    assert!(depths.is_sorted(), "the nearest first");
    let many = traced.len();
    let found: BTreeMap<Relation, i32> = traced
        .into_iter()
        .map(|link| ((link.from.1, link.relation, link.to.1), link.depth))
        .collect();
    assert_eq!(found.len(), many, "each once");
    found
}

fn is_shown(placed: &Placed, viewer: &Viewer, (entity_type, id): End) -> bool {
    if entity_type == EntityType::Community {
        return access(viewer, placed.community(id)) != Access::None;
    }
    let found = placed.items.iter().find(|(item, _)| item.id == id);
    found.is_some_and(|(item, authors)| {
        let facts = ItemFacts {
            community: placed.community(item.community_id),
            item,
            authors,
        };
        read(viewer, facts)
    })
}

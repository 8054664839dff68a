//! The policy says who may read what in three languages: over plain data, in SQL and in tokens. In random worlds all
//! three, and the search engine that holds the tokens, say the same to every viewer.

mod adoptions;
mod attendance;
mod belongings;
mod changes;
mod collections;
mod edges;
mod expertise;
mod interaction;
mod lineage;
mod pilots;
mod platform;
mod reports;
mod revisions;
mod stories;
mod work;
mod world;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use entity::item::ItemType;
use entity::{activity, collection, discussion, innovation, practice, resource};
use proptest::test_runner::{Config, TestRunner};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use self::belongings::Belongings;
use self::expertise::Known;
use self::interaction::Interaction;
use self::lineage::Relations;
use self::reports::Reports;
use self::stories::Told;
use self::work::Work;
use self::world::{Placed, World};
use super::community::{Access, access};
use super::item::{ItemFacts, read};
use super::{audience, filter};
use crate::community::{self, CommunityFilter, CommunityOrder};
use crate::discussion::{posts_by_ids, similar};
use crate::item::{self, ItemFilter, ItemKind, ItemOrder, List, ListScope, With};
use crate::paging::{Direction, PageRequest};
use crate::search::{
    DocumentKind, FacetField, FacetRequest, FacetValue, SearchFilter, SearchIndex, SearchQuery,
    search, suggest,
};
use crate::store::Store;
use crate::testing;
use crate::viewer::Viewer;

/// Each world is seen by about twenty viewers.
const WORLDS: u32 = 12;

#[test]
fn rules_and_sql_and_tokens_and_search_say_the_same() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (_directory, store) = runtime.block_on(testing::store());
    let mut runner = TestRunner::new(Config {
        cases: WORLDS,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&world::worlds(), |world: World| {
            runtime.block_on(check(&store, &world));
            Ok(())
        })
        .unwrap();
}

async fn check(store: &Store, world: &World) {
    world::clear(store).await;
    let placed = world.place(store).await;
    let told = Told::place(store, &placed).await;
    let index = placed.index(store, &told.ids()).await;
    let belongings = Belongings::place(store, &placed).await;
    let interaction = Interaction::place(store, &placed).await;
    collections::place(store, &placed).await;
    let relations = Relations::place(store, &placed).await;
    let adopted = adoptions::place(store, &placed).await;
    let reports = Reports::place(store, &placed).await;
    let activities = attendance::place(store, &placed).await;
    let known = Known::place(store, &placed).await;
    let work = Work::place(store, &placed, &known).await;
    for viewer in placed.viewers(store).await {
        let readable = readable_items(&placed, &viewer);
        let visible = visible_communities(&placed, &viewer);
        assert_eq!(
            in_sql(store, &placed, &viewer).await,
            readable,
            "items in SQL"
        );
        communities_in_sql(store, &placed, &viewer, &visible).await;
        belongings.check(store, &placed, &viewer).await;
        interaction.check(store, &placed, &viewer).await;
        collections::compare(store, &placed, &viewer, &readable).await;
        told.check(store, &placed, &viewer).await;
        relations.check(store, &placed, &viewer).await;
        edges::compare(store, &placed, &viewer, &readable).await;
        adoptions::compare(store, &placed, &viewer, &adopted).await;
        reports.compare(store, &placed, &viewer).await;
        pilots::compare(store, &placed, &viewer, &readable).await;
        changes::compare(store, &placed, &viewer).await;
        drafts(store, &placed, &viewer, &readable).await;
        posts(store, &index, &placed, &viewer, &readable).await;
        revisions::compare(store, &placed, &viewer).await;
        attendance::compare(store, &placed, &viewer, &readable, &activities).await;
        known.compare(store, &placed, &viewer, &readable).await;
        work.compare(store, &placed, &viewer, &readable).await;
        let tokens = audience::of_viewer(&viewer);
        assert_eq!(
            by_tokens(&placed, &tokens),
            (readable.clone(), visible.clone())
        );
        let stories = told.readable(&placed, &viewer);
        let shown = Shown {
            items: &readable,
            communities: &visible,
            stories: &stories,
        };
        searched(store, &index, &placed, &told, &viewer, &shown).await;
        suggested(store, &index, &viewer, &shown).await;
    }
}

fn readable_items(placed: &Placed, viewer: &Viewer) -> BTreeSet<Uuid> {
    let readable = placed.items.iter().filter(|(item, authors)| {
        let facts = ItemFacts {
            community: placed.community(item.community_id),
            item,
            authors,
        };
        read(viewer, facts)
    });
    readable.map(|(item, _)| item.id).collect()
}

fn visible_communities(placed: &Placed, viewer: &Viewer) -> BTreeSet<Uuid> {
    let visible = placed
        .communities
        .iter()
        .filter(|community| access(viewer, community) != Access::None);
    visible.map(|community| community.id).collect()
}

fn by_tokens(placed: &Placed, tokens: &BTreeSet<String>) -> (BTreeSet<Uuid>, BTreeSet<Uuid>) {
    let items = placed.items.iter().filter(|(item, authors)| {
        let community = placed.community(item.community_id);
        !audience::of_item(community, item, authors).is_disjoint(tokens)
    });
    let communities = placed
        .communities
        .iter()
        .filter(|community| !audience::of_community_about(community).is_disjoint(tokens));
    (
        items.map(|(item, _)| item.id).collect(),
        communities.map(|community| community.id).collect(),
    )
}

async fn in_sql(store: &Store, placed: &Placed, viewer: &Viewer) -> BTreeSet<Uuid> {
    let mut all = of_kind::<resource::Entity>(store, placed, viewer).await;
    all.extend(of_kind::<practice::Entity>(store, placed, viewer).await);
    all.extend(of_kind::<innovation::Entity>(store, placed, viewer).await);
    all.extend(of_kind::<activity::Entity>(store, placed, viewer).await);
    all.extend(of_kind::<discussion::Entity>(store, placed, viewer).await);
    all.extend(of_kind::<collection::Entity>(store, placed, viewer).await);
    all
}

/// What a list, a count and lookups answer of a type; all the same.
async fn of_kind<K>(store: &Store, placed: &Placed, viewer: &Viewer) -> BTreeSet<Uuid>
where
    K: ItemKind,
    K::Model: item::DetailsRow,
{
    let request = PageRequest {
        first: Some(100),
        ..PageRequest::default()
    };
    let keyset = ItemOrder::Title.keyset(Direction::Ascending);
    let (all, everything) = (ItemFilter::default(), ListScope::Everything);
    let list = List {
        filter: &all,
        scope: everything,
        keyset,
    };
    let page = item::page::<K>(store, viewer, list, &request, With::default()).await;
    let listed: BTreeSet<Uuid> = page
        .unwrap()
        .rows
        .iter()
        .map(|(_, row)| row.item.id)
        .collect();
    let count = item::count::<K>(store, viewer, &all, everything).await;
    assert_eq!(count.unwrap(), listed.len() as u64);
    let ids: Vec<Uuid> = placed.items.iter().map(|(item, _)| item.id).collect();
    let found = item::by_ids::<K>(store, viewer, &ids).await.unwrap();
    assert_eq!(found.into_keys().collect::<BTreeSet<_>>(), listed);
    listed
}

async fn communities_in_sql(
    store: &Store,
    placed: &Placed,
    viewer: &Viewer,
    expected: &BTreeSet<Uuid>,
) {
    let request = PageRequest {
        first: Some(100),
        ..PageRequest::default()
    };
    let all = CommunityFilter::default();
    let page = community::page(store, viewer, &all, CommunityOrder::default(), &request).await;
    let listed: BTreeSet<Uuid> = page.unwrap().rows.iter().map(|(_, row)| row.id).collect();
    assert_eq!(&listed, expected);
    let count = community::count(store, viewer, &all).await.unwrap();
    assert_eq!(count, expected.len() as u64);
    let whole = entity::community::Entity::find().filter(filter::whole_communities(viewer));
    let whole = whole.all(store.reader()).await.unwrap();
    let whole: BTreeSet<Uuid> = whole.into_iter().map(|row| row.id).collect();
    let expected_whole = placed
        .communities
        .iter()
        .filter(|row| super::community::read_whole(viewer, row));
    assert_eq!(whole, expected_whole.map(|row| row.id).collect());
    let ids: Vec<Uuid> = placed.communities.iter().map(|row| row.id).collect();
    let found = community::by_ids(store, viewer, &ids).await.unwrap();
    assert_eq!(&found.into_keys().collect::<BTreeSet<_>>(), expected);
}

/// Of a readable item the viewer sees drafts exactly where the item could be read as a draft.
async fn drafts(store: &Store, placed: &Placed, viewer: &Viewer, readable: &BTreeSet<Uuid>) {
    let mut select = entity::item::Entity::find().filter(filter::readable_items(viewer));
    let none = Condition::all().add(entity::item::Column::Id.is_null());
    select = select.filter(filter::drafts_readable(viewer).unwrap_or(none));
    let expected = placed.items.iter().filter(|(item, authors)| {
        let as_draft = entity::item::Model {
            published: false,
            ..item.clone()
        };
        let facts = ItemFacts {
            community: placed.community(item.community_id),
            item: &as_draft,
            authors,
        };
        readable.contains(&item.id) && read(viewer, facts)
    });
    assert_eq!(
        select.count(store.reader()).await.unwrap(),
        expected.count() as u64,
        "drafts in SQL"
    );
}

/// A post is read and found exactly where its discussion is read, and so are discussions like another one.
async fn posts(
    store: &Store,
    index: &SearchIndex,
    placed: &Placed,
    viewer: &Viewer,
    readable: &BTreeSet<Uuid>,
) {
    let discussions: Vec<Uuid> = placed
        .items
        .iter()
        .filter(|(item, _)| item.item_type == ItemType::Discussion)
        .map(|(item, _)| item.id)
        .collect();
    let ids: Vec<Uuid> = discussions.iter().map(|id| world::post_of(*id)).collect();
    let found = posts_by_ids(store, viewer, &ids).await.unwrap();
    let of: BTreeSet<Uuid> = found.values().map(|post| post.discussion_id).collect();
    let expected: BTreeSet<Uuid> = discussions
        .iter()
        .copied()
        .filter(|id| readable.contains(id))
        .collect();
    assert_eq!(of, expected, "posts in SQL");
    for id in &discussions {
        let query = SearchQuery {
            query: format!("\"{}\"", world::word_of(*id)),
            ..SearchQuery::default()
        };
        let answer = search(store, index, viewer, query).await.unwrap();
        assert_eq!(
            answer.total,
            u64::from(readable.contains(id)),
            "a word of a post"
        );
    }
    if let Some(asked) = discussions.first() {
        let found = similar(store, index, viewer, &[(*asked, 20)])
            .await
            .unwrap();
        let found = found.into_values().flatten().collect::<BTreeSet<Uuid>>();
        assert!(found.is_subset(readable), "similar discussions");
    }
}

/// What a viewer may see.
struct Shown<'a> {
    items: &'a BTreeSet<Uuid>,
    communities: &'a BTreeSet<Uuid>,
    stories: &'a BTreeSet<Uuid>,
}

impl Shown<'_> {
    fn all(&self) -> BTreeSet<Uuid> {
        let all = self.items.iter().chain(self.communities);
        all.chain(self.stories).copied().collect()
    }
}

/// Hits, totals and facets count the same things.
async fn searched(
    store: &Store,
    index: &SearchIndex,
    placed: &Placed,
    told: &Told,
    viewer: &Viewer,
    shown: &Shown<'_>,
) {
    let facets = [FacetField::Kind, FacetField::Community].map(|field| FacetRequest {
        field,
        size: Some(100),
    });
    // By nothing, by a word that is in every text, and by words that nobody typed right.
    for query in ["", "commonword", "comonword"] {
        let query = SearchQuery {
            query: query.to_owned(),
            first: Some(100),
            facets: facets.to_vec(),
            snippets: true,
            did_you_mean: true,
            ..SearchQuery::default()
        };
        let answer = search(store, index, viewer, query).await.unwrap();
        let hits: BTreeSet<Uuid> = answer.hits.iter().map(|hit| hit.id).collect();
        let expected = shown.all();
        assert_eq!(hits, expected, "search");
        assert_eq!(answer.total, expected.len() as u64);
        let mut counted = BTreeMap::new();
        for bucket in answer.facets.iter().flat_map(|facet| &facet.buckets) {
            let key = match &bucket.value {
                FacetValue::Community(id) => id.to_string(),
                FacetValue::Text(text) => text.clone(),
                other => panic!("{other:?} was not asked for"),
            };
            counted.insert(key, bucket.count);
        }
        assert_eq!(counted, expected_counts(placed, told, shown));
    }
}

fn expected_counts(placed: &Placed, told: &Told, shown: &Shown<'_>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    let mut count = |key: String| *counts.entry(key).or_default() += 1;
    for (item, _) in &placed.items {
        if shown.items.contains(&item.id) {
            count(item.item_type.as_str().to_owned());
            count(item.community_id.to_string());
        }
    }
    for id in shown.stories {
        count(DocumentKind::ValueStory.name().to_owned());
        count(told.community_of(*id).unwrap().to_string());
    }
    for id in shown.communities {
        count(DocumentKind::Community.name().to_owned());
        count(id.to_string());
    }
    counts
}

/// Completions name what the viewer sees and nothing else; tags are those of visible items.
async fn suggested(store: &Store, index: &SearchIndex, viewer: &Viewer, shown: &Shown<'_>) {
    let all = SearchFilter::default();
    let titles = suggest(store, index, viewer, "commonword", &all, Some(100));
    let named: BTreeSet<Uuid> = titles
        .await
        .unwrap()
        .into_iter()
        .filter_map(|suggestion| suggestion.target.map(|(_, id)| id))
        .collect();
    // Stories are all called the same, and one of them is named.
    let named: BTreeSet<Uuid> = named.difference(shown.stories).copied().collect();
    let expected: BTreeSet<Uuid> = shown.items.union(shown.communities).copied().collect();
    assert_eq!(named, expected, "suggestions");
    let tags = suggest(store, index, viewer, "tag-", &all, Some(100));
    let tags: HashSet<String> = tags
        .await
        .unwrap()
        .into_iter()
        .map(|tag| tag.text)
        .collect();
    let expected = shown.items.iter().map(|id| world::tag_of(*id)).collect();
    assert_eq!(tags, expected, "tags");
}

/// The types of items that worlds are made of are all there are.
#[test]
fn every_type_of_item_is_tried() {
    assert_eq!(
        ItemType::ALL,
        [
            resource::Entity::ITEM_TYPE,
            practice::Entity::ITEM_TYPE,
            innovation::Entity::ITEM_TYPE,
            activity::Entity::ITEM_TYPE,
            discussion::Entity::ITEM_TYPE,
            collection::Entity::ITEM_TYPE
        ]
    );
}
